package segment

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	got, err := Words("信用卡怎么还款?")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"信用卡", "怎么", "还款"} {
		if !slices.Contains(got, w) {
			t.Errorf("Words: %q is missing in %q", w, got)
		}
	}
	if slices.Contains(got, "?") {
		t.Errorf("Words keeps punctuation: %q", got)
	}
}

func TestTokensCoverText(t *testing.T) {
	for _, s := range []string{"", " ", "转账限额是多少", "a b,c 你好\n再见", "\x00转账\x00", "转\xff账", strings.Repeat("转账", 5000)} {
		toks, err := Tokens(s)
		if err != nil {
			t.Fatal(err)
		}
		repaired := repair(s)
		for _, tok := range toks {
			if repaired[tok.Start:tok.End] != tok.Text {
				t.Errorf("%.20q: token %q stands at %q", s, tok.Text, repaired[tok.Start:tok.End])
			}
		}
		if utf8.RuneCountInString(repaired) > MaxRunes {
			t.Errorf("%d characters are let through", utf8.RuneCountInString(repaired))
		}
	}
}

func TestLexiconMerge(t *testing.T) {
	l, refused := NewLexicon([]string{"零钱通通", "提现", "x", "a b", "\xff\xfe", "超级闪付宝"})
	if len(refused) != 3 {
		t.Errorf("refused %q, want x, a b and the broken one", refused)
	}
	for s, want := range map[string]string{
		"超级闪付宝怎么开": "超级闪付宝 怎么 开",
		"零钱通通不见了":  "零钱通通 不见 了",
		"怎么提现金":    "怎么 提 现金",
	} {
		toks, err := Tokens(s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tok := range l.Merge(s, toks) {
			got = append(got, tok.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", s, strings.Join(got, " "), want)
		}
	}
}

func TestCheckDict(t *testing.T) {
	for _, bad := range []string{"词\n", "词 1\n", "词 多 n\n", "\n", "词 1 n\n 2 n\n", "\xff 1 n\n"} {
		if checkDict([]byte(bad)) == nil {
			t.Errorf("checkDict lets %q through, which would abort the process", bad)
		}
	}
	if err := checkDict([]byte("词 1 n\r\n词语 22 nz\n")); err != nil {
		t.Error(err)
	}
}

func TestConcurrentReading(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if w, err := Words("如何修改预留手机号码"); err != nil || len(w) == 0 {
					t.Errorf("%q %v", w, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

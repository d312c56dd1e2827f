package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"我要投\u200b訴！", "我要投诉!"},
		{"ＡＴＭ　轉帳", "atm 转账"},
		{"帳戶轉帳提款卡不見了", "账户转账银行卡不见了"},
		{"帐户 转帐", "账户 转账"},
		{"身分證掛失", "身份证挂失"},
		{"簡訊驗證碼", "短信验证码"},
		{"登出後無法登入", "退出登录后无法登录"},
		{"1️⃣3️⃣8️⃣①②", "13812"},
		{"投̶诉̶", "投诉"},
		{"a\x00b", "ab"},
		{"投\xff诉", "投\ufffd诉"},
		{"乾隆年間乾淨", "乾隆年间干净"},
		{"٣٤", "34"},
		{"é e\u0301", "é é"},
		{"瞭解徵信", "了解征信"},
		{"", ""},
	} {
		if got := Fold(c.in).String(); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSpanReturnsTheOriginal(t *testing.T) {
	for _, c := range []struct{ in, word, want string }{
		{"我要投\u200b訴！", "投诉", "投\u200b訴"},
		{"先登出再試", "退出登录", "登出"},
		{"先登出再轉帳", "转账", "轉帳"},
		{"收到…簡訊", "短信", "簡訊"},
		{"1️⃣3️⃣8️⃣", "138", "1️⃣3️⃣8️⃣"},
	} {
		f := Fold(c.in)
		byteAt := strings.Index(f.String(), c.word)
		if byteAt < 0 {
			t.Fatalf("%q not in %q", c.word, f.String())
		}
		start := utf8.RuneCountInString(f.String()[:byteAt])
		from, to := f.Span(start, start+utf8.RuneCountInString(c.word))
		if got := string([]rune(c.in)[from:to]); got != c.want {
			t.Errorf("span of %q in %q = %q, want %q", c.word, c.in, got, c.want)
		}
	}
}

func TestSimplifyKeepsWidthAndCase(t *testing.T) {
	if got := Simplify("ＡＴＭ轉帳！App"); got != "ＡＴＭ转账！App" {
		t.Errorf("got %q", got)
	}
}

// TestAgainstOpenCC compares the fast table with the library that it was drawn from.
func TestAgainstOpenCC(t *testing.T) {
	cc, err := opencc.New("t2s")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"請問信用卡掛失之後補辦需要多少工本費", "開戶要準備什麼資料", "銀行櫃檯營業時間", "驗證碼收不到怎麼辦",
		"我的錢被轉走了請幫我凍結帳號", "網點預約號碼過期", "貸款還款計劃與利息計算", "瞭望臺上的乾隆通寶",
	} {
		want, err := cc.Convert(s)
		if err != nil {
			t.Fatal(err)
		}
		want = strings.NewReplacer("帐", "账").Replace(want)
		if got := Simplify(s); got != want {
			t.Errorf("Simplify(%q) = %q, opencc says %q", s, got, want)
		}
	}
}

func TestTight(t *testing.T) {
	for in, want := range map[string]string{
		"投.诉":     "投诉",
		"投 诉 你们":  "投诉你们",
		"骗*-子":    "骗子",
		"好 --- 的": "好 --- 的",
		"app 登录":  "app 登录",
		"转 100 元": "转 100 元",
		"好的，谢谢":   "好的,谢谢",
		"法-院.起 诉": "法院起诉",
		"结尾 ":     "结尾 ",
		"a.b 中 c": "a.b 中 c",
	} {
		f := Fold(in).Tight()
		if f.String() != want {
			t.Errorf("Tight(%q) = %q, want %q", in, f.String(), want)
		}
	}
	f := Fold("我要投 诉！").Tight()
	if from, to := f.Span(2, 4); from != 2 || to != 5 {
		t.Errorf("span = %d,%d, want 2,5", from, to)
	}
}

func TestCollapse(t *testing.T) {
	f, runs := Fold("滚滚滚！！！转人工转人工转人工 谢谢 1111").Collapse()
	if got, want := f.String(), "滚!转人工 谢谢 1111"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := []Run{{0, 1, 3}, {1, 1, 3}, {2, 3, 3}}
	if !slices.Equal(runs, want) {
		t.Errorf("runs %v, want %v", runs, want)
	}
	if from, to := f.Span(2, 5); from != 6 || to != 15 {
		t.Errorf("span %d,%d, want 6,15", from, to)
	}
}

func TestClauses(t *testing.T) {
	f := Fold("不急，慢慢来。利率3.5吗？")
	var got []string
	for _, c := range f.Clauses() {
		got = append(got, string(f.Runes()[c.Start:c.End]))
	}
	if want := []string{"不急", "慢慢来", "利率3.5吗"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestWithKeepsSpans(t *testing.T) {
	f := Fold("【蜜码】１２")
	r := append([]rune(nil), f.Runes()...)
	r[1] = '密'
	g := f.With(r)
	if g.String() != "【密码】12" || f.String() != "【蜜码】12" {
		t.Errorf("%q, %q", g.String(), f.String())
	}
	if from, to := g.Span(4, 6); from != 4 || to != 6 {
		t.Errorf("span %d-%d", from, to)
	}
	defer func() {
		if recover() == nil {
			t.Error("a text of another length was taken")
		}
	}()
	f.With(r[:2])
}

func TestDigitRuns(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"幺三八零零幺二三四五六", []string{"13800123456"}},
		{"138-oo12-3456", []string{"13800123456"}},
		{"一三八 零零零 一二三四", []string{"1380001234"}},
		{"壹叁捌零零零零壹贰叁肆", []string{"13800001234"}},
		{"１３８１２３４５６７８", []string{"13812345678"}},
		{"一三八杠零零零零杠一二三四", []string{"13800001234"}},
		{"请打l38l2345678", []string{"13812345678"}},
		{"hello oil 一二三 world", nil},
		{"第一 123", []string{"123"}},
		{"❶❸❽12345678", []string{"13812345678"}},
		{"R123456", []string{"123456"}},
	} {
		var got []string
		for _, r := range Fold(c.in).DigitRuns(3) {
			got = append(got, r.Digits)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("DigitRuns(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"", "我要投\u200b訴！", "登出登出登出", "1️⃣①㎏½", "\xff\xfe投\x00", "e\u0301\u0302\u0303", "ﷺ", "👨‍👩‍👧", "投.诉 骗 子", "한국어 ｶﾞ"} {
		f.Add(s, 0, 3)
	}
	f.Fuzz(func(t *testing.T, s string, a, b int) {
		n := utf8.RuneCountInString(s)
		base := Fold(s)
		if !utf8.ValidString(base.String()) || strings.ContainsRune(base.String(), 0) {
			t.Fatalf("not clean: %q", base.String())
		}
		collapsed, _ := base.Collapse()
		for _, x := range []Folded{base, base.Tight(), collapsed, collapsed.Tight(), base.Sub(a, b)} {
			if x.String() != string(x.Runes()) || x.Len() != len(x.Runes()) {
				t.Fatal("text and characters differ")
			}
			from, to := x.Span(a, b)
			if from < 0 || to < from || to > n {
				t.Fatalf("Span(%d,%d) = %d,%d of %d", a, b, from, to, n)
			}
			lastFrom, lastTo := 0, 0
			for i := range x.Len() {
				from, to := x.Span(i, i+1)
				if from < lastFrom || to < lastTo || to <= from {
					t.Fatalf("Span(%d) = %d,%d after %d,%d in %q", i, from, to, lastFrom, lastTo, s)
				}
				lastFrom, lastTo = from, to
			}
			for _, r := range x.DigitRuns(1) {
				if len(r.At) != len(r.Digits) || r.Groups[len(r.Groups)-1].End != len(r.Digits) || !slices.IsSorted(r.At) {
					t.Fatalf("digit run %+v", r)
				}
			}
			for _, c := range x.Clauses() {
				if c.Start >= c.End || c.End > x.Len() {
					t.Fatalf("clause %v", c)
				}
			}
		}
	})
}

// TestLinear guards against the quadratic traps of a hostile message; it would run for minutes.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"登出", "1", "o", "滚", "一 ", "e\u0301", "投.", "1,"} {
		f := Fold(strings.Repeat(unit, 1<<20/len(unit)))
		f.Tight()
		f.Collapse()
		f.DigitRuns(6)
		f.Clauses()
	}
}

func BenchmarkFold(b *testing.B) {
	const s = "請問我的信用卡掛失之後，補辦一張新卡需要多少工本費呢？大概多久可以收到，能不能寄到公司去，謝謝你們了"
	b.Run("traditional", func(b *testing.B) {
		for b.Loop() {
			Fold(s)
		}
	})
	simple := Simplify(s)
	b.Run("simplified", func(b *testing.B) {
		for b.Loop() {
			Fold(simple)
		}
	})
}

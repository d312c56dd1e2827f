package content_test

import (
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/kb"
)

func TestWordsOfTheIndexAreChecked(t *testing.T) {
	set := small(t)
	for _, c := range []struct {
		kind, words string
		want        string // part of the message, "" for none
	}{
		{"dictionary", "银杏宝", ""},
		{"synonym", "还款|还钱,转账|汇款|打款", ""},
		{"dictionary", "宝", "2至24个字"},
		{"dictionary", strings.Repeat("长", 25), "2至24个字"},
		{"dictionary", "银杏 宝", "空格"},
		{"dictionary", "还款|还钱", "竖线"},
		{"synonym", "还款", "只有一个词"},
		{"synonym", "还款||还钱", "空的词"},
		{"synonym", "还款|还钱,还钱|交账单", "重复"},
	} {
		l := bot.Lexicon{ID: "w", Kind: c.kind, Words: strings.Split(c.words, ",")}
		findings := set.Check(content.KindLexicon, body(t, l), nil)
		if c.want == "" && len(findings) > 0 || c.want != "" && (len(findings) != 1 || !strings.Contains(findings[0].Message, c.want)) {
			t.Errorf("%s %q: %+v, want %q", c.kind, c.words, findings, c.want)
		}
	}
	patterns := bot.Lexicon{ID: "w", Kind: "dictionary", Words: []string{"银杏宝"}, Patterns: []string{"银杏.?宝"}}
	if findings := set.Check(content.KindLexicon, body(t, patterns), nil); len(findings) != 1 || findings[0].Field != "patterns" {
		t.Errorf("patterns: %+v", findings)
	}
}

func TestWithLexicon(t *testing.T) {
	set := small(t)
	before := set.Base(time.Now())
	one := set.WithLexicon(bot.Lexicon{ID: "w", Kind: "dictionary", Words: []string{"银杏宝"}})
	two := one.WithLexicon(bot.Lexicon{ID: "w", Kind: "synonym", Words: []string{"还款|还钱"}})
	if got := kb.ChangedWords(before, one.Base(time.Now())); len(got) != 1 || got[0] != "银杏宝" {
		t.Errorf("a new list brings %q", got)
	}
	if b := two.Base(time.Now()); len(b.Words) != len(before.Words) || len(b.Synonyms) != len(before.Synonyms)+1 {
		t.Errorf("a list in place of the first one: %q %q", b.Words, b.Synonyms)
	}
	if len(set.Base(time.Now()).Words) != len(before.Words) {
		t.Error("the set itself has changed")
	}
}

package content

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"yinda/bot"
)

// ForIndex reports whether lexicons of this kind are read by the index and not by the bot: the
// dictionary, words that are kept whole, and the synonyms.
func ForIndex(kind string) bool { return kind == lexiconDictionary || kind == lexiconSynonym }

// WithLexicon is the set with a word list added, or in place of the one with its id.
func (s *Set) WithLexicon(l bot.Lexicon) *Set {
	changed := *s
	changed.Lexicons = slices.Clone(s.Lexicons)
	if i := slices.IndexFunc(changed.Lexicons, func(old bot.Lexicon) bool { return old.ID == l.ID }); i >= 0 {
		changed.Lexicons[i] = l
	} else {
		changed.Lexicons = append(changed.Lexicons, l)
	}
	return &changed
}

// Lengths of a word of the dictionary, in characters: kb keeps others out of the index.
const (
	shortestWord = 2
	longestWord  = 24
)

// indexWords checks the words of a dictionary or the groups of a list of synonyms.
func (c *checker) indexWords(l bot.Lexicon) {
	if len(l.Patterns) > 0 {
		c.add("error", "patterns", "词典和同义词只有词语，没有句式。")
	}
	owner := map[string]int{} // word → line
	for i, line := range l.Words {
		field := fmt.Sprintf("words[%d]", i)
		words := []string{line}
		if l.Kind == lexiconSynonym {
			words = strings.Split(line, "|")
			if len(words) < 2 {
				c.add("error", field, "“%s”只有一个词。同义词每行一组，用竖线分隔，如：还款|还钱。", line)
				continue
			}
		} else if strings.Contains(line, "|") {
			c.add("error", field, "“%s”含竖线。词典每行一个词；要写同义词，请把类型选为同义词。", line)
			continue
		}
		for _, w := range words {
			w = strings.TrimSpace(w)
			switch n := runes(w); {
			case n == 0:
				c.add("error", field, "第%d行有空的词。", i+1)
			case n > longestWord || l.Kind == lexiconDictionary && n < shortestWord:
				c.add("error", field, "“%s”须为%d至%d个字。", w, shortestWord, longestWord)
			case strings.ContainsFunc(w, unicode.IsSpace):
				c.add("error", field, "“%s”中间有空格，分词时不会用到。", w)
			case owner[w] > 0 && owner[w] != i+1:
				c.add("warn", field, "“%s”与第%d行重复，一个词只能属于一组。", w, owner[w])
			default:
				owner[w] = i + 1
			}
		}
	}
}

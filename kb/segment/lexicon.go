package segment

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isWord tells words from spaces and punctuation.
func isWord(w string) bool {
	for _, r := range w {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// MaxWord is the longest word, in characters, that a Lexicon keeps whole. The longest product name
// in the samples has 13.
const MaxWord = 24

// Lexicon is a set of words to keep whole, laid over jieba's result: banking terms, product names,
// whatever editors add. It is immutable: a change is a new Lexicon, which costs microseconds,
// where a new jieba handle would cost 129 MB.
type Lexicon struct {
	words  map[string]struct{}
	maxLen map[rune]int // longest word by first character, in characters
}

// NewLexicon keeps the usable ones of words and returns those it refused: a word has 2 to MaxWord
// characters, is valid UTF-8 and has no space in it.
func NewLexicon(words []string) (*Lexicon, []string) {
	l := &Lexicon{words: make(map[string]struct{}, len(words)), maxLen: map[rune]int{}}
	var refused []string
	for _, w := range words {
		n := utf8.RuneCountInString(w)
		if n < 2 || n > MaxWord || !utf8.ValidString(w) || strings.ContainsFunc(w, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r)
		}) {
			refused = append(refused, w)
			continue
		}
		l.words[w] = struct{}{}
		first, _ := utf8.DecodeRuneInString(w)
		l.maxLen[first] = max(l.maxLen[first], n)
	}
	return l, refused
}

// Has reports whether w is one of the words.
func (l *Lexicon) Has(w string) bool {
	if l == nil {
		return false
	}
	_, ok := l.words[w]
	return ok
}

// longest returns the end (in bytes) of the longest word of l that starts at s[at:], or at.
func (l *Lexicon) longest(s string, at int) int {
	first, size := utf8.DecodeRuneInString(s[at:])
	limit := l.maxLen[first]
	end, best := at+size, at
	for n := 1; n < limit && end < len(s); n++ {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
		if _, ok := l.words[s[at:end]]; ok {
			best = end
		}
	}
	return best
}

// Merge lays the lexicon over tokens of s (from Tokens): a word of the lexicon replaces the tokens
// that it covers. A word of two characters must begin and end where jieba cuts (提现 must not tear
// 提|现金 apart), a longer one need not.
func (l *Lexicon) Merge(s string, tokens []Token) []Token {
	if l == nil || len(l.words) == 0 {
		return tokens
	}
	starts, ends := make(map[int]bool, len(tokens)), make(map[int]bool, len(tokens))
	for _, t := range tokens {
		starts[t.Start], ends[t.End] = true, true
	}
	var spans []Token
	for at := 0; at < len(s); {
		end := l.longest(s, at)
		if end > at && (starts[at] && ends[end] || utf8.RuneCountInString(s[at:end]) >= 3) {
			spans = append(spans, Token{Text: s[at:end], Start: at, End: end})
			at = end
			continue
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	if len(spans) == 0 {
		return tokens
	}
	out := make([]Token, 0, len(tokens)+len(spans))
	for _, t := range tokens {
		// What a word cuts off from a token stays a token.
		rest := []Token{t}
		for _, w := range spans {
			if w.End <= t.Start || w.Start >= t.End {
				continue
			}
			rest = cutOut(s, rest, w)
		}
		out = append(out, rest...)
	}
	out = append(out, spans...)
	slices.SortFunc(out, func(a, b Token) int { return a.Start - b.Start })
	return out
}

func cutOut(s string, tokens []Token, w Token) []Token {
	var out []Token
	for _, t := range tokens {
		if w.End <= t.Start || w.Start >= t.End {
			out = append(out, t)
			continue
		}
		if t.Start < w.Start {
			out = append(out, Token{Text: s[t.Start:w.Start], Start: t.Start, End: w.Start})
		}
		if w.End < t.End {
			out = append(out, Token{Text: s[w.End:t.End], Start: w.End, End: t.End})
		}
	}
	return out
}

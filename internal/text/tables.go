package text

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"unicode/utf8"
)

// The tables are data files so that a reader can check them; see data/ for their source and licence.
var (
	//go:embed data/characters.tsv
	charactersTSV string
	//go:embed data/phrases.tsv
	phrasesTSV string
	//go:embed data/regional.tsv
	regionalTSV string
)

// word is a replacement of one run of characters by another.
type word struct{ from, to []rune }

// words finds replacements by their first character. first is a bitmap over the basic plane, so that
// the common character that begins no word costs one test.
type words struct {
	first [0x10000 / 64]uint64
	by    map[rune][]word // longest first
}

func (w *words) begins(r rune) bool {
	return r < 0x10000 && w.first[r>>6]&(1<<(uint(r)&63)) != 0
}

// longest returns the longest word at the start of s.
func (w *words) longest(s []rune) (word, bool) {
	for _, c := range w.by[s[0]] {
		if len(c.from) <= len(s) && slices.Equal(c.from, s[:len(c.from)]) {
			return c, true
		}
	}
	return word{}, false
}

var (
	// simplified maps a Traditional character of the basic plane to its Simplified form; 0 means
	// itself. 128 KiB buys a conversion of 1 ns a character (opencc itself: 1 µs).
	simplified = buildCharacters()
	phrases    = buildWords(phrasesTSV, true)
	regional   = buildWords(regionalTSV, false)
)

func lines(tsv string) func(yield func(from, to string) bool) {
	return func(yield func(from, to string) bool) {
		for line := range strings.Lines(tsv) {
			from, to, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok || strings.HasPrefix(from, "#") {
				continue
			}
			if !yield(from, to) {
				return
			}
		}
	}
}

func buildCharacters() *[0x10000]uint16 {
	var m [0x10000]uint16
	for from, to := range lines(charactersTSV) {
		f, _ := utf8.DecodeRuneInString(from)
		t, _ := utf8.DecodeRuneInString(to)
		if f < 0x10000 && t < 0x10000 {
			m[f] = uint16(t)
		}
	}
	// Choices of our own, for a bank: OpenCC keeps these apart for literature.
	for from, to := range map[rune]rune{'帐': '账', '帳': '账', '藉': '借', '瞭': '了', '祇': '只', '覆': '复', '妳': '你', '佢': '他', '嘅': '的'} {
		m[from] = uint16(to)
	}
	return &m
}

// buildWords reads a word table. With redundant entries dropped, only words remain whose
// characters would come out differently one by one: 乾隆, 瞭望.
func buildWords(tsv string, dropRedundant bool) *words {
	w := &words{by: map[rune][]word{}}
	for from, to := range lines(tsv) {
		c := word{[]rune(from), []rune(to)}
		if dropRedundant && string(simplifyEach(c.from)) == to {
			continue
		}
		f := c.from[0]
		w.by[f] = append(w.by[f], c)
		if f < 0x10000 {
			w.first[f>>6] |= 1 << (uint(f) & 63)
		}
	}
	for _, list := range w.by {
		slices.SortStableFunc(list, func(a, b word) int { return cmp.Compare(len(b.from), len(a.from)) })
	}
	return w
}

func simplifyEach(rs []rune) []rune {
	out := make([]rune, len(rs))
	for i, r := range rs {
		out[i] = simplifyRune(r)
	}
	return out
}

func simplifyRune(r rune) rune {
	if r >= 0x3400 && r < 0x10000 {
		if s := simplified[r]; s != 0 {
			return rune(s)
		}
	}
	return r
}

package kb

import "unicode/utf8"

// phrases is a table of words to be found in running text, longest first.
type phrases[T any] struct {
	values  map[string]T
	longest map[rune]int // bytes of the longest phrase, by its first character
}

func newPhrases[T any]() *phrases[T] {
	return &phrases[T]{values: map[string]T{}, longest: map[rune]int{}}
}

func (p *phrases[T]) add(phrase string, v T) {
	if phrase == "" {
		return
	}
	p.values[phrase] = v
	first, _ := utf8.DecodeRuneInString(phrase)
	p.longest[first] = max(p.longest[first], len(phrase))
}

// at returns the longest phrase that begins at s[i:]; end is i when there is none.
func (p *phrases[T]) at(s string, i int) (end int, v T) {
	first, size := utf8.DecodeRuneInString(s[i:])
	limit := min(p.longest[first], len(s)-i)
	for l := limit; l >= size; l-- {
		if i+l < len(s) && !utf8.RuneStart(s[i+l]) {
			continue
		}
		if v, ok := p.values[s[i:i+l]]; ok {
			return i + l, v
		}
	}
	return i, v
}

// each calls f for every phrase in s, from left to right, not overlapping.
func (p *phrases[T]) each(s string, f func(start, end int, v T)) {
	for i := 0; i < len(s); {
		if end, v := p.at(s, i); end > i {
			f(i, end, v)
			i = end
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
}

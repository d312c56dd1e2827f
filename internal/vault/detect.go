package vault

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"yinda/internal/text"
)

// hit is a finding in folded characters, before overlaps are resolved.
type hit struct {
	kind       string
	start, end int
	shown      string
}

// scan is one text while the detectors work on it. Regular expressions see str (folded, lower case,
// Simplified); positions are folded characters.
type scan struct {
	f     text.Folded
	str   string
	runes []rune
	at    []int32 // byte of str → folded character
	hits  []hit

	valued      bool // there is something to make a code of
	aboutPapers bool // a word for identity papers stands somewhere
}

// detect returns the findings of a folded text in characters of its original, sorted, without
// overlaps.
func detect(f text.Folded) []Finding {
	f = undisguised(f)
	s := &scan{f: f, str: f.String(), runes: f.Runes()}
	s.valued = s.value()
	if s.worthwhile() {
		s.at = make([]int32, len(s.str)+1)
		n := int32(-1)
		for i := range len(s.str) {
			if s.str[i]&0xc0 != 0x80 { // first byte of a character
				n++
			}
			s.at[i] = n
		}
		s.at[len(s.str)] = n + 1
		if s.valued {
			s.secrets()
			s.numbers()
			s.halves()
			s.contacts()
			s.papers()
		}
		s.answers()
		s.places()
		s.names()
	}
	return s.resolve()
}

// worthwhile reports whether the text can hold private data at all: a letter, digits, or a word that
// introduces a name, an address or an answer. Most questions to a bank hold none.
func (s *scan) worthwhile() bool {
	return s.valued || anyOf(s.str, introductions...) || anyOf(s.str, addressWords...) || anyOf(s.str, "答案", "回答")
}

// value reports whether the text has something to make a code of: Latin letters, digits or two of
// the Chinese ones.
func (s *scan) value() bool {
	spoken := 0
	for _, r := range s.runes {
		if isAlnum(r) || r == '@' {
			return true
		}
		if digitLike(r) || strings.ContainsRune("十○洞拐勾❶➀➊", r) {
			spoken++
		}
	}
	return spoken >= 2 || len(s.f.DigitRuns(4)) > 0
}

func anyOf(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func (s *scan) add(kind string, start, end int, shown string) {
	if end > start {
		s.hits = append(s.hits, hit{kind, start, end, shown})
	}
}

// secret adds a level C3 hit.
func (s *scan) secret(kind string, start, end int) {
	s.add(kind, start, end, "[已屏蔽:"+kinds[kind].label+"]")
}

// each calls f with the folded start and end of group g of every match of re, g 0 being the whole.
func (s *scan) each(re *regexp.Regexp, g int, f func(start, end int)) {
	for _, m := range re.FindAllStringSubmatchIndex(s.str, -1) {
		if m[2*g] >= 0 {
			f(int(s.at[m[2*g]]), int(s.at[m[2*g+1]]))
		}
	}
}

// before returns up to n characters in front of position i, in the same line.
func (s *scan) before(i, n int) string {
	from := max(i-n, 0)
	for k := i - 1; k >= from; k-- {
		if s.runes[k] == '。' || s.runes[k] == ';' {
			from = k + 1
			break
		}
	}
	return string(s.runes[from:i])
}

// after returns up to n characters from position i on.
func (s *scan) after(i, n int) string {
	return string(s.runes[i:min(i+n, len(s.runes))])
}

// rune returns the character at i, 0 outside the text.
func (s *scan) rune(i int) rune {
	if i < 0 || i >= len(s.runes) {
		return 0
	}
	return s.runes[i]
}

func isAlnum(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' }

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// bounded reports whether the part does not continue as a longer code on either side.
func (s *scan) bounded(start, end int) bool {
	return !isAlnum(s.rune(start-1)) && !isAlnum(s.rune(end))
}

// resolve drops hits that overlap a better one and translates the rest to the original.
func (s *scan) resolve() []Finding {
	slices.SortStableFunc(s.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(kinds[a.kind].rank, kinds[b.kind].rank), cmp.Compare(b.end-b.start, a.end-a.start))
	})
	kept := s.hits[:0:0]
	taken := make([]bool, 0)
	if len(s.hits) > 0 {
		taken = make([]bool, len(s.runes))
	}
next:
	for _, h := range s.hits {
		for i := h.start; i < h.end; i++ {
			if taken[i] {
				continue next
			}
		}
		for i := h.start; i < h.end; i++ {
			taken[i] = true
		}
		kept = append(kept, h)
	}
	slices.SortFunc(kept, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	found := make([]Finding, 0, len(kept))
	last := 0
	for _, h := range kept {
		start, end := s.f.Span(h.start, h.end)
		if start < last { // two folded characters of one original: ⑩
			continue
		}
		found = append(found, Finding{h.kind, kinds[h.kind].level, start, end, h.shown})
		last = end
	}
	return found
}

func sortFindings(found []Finding) {
	slices.SortFunc(found, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
}

package kb

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinda/kb/segment"
)

// kind is a way to cut a question into terms. Each catches what the others miss: concepts see
// synonyms, characters see words that the segmenter cuts differently, pinyin sees through typos.
type kind uint8

const (
	byConcept kind = iota // words, mapped to the name of their group of synonyms
	byWord                // words as written, sub-words too
	byBigram              // pairs of neighbouring characters
	byChar                // single characters
	bySound               // pairs of neighbouring syllables, confusable sounds made equal
	byOrder               // pairs of neighbouring concepts without particles, in order
	kinds
)

// analysis is a question cut into terms.
type analysis struct {
	text     string
	tokens   []string // words that do not overlap, as written
	synonyms []string // "还钱 → 还款"
	terms    [kinds][]string
	marks    marks
	length   int // characters that count
}

// marks are properties that turn the meaning of a question without changing its subject.
type marks struct {
	types   uint16 // question types, bits of language.types
	left    uint32 // pairs of opposites of which a left word occurs
	right   uint32 // … a right word
	negated bool
	numbers uint32 // hash bits of the numbers in it
}

func (l *language) analyze(s string) (analysis, error) {
	a := analysis{text: s}
	tokens, err := segment.Tokens(s)
	if err != nil {
		return a, err
	}
	tokens = l.lexicon.Merge(s, tokens)
	var order []string
	seen := map[string]struct{}{}
	add := func(k kind, t string) {
		// Kinds share the set: a prefix keeps them apart.
		tag := string(rune('0'+k)) + t
		if _, ok := seen[tag]; !ok {
			seen[tag] = struct{}{}
			a.terms[k] = append(a.terms[k], t)
		}
	}
	for _, tok := range tokens {
		w := tok.Text
		a.tokens = append(a.tokens, w)
		add(byWord, w)
		c, grouped := l.group[w]
		if !grouped {
			c = w
		} else if c != w {
			a.synonyms = append(a.synonyms, w+" → "+c)
		}
		add(byConcept, c)
		if _, particle := l.particles[c]; !particle {
			order = append(order, c)
		}
		if utf8.RuneCountInString(w) < 3 {
			continue
		}
		subs, err := segment.Words(w)
		if err != nil {
			return a, err
		}
		for _, sub := range subs {
			if sub == w {
				continue
			}
			// The parts of 多久到账 count beside its group: 借完几天能到 has them, not the group.
			add(byWord, sub)
			add(byConcept, l.concept(sub))
		}
	}
	for i := 1; i < len(order); i++ {
		add(byOrder, order[i-1]+">"+order[i])
	}
	units, han := splitUnits(s)
	a.length = len(units)
	for i, u := range units {
		add(byChar, u)
		if i > 0 {
			add(byBigram, units[i-1]+u)
		}
	}
	if len(units) == 1 {
		add(byBigram, units[0])
	}
	for _, run := range han {
		syl := l.sound.read(run)
		for i := 1; i < len(syl); i++ {
			if syl[i-1] != 0 && syl[i] != 0 {
				add(bySound, l.sound.fuzzyKey(syl[i-1:i+1]))
			}
		}
	}
	a.marks = l.mark(s, units)
	return a, nil
}

// splitUnits cuts s into single Chinese characters and whole runs of letters or digits, and also
// returns the runs of Chinese characters (punctuation and spaces do not interrupt them: voice input
// and hasty typing put spaces anywhere).
func splitUnits(s string) (units []string, han [][]rune) {
	var run []rune
	start := -1 // of a run of letters or digits
	flush := func(end int) {
		if start >= 0 {
			units = append(units, s[start:end])
			start = -1
		}
	}
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			flush(i)
			units = append(units, s[i:i+utf8.RuneLen(r)])
			run = append(run, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if start < 0 {
				start = i
			}
			if len(run) > 0 {
				han = append(han, run)
				run = nil
			}
		default:
			flush(i)
		}
	}
	flush(len(s))
	if len(run) > 0 {
		han = append(han, run)
	}
	return units, han
}

func (l *language) mark(s string, units []string) marks {
	var m marks
	l.questions.each(s, func(_, _ int, bit uint16) { m.types |= bit })
	l.poles.each(s, func(_, _ int, p pole) {
		if p.right {
			m.right |= 1 << p.pair
		} else {
			m.left |= 1 << p.pair
		}
	})
	// 能不能, 是不是, 有没有 ask, they do not negate: a negation between two equal characters is none.
	l.negations.each(s, func(start, end int, _ bool) {
		before, _ := utf8.DecodeLastRuneInString(s[:start])
		after, _ := utf8.DecodeRuneInString(s[end:])
		if before != after || before == utf8.RuneError {
			m.negated = true
		}
	})
	for _, u := range units {
		if u[0] >= '0' && u[0] <= '9' {
			m.numbers |= 1 << (hashString(u) & 31)
		}
	}
	return m
}

// agreement of two sets of bits: 1 equal, 0 one is empty, −1 disjoint, between for a part.
func agreement(a, b uint16) float32 {
	if a == 0 || b == 0 {
		return 0
	}
	both, any := bits.OnesCount16(a&b), bits.OnesCount16(a|b)
	if both == 0 {
		return -1
	}
	return float32(both) / float32(any)
}

// opposed counts pairs of opposites of which one question has only the left and the other only the
// right side.
func opposed(a, b marks) float32 {
	al, ar := a.left&^a.right, a.right&^a.left
	bl, br := b.left&^b.right, b.right&^b.left
	return float32(bits.OnesCount32(al&br | ar&bl))
}

// hashString is FNV-1a: the same on every machine, unlike hash/maphash.
func hashString(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// joinTerms writes terms for Bleve's analyzer, which cuts at unit separators.
func joinTerms(terms []string) string { return strings.Join(terms, "\x1f") }

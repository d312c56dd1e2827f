package kb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"yinda/internal/text"
	"yinda/kb/segment"
)

// language is everything known about words: what ships with the project plus what a Base adds. It
// is immutable; every generation has its own.
type language struct {
	group     map[string]string   // word → name of its group of synonyms
	own       map[string][]string // word → its group, for the groups of the Base
	lexicon   *segment.Lexicon    // words to keep whole
	particles map[string]struct{}
	fillers   *phrases[bool]
	short     map[string]string
	questions *phrases[uint16] // question types, one bit each
	types     []string         // names of the bits
	poles     *phrases[pole]
	negations *phrases[bool]
	sound     *phonetics
	words     []string // of the lexicon
	general   *general
	refused   []string // words that could not be used
}

// pole is a side of a pair of opposites.
type pole struct {
	pair  uint8
	right bool
}

func newLanguage(b Base) *language {
	l := &language{
		group: map[string]string{}, own: map[string][]string{}, particles: map[string]struct{}{}, fillers: newPhrases[bool](),
		short: map[string]string{}, questions: newPhrases[uint16](), poles: newPhrases[pole](),
		negations: newPhrases[bool](), sound: sounds(), general: shippedGeneral(),
	}
	var words []string
	for w := range shippedLines("words") {
		words = append(words, text.Fold(w).String())
	}
	for line := range shippedLines("synonyms") {
		words = l.addGroup(strings.Fields(line), words, false)
	}
	for _, g := range b.Synonyms {
		words = l.addGroup(g, words, true)
		var members []string
		for _, w := range g {
			if w = strings.TrimSpace(text.Fold(w).String()); w != "" {
				members = append(members, w)
			}
		}
		for _, w := range members {
			l.own[w] = members
		}
	}
	for _, w := range b.Words {
		words = append(words, text.Fold(w).String())
	}
	l.words = words
	l.lexicon, l.refused = segment.NewLexicon(words)
	for line := range shippedLines("particles") {
		for _, w := range strings.Fields(line) {
			l.particles[w] = struct{}{}
		}
	}
	for line := range shippedLines("fillers") {
		l.fillers.add(line, true)
	}
	for a, b := range shippedPairs("abbreviations") {
		l.short[a] = b
	}
	for line := range shippedLines("questions") {
		f := strings.Fields(line)
		for _, w := range f[1:] {
			l.questions.add(w, l.questions.values[w]|1<<len(l.types))
		}
		l.types = append(l.types, f[0])
	}
	pair := uint8(0)
	for line := range shippedLines("antonyms") {
		left, right, _ := strings.Cut(line, "|")
		for _, w := range strings.Fields(left) {
			l.poles.add(w, pole{pair, false})
		}
		for _, w := range strings.Fields(right) {
			l.poles.add(w, pole{pair, true})
		}
		pair++
	}
	for line := range shippedLines("negations") {
		for _, w := range strings.Fields(line) {
			l.negations.add(w, true)
		}
	}
	return l
}

// keep adds words to the lexicon. It belongs to building: afterwards a language never changes.
func (l *language) keep(words []string) {
	l.words = append(l.words, words...)
	l.lexicon, _ = segment.NewLexicon(l.words)
}

// addGroup makes words synonyms of each other. The first word is the name of the group. A word
// stands in one group only: the shipped groups come first, a Base overrides them.
func (l *language) addGroup(g []string, words []string, override bool) []string {
	name := ""
	for _, w := range g {
		w = strings.TrimSpace(text.Fold(w).String())
		if w == "" {
			continue
		}
		if name == "" {
			name = w
			if prior, ok := l.group[w]; ok && override {
				name = prior // 还款 of the bank extends the shipped group of 还款
			}
		}
		if _, taken := l.group[w]; taken && !override {
			continue
		}
		l.group[w] = name
		if utf8.RuneCountInString(w) > 1 {
			words = append(words, w)
		}
	}
	return words
}

// concept is the name of the word's group, or the word itself.
func (l *language) concept(w string) string {
	if g, ok := l.group[w]; ok {
		return g
	}
	return w
}

// Bounds of a question, in characters. Longer ones keep their beginning and their end: customers
// put the question there and the story between. At 160 characters more overlap is chance.
const (
	questionHead = 120
	questionTail = 60
)

// clean folds a question and takes off what is said around it. The result is empty only if the
// question has no letter or digit.
func (l *language) clean(q string) string {
	// Folding 20 000 characters to look at 180 would be waste: cut first, generously.
	if len(q) > 4*4*(questionHead+questionTail) {
		rs := []rune(q[:min(len(q), 64*questionHead)])
		tail := []rune(strings.ToValidUTF8(q[max(0, len(q)-64*questionTail):], " "))
		q = string(rs[:min(len(rs), 2*questionHead)]) + " " + string(tail[max(0, len(tail)-2*questionTail):])
	}
	q = strings.Map(func(r rune) rune {
		if r == 0 || unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, q)
	folded, _ := text.Fold(q).Collapse()
	if rs := folded.Runes(); len(rs) > questionHead+questionTail {
		q = string(rs[:questionHead]) + " " + string(rs[len(rs)-questionTail:])
	} else {
		q = folded.String()
	}
	q = l.expandShort(q)
	return l.stripFillers(q)
}

// expandShort replaces abbreviations that stand as whole tokens: "yzm收不到" → "验证码收不到".
func (l *language) expandShort(s string) string {
	var b strings.Builder
	changed := false
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= '0' && s[end] <= '9') {
			end++
		}
		if end == i {
			_, size := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+size])
			i += size
			continue
		}
		if long, ok := l.short[s[i:end]]; ok {
			b.WriteString(long)
			changed = true
		} else {
			b.WriteString(s[i:end])
		}
		i = end
	}
	if !changed {
		return s
	}
	return b.String()
}

// trimmed are characters that may stand around a filler.
func trimmed(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// stripFillers takes fillers off both ends, as long as two characters are left.
func (l *language) stripFillers(s string) string {
	s = strings.TrimFunc(s, trimmed)
	for {
		end, _ := l.fillers.at(s, 0)
		rest := strings.TrimLeftFunc(s[end:], trimmed)
		if end == 0 || utf8.RuneCountInString(rest) < 2 {
			break
		}
		s = rest
	}
	for {
		cut := len(s)
		for i := len(s) - 1; i >= 0 && len(s)-i <= 18; i-- {
			if !utf8.RuneStart(s[i]) {
				continue
			}
			if _, ok := l.fillers.values[s[i:]]; ok {
				cut = i
			}
		}
		rest := strings.TrimRightFunc(s[:cut], trimmed)
		if cut == len(s) || utf8.RuneCountInString(rest) < 2 {
			return s
		}
		s = rest
	}
}

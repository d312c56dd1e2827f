package bot

import (
	"unicode"

	"yinda/internal/text"
)

// line is a turn's text in the form that the lists are matched against: folded (internal/text),
// without separators inside Chinese words (投.诉, 转 人工), with misspelt key words put right, and cut
// into sentences. It keeps the way back to the characters of the original.
type line struct {
	folded    text.Folded
	runes     []rune
	at        []int // folded character of every rune
	sentences []sentence
}

// sentence is a stretch of a line with the mark that ends it.
type sentence struct {
	start, end int // runes of the line
	str        string
}

// maxSentence bounds what one regular expression sees; longer sentences are cut.
const maxSentence = 160

func newLine(s string) line {
	l := line{folded: text.Fold(s)}
	src := l.folded.Runes()
	l.runes = make([]rune, 0, len(src))
	l.at = make([]int, 0, len(src))
	for i, r := range src {
		if separator(r) && dropSeparator(src, i) {
			continue
		}
		l.runes = append(l.runes, r)
		l.at = append(l.at, i)
	}
	return l
}

func separator(r rune) bool {
	switch r {
	case ' ', '\t', '.', '·', '*', '-', '_', '~', '|', '/', '、', '^', '`', '+', '•', '=', '"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』', '【', '】', '(', ')', '<', '>', '《', '》', '#':
		return true
	}
	return false
}

// dropSeparator reports whether the separator at i stands inside Chinese text: at most two of them
// between Chinese characters or digits (lexicon §0.3). Between Latin words the space stays.
func dropSeparator(src []rune, i int) bool {
	from, to := i, i
	for from > 0 && separator(src[from-1]) {
		from--
	}
	for to+1 < len(src) && separator(src[to+1]) {
		to++
	}
	if src[i] == ' ' || src[i] == '\t' {
		// Blanks of any number vanish beside a Chinese character, and fold to one elsewhere.
		if from > 0 && han(src[from-1]) || to+1 < len(src) && han(src[to+1]) || from == 0 || to+1 == len(src) {
			return true
		}
		return i > from
	}
	if from == 0 || to+1 == len(src) {
		return false
	}
	return to-from < 2 && han(src[from-1]) && han(src[to+1])
}

func han(r rune) bool { return r >= 0x3400 && unicode.Is(unicode.Han, r) }

// cut fills in the sentences.
func (l *line) cut() {
	start := 0
	flush := func(end int) {
		if end > start {
			l.sentences = append(l.sentences, sentence{start, end, string(l.runes[start:end])})
		}
		start = end
	}
	for i, r := range l.runes {
		switch {
		case r == '。' || r == '!' || r == '?' || r == ';' || r == '\n' || r == '.' && i+1 < len(l.runes) && l.runes[i+1] == ' ':
			if i+1 < len(l.runes) && (l.runes[i+1] == '!' || l.runes[i+1] == '?') {
				continue // !!! and ?! stay with their sentence
			}
			flush(i + 1)
		case i+1-start >= maxSentence:
			flush(i + 1)
		}
	}
	flush(len(l.runes))
}

// span returns the characters of the original text for runes of the line.
func (l *line) span(start, end int) (int, int) {
	if start >= end || end > len(l.at) {
		return 0, 0
	}
	return l.folded.Span(l.at[start], l.at[end-1]+1)
}

// anyHan reports whether a Chinese character is in the line.
func (l *line) anyHan() bool {
	for _, r := range l.runes {
		if han(r) {
			return true
		}
	}
	return false
}

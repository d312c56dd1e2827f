package text

import "unicode"

// maxSeparators is the longest run of separators that may hide inside a word: 投..诉 (lexicon §0.3).
const maxSeparators = 2

// Tight returns the text without the separators that stand between two Chinese characters, at most
// two in a row: 投.诉 and 投 诉 become 投诉. Punctuation that ends a clause stays. Spans keep
// referring to the original.
//
// Sensitive words are looked for in the tight text as well as in the folded one; ordinary matching
// should not use it, because a space between two words is meant.
func (f Folded) Tight() Folded {
	first := -1
	for i, r := range f.runes {
		if IsSeparator(r) {
			first = i
			break
		}
	}
	if first < 0 {
		return f
	}
	b := newBuilder(len(f.str))
	for i := 0; i < len(f.runes); i++ {
		r := f.runes[i]
		if IsSeparator(r) && i > 0 && unicode.Is(unicode.Han, f.runes[i-1]) {
			j := i
			for j < len(f.runes) && IsSeparator(f.runes[j]) {
				j++
			}
			if j-i <= maxSeparators && j < len(f.runes) && unicode.Is(unicode.Han, f.runes[j]) {
				i = j - 1
				continue
			}
			for ; i < j-1; i++ { // the whole run stays
				b.add(f.runes[i], f.from[i], f.to[i])
			}
			r = f.runes[i]
		}
		b.add(r, f.from[i], f.to[i])
	}
	return b.folded()
}

// IsSeparator reports whether r is a mark that people insert into words and numbers to hide them
// and that does not end a clause.
func IsSeparator(r rune) bool {
	switch r {
	case ' ', '\t', '.', '*', '-', '_', '~', '|', '/', '\\', '\'', '`', '^', '+', '=', '#', '@', '&', '·', '•', '・', '⋅', '‧', '—', '–', '‐', '‑', '―', '−', '●', '○', '■', '◆', '★', '☆', '"':
		return true
	}
	return false
}

// Run is a repetition that Collapse has shortened.
type Run struct {
	At    int // position in the collapsed text
	Len   int // characters of the part that was repeated, 1..4
	Count int // how often it stood there, at least 3
}

// maxRepeat is the longest part whose repetition is collapsed, as in 我要人工我要人工我要人工.
const maxRepeat = 4

// Collapse returns the text with parts of one to four characters that stand there three or more
// times in a row written once (滚滚滚 → 滚, 人工人工人工 → 人工, !!! → !), and what was shortened:
// the repetition is itself a sign of emotion. Doubled characters (谢谢, 慢慢) and digits stay.
func (f Folded) Collapse() (Folded, []Run) {
	var runs []Run
	n := len(f.runes)
	var b *builder // nil while nothing has changed
	for i := 0; i < n; {
		length, count := f.repeat(i)
		if count < 3 {
			if b != nil {
				b.add(f.runes[i], f.from[i], f.to[i])
			}
			i++
			continue
		}
		if b == nil {
			b = newBuilder(len(f.str))
			b.runes = append(b.runes, f.runes[:i]...)
			b.from = append(b.from, f.from[:i]...)
			b.to = append(b.to, f.to[:i]...)
		}
		runs = append(runs, Run{At: len(b.runes), Len: length, Count: count})
		last := i + length*count - 1
		for k := range length {
			to := f.to[i+k]
			if k == length-1 {
				to = f.to[last] // the part stands for the whole repetition
			}
			b.add(f.runes[i+k], f.from[i+k], to)
		}
		i = last + 1
	}
	if b == nil {
		return f, nil
	}
	return b.folded(), runs
}

// repeat returns the shortest part at i that is repeated at least three times, and how often.
func (f Folded) repeat(i int) (length, count int) {
	rs := f.runes
	for length = 1; length <= maxRepeat; length++ {
		if i+3*length > len(rs) {
			break
		}
		if anyDigit(rs[i : i+length]) {
			break // longer parts contain the digit too
		}
		count = 1
		for j := i + length; j+length <= len(rs) && same(rs[i:i+length], rs[j:j+length]); j += length {
			count++
		}
		if count >= 3 {
			return length, count
		}
	}
	return 1, 1
}

func same(a, b []rune) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func anyDigit(rs []rune) bool {
	for _, r := range rs {
		if r >= '0' && r <= '9' {
			return true
		}
	}
	return false
}

// Range is a part of a folded text: characters Start to End, End excluded.
type Range struct{ Start, End int }

// Clauses returns the clauses of the text without the punctuation between them. A negation does not
// reach beyond its clause (lexicon §9.1).
func (f Folded) Clauses() []Range {
	var out []Range
	start := 0
	for i := 0; i <= len(f.runes); i++ {
		if i < len(f.runes) && !f.endsClause(i) {
			continue
		}
		if i > start {
			out = append(out, Range{start, i})
		}
		start = i + 1
	}
	return out
}

// endsClause reports whether the character at i separates clauses. A dot or comma between digits
// belongs to a number.
func (f Folded) endsClause(i int) bool {
	switch f.runes[i] {
	case '。', '!', '?', ';', '\n', '…', '~':
		return true
	case ',', '.', ':':
		between := i > 0 && i+1 < len(f.runes) && anyDigit(f.runes[i-1:i]) && anyDigit(f.runes[i+1:i+2])
		return !between
	}
	return false
}

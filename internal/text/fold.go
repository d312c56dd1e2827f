package text

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folded is a text in the form that lists, questions and private numbers are compared in, with a
// map back to the characters (runes, not bytes) of the text it came from. An invalid byte of the
// original counts as one character, as in []rune(s).
//
// A Folded is immutable and safe for concurrent use.
type Folded struct {
	str   string
	runes []rune
	from  []int32 // original character at which the folded character begins
	to    []int32 // original character after the one at which it ends
}

// String returns the folded text; valid UTF-8 without NUL.
func (f Folded) String() string { return f.str }

// Runes returns the folded characters. The caller must not change them.
func (f Folded) Runes() []rune { return f.runes }

// Len returns the number of folded characters.
func (f Folded) Len() int { return len(f.runes) }

// Span returns the characters of the original, origStart included and origEnd excluded, that the
// folded characters start to end (excluded) came from, dropped characters between them included.
// Arguments outside the text are moved to its edge; it never panics, and grows with its arguments.
func (f Folded) Span(start, end int) (origStart, origEnd int) {
	n := len(f.runes)
	if n == 0 {
		return 0, 0
	}
	start = min(max(start, 0), n)
	end = min(max(end, start), n)
	if start == n {
		return int(f.to[n-1]), int(f.to[n-1])
	}
	origStart = int(f.from[start])
	if end == start {
		return origStart, origStart
	}
	return origStart, int(f.to[end-1])
}

// Sub returns the folded characters start to end (excluded) as a text of their own; spans keep
// referring to the same original.
func (f Folded) Sub(start, end int) Folded {
	start = min(max(start, 0), len(f.runes))
	end = min(max(end, start), len(f.runes))
	return Folded{string(f.runes[start:end]), f.runes[start:end:end], f.from[start:end:end], f.to[start:end:end]}
}

// With returns a text that reads runes where f reads its own, one for one: spans keep referring to
// the same original. It panics when their number differs. The vault uses it to read a disguise
// (l39…, 蜜码) as what it stands for.
func (f Folded) With(runes []rune) Folded {
	if len(runes) != len(f.runes) {
		panic("text: With needs one character for each")
	}
	return Folded{string(runes), runes, f.from, f.to}
}

// Fold repairs invalid UTF-8, drops NUL, controls, zero-width characters and variation selectors,
// applies NFKC and case folding, and turns Traditional characters and regional words (轉帳, 提款卡,
// 簡訊) into the Simplified ones of the mainland (lexicon §0.1–0.2).
func Fold(s string) Folded {
	b := newBuilder(len(s))
	b.normalize(s, true)
	b.simplify()
	return b.folded()
}

// Simplify converts Traditional characters and regional words to Simplified and changes nothing
// else: no width, no case.
func Simplify(s string) string {
	b := newBuilder(len(s))
	b.normalize(s, false)
	b.simplify()
	return string(b.runes)
}

// builder collects folded characters with their origin.
type builder struct {
	runes    []rune
	from, to []int32
}

func newBuilder(bytes int) *builder {
	n := bytes/3 + 8 // Chinese takes three bytes a character; append grows the rest
	return &builder{make([]rune, 0, n), make([]int32, 0, n), make([]int32, 0, n)}
}

func (b *builder) add(r rune, from, to int32) {
	b.runes = append(b.runes, r)
	b.from = append(b.from, from)
	b.to = append(b.to, to)
}

func (b *builder) folded() Folded {
	return Folded{string(b.runes), b.runes, b.from, b.to}
}

// normalize appends the characters of s in NFKC and lower case (or untouched, with fold false),
// without those that only hide or decorate.
func (b *builder) normalize(s string, fold bool) {
	at := int32(0) // character of s
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if fold && r >= 0xff01 && r <= 0xff5e {
			r -= 0xfee0 // full-width ASCII, by far the most frequent change of NFKC
		}
		if !fold || plain(r) && plainNext(s[i+size:]) {
			b.add(lower(r, fold), at, at+1)
			i += size
			at++
			continue
		}
		if dropped(r) || r == utf8.RuneError && size <= 1 {
			if r == utf8.RuneError {
				b.add(utf8.RuneError, at, at+1) // keeps 投\xff诉 from becoming a word
			} else if last := len(b.to) - 1; last >= 0 && b.to[last] == at && decorates(r) {
				b.to[last]++ // the frame of 1️⃣ goes where the 1 goes
			}
			i += size
			at++
			continue
		}
		// A segment that NFKC must see as a whole: letter and accents, a compatibility character.
		n := norm.NFKC.NextBoundaryInString(s[i:], true)
		if n <= 0 {
			n = size
		}
		segment := s[i : i+n]
		count := int32(utf8.RuneCountInString(segment))
		for _, c := range norm.NFKC.String(segment) {
			if !dropped(c) {
				b.add(lower(asciiDigit(c), true), at, at+count)
			}
		}
		i += n
		at += count
	}
}

// plain reports whether r is itself under NFKC.
func plain(r rune) bool {
	return r >= ' ' && r < 0x7f || r >= 0x4e00 && r <= 0x9fff || r == '\n' || r == '\t' || r == '。' || r == '、' || r == '\u201c' || r == '\u201d'
}

// plainNext reports whether rest does not begin with something that combines with what stands before.
func plainNext(rest string) bool {
	if rest == "" || rest[0] < 0x80 {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3000 && r <= 0x3020 || r >= 0xff00 && r <= 0xff5e || r < 0x300 || r >= 0x2010 && r <= 0x2fff && !(r >= 0x20d0 && r <= 0x20ff)
}

func lower(r rune, fold bool) rune {
	switch {
	case !fold:
		return r
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case r >= 0x3000 && r <= 0x9fff:
		return r
	}
	return unicode.ToLower(r)
}

// asciiDigit turns the decimal digits of other scripts into ours; Unicode keeps them in runs of ten.
func asciiDigit(r rune) rune {
	if r < 0x660 || !unicode.IsDigit(r) {
		return r
	}
	zero := r
	for zero > r-9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return '0' + (r-zero)%10
}

// dropped reports whether r carries no meaning: controls, formatting and zero-width characters,
// variation selectors, the keycap frame of 1️⃣, and strokes laid over characters (投̶诉̶).
func dropped(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xad:
		return true
	case r < 0x300:
		return false
	case r <= 0x36f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x1ab0 && r <= 0x1aff:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r >= 0x20d0 && r <= 0x20ff, r == 0x2800, r == 0x3164, r == 0xffa0, r == 0xfeff:
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xfff0 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// decorates reports whether a dropped character belongs to the one before it.
func decorates(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x20d0 && r <= 0x20ff || r >= 0xfe00 && r <= 0xfe0f
}

// simplify converts what the builder holds: Traditional words that are exceptions, characters, then
// regional words over the result.
func (b *builder) simplify() {
	b.rewrite(phrases, simplifyRune)
	b.rewrite(regional, nil)
}

// rewrite replaces words, longest first from the left, and maps the characters in none of them.
// Words of equal length map character by character; otherwise every new character came from the
// whole old word. It works in place until a word changes the length, and is linear in any case.
func (b *builder) rewrite(w *words, each func(rune) rune) {
	for i := 0; i < len(b.runes); {
		r := b.runes[i]
		if r >= 0x3400 && w.begins(r) {
			if c, ok := w.longest(b.runes[i:]); ok {
				if len(c.from) != len(c.to) {
					b.rewriteFrom(i, w, each)
					return
				}
				i += copy(b.runes[i:], c.to)
				continue
			}
		}
		if each != nil {
			b.runes[i] = each(r)
		}
		i++
	}
}

// rewriteFrom is rewrite from position at on, into fresh slices.
func (b *builder) rewriteFrom(at int, w *words, each func(rune) rune) {
	in := *b
	room := len(in.runes) + 16
	*b = builder{
		append(make([]rune, 0, room), in.runes[:at]...),
		append(make([]int32, 0, room), in.from[:at]...),
		append(make([]int32, 0, room), in.to[:at]...),
	}
	for i := at; i < len(in.runes); {
		r := in.runes[i]
		if r >= 0x3400 && w.begins(r) {
			if c, ok := w.longest(in.runes[i:]); ok {
				n := len(c.from)
				for k, t := range c.to {
					from, to := in.from[i], in.to[i+n-1]
					if n == len(c.to) {
						from, to = in.from[i+k], in.to[i+k]
					}
					b.add(t, from, to)
				}
				i += n
				continue
			}
		}
		if each != nil {
			r = each(r)
		}
		b.add(r, in.from[i], in.to[i])
		i++
	}
}

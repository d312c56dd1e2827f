package text

// DigitRun is a number as it was typed, disguises removed: 幺三八-oo12 三四五六 is 13800123456.
type DigitRun struct {
	Digits string  // ASCII digits only
	At     []int   // At[i] is the folded character that Digits[i] came from
	Groups []Range // parts of Digits between separators or changes of script
	Plain  bool    // every symbol was an ASCII digit of the folded text

	buf []byte // Digits while it grows
}

// Start and End give the folded characters of the run, End excluded.
func (d DigitRun) Start() int { return d.At[0] }

// End is the folded character after the last digit.
func (d DigitRun) End() int { return d.At[len(d.At)-1] + 1 }

// Limits of a disguised number.
const (
	minDisguised = 6 // lexicon §0.4: digit-like symbols count as digits from six in a row on
	maxBetween   = 3 // separators in a row inside a number: "138 - 1234"
)

// DigitRuns returns the numbers of the folded text with at least minimum digits, separators inside
// them allowed. Chinese digits (also 幺 and financial 壹贰), circled digits (❶) and the letters o, l, i
// count only where six or more digit-like symbols run together; ①, full-width and keycap digits
// have become digits in Fold already.
func (f Folded) DigitRuns(minimum int) []DigitRun {
	var out []DigitRun
	rs := f.runes
	for i := 0; i < len(rs); {
		if class, _ := digitClass(rs[i]); class == notDigit || class == letterDigit && (i > 0 && isLatin(rs[i-1]) || f.wordLetter(i)) {
			i++
			continue
		}
		run, next := f.digitRun(i)
		i = next
		out = appendRuns(out, f, run, minimum)
	}
	return out
}

// appendRuns adds run as it is when it may be read with its disguises, otherwise its parts that are
// ordinary digits.
func appendRuns(out []DigitRun, f Folded, run DigitRun, minimum int) []DigitRun {
	if len(run.Digits) == 0 {
		return out
	}
	if run.Plain || acceptable(f, run) {
		if len(run.Digits) >= minimum {
			out = append(out, run)
		}
		return out
	}
	rs := f.runes
	for k := 0; k < len(run.At); {
		if r := rs[run.At[k]]; r < '0' || r > '9' {
			k++
			continue
		}
		var plain DigitRun
		last := -1
		for ; k < len(run.At); k++ {
			at := run.At[k]
			if r := rs[at]; r < '0' || r > '9' {
				break
			}
			plain.push(rs[at]-'0', at, last >= 0 && at != last+1)
			last = at
		}
		plain.Plain = true
		plain.close()
		if len(plain.Digits) >= minimum {
			out = append(out, plain)
		}
	}
	return out
}

// acceptable reports whether the run may be read with its disguises: long enough, and more than half
// of it no Latin letters ("oil 一二三" is words).
func acceptable(f Folded, run DigitRun) bool {
	real := 0
	for _, at := range run.At {
		if class, _ := digitClass(f.runes[at]); class == asciiClass || class == hanDigit {
			real++
		}
	}
	return len(run.Digits) >= minDisguised && real > len(run.Digits)-real
}

func (d *DigitRun) push(digit rune, at int, newGroup bool) {
	if newGroup || len(d.Groups) == 0 {
		d.endGroup()
		d.Groups = append(d.Groups, Range{Start: len(d.buf)})
	}
	d.buf = append(d.buf, byte('0'+digit))
	d.At = append(d.At, at)
}

func (d *DigitRun) endGroup() {
	if n := len(d.Groups); n > 0 {
		d.Groups[n-1].End = len(d.buf)
	}
}

func (d *DigitRun) close() {
	d.endGroup()
	d.Digits, d.buf = string(d.buf), nil
}

// digitRun reads digit-like symbols from i on; next is where to go on looking.
func (f Folded) digitRun(i int) (run DigitRun, next int) {
	rs := f.runes
	run.Plain = true
	last := -1
	before := notDigit
	for {
		class, digit := digitClass(rs[i])
		run.push(digit, i, last >= 0 && (i != last+1 || changesScript(before, class)))
		run.Plain = run.Plain && class == asciiClass
		last, before = i, class
		j := i + 1
		for j < len(rs) && j-i <= maxBetween && separatesDigits(rs, j) {
			j++
		}
		if j >= len(rs) {
			break
		}
		class, _ = digitClass(rs[j])
		if class == notDigit || class == letterDigit && f.wordLetter(j) {
			break
		}
		i = j
	}
	run.close()
	return run, last + 1
}

// changesScript reports whether a number may end between two symbols of these classes: in
// 两13812345678 the 两 is none of it.
func changesScript(a, b symbolClass) bool {
	return (a == hanDigit) != (b == hanDigit)
}

// longestLetterRun bounds the look-ahead of wordLetter: no number has so many letters in a row.
const longestLetterRun = 8

// wordLetter reports whether the o, l or i at j is part of a Latin word.
func (f Folded) wordLetter(j int) bool {
	rs := f.runes
	for k := j + 1; k < len(rs); k++ {
		if k-j > longestLetterRun {
			return true
		}
		if class, _ := digitClass(rs[k]); class == letterDigit {
			continue
		}
		return isLatin(rs[k])
	}
	return false
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' }

// separatesDigits reports whether the character at j may stand inside a number. 杠, 横 and 点 are how
// separators are said aloud.
func separatesDigits(rs []rune, j int) bool {
	switch rs[j] {
	case ' ', '\t', '\n', '-', '.', '·', '_', '/', '*', '+', ',', '、', '~', '|', '—', '–', '‐', '‑', '―', '−', '•', '・', '杠', '横', '点', '(', ')':
		return true
	}
	return false
}

type symbolClass uint8

const (
	notDigit symbolClass = iota
	asciiClass
	hanDigit
	letterDigit
)

func digitClass(r rune) (symbolClass, rune) {
	switch {
	case r >= '0' && r <= '9':
		return asciiClass, r - '0'
	case r < 0x80:
		switch r {
		case 'o':
			return letterDigit, 0
		case 'l', 'i':
			return letterDigit, 1
		}
		return notDigit, 0
	case r >= 0x2776 && r <= 0x277e: // ❶
		return hanDigit, r - 0x2776 + 1
	case r >= 0x2780 && r <= 0x2788: // ➀
		return hanDigit, r - 0x2780 + 1
	case r >= 0x278a && r <= 0x2792: // ➊
		return hanDigit, r - 0x278a + 1
	}
	switch r {
	case '零', '〇', '○', '洞':
		return hanDigit, 0
	case '一', '壹', '幺', '弌':
		return hanDigit, 1
	case '二', '贰', '两', '俩':
		return hanDigit, 2
	case '三', '叁':
		return hanDigit, 3
	case '四', '肆':
		return hanDigit, 4
	case '五', '伍':
		return hanDigit, 5
	case '六', '陆':
		return hanDigit, 6
	case '七', '柒', '拐':
		return hanDigit, 7
	case '八', '捌':
		return hanDigit, 8
	case '九', '玖', '勾':
		return hanDigit, 9
	}
	return notDigit, 0
}

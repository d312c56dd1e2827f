package vault

import (
	"regexp"
	"strings"
)

// groups is the end of the secret number that begins at i, which may be typed in groups: 384920,
// 77 30 12, 3、8、2、9. It has 4 to 8 digits (six or more are joined from groups of at most four);
// 0 if there is none. A group with a unit behind it belongs to the sentence: 3921 2026年.
func (s *scan) groups(i int) int {
	const least, most, widest = 4, 8, 4
	end, total, size := i, 0, 0
	for k := i; ; {
		n := k
		for n < k+most+1 && digitLike(s.rune(n)) && !(n > k && s.rune(n) > 0x80 && s.rune(n-1) < 0x80 && !digitLike(s.rune(n+1))) { // 102一直
			n++
		}
		group := n - k
		switch {
		case group == 0 || total+group > most:
			return whenLong(end, total, least)
		case total > 0 && (group > widest || s.counted(n) || total >= least && group != size):
			return whenLong(end, total, least)
		}
		end, total, size = n, total+group, group
		if group > widest {
			return end
		}
		k = n
		for k < n+3 && strings.ContainsRune(" -.·_|、,\n\t", s.rune(k)) {
			k++
		}
		if k == n || total >= least && (k > n+1 || s.rune(n) == ',' || s.rune(n) == '\n') {
			return whenLong(end, total, least)
		}
	}
}

func whenLong(end, total, least int) int {
	if total < least {
		return 0
	}
	return end
}

// digits calls f with the numbers of n digits, perhaps typed in groups, that begin where the first
// group of re matched.
func (s *scan) digits(re *regexp.Regexp, n int, f func(start, end int)) {
	s.each(re, 1, func(a, _ int) {
		if b, count := s.spaced(a); count == n && !isAlnum(s.rune(b)) && !s.counted(b) {
			f(a, b)
		}
	})
}

// digitsOf returns the digits among the characters as ASCII.
func digitsOf(runes []rune) string {
	d := make([]byte, 0, len(runes))
	for _, r := range runes {
		switch i := strings.IndexRune("零一二三四五六七八九", r); {
		case r >= '0' && r <= '9':
			d = append(d, byte(r))
		case i >= 0:
			d = append(d, byte('0'+i/len("零")))
		case r == '〇':
			d = append(d, '0')
		case r == '幺':
			d = append(d, '1')
		case r == '两':
			d = append(d, '2')
		default:
			if i := strings.IndexRune(financial, r); i >= 0 {
				d = append(d, byte('1'+i/len("壹")))
			}
		}
	}
	return string(d)
}

// spokenDigit reports whether the character at i is a Chinese digit.
func (s *scan) spokenDigit(i int) bool {
	return strings.ContainsRune("零〇一二三四五六七八九幺两", s.rune(i))
}

// spaced reads the number at i, in groups of up to eight with one space or dash between them, and
// returns its end and how many digits it has.
func (s *scan) spaced(i int) (end, n int) {
	end = i
	for k := i; ; k++ {
		for ; digitLike(s.rune(k)) && n < 12; k++ {
			n++
		}
		end = k
		if r := s.rune(k); r != ' ' && r != '-' && r != '.' || !digitLike(s.rune(k+1)) {
			return end, n
		}
	}
}

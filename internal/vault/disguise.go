package vault

import (
	"strings"
	"unicode"

	"yinda/internal/text"
)

// mistyped are the homophones and look-alikes that customers type, by mistake or on purpose, in the
// words that say what a number is. Every position may be any of its characters; the first of each is
// the right one. A word that also occurs by itself in ordinary sentences (验证吗) is left out of the
// alternatives.
var mistyped = [][]string{
	{"密蜜秘谜", "码马玛妈麻蚂"},
	{"验眼严言演研炎", "证正政征症挣整", "码马玛妈麻蚂"},
	{"验", "证", "码马玛妈麻蚂"},
	{"校较效", "验验严眼", "码马玛妈麻"},
	{"动", "态太", "码马玛妈麻"},
	{"短", "信", "码马玛妈麻"},
	{"安按", "全权泉", "码马玛妈麻"},
	{"身生深申", "份分芬", "证正症征政"},
	{"银", "行", "卡咔"},
	{"信", "用", "卡咔"},
	{"手", "机鸡几", "号好浩毫"},
	{"手", "机鸡"},
}

// numbered are words whose last character is mistyped only where a number follows: 卡好6222…, but
// 这张卡好久没用了.
var numbered = []string{"卡好", "证好", "账好", "机好", "咔号", "卡耗"}

var mistypedFirst = func() map[rune][]int {
	m := map[rune][]int{}
	for n, word := range mistyped {
		for _, r := range word[0] {
			m[r] = append(m[r], n)
		}
	}
	return m
}()

// undisguised returns f with the usual disguises read as what they stand for, character by character:
// mistyped labels, financial numerals (柒捌玖) inside numbers, and the letters that look like digits
// inside telephone, identity and card numbers (l39oo13579z4).
func undisguised(f text.Folded) text.Folded {
	d := disguise{runes: f.Runes()}
	d.labels()
	d.numerals()
	d.letters()
	if !d.changed {
		return f
	}
	return f.With(d.runes)
}

type disguise struct {
	runes   []rune
	changed bool
}

func (d *disguise) set(i int, r rune) {
	if d.runes[i] == r {
		return
	}
	if !d.changed {
		d.runes, d.changed = append([]rune(nil), d.runes...), true
	}
	d.runes[i] = r
}

func (d *disguise) at(i int) rune {
	if i < 0 || i >= len(d.runes) {
		return 0
	}
	return d.runes[i]
}

func (d *disguise) labels() {
	for i, r := range d.runes {
	words:
		for _, n := range mistypedFirst[r] {
			word := mistyped[n]
			for k, alternatives := range word {
				if !strings.ContainsRune(alternatives, d.at(i+k)) {
					continue words
				}
			}
			if last := i + len(word); d.at(last-1) == '马' && d.at(last) == '上' {
				continue // 身份验证马上过期
			}
			for k, alternatives := range word {
				d.set(i+k, []rune(alternatives)[0])
			}
			break
		}
		if r := d.at(i + 1); r == '好' || r == '号' || r == '耗' {
			for _, w := range numbered {
				if pair := []rune(w); d.at(i) == pair[0] && r == pair[1] && d.numberFollows(i+2) {
					if pair[0] == '咔' {
						d.set(i, '卡')
					}
					d.set(i+1, '号')
				}
			}
		}
	}
}

// numberFollows reports whether a number of five or more digits begins at i, at most three
// characters of link later.
func (d *disguise) numberFollows(i int) bool {
	for k := i; k < i+3 && strings.ContainsRune(" :=是为,", d.at(k)); k++ {
		i = k + 1
	}
	for k := i; k < i+5; k++ {
		if !digitLike(d.at(k)) {
			return false
		}
	}
	return true
}

const (
	spoken    = "零〇一二三四五六七八九幺两"
	financial = "壹贰叁肆伍陆柒捌玖"
)

func digitLike(r rune) bool {
	return r >= '0' && r <= '9' || r > 0x80 && (strings.ContainsRune(spoken, r) || strings.ContainsRune(financial, r))
}

// numerals turns financial numerals into the ordinary ones where four digits stand together, so that
// 陆 stays a surname.
func (d *disguise) numerals() {
	for i := 0; i < len(d.runes); i++ {
		if !strings.ContainsRune(financial, d.runes[i]) {
			continue
		}
		start := i
		for start > 0 && digitLike(d.runes[start-1]) {
			start--
		}
		end, digits := i, i-start
		for ; digitLike(d.at(end)); end++ {
			digits++
		}
		if digits >= 4 {
			for k := i; k < end; k++ {
				if n := strings.IndexRune(financial, d.runes[k]); n >= 0 {
					d.set(k, []rune("一二三四五六七八九")[n/len("壹")])
				}
			}
		}
		i = end
	}
}

// lookAlike gives the digit that a letter is used for.
func lookAlike(r rune) rune {
	switch r {
	case 'o', 'q':
		return '0'
	case 'l', 'i':
		return '1'
	case 'z':
		return '2'
	case 's':
		return '5'
	case 'b':
		return '8'
	case 'g':
		return '9'
	}
	return 0
}

// word is the length of the letters and digits at i when there is no digit among them, 0 otherwise.
func (d *disguise) word(i int) int {
	n := i
	for ; isAlnum(d.at(n)); n++ {
		if d.at(n) <= '9' {
			return 0
		}
	}
	return n - i
}

// letters turns letters into digits where, with them, the number becomes a mobile, identity or card
// number. More than half of it has to be digits, and a leading letter stands for 1 (l39…): a code
// such as SZ20251122 begins with letters.
func (d *disguise) letters() {
	for i := 0; i < len(d.runes); {
		if !isAlnum(d.runes[i]) {
			i++
			continue
		}
		if n := d.word(i); n > 0 { // tel, idcard
			i += n
			continue
		}
		start, count, letters, last, bad := i, 0, 0, i, false
		for i < len(d.runes) {
			r := d.runes[i]
			switch {
			case r >= '0' && r <= '9':
				count++
			case r >= 'a' && r <= 'z':
				if lookAlike(r) == 0 {
					bad = bad || r != 'x' || isAlnum(d.at(i+1))
				} else {
					letters++
					count++
				}
			case r < 0x80 && strings.ContainsRune(" -._/", r) && isAlnum(d.at(i+1)) && d.word(i+1) == 0:
				i++
				continue
			default:
				goto end
			}
			last = i
			i++
		}
	end:
		if bad || letters == 0 || letters*2 >= count || count < 11 || count > 19 {
			continue
		}
		digits := make([]rune, 0, count)
		for k := start; k <= last; k++ {
			if r := d.runes[k]; r >= '0' && r <= '9' {
				digits = append(digits, r)
			} else if r = lookAlike(r); r != 0 {
				digits = append(digits, r)
			}
		}
		first := d.runes[start]
		leading := first >= 'a' && first <= 'z'
		mobile := (count == 11 || count == 12 && strings.ContainsRune("话机号", d.at(start-1))) && digits[0] == '1' && digits[1] >= '3'
		n := string(digits)
		paper := count >= 17 && count <= 18 && idProvince(n) && birthDate(n[6:14])
		card := count >= 15 && strings.ContainsRune("3456", digits[0])
		if !mobile && (leading && first != 'l' && first != 'i' || !paper && !card) || leading && unicode.IsLetter(d.at(start+1)) && !mobile {
			continue
		}
		for k := start; k <= last; k++ {
			if r := lookAlike(d.runes[k]); r != 0 {
				d.set(k, r)
			}
		}
		// What follows explains the disguise and is no digit: o是零.
		for k := i; k < min(i+12, len(d.runes)); k++ {
			if lookAlike(d.runes[k]) != 0 && !isAlnum(d.at(k-1)) && !isAlnum(d.at(k+1)) {
				d.set(k, '?')
			}
		}
	}
}

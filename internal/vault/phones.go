package vault

import (
	"regexp"
	"strings"
)

var (
	foreignRE = regexp.MustCompile(`\+\s?[1-9]\d{0,2}[\s\-]?\(?\d{1,4}\)?(?:[\s\-]?\d{2,5}){2,3}`)
	greaterRE = regexp.MustCompile(`(?:00)?(?:852|853)[\s\-]?[4-9]\d{3}[\s\-]?\d{4}|(?:00)?886[\s\-]?0?9\d{2}[\s\-]?\d{3}[\s\-]?\d{3}`)
)

// foreignPhones looks for telephone numbers with an international prefix other than ours.
func (s *scan) foreignPhones() {
	add := func(a, b int) {
		d := digitsOf(s.runes[a:b])
		if len(d) < 9 || len(d) > 15 || isAlnum(s.rune(b)) || isAlnum(s.rune(a-1)) || amount(s.after(b, 2)) || strings.HasPrefix(d, "86") {
			return
		}
		s.add(Phone, a, b, keep(d, 3, 4))
	}
	s.each(foreignRE, 0, add)
	if s.has("手机", "电话", "号", "香港", "澳门", "台湾", "phone", "打", "call") {
		s.each(greaterRE, 0, add)
	}
}

func (s *scan) isPhone(c candidate) bool {
	d := c.digits
	for _, prefix := range []string{"0086", "86"} {
		if strings.HasPrefix(d, prefix) && len(d) == 11+len(prefix) {
			d = d[len(prefix):]
		}
	}
	return len(d) == 11 && d[0] == '1' && d[1] >= '3'
}

// phone recognises mobile numbers and landlines.
func (s *scan) phone(c candidate) bool {
	d, groups := c.digits, c
	if s.isPhone(c) {
		if extra := len(d) - 11; extra > 0 {
			d = d[extra:]
			if c.groups[0].End-c.groups[0].Start == extra {
				groups.groups = c.groups[1:]
			}
		}
		grouped := groups.sizes(len(groups.digits)) || groups.sizes(11) || groups.sizes(3, 4, 4) || groups.sizes(3, 8) || groups.sizes(7, 4) ||
			groups.sizes(4, 4, 3) || groups.sizes(4, 3, 4) || groups.sizes(3, 3, 5) || groups.sizes(5, 6) || groups.sizes(6, 5) || groups.sizes(4, 7) || groups.even() || groups.spelled() || c.context == Phone
		if !grouped || s.insideCode(c) {
			return false
		}
		start := c.start
		for len(c.digits) > 11 && (s.rune(start-1) == '+' || s.rune(start-1) == '(') {
			start--
		}
		s.add(Phone, start, c.end, keep(d, 3, 4))
		return true
	}
	if n := len(d); (n == 10 || n == 12) && c.context == Phone && d[0] == '1' && d[1] >= '3' && len(c.groups) == 1 && s.bounded(c.start, c.end) {
		s.add(Phone, c.start, c.end, keep(d, 3, 4)) // a digit too few or too many
		return true
	}
	if hotline(c.digits) {
		return false
	}
	if area := areaCode(d); area > 0 && len(d)-area >= 7 && len(d)-area <= 8 && d[area] >= '2' {
		first := c.groups[0].End - c.groups[0].Start
		if (len(c.groups) == 1 || first == area || c.spelled()) && s.bounded(c.start, c.end) {
			start := c.start
			if s.rune(start-1) == '(' {
				start--
			}
			s.add(Landline, start, s.extension(c.end), d[:area]+"-"+keep(d[area:], 0, 4))
			return true
		}
	}
	if (c.context == Landline || c.context == Phone) && (len(d) == 7 || len(d) == 8) && d[0] >= '2' && (len(c.groups) == 1 || c.sizes(4, 4) || c.sizes(3, 4) || c.even()) && s.bounded(c.start, c.end) {
		s.add(Landline, c.start, c.end, keep(d, 0, 4))
		return true
	}
	return false
}

// extension is the end of an extension (-806, 转806, #806) behind the landline that ends at end.
func (s *scan) extension(end int) int {
	k := end
	for k < end+3 && strings.ContainsRune(" -转接#分机", s.rune(k)) {
		k++
	}
	digits := k
	for digits < k+6 && s.rune(digits) >= '0' && s.rune(digits) <= '9' {
		digits++
	}
	if n := digits - k; k == end || n < 1 || n > 5 {
		return end
	}
	return digits
}

// areaCode returns the length of the area code that the number begins with, 0 if none.
func areaCode(d string) int {
	switch {
	case len(d) < 10 || d[0] != '0':
		return 0
	case d[1] == '1' && d[2] == '0', d[1] == '2' && d[2] != '6':
		return 3
	case d[1] >= '3':
		return 4
	}
	return 0
}

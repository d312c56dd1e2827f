package vault

import "regexp"

// halfRE is a part of a number that is named as such: 前三位481, 后面8899, 头十位….
var halfRE = regexp.MustCompile(`(前|头|开头|第一段|中间|后|末|尾|最后|剩下|第二段|其余)(?:半|边)?(?:面)?(?:的)?(?:[0-9零一二三四五六七八九十两]{1,3}[位个])?(?:数字|数|是|为|:|\s|号)*(` + hd + `(?:[\s\-.]?` + hd + `){1,14})`)

// kindOfWord are the words that say which number is given in parts.
var kindOfWord = []struct {
	kind  string
	words []string
	total [2]int // digits of all parts together
}{
	{OTP, []string{"验证码", "校验码", "动态码", "短信码"}, [2]int{4, 8}},
	{Password, []string{"密码"}, [2]int{4, 12}},
	{IDCard, []string{"身份证", "证件号"}, [2]int{10, 18}},
	{Phone, []string{"手机", "电话"}, [2]int{11, 11}},
	{BankCard, []string{"卡", "账号", "尾号"}, [2]int{14, 19}},
}

// halves looks for numbers told in parts, 前三位481后三位927: each alone would be harmless, together
// they are the number. The end of a card or telephone number may stay: it is shown anyway.
func (s *scan) halves() {
	if !s.has("前", "头", "第一段") || !s.has("后", "末", "尾", "剩", "第二段", "其余") {
		return
	}
	type part struct {
		start, end int
		tail       bool
	}
	var parts []part
	front, total := false, 0
	for _, m := range halfRE.FindAllStringSubmatchIndex(s.str, 8) {
		a, b := int(s.at[m[4]]), int(s.at[m[5]])
		word := s.str[m[2]:m[3]]
		if isAlnum(s.rune(b)) || s.counted(b) || amount(s.after(b, 2)) {
			continue
		}
		tail := word == "后" || word == "末" || word == "尾" || word == "最后"
		front = front || !tail
		total += len(digitsOf(s.runes[a:b]))
		parts = append(parts, part{a, b, tail})
	}
	if len(parts) < 2 || !front {
		return
	}
	for _, k := range kindOfWord {
		if !s.has(k.words...) || total < k.total[0] || total > k.total[1] {
			continue
		}
		for _, p := range parts {
			if p.tail && len(digitsOf(s.runes[p.start:p.end])) <= 4 && (k.kind == Phone || k.kind == BankCard) {
				continue
			}
			if kinds[k.kind].level == C3 {
				s.secret(k.kind, p.start, p.end)
			} else {
				s.add(k.kind, p.start, p.end, keep(string(s.runes[p.start:p.end]), 0, 0))
			}
		}
		if k.kind == IDCard {
			s.each(bornRE, 1, func(a, b int) { s.add(IDCard, a, b, keep(string(s.runes[a:b]), 0, 0)) })
		}
		return
	}
}

var bornRE = regexp.MustCompile(`(?:生日|出生|中间)[\p{Han}:\s]{0,5}?((?:19|20)\d{6})`)

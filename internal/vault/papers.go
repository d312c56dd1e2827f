package vault

import (
	"regexp"
	"strings"
)

var (
	passportRE    = regexp.MustCompile(`e[a-hj-np-z]\d{7}|[egdsp]\d{8}|1[45]\d{7}`)
	passportNamed = regexp.MustCompile(`护照(?:号码?|的号码)?(?:[\s:,=]|是|为)*([a-z]{1,2}\d{6,8}|\d{9})`)
	permitRE      = regexp.MustCompile(`[cw][a-hj-np-z]\d{7}|[cw]\d{8}|[hm]\d{10}|[hm]\d{8}|[a-z]{3}\d{12}`)
	insuredRE     = regexp.MustCompile(`(?:社会?保障?卡|医保卡)(?:卡?号码?)?[\s:是为]*([a-z]\d{8})(?:$|[^a-z0-9])`)
	militaryRE    = regexp.MustCompile(`(?:\p{Han}字)第\s?[0-9a-z]{4,8}号?`)
	usccRE        = regexp.MustCompile(`[0-9a-hj-np-rtuwxy]{2}\d{6}[0-9a-hj-np-rtuwxy]{10}`)
	// 护照 E 1234 5678, 护照G五五六六七七八八, 通行证:C-1234-5678
	paperRE = regexp.MustCompile(`(护照|passport|通行证|回乡证|台胞证)(?:号码?|的号码|number|no\.?)?(?:[\s:,=]|是|为|就是)*([a-z]?[\-\s]?[a-z]?)[\s\-.]{0,2}(` + hd + `)`)
	plateRE = regexp.MustCompile(`([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领])\s?([a-hj-np-z])\s?[·.\-\s]?\s?(?:[df][a-hj-np-z0-9]\d{4}|\d{5}[df]|[a-hj-np-z0-9]{4}[a-hj-np-z0-9挂学警港澳]|\d(?:\s\d){4,5}|[a-hj-np-z0-9]{3}[港澳])`)
)

// papers looks for passports, permits, credit codes of firms and licence plates.
func (s *scan) papers() {
	if !s.has("护照", "通行证", "回乡证", "台胞证", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9") {
		return
	}
	notACode := func(a int) bool {
		return !anyOf(s.before(a, 8), "产品", "订单", "编号", "代码", "流水", "合同", "工号", "型号", "单号", "登记", "批次", "序列", "凭证", "券")
	}
	named := strings.Contains(s.str, "护照") || strings.Contains(s.str, "passport")
	s.each(passportRE, 0, func(a, b int) {
		if s.bounded(a, b) && notACode(a) && (s.runes[a] != '1' || named) {
			s.add(Passport, a, b, upperKeep(string(s.runes[a:b])))
		}
	})
	s.each(passportNamed, 1, func(a, b int) {
		if s.bounded(a, b) {
			s.add(Passport, a, b, upperKeep(string(s.runes[a:b])))
		}
	})
	taiwan := s.has("台湾")
	for _, m := range paperRE.FindAllStringSubmatchIndex(s.str, -1) {
		a, digits := int(s.at[m[4]]), int(s.at[m[6]])
		end, n := s.spaced(digits)
		kind, least, letters := Permit, 8, m[5]-m[4]
		if word := s.str[m[2]:m[3]]; word == "护照" || word == "passport" {
			kind, least = Passport, 6+min(letters, 1)
			if letters == 0 {
				least = 9
			}
		} else if letters == 0 && word != "台胞证" && !taiwan {
			least = 99
		}
		if n < least || n > 10 || isAlnum(s.rune(end)) || s.counted(end) {
			continue
		}
		s.add(kind, a, end, keep(strings.ToUpper(string(s.runes[a:a+letters]))+strings.Repeat("*", n), 1, 0))
	}
	permits := anyOf(s.str, "通行证", "回乡证", "港澳", "台胞证", "居留证", "居留许可", "往来")
	if permits {
		s.each(permitRE, 0, func(a, b int) {
			if s.bounded(a, b) && notACode(a) {
				s.add(Permit, a, b, upperKeep(string(s.runes[a:b])))
			}
		})
	}
	if s.has("字第") {
		s.militaryIDs()
	}
	if s.has("保障卡", "社保卡", "医保卡") {
		s.each(insuredRE, 1, func(a, b int) { s.add(Account, a, b, upperKeep(string(s.runes[a:b]))) })
	}
	s.firms()
	s.plates()
}

func (s *scan) militaryIDs() {
	s.each(militaryRE, 0, func(a, b int) {
		if anyOf(s.str, "军官证", "士兵证", "警官证", "军人证", "文职") || strings.ContainsRune("军武空海南北东中西联政参后装", s.runes[a]) {
			s.add(MilitaryID, a, b, string(s.runes[a:a+3])+"****")
		}
	})
}

// firms looks for unified social credit codes; those of sole traders are personal.
func (s *scan) firms() {
	s.each(usccRE, 0, func(a, b int) {
		v := strings.ToUpper(string(s.runes[a:b]))
		if !s.bounded(a, b) || !strings.ContainsAny(v[8:17], "ABCDEFGHJKLMNPQRTUWXY") && !usccChecksum(v) {
			return
		}
		if usccChecksum(v) || anyOf(s.before(a, 14), "信用代码", "执照", "税号", "组织机构", "信用证代码", "公司") {
			s.add(USCC, a, b, v[:8]+"********"+v[16:])
		}
	})
}

func (s *scan) plates() {
	for _, m := range plateRE.FindAllStringSubmatchIndex(s.str, -1) {
		a, b := int(s.at[m[0]]), int(s.at[m[1]])
		if isAlnum(s.rune(b)) || strings.ContainsRune("最全更创革刷重", s.rune(a-1)) && s.runes[a] == '新' || !strings.ContainsAny(s.str[m[0]:m[1]], "0123456789") {
			continue
		}
		v := strings.ToUpper(s.str[m[0]:m[1]])
		tail := []rune(v)
		s.add(Plate, a, b, s.str[m[2]:m[3]]+strings.ToUpper(s.str[m[4]:m[5]])+"***"+string(tail[len(tail)-2:]))
	}
}

// upperKeep shows the first and the last two characters of a paper's number.
func upperKeep(v string) string { return keep(strings.ToUpper(v), 1, 2) }

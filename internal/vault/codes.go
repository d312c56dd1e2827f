package vault

import (
	"strings"

	"yinda/internal/text"
)

// Words that make a free-standing number of six digits a one-time code or a password, whichever
// stands nearest.
var (
	strayOTP  = []string{"验证码", "校验码", "动态码", "动态密码", "短信码", "认证码", "确认码", "登录码", "支付码", "那个码", "口令", "verify", "otp"}
	strayPIN  = []string{"密码", "mima", "password", "passcode"}
	strayHint = []string{"短信", "报给", "念", "我报", "那串", "手机上收到", "几个数", "告诉他", "告诉对方", "蹦出", "弹出"}
)

// Words right before a number that make it money, a date or a count.
var spent = []string{"打", "电", "存", "取", "花", "扣", "日期", "第", "转", "支出", "收入", "工资", "消费", "入账", "到账", "欠", "还", "剩", "约", "共", "计", "赔", "能用", "能是", "能设", "别用", "比如", "例如", "像", "类似"}

// strays adds numbers of exactly six digits that stand anywhere beside the word for a one-time code
// or a password and are nothing else: 把889123发过去,说是验证码; 739281，密码就这个 (lexicon §5: bare
// digits near the word).
func (s *scan) strays() {
	if !s.has(strayOTP...) && !s.has(strayPIN...) && !s.has(strayHint...) && !s.has("收到") {
		return
	}
	for _, run := range s.f.DigitRuns(6) {
		a, b := run.Start(), run.End()
		if len(run.Digits) != 6 || b-a > 11 || !s.bounded(a, b) || strings.HasPrefix(run.Digits, "20") && b-a == 6 || run.Plain && len(run.Groups) > 1 && !s.evenGroups(run.Groups) {
			continue
		}
		word := s.nearest(a)
		if word == Phone && anyOf(s.before(a, 12), "手机上", "手机里", "手机收", "手机短信") {
			word = "" // where the code came in
		}
		if word != "" || s.example(a, run.Digits) || anyOf(s.before(a, 4), spent...) || s.counted(b) {
			continue
		}
		before, after := s.before(a, 24), s.after(b, 16)
		otp, pin := distance(before, after, strayOTP), distance(before, after, strayPIN)
		if otp < 0 && pin < 0 {
			otp = distance(before, after, strayHint)
			if strings.HasSuffix(strings.TrimRight(before, " :"), "收到") {
				otp = 0
			}
		}
		switch {
		case otp < 0 && pin < 0:
		case pin < 0 || otp >= 0 && otp <= pin:
			s.code(a, b, false)
		case !hotline(run.Digits):
			s.secret(Password, a, b)
		}
	}
}

// evenGroups reports whether the groups are of one length, as in 77 30 12.
func (s *scan) evenGroups(groups []text.Range) bool {
	for _, g := range groups {
		if g.End-g.Start != groups[0].End-groups[0].Start {
			return false
		}
	}
	return true
}

// distance is how many bytes lie between a number and the nearest of the words, -1 without any.
func distance(before, after string, words []string) int {
	best := -1
	for _, w := range words {
		if p := strings.LastIndex(before, w); p >= 0 {
			if d := len(before) - p - len(w); best < 0 || d < best {
				best = d
			}
		}
		if p := strings.Index(after, w); p >= 0 && (best < 0 || p < best) {
			best = p
		}
	}
	return best
}

func (s *scan) oneTimeCodes() {
	s.each(otpRE, 1, func(a, _ int) {
		if b := s.groups(a); b > 0 {
			s.code(a, b, true)
		}
	})
	for _, m := range otpFarRE.FindAllStringSubmatchIndex(s.str, -1) {
		if between := s.str[m[2]:m[3]]; !anyOf(between, elsewhere...) || strings.HasSuffix(between, "要后四位 是") || strings.HasSuffix(between, "要后四位是") {
			if a := int(s.at[m[4]]); s.groups(a) > 0 {
				s.code(a, s.groups(a), false)
			}
		}
	}
	if s.has("code", "otp", "use ", "verify", "passcode") {
		for g := 1; g <= 3; g++ {
			s.each(otpEnglish, g, func(a, b int) {
				if !anyOf(s.before(a, 14), "err", "post", "zip", "swift", "bank", "country", "area", "错") {
					s.code(a, b, false)
				}
			})
		}
	}
	s.each(otpBackRE, 1, func(a, b int) { s.code(a, b, false) })
	s.each(otpThisRE, 1, func(a, b int) { s.code(a, b, false) })
	s.each(otpLooseRE, 1, func(a, _ int) {
		if b := s.groups(a); b > 0 && s.rune(a-1) != '-' && !anyOf(s.before(a, 8), "错", "报", "信息") || b > 0 && anyOf(s.before(a, 8), "我报") {
			s.code(a, b, false)
		}
	})
	if s.has("码", "短信") {
		s.each(otpToldRE, 1, func(a, b int) {
			if s.nearest(a) == "" {
				s.code(a, b, false)
			}
		})
	}
	s.each(otpCameRE, 1, func(a, b int) { s.code(a, b, false) })
	// A pasted short message that speaks of a code: every free-standing number of 4 to 8 digits that
	// is neither an amount, a date nor the end of a card number.
	for _, m := range smsRE.FindAllStringIndex(s.str, -1) {
		if message := s.str[m[0]:m[1]]; anyOf(message, "取件", "提货", "外卖", "快递", "包裹") {
			continue
		} else if strings.Contains(message, "码") || strings.Contains(message, "动态") || strings.Contains(message, "口令") {
			for _, c := range smsCodeRE.FindAllStringSubmatchIndex(message, -1) {
				a, b := int(s.at[m[0]+c[2]]), int(s.at[m[0]+c[3]])
				// 400-812-3456 is a hotline, and a part of any grouped number is no code.
				if !anyOf(s.before(a, 4), "尾号", "末四位", "后四位") && !(s.rune(a-1) == '-' && isAlnum(s.rune(a-2))) && !(s.rune(b) == '-' && isAlnum(s.rune(b+1))) {
					s.code(a, b, false)
				}
			}
		}
	}
}

// code adds a one-time code unless its surroundings say that it is another number. sure says that
// the word for it stands right before.
func (s *scan) code(a, b int, sure bool) {
	digits := string(s.runes[a:b])
	if isAlnum(s.rune(b)) || isAlnum(s.rune(a-1)) && !sure || s.counted(b) || anyOf(s.before(a, 5), "序列号", "编号", "流水号", "订单", "单号", "工号") {
		return
	}
	if !sure && (hotline(digits) || amount(s.after(b, 2)) || currency(s.rune(a-1)) || s.rune(b) == '.' && isAlnum(s.rune(b+1))) {
		return
	}
	if sure && hotline(digits) && (anyOf(s.before(a, 3), "给", "发") || s.rune(a-1) == ',') {
		return
	}
	if strings.HasPrefix(s.after(b, 3), "发来") || strings.HasPrefix(s.after(b, 3), "发的") {
		return
	}
	s.secret(OTP, a, b)
}

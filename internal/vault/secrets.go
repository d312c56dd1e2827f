package vault

import (
	"regexp"
	"strings"
)

// Fragments of the patterns below. hd is a digit as it is spoken or typed.
const (
	hd = `[0-9零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]`
	// is stands between the word for a secret and the secret.
	is = `(?:[\s:=,"“”'‘’「」『』\[\]()<>\-—>]|是|为|就是|就|设的|设成|设为|设置|成了|成|改|换|用|写|填|叫|应该|还|一直|好像|现在|我记得|记得|都|的|了|给你|给您|给|你|您|发|这个|那个|如下|号|数字|码|我|它|他|她|分别|来|哈|啊|吧|呢|嘛|哦|喔|在这|收到|刚|说|报|告诉|念|看|是的|如下|大概|以前|后来)`
)

var (
	trackRE = regexp.MustCompile(`%b\d{13,19}\^[^?\s]*\??|;\d{13,19}=\d*\??`)

	otpWord = `(?:token|令牌|短信验证码|手机验证码|验[\s.·*\-_]{0,2}证[\s.·*\-_]{0,2}码|验証码|校验码|动态验证码|动态码|动态口令|动态密码|短信码|短信密码|短信口令|手机动态码|确认码|一次性密码|一次性口令|一次性验证码|随机码|认证码|授权码|yzm|yanzhengma|otp|(?:verification|security|sms)\s*code)`
	otpRE   = regexp.MustCompile(otpWord + `(?:` + is + `|上|里|屏幕|显示|面|分[三两二]段|倒着|前面)` + `{0,8}?(` + hd + `)`)
	// the number stands some words later: 验证码他让我念给他听,是 384920
	otpFarRE = regexp.MustCompile(otpWord + `([^0-9。!?;【】]{0,14}?)(\d)`)
	// 384920是我的验证码; 384920(登录验证码)
	otpBackRE = regexp.MustCompile(`(\d{4,8}|\d{3}[\s-]\d{3})[\s,]*(?:[(]|这个|这|就|应该)*(?:是|为|[(])(?:[\s]|您的|你的|我的|您|你|我|本次|这次|刚|刚才|收到的|发来的|短信|手机|登录|登陆|交易|支付|转账|付款|注册|的|银行|动态|your|is){0,6}` + otpWord)
	// 把 771204 这个验证码发给他
	// 884213 is your login code; use 771045 to verify
	otpEnglish = regexp.MustCompile(`(?:^|[^a-z0-9]|g-)(\d{4,8}) (?:is|as) (?:your|my|the)(?: [a-z]+){0,3} (?:code|otp|passcode)|(?:use|enter|input|type) (?:code )?(\d{4,8}) (?:to|as|for)|(?:^|[^a-z])(?:code|otp)[^\d]{0,24}?(?:is|:|was|=|got) ?(\d{4,8})`)
	otpThisRE  = regexp.MustCompile(`(\d{4,8})\s?(?:这个|那个|这组|这串|的)?(?:短信|登录|手机|支付|动态)?(?:验证码|校验码)`)
	otpLooseRE = regexp.MustCompile(`(?:[六6四4八8]位(?:的)?数(?:字|码)?|那串数字|这串数字|一串数字|短信(?:里|上|中|内容)?(?:的|说|写|发)?(?:数字|号码|码|那个数)|收到(?:的|一个|了)?(?:码|数字|短信码)|(?:几|[六6四4八8])(?:个|位|组)数(?:字|码)?|那串码|这串码|(?:收到|来)(?:了)?(?:一|几)?个数(?:字)?|短信(?:上面|上|里面|里)(?:的)?(?:是|写|显示)|口令(?:收到|来)了|(?:^|[\s,。!?我的])(?:那个|这个)?码(?:是|:|为|分)|(?:^|[^a-z])code\s*(?:is|:|=))(?:` + is + `|分[三两二]段|,|我报了|我说了){0,8}?(` + hd + `)`)
	// 收到 552817 ,我没操作过: money would carry a unit or end in zeros
	otpCameRE = regexp.MustCompile(`(?:^|[,。我])(?:刚|刚才|又)?收到(?:了|一个|个)?[\s:]{0,2}(\d{5}[1-9])(?:$|[\s,。])`)
	// 5520念给她了
	otpToldRE = regexp.MustCompile(`(\d{4,8})(?:念|报|发|告诉|说)给?了?(?:他|她|对方|客服|骗子|人家|那人)`)
	smsRE     = regexp.MustCompile(`[【\[<〔「『][^】\]>〕」』\d]{2,20}[】\]>〕」』][^【]*`)
	// one two three, after the word for a code
	englishRE = regexp.MustCompile(`(?:(cvv|cvc|cvn|security code)|(otp|code)|(pin|password|passcode))(?: is|:|=)?((?:[\s,\-]{1,2}(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)){3,8})(?:$|[^a-z])`)
	smsCodeRE = regexp.MustCompile(`(?:^|[^\d.:¥*])(\d{4,8})(?:$|[^\d.:*])`)

	passwordWord = `(?:密[\s.·*\-_]{0,2}码|口令|卡密|mima|pin\s*码|pin\s*code|pin|password|passwd|passcode|pwd|pswd)`
	passwordRE   = regexp.MustCompile(passwordWord + `(` + is + `{0,8}?)((?:[a-z0-9!@#$%^&*_.\-+?]{4,20})|` + hd + `{4,12}|` + hd + `(?:[ \-]` + hd + `){3,7})`)
	// the digits may come in groups: 密码48 2910, 密码分别是3、8、2、9
	passwordNumRE = regexp.MustCompile(passwordWord + `((?:` + is + `|[四六46]位数?字?|第一位到(?:第六位|最后)?|从头到尾){0,8}?)(` + hd + `)`)
	// 密码我设的是老婆生日900307
	passwordFarRE  = regexp.MustCompile(passwordWord + `([^0-9。!?;【】]{0,14}?)(\d{8}|\d{6}|[a-z]{1,12}[@#_.]?\d{2,10}[a-z!@#]{0,4}|\d{3}[\s-]\d{3})`)
	passwordBackRE = regexp.MustCompile(`([a-z0-9!@#$%^&*_.\-+]{4,20})[\s,]*(?:这个|这|就|应该|好像)*(?:是|为|做|当|作为|当作|=|←|<-{1,2}|\()(?:\s|我的|我|你的|他的|她的|这张|那张|卡的|卡|银行卡|信用卡|取款|取钱|登录|登陆|交易|支付|查询|手机|银行|网银|老公|老婆|的|app|账户|原来|原|旧|新|初始|默认){0,6}(?:密码|口令)`)

	// 密码忘了,以前是 zxcv7788: a forgotten one is often told all the same
	formerRE = regexp.MustCompile(`(?:以前|原来|之前|原先|旧的|老的|一直)(?:的)?(?:是|叫|为|用|设)(?:的)?$`)
	// mm是…, pin is …: the pinyin abbreviation and English, only right before the value
	passwordShortRE = regexp.MustCompile(`(?:^|[^a-z])(?:mm|pw|psw|pass|pin|password)"?\s*(?:is|was|是|为|:|=)\s*"?([a-z0-9!@#$%^&*_.\-]{4,20})`)
	// 密码是六个8
	passwordRepeat = regexp.MustCompile(`密码[^\d。!?;,]{0,6}?((?:[一两二三四五六七八1-8]个` + hd + `){2,4}|[四五六七八468]个` + hd + `)(?:$|[^\d位])`)

	// 密保是我小学名字育才小学
	answerIsRE = regexp.MustCompile(`密保(?:问题|答案)?(?:我?设的|设置的|填的|写的)?是([\p{Han}a-z0-9]{2,14})(?:$|[,。])`)
	answerRE   = regexp.MustCompile(`(?:密保|安全问题|密保问题|安全提示问题)(?:的)?(?:问题)?(?:的)?(?:答案|回答)(?:[\s:=]|是|为|就是|我设的|填的)+([\p{Han}a-z0-9]{2,12})`)

	cvvWord = `(?:c[ .\-]?v[ .\-]?[vnc]2?|cv2|安全码|安全校验码|(?:卡)?(?:背面|背后|反面|后面|背)(?:的|那|签名|栏|条|上|处|[7七]位数?字?)*(?:最?后|末)?(?:的)?(?:三|3)(?:(?:位|个)(?:数字|数|码)?|码)|(?:卡片?|信用卡|它)(?:的)?背面(?:的)?(?:数字|号码|码)|签名[栏条处区](?:上)?(?:的|那)?(?:最?后|末)?(?:的)?(?:三|3)(?:位|个)(?:数字|数|码)?)`
	cvvRE   = regexp.MustCompile(cvvWord + `[^\d。;!?零一二三四五六七八九幺]{0,8}?(` + hd + `)`)
	// 卡后面那个小小的数字是 123: three digits after the back of the card
	cvvBack = regexp.MustCompile(`(?:背面|背后|反面|卡后面|后面那|后边)[^\d。;!?]{0,14}?(` + hd + `{3}|` + hd + `[\s\-.、]` + hd + `[\s\-.、]` + hd + `)`)
	// 三位数是 417, said by itself, is never an amount or a date
	cvvThree = regexp.MustCompile(`(?:^|[^\d])(?:[三3]位(?:数字|数|码)(?:是|为|:|=|\s)+|(?:三|3)位码|安全码那?[三3]个数?)[是为:=\s]*(` + hd + `)`)
	cvvFour  = regexp.MustCompile(`(?:运通|amex|正面|百夫长).{0,16}?[四4]位(?:安全码|数字|数|码)?(?:是|为|:|=|\s|,)*(` + hd + `)`) // American Express: on the front
	cvvStrip = regexp.MustCompile(`签[名字][栏条处区](?:后面|背后|旁边|上面|里|末尾|最后|尾)?(?:的|那)?(?:数字|号码|数|码)?[是为:=\s]*(` + hd + `)`)
	cvvTail  = regexp.MustCompile(`(?:信用卡|贷记卡|visa|master|有效期).{0,40}?(?:后三位|末三位|后3位|三位码|3位码|三位数)(?:数字|数|是|为|:|\s|,)*(` + hd + `)`)

	monthYear    = `(?:(?:0[1-9]|1[0-2])\s?[/\-.]?\s?(?:20)?[2-4]\d|[1-9]\s?/\s?(?:20)?[2-4]\d|[23]\d\s?/\s?(?:0[1-9]|1[0-2])|(?:20)?[2-4]\d\s?年\s?(?:0?[1-9]|1[0-2])\s?月?份?|(?:20)[2-4]\d\s?[/\-.]\s?(?:0[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])\s?月\s?(?:20)?[2-4]\d\s?年?|(?:二零)?[二三四][零一二三四五六七八九]年(?:十[一二]?|[一二三四五六七八九])月|[零一二][一二三四五六七八九零][二三四][零一二三四五六七八九])`
	expiryRE     = regexp.MustCompile(`(?:有效期限?|有效日期|有效期间|到期日期?|到期时间|到期|过期时间|valid\s*(?:thru|until|date)?|vaild|exp(?:iry|ires|iration)?\.?\s*(?:date)?)[^\d零一二]{0,6}?(` + monthYear + `)`)
	expirySpaced = regexp.MustCompile(`(?:有效期限?|有效日期|到期日期?|到期月年|到期|valid\s*(?:thru)?|exp(?:iry|ired|ires)?)[^\d零〇一二三四五六七八九幺]{0,6}?(` + hd + `)`)
	expiryEnd    = regexp.MustCompile(`((?:0[1-9]|1[0-2])\s?/?\s?(?:20)?[2-4]\d|(?:二零)?[二三四][零一二三四五六七八九]年(?:十[一二]?|[一二三四五六七八九])月)\s?(?:月)?(?:到期|过期|失效|有效)`)
	// what stands right behind a card number: 08/27 123
	tripleRE = regexp.MustCompile(`^[\s,;/、|]{0,3}((?:0[1-9]|1[0-2])\s?[/\-.]?\s?(?:2[4-9]|3\d))`)
)

// Words between "密码" and a number that make it another number.
var elsewhere = []string{"尾号", "后四位", "末四位", "手机", "电话", "拨打", "热线", "致电", "卡号", "账号", "账户", "身份证", "证件", "订单", "编号", "工号", "代码", "元", "块", "金额", "余额", "错", "忘", "怎么", "如何", "怎样", "分钟", "小时", "流水", "转给", "转了", "转账", "扣", "客服", "排队", "年", "月", "存", "取了", "花了", "qq", "微信", "邮箱", "号线", "版本", "打了", "打过", "拨", "咨询", "找", "有效", "次", "门牌", "车牌"}

// secrets looks for level C3 data. The words before each group of patterns only save time: no
// pattern of the group matches without one of them.
func (s *scan) secrets() {
	if s.has("%b", "=") {
		s.each(trackRE, 0, func(a, b int) { s.secret(Track, a, b) })
	}
	if s.has("码", "口令", "位数", "数字", "yzm", "yanzhengma", "otp", "code", "token", "令牌", "verify", "use ", "数", "收到") {
		s.oneTimeCodes()
	}
	if s.has("密", "口令", "mima", "mm", "pin", "pass", "pwd", "pswd", "pw", "psw") {
		s.passwords()
	}
	if s.has("one", "two", "three", "five", "seven", "eight", "nine", "zero") {
		for g, kind := range map[int]string{1: CVV, 2: OTP, 3: Password} {
			for _, m := range englishRE.FindAllStringSubmatchIndex(s.str, -1) {
				if m[2*g] >= 0 {
					text := strings.TrimLeft(s.str[m[8]:m[9]], " ,-\n\t")
					s.secret(kind, int(s.at[m[9]-len(text)]), int(s.at[m[9]]))
				}
			}
		}
	}
	s.strays()
	if s.has("cv", "安全", "背", "反面", "后面", "签名", "位数", "位码", "三位", "3位", "信用卡", "贷记卡", "visa", "master") {
		s.securityCodes()
	}
	if s.has("有效", "到期", "过期", "失效", "valid", "vaild", "exp") {
		s.expiries()
	}
}

// answers looks for answers to security questions.
func (s *scan) answers() {
	if s.has("密保", "安全问题", "安全提示") {
		answer := func(a, b int) {
			if !anyOf(s.after(a, b-a), "忘", "怎么", "不", "错", "什么", "多少", "吗") {
				s.secret(Answer, a, b)
			}
		}
		s.each(answerRE, 1, answer)
		s.each(answerIsRE, 1, answer)
	}
}

// has reports whether the folded text contains one of the words.
func (s *scan) has(words ...string) bool { return anyOf(s.str, words...) }

func (s *scan) securityCodes() {
	s.each(cvvRE, 1, func(a, _ int) {
		b, n := s.spaced(a)
		if n < 3 || n > 4 {
			return
		}
		if !s.counted(b) && !isAlnum(s.rune(b)) && !(b-a == 4 && strings.HasPrefix(s.after(a, 4), "20") && s.rune(b) == '/') {
			s.secret(CVV, a, b)
		}
	})
	s.digits(cvvThree, 3, func(a, b int) { s.secret(CVV, a, b) })
	if s.has("运通", "amex", "百夫长") {
		s.digits(cvvFour, 4, func(a, b int) { s.secret(CVV, a, b) })
	}
	s.digits(cvvStrip, 3, func(a, b int) { s.secret(CVV, a, b) })
	if s.has("卡", "cv") {
		s.each(cvvBack, 1, func(a, b int) {
			if !s.counted(b) && !isAlnum(s.rune(a-1)) && !isAlnum(s.rune(b)) && !s.spokenDigit(b) && !s.spokenDigit(a-1) && !anyOf(s.before(a, 6), "尾号", "电话", "手机", "身份证", "卡号", "热线", "第") {
				s.secret(CVV, a, b)
			}
		})
	}
	s.digits(cvvTail, 3, func(a, b int) {
		if !isAlnum(s.rune(b)) && !anyOf(s.before(a, 12), "手机", "电话", "身份证", "卡号") {
			s.secret(CVV, a, b)
		}
	})
}

// counted reports whether a unit follows, so that the number counts or dates something.
func (s *scan) counted(i int) bool {
	rest := strings.TrimLeft(s.after(i, 4), " ")
	for _, unit := range []string{"位", "次", "个", "分钟", "秒", "天", "年", "月", "小时", "元", "块", "万", "遍", "以内", "以上", "点", "号线", "开头", "人", "美元", "%", "级", "类", "张", "号键", "步", "客服", "热线", "服务", "短号"} {
		if strings.HasPrefix(rest, unit) {
			return true
		}
	}
	return false
}

func (s *scan) passwords() {
	for _, m := range passwordRE.FindAllStringSubmatchIndex(s.str, -1) {
		s.password(int(s.at[m[4]]), int(s.at[m[5]]), s.str[m[2]:m[3]])
	}
	for _, m := range passwordNumRE.FindAllStringSubmatchIndex(s.str, -1) {
		a := int(s.at[m[4]])
		if s.rune(a+1) == '位' { // pin码四位5583
			a += 2
		}
		if s.groups(a) > 0 {
			s.password(a, s.groups(a), s.str[m[2]:m[3]])
		}
	}
	for _, m := range passwordFarRE.FindAllStringSubmatchIndex(s.str, -1) {
		a, b := int(s.at[m[4]]), int(s.at[m[5]])
		between := s.str[m[2]:m[3]]
		if (!anyOf(between, elsewhere...) || formerRE.MatchString(between)) && !isAlnum(s.rune(b)) && !s.counted(b) && !isAlnum(s.rune(a-1)) {
			s.password(a, b, "是")
		}
	}
	s.each(passwordShortRE, 1, func(a, b int) {
		if strings.ContainsAny(string(s.runes[a:b]), "0123456789") {
			s.secret(Password, a, b)
		}
	})
	s.each(passwordRepeat, 1, func(a, b int) { s.secret(Password, a, b) })
	s.each(passwordBackRE, 1, func(a, b int) {
		if v := string(s.runes[a:b]); strings.ContainsAny(v, "0123456789") && !isAlnum(s.rune(a-1)) && !anyOf(s.after(b, 3), "是不是", "是弱") {
			s.secret(Password, a, b)
		}
	})
}

// password adds a password unless it is an ordinary word, a count or a public number. link is what
// stood between the word and it.
func (s *scan) password(a, b int, link string) {
	for b > a && strings.ContainsRune(".?-", s.runes[b-1]) { // the sentence ends here
		b--
	}
	v := string(s.runes[a:b])
	v = strings.ReplaceAll(v, " ", "")
	digit := strings.ContainsAny(v, "0123456789零〇一二三四五六七八九幺两")
	if b-a < 4 || isAlnum(s.rune(b)) || s.counted(b) || !digit && (link == "" || ordinary[v] || !strings.ContainsAny(link, "是为:=")) {
		return
	}
	if hotline(v) && !strings.ContainsAny(link, "是为:=") || strings.ContainsAny(link, "发") && hotline(v) {
		return
	}
	if len(v) == 11 && v[0] == '1' && !strings.ContainsAny(link, "是为:=") {
		return // a mobile number beside the word
	}
	if before := s.before(a, 6); anyOf(before, "错误", "忘") && !formerRE.MatchString(before) {
		return
	}
	if s.example(a, v) {
		return
	}
	s.secret(s.passwordKind(a, v), a, b)
}

// example reports whether the value at a only illustrates a rule: 密码不能用123456吗, 初始密码是123456?
func (s *scan) example(a int, v string) bool {
	return anyOf(s.before(a, 4), "不能是", "不能用", "不能设", "别设", "别用", "是不是", "比如", "例如") && anyOf(v, "123", "111", "666", "888", "000", "654321") ||
		anyOf(s.before(a, 12), "初始", "默认", "出厂")
}

// passwordKind tells a one-time code from a password where the word is 口令: a number that was sent
// (口令是5583) is a code, the word for signing in (网银口令, 口令abc123) a password. A PIN of the card
// (取款密码, 交易密码) is a password: lexicon §5 has one type for both.
func (s *scan) passwordKind(a int, v string) string {
	before := s.before(a, 14)
	p := strings.LastIndex(before, "口令")
	if p < 0 || strings.LastIndex(before, "密码") > p || strings.Trim(v, "0123456789"+spoken) != "" || anyOf(before[:p], "登录", "登陆", "网银", "支付", "交易", "查询", "开机") {
		return Password
	}
	return OTP
}

// ordinary are Latin words that stand behind 密码 without being one.
var ordinary = map[string]bool{"login": true, "password": true, "error": true, "code": true, "reset": true, "forgot": true, "android": true, "iphone": true, "token": true, "apple": true, "face": true, "touchid": true, "faceid": true, "please": true, "card": true, "help": true, "what": true, "null": true, "wrong": true, "incorrect": true, "ukey": true}

// Words in front of 有效期 that make it the validity of something else than a card.
var otherValidity = []string{"身份证", "证件", "护照", "理财", "产品", "存单", "存款", "优惠", "活动", "合同", "验证码", "短信", "资料", "国债", "通行证", "签证", "居住证", "驾照", "执照", "券", "额度", "授权", "保险", "定期", "贷款", "积分"}

func (s *scan) expiries() {
	carded := anyOf(s.str, "卡", "cvv", "cvn", "cvc", "安全码", "card", "visa")
	add := func(a, b int) {
		if isAlnum(s.rune(b)) || anyOf(s.before(a, 16), otherValidity...) {
			return
		}
		if !carded && !(strings.ContainsRune(string(s.runes[a:b]), '/') && b-a <= 7 || b-a == 4) {
			return
		}
		if n := s.rune(b); n == '/' || n == '-' || n == '.' || n >= '0' && n <= '9' {
			return // a full date
		}
		s.secret(Expiry, a, b)
	}
	s.each(expiryRE, 1, add)
	s.each(expirySpaced, 1, func(a, _ int) {
		b, n := s.spaced(a)
		if v := digitsOf(s.runes[a:b]); n == 4 && v[:2] >= "01" && v[:2] <= "12" && v[2:] >= "24" && v[2:] <= "49" {
			add(a, b)
		}
	})
	s.each(expiryEnd, 1, func(a, b int) {
		if carded && !isAlnum(s.rune(a-1)) {
			add(a, b)
		}
	})
}

// behindCard looks for the expiry date and security code that people type behind a card number.
func (s *scan) behindCard(end int) {
	m := tripleRE.FindStringSubmatchIndex(string(s.runes[end:min(end+24, len(s.runes))]))
	if m == nil {
		return
	}
	runesBefore := func(byteAt int) int { // the match holds ASCII and 、 only
		return len([]rune(string(s.runes[end:min(end+24, len(s.runes))])[:byteAt]))
	}
	a, b := end+runesBefore(m[2]), end+runesBefore(m[3])
	if a == end || isAlnum(s.rune(b)) {
		return
	}
	s.secret(Expiry, a, b)
	// the security code behind it
	for b < len(s.runes) && b < end+24 && strings.ContainsRune(" ,;/、|", s.runes[b]) {
		b++
	}
	if c, n := s.spaced(b); n == 3 && c > b && !isAlnum(s.rune(c)) && !s.counted(c) {
		s.secret(CVV, b, c)
	}
}

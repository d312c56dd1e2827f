package vault

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	emailRE = regexp.MustCompile(`[a-z0-9._%+\-]+\s?@\s?[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}`)
	// zhao at qq dot com, wang 艾特 163 点 com, tan＠hotmail。com
	emailAt   = regexp.MustCompile(`([a-z0-9._%+\-]{2,40}(?:点[a-z0-9_\-]{1,20}){0,2})\s{0,2}(?:@|[(\[{<]at?[)\]}>]|艾特|爱特|圈a|小老鼠|#|\sat\s)\s{0,2}((?:` + dnsLabel + dot + `){1,3}(?:com|cn|net|org|edu|gov|cc|me|io|hk|tw|co|info))`)
	emailHost = regexp.MustCompile(`^(?:qq|163|126|gmail|outlook|hotmail|sina|sohu|foxmail|yeah|aliyun|139|189|icloud|live|yahoo|msn|vip|mail|example)[^a-z0-9]`)
	wechatRE  = regexp.MustCompile(`(?:[微薇威维唯徽v][^\p{Han}a-z0-9\n]{0,3}[信讯]|加微|(?:^|[^a-z])(?:telegram|line)\s?(?:号|id)|wechat|weixin|(?:^|[^a-z])(?:wx|vx|v))(?:号码?|\s?id|账号)?((?:[\s:,=]|是|为|加我|就是|我的|联系|搜)*)([a-z][-_a-z0-9]{5,19})`)
	qqRE      = regexp.MustCompile(`(?:q\s?q|扣扣|企鹅|(?:^|[^a-z])q号?|秋秋|球球)(?:号码?|群主|群号?)?(?:[\s:,=]|是|为|我的|加我|联系|就是)*(` + hd + `)`)
	ipv4RE    = regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}`)
	ipv6RE    = regexp.MustCompile(`[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}`)
	macRE     = regexp.MustCompile(`[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}`)
	compassRE = regexp.MustCompile(`[东西]经[:\s]?(\d{1,3}\.\d{2,})°?\D{0,3}[南北]纬[:\s]?(\d{1,2}\.\d{2,})|[南北]纬[:\s]?(\d{1,2}\.\d{2,})°?\D{0,3}[东西]经[:\s]?(\d{1,3}\.\d{2,})`)
	placeRE   = regexp.MustCompile(`(-?\d{1,3}\.\d{3,})\s*°?[ne]?\s*[,、\s]\s*(?:经度|纬度|lat|lng|lon)?[:\s]*(-?\d{1,3}\.\d{3,})`)
)

const (
	dnsLabel = `[a-z0-9\-]{1,30}`
	dot      = `\s?(?:\.|。|点|[(\[]dot[)\]]|\sdot\s)\s?`
)

// contacts looks for e-mail, WeChat, QQ, network and geographic addresses.
func (s *scan) contacts() {
	if s.has("@") {
		s.emails()
	}
	if s.has("@", "at", "(a)", "#", "艾特", "爱特", "圈a", "小老鼠") {
		s.spelledEmails()
	}
	if s.has("微", "信", "讯", "telegram", "line", "wechat", "wx", "vx", "v") {
		s.wechats()
	}
	if s.has("q", "扣扣", "企鹅", "秋秋", "球球") {
		s.each(qqRE, 1, func(a, _ int) {
			b, n := s.spaced(a)
			if n < 5 || n > 11 {
				return
			}
			if first := s.runes[a]; !digitLike(s.rune(b)) && !isAlnum(s.rune(b)) && s.rune(b) != '@' && first != '0' && first != '零' && !amount(s.after(b, 2)) {
				s.add(QQ, a, b, keep(string(s.runes[a:b]), 1, 0))
			}
		})
	}
	s.addresses()
}

func (s *scan) emails() {
	s.each(emailRE, 0, func(a, b int) {
		v := strings.ReplaceAll(string(s.runes[a:b]), " ", "")
		s.add(Email, a, b, v[:1]+"***"+v[strings.IndexByte(v, '@'):])
	})
}

// spelledEmails looks for addresses whose signs are written as words. " at " and # are ordinary
// English and Chinese, so there a known host or a word for mail is wanted.
func (s *scan) spelledEmails() {
	mail := s.has("邮", "mail", "电邮", "账单", "寄", "发到", "发给", "发我")
	for _, m := range emailAt.FindAllStringSubmatchIndex(s.str, -1) {
		a, b := int(s.at[m[0]]), int(s.at[m[1]])
		if sign := s.str[m[3]:m[4]]; isAlnum(s.rune(b)) || (strings.Contains(sign, " at ") || strings.Contains(sign, "#")) && !mail && !emailHost.MatchString(s.str[m[4]:m[5]]) {
			continue
		}
		s.add(Email, a, b, string(s.runes[a:a+1])+"***@***")
	}
}

func (s *scan) wechats() {
	for _, m := range wechatRE.FindAllStringSubmatchIndex(s.str, -1) {
		v := s.str[m[4]:m[5]]
		if strings.ContainsAny(v, "0123456789_-") || m[3] > m[2] && strings.ContainsAny(s.str[m[0]:m[4]], "号:是为=") && !ordinary[v] {
			a, b := int(s.at[m[4]]), int(s.at[m[5]])
			s.add(Wechat, a, b, keep(v, 1, 0))
		}
	}
}

// addresses looks for network and geographic addresses.
func (s *scan) addresses() {
	if strings.Contains(s.str, ".") {
		s.each(ipv4RE, 0, func(a, b int) {
			v := string(s.runes[a:b])
			if ip, err := netip.ParseAddr(v); err != nil || ip.IsUnspecified() || ip.IsLoopback() || !s.bounded(a, b) && !strings.HasSuffix(s.before(a, 2), "ip") || isAlnum(s.rune(b)) || s.rune(b) == '.' && isAlnum(s.rune(b+1)) || anyOf(s.before(a, 6), "版本", "version", "ver", "app") || strings.HasPrefix(s.after(b, 3), "版") {
				return
			}
			parts := strings.Split(v, ".")
			s.add(IP, a, b, parts[0]+"."+parts[1]+".*.*")
		})
		if s.has("经", "纬") {
			for _, g := range []int{1, 3} {
				for _, m := range compassRE.FindAllStringSubmatchIndex(s.str, -1) {
					if m[2*g] >= 0 {
						s.add(Location, int(s.at[m[2*g]]), int(s.at[m[2*g+3]]), "***")
					}
				}
			}
		}
		position := s.has("坐标", "定位", "位置", "经度", "纬度", "经纬")
		for _, m := range placeRE.FindAllStringSubmatchIndex(s.str, -1) {
			x, errX := strconv.ParseFloat(s.str[m[2]:m[3]], 64)
			y, errY := strconv.ParseFloat(s.str[m[4]:m[5]], 64)
			// Rates and prices come in pairs too; here both numbers are above ten.
			if far := (x > 10 || x < -10) && (y > 10 || y < -10); !far && !position {
				continue
			}
			if errX != nil || errY != nil || x < -180 || x > 180 || y < -180 || y > 180 {
				continue
			}
			coarse := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
			s.add(Location, int(s.at[m[2]]), int(s.at[m[5]]), coarse(x)+","+coarse(y))
		}
	}
	if strings.ContainsAny(s.str, ":-") {
		s.each(macRE, 0, func(a, b int) {
			if v := string(s.runes[a:b]); s.bounded(a, b) && (strings.ContainsAny(v, "abcdef") || strings.Contains(s.before(a, 8), "mac")) {
				s.add(Device, a, b, v[:5]+":**:**:**:**")
			}
		})
		s.each(ipv6RE, 0, func(a, b int) {
			v := string(s.runes[a:b])
			if ip, err := netip.ParseAddr(v); err == nil && ip.Is6() && len(v) > 6 && s.bounded(a, b) {
				s.add(IP, a, b, v[:strings.IndexByte(v, ':')]+":****")
			}
		})
	}
}

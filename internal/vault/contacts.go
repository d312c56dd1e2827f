package vault

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	emailRE  = regexp.MustCompile(`[a-z0-9._%+\-]+\s?@\s?[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}`)
	emailAt  = regexp.MustCompile(`([a-z0-9._%+\-]{3,})\s?(?:\(at\)|\[at\]|艾特|#|\sat\s)\s?((?:qq|163|126|gmail|outlook|hotmail|sina|sohu|foxmail|yeah|aliyun|139|189|icloud|example)(?:\.|点|\s?dot\s?)(?:com|cn|net|org))`)
	wechatRE = regexp.MustCompile(`(?:微信|wechat|weixin|v信|薇信|威信|维信|微讯|(?:^|[^a-z])(?:wx|vx|v))(?:号码?|id|账号)?((?:[\s:,=]|是|为|加我|就是|我的|联系|搜)*)([a-z][-_a-z0-9]{5,19})`)
	qqRE     = regexp.MustCompile(`(?:qq|扣扣|企鹅|q号|秋秋|球球)(?:号码?)?(?:[\s:,=]|是|为|我的|加我|联系|就是)*([1-9]\d{4,10})`)
	ipv4RE   = regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}`)
	ipv6RE   = regexp.MustCompile(`[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}`)
	macRE    = regexp.MustCompile(`[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}`)
	placeRE  = regexp.MustCompile(`(-?\d{1,3}\.\d{3,})\s*°?[ne]?\s*[,、\s]\s*(?:经度|纬度|lat|lng|lon)?[:\s]*(-?\d{1,3}\.\d{3,})`)
)

// contacts looks for e-mail, WeChat, QQ, network and geographic addresses.
func (s *scan) contacts() {
	if s.has("@") {
		s.emails()
	}
	if s.has("at", "#", "艾特") {
		s.each(emailAt, 0, func(a, b int) { s.add(Email, a, b, string(s.runes[a:a+1])+"***@***") })
	}
	if s.has("微", "信", "wechat", "wx", "vx", "v") {
		s.wechats()
	}
	if s.has("q", "扣扣", "企鹅", "秋秋", "球球") {
		s.each(qqRE, 1, func(a, b int) {
			if !isAlnum(s.rune(b)) && s.rune(b) != '@' {
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
			if _, err := netip.ParseAddr(v); err != nil || !s.bounded(a, b) && !strings.HasSuffix(s.before(a, 2), "ip") || isAlnum(s.rune(b)) || s.rune(b) == '.' && isAlnum(s.rune(b+1)) || anyOf(s.before(a, 6), "版本", "version", "ver", "app") || strings.HasPrefix(s.after(b, 3), "版") {
				return
			}
			parts := strings.Split(v, ".")
			s.add(IP, a, b, parts[0]+"."+parts[1]+".*.*")
		})
		for _, m := range placeRE.FindAllStringSubmatchIndex(s.str, -1) {
			x, errX := strconv.ParseFloat(s.str[m[2]:m[3]], 64)
			y, errY := strconv.ParseFloat(s.str[m[4]:m[5]], 64)
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

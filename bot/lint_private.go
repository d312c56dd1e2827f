package bot

import (
	"net/url"
	"regexp"
	"strings"

	"yinda/internal/text"
	"yinda/internal/vault"
)

// privateData finds private data and personal contacts in an outgoing text (lexicon §5: never echo;
// PS-20).
func (g *Guard) privateData(s string, original []rune) []Finding {
	var out []Finding
	for _, f := range vault.Mask(s).Found {
		finding := Finding{Rule: RulePrivateData, Start: f.Start, End: f.End, Match: string(original[f.Start:f.End]), Block: true,
			Advice: "请删除" + f.Label() + "；如需指代，只写尾号后四位。"}
		switch f.Type {
		case vault.Wechat, vault.QQ:
			finding.Rule, finding.Advice = RuleContact, "不得向客户提供或索取个人联系方式，请引导至官方渠道。"
		case vault.Phone:
			if before := string(original[max(0, f.Start-8):f.Start]); !strings.Contains(before, "您") {
				finding.Rule, finding.Advice = RuleContact, "不得提供个人电话，请提供客服热线；客户的号码只写尾号后四位。"
			}
		case vault.Name, vault.Address, vault.Landline, vault.USCC, vault.IP, vault.Location, vault.Plate:
			if !strings.Contains(string(original[max(0, f.Start-10):f.Start]), "您") {
				continue // the bank's own branches, staff and examples
			}
			finding.Block = false
		case vault.Email:
			if g.ownHost(string(original[f.Start:f.End])) {
				continue
			}
		}
		finding.List = "vault-" + f.Type
		out = append(out, finding)
	}
	return out
}

// linkRE finds addresses of pages, with and without a scheme.
var linkRE = regexp.MustCompile(`(?:https?://|www\.)[a-z0-9.\-_/?=&%#:@]+|[a-z0-9][a-z0-9\-]*(?:\.[a-z0-9\-]+)*\.(?:com|cn|net|org|top|xyz|cc|vip|info|shop|club|io|me|link|site|online|ltd|biz|tk)(?:[/?][a-z0-9.\-_/?=&%#]*)?`)

// publicHosts are sites of the state that a bank may name.
var publicHosts = []string{"gov.cn", "pbccrc.org.cn", "chinamoney.com.cn", "chinawealth.com.cn", "cbirc.gov.cn", "12306.cn"}

// links finds links to anything but the bank's own and public sites (regulation B5).
func (g *Guard) links(s string, original []rune) []Finding {
	f := text.Fold(s)
	str := f.String()
	if !strings.Contains(str, ".") {
		return nil
	}
	var out []Finding
	index := byteIndex(str)
	for _, m := range linkRE.FindAllStringIndex(str, -1) {
		link := str[m[0]:m[1]]
		if m[0] > 0 && str[m[0]-1] == '@' || strings.Contains(link, "@") || g.ownHost(link) {
			continue
		}
		start, end := f.Span(index[m[0]], index[m[1]])
		out = append(out, Finding{Rule: RuleLink, Start: start, End: end, Match: string(original[start:end]), Block: true, List: "link",
			Advice: "只能提供我行官网、手机银行和政府网站的链接。"})
	}
	return out
}

// ownHost reports whether the link or e-mail address belongs to the bank or the state.
func (g *Guard) ownHost(link string) bool {
	host := link[strings.LastIndexByte(link, '@')+1:]
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	u, err := url.Parse(host)
	if err != nil {
		return false
	}
	name := strings.TrimSuffix(u.Hostname(), ".")
	for _, own := range append(publicHosts[:len(publicHosts):len(publicHosts)], g.own...) {
		if name == own || strings.HasSuffix(name, "."+own) {
			return true
		}
	}
	return false
}

// ownHosts reads the bank's domains from the facts: every value that looks like an address.
func ownHosts(facts map[string]string) []string {
	var out []string
	for _, value := range facts {
		for _, link := range linkRE.FindAllString(text.Fold(value).String(), -1) {
			link = strings.TrimPrefix(strings.TrimPrefix(link, "https://"), "http://")
			link, _, _ = strings.Cut(link, "/")
			out = append(out, strings.TrimPrefix(link, "www."))
		}
	}
	return out
}

package bot

import (
	"slices"
	"strings"
	"unicode"

	"yinda/internal/text"
	"yinda/internal/vault"
)

// Say makes a reply of the bot: it joins the parts with line breaks, fills in facts, appends the
// notices that products and parts demand unless the text has them already, masks private data, and
// checks the result. A blocked text, or one with a fact that nobody knows, is replaced by the
// approved fallback, and Replaced reports it; Say never returns silence for parts that say something.
func (g *Guard) Say(parts ...Part) Reply {
	var wanted []string
	var ids []string
	complete := true
	for _, p := range parts {
		filled, ok := g.fill(p.Text)
		complete = complete && ok
		if strings.TrimSpace(filled) != "" {
			wanted = append(wanted, filled)
		}
		for _, id := range slices.Concat(p.Notices, g.required[p.Product]) {
			if _, known := g.notices[id]; known && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(wanted) == 0 && len(ids) == 0 && complete {
		return Reply{verdict: Verdict{Verdict: VerdictOK, Findings: []Finding{}}}
	}
	body := strings.Join(wanted, "\n")
	for _, id := range ids {
		notice, ok := g.fill(g.notices[id].Text)
		complete = complete && ok
		if !includes(body, notice) {
			body += "\n" + notice
		}
	}
	if !complete {
		return Reply{text: g.fallback, fallback: true, verdict: Verdict{VerdictBlock, []Finding{{
			Rule: "unknown_fact", Advice: "答案引用了没有登记的要素，请在要素表中补充。", Block: true}}}}
	}
	if known, ok := g.said.Load(body); ok { // equal texts have equal notices
		return known.(Reply)
	}
	r := g.judged(body, ids)
	if g.saidCount.Add(1) <= rememberedReplies {
		g.said.Store(body, r)
	}
	return r
}

// rememberedReplies bounds the memory of replies already judged: approved answers are said again and
// again, and judging a long one takes a millisecond.
const rememberedReplies = 4096

// judged masks and checks a complete text. What the bot says was approved by two people, so that
// the learned phrasing alone does not silence it.
func (g *Guard) judged(body string, notices []string) Reply {
	body = strings.TrimSpace(vault.MaskOnly(body, secretOfCustomers).Text)
	verdict := g.check(body, SpeakerBot, false)
	if verdict.Verdict == VerdictBlock {
		return Reply{text: g.fallback, verdict: verdict, fallback: true}
	}
	return Reply{text: body, notices: notices, verdict: verdict}
}

// secretOfCustomers reports whether data of this type never belongs into a text of the bank. The
// addresses and landlines of branches and the names in scripts do.
func secretOfCustomers(kind string) bool {
	switch kind {
	case vault.Address, vault.Landline, vault.Name, vault.Location, vault.IP, vault.USCC, vault.Email:
		return false
	}
	return true
}

// fill puts the facts into a text that refers to them as {id}. It reports false when one is unknown.
func (g *Guard) fill(s string) (string, bool) {
	if !strings.Contains(s, "{") {
		return s, true
	}
	complete := true
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(s[open:], '}')
		if length < 0 || !isFactID(s[open+1:open+length]) {
			b.WriteString(s[:open+1])
			s = s[open+1:]
			continue
		}
		value, ok := g.facts[s[open+1:open+length]]
		complete = complete && ok
		b.WriteString(s[:open])
		b.WriteString(value)
		s = s[open+length+1:]
	}
	b.WriteString(s)
	return b.String(), complete
}

func isFactID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return id != ""
}

// includes reports whether body says the notice already, punctuation and spaces aside.
func includes(body, notice string) bool {
	return strings.Contains(lettersOf(body), lettersOf(notice))
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text.Fold(s).String())
}

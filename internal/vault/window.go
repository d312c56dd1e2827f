package vault

import (
	"strings"
	"time"

	"yinda/internal/text"
)

// Limits of a window (lexicon §5): private data is looked for across the last bubbles of a customer.
const (
	WindowBubbles = 3
	WindowAge     = 60 * time.Second
)

// Bubble is one message of the customer.
type Bubble struct {
	Text string
	At   time.Time
}

// Watch looks for private data that is spread over the latest bubbles, oldest first: 6222021234 and
// then 567890128, or 验证码 and then 384920. It returns one Masked for each bubble given, with
// positions in that bubble. Bubbles more than three back or a minute before the newest are looked
// at on their own. The caller masks and destroys again what it has already stored of an earlier
// bubble when that bubble's Masked finds something.
func Watch(bubbles []Bubble) []Masked {
	out := make([]Masked, len(bubbles))
	from := max(0, len(bubbles)-WindowBubbles)
	for from < len(bubbles)-1 && bubbles[len(bubbles)-1].At.Sub(bubbles[from].At) > WindowAge {
		from++
	}
	for i := range bubbles[:from] {
		out[i] = Mask(bubbles[i].Text)
	}
	joined := bubbles[from:]
	if len(joined) == 1 {
		out[from] = Mask(joined[0].Text)
		return out
	}
	texts := make([]string, len(joined))
	starts := make([]int, len(joined)) // characters of the joined text
	at := 0
	for i, b := range joined {
		texts[i] = b.Text
		starts[i] = at
		at += len([]rune(b.Text)) + 1 // the line break
	}
	found := detect(text.Fold(strings.Join(texts, "\n")))
	for i, b := range joined {
		end := starts[i] + len([]rune(b.Text))
		var mine []Finding
		for _, f := range found {
			if f.Start >= end || f.End <= starts[i] {
				continue
			}
			part := f
			part.Start, part.End = max(f.Start, starts[i])-starts[i], min(f.End, end)-starts[i]
			if f.Start < starts[i] || f.End > end { // a part of it shows nothing of the rest
				part.shown = "[已屏蔽:" + f.Label() + "]"
			}
			mine = append(mine, part)
		}
		out[from+i] = whole(b.Text, mine)
	}
	if len(joined) == 0 {
		return out
	}
	last := len(bubbles) - 1
	if kind := rest(bubbles[last-1].Text, bubbles[last].Text); kind != "" && len(out[last].Found) == 0 {
		part := Finding{kind, kinds[kind].level, 0, len([]rune(bubbles[last].Text)), "[已屏蔽:" + kinds[kind].label + "]"}
		out[last] = Masked{Text: part.shown, Found: []Finding{part}}
	}
	return out
}

// rest is the type of the secret that a bubble goes on with: the one before was nothing but a part of
// it, destroyed by now, and this one is nothing but up to four digits (密码48, 29, 10). "" if none.
func rest(before, now string) string {
	runes := text.Fold(strings.TrimSpace(now)).Runes()
	if len(runes) == 0 || len(runes) > 4 || strings.ContainsFunc(string(runes), func(r rune) bool { return !digitLike(r) }) {
		return ""
	}
	for _, kind := range []string{Password, OTP} {
		if strings.TrimSpace(before) == "[已屏蔽:"+kinds[kind].label+"]" {
			return kind
		}
	}
	return ""
}

// whole masks what the window found in a bubble, or, where the bubble shows more by itself, that:
// joining may not hide anything that stood in one bubble.
func whole(s string, found []Finding) Masked {
	alone := Mask(s)
	if len(found) == 0 {
		return alone
	}
	for _, f := range alone.Found {
		free := true
		for _, g := range found {
			free = free && (f.End <= g.Start || f.Start >= g.End)
		}
		if free {
			found = append(found, f)
		}
	}
	sortFindings(found)
	return Masked{Text: replace([]rune(s), s, found), Found: found}
}

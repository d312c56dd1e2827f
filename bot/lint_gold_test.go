package bot_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
)

// starterGuard is a guard over the content that ships.
func starterGuard(t testing.TB) (*bot.Guard, bot.Playbook) {
	t.Helper()
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	p := set.Playbook(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	g, err := bot.NewGuard(p)
	if err != nil {
		t.Fatal(err)
	}
	return g, p
}

// TestLintGold holds the figures reached on testdata/gold/lint.tsv: forbidden sentences blocked and
// good ones passed, on the part that was tuned on and on the one that was not.
func TestLintGold(t *testing.T) {
	g, _ := starterGuard(t)
	f, err := os.Open("testdata/gold/lint.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type score struct{ bad, caught, ruled, good, blocked, warned int }
	parts := map[string]*score{"dev": {}, "held": {}}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		if len(c) != 4 || strings.HasPrefix(c[0], "#") {
			continue
		}
		as := bot.SpeakerAgent
		if c[2] == bot.RuleFakeHuman {
			as = bot.SpeakerBot
		}
		s, v := parts[c[3]], g.Check(c[0], as)
		rules := map[string]bool{}
		for _, f := range v.Findings {
			rules[f.Rule] = true
		}
		switch {
		case c[1] == "ok":
			s.good++
			if v.Verdict == bot.VerdictBlock {
				s.blocked++
				t.Logf("%s wrongly blocked: %q %+v", c[3], c[0], v.Findings)
			} else if v.Verdict == bot.VerdictWarn {
				s.warned++
				t.Logf("%s warned: %q %+v", c[3], c[0], v.Findings)
			}
		case c[1] == "warn":
			if v.Verdict == bot.VerdictOK {
				t.Logf("%s no warning: %q", c[3], c[0])
			}
		default:
			s.bad++
			if v.Verdict != bot.VerdictBlock {
				t.Logf("%s missed (%s): %s %q %+v", c[3], c[2], v.Verdict, c[0], v.Findings)
				continue
			}
			s.caught++
			if rules[c[2]] {
				s.ruled++
			} else {
				t.Logf("%s other rule (%s): %q %+v", c[3], c[2], c[0], v.Findings)
			}
		}
	}
	for name, s := range parts {
		t.Logf("%s: %d forbidden, %d caught, %d under the wanted rule; %d good, %d blocked, %d warned", name, s.bad, s.caught, s.ruled, s.good, s.blocked, s.warned)
		caught := map[string]int{"dev": 99, "held": 95}[name] // the figures reached, in per cent
		if s.caught*100 < s.bad*caught || s.blocked*100 > s.good*3 {
			t.Errorf("%s: at least %d %% of the forbidden sentences must be caught, at most 3 %% of the good ones blocked", name, caught)
		}
	}
}

// TestLintStarterContent: nothing that ships is blocked or even questioned.
func TestLintStarterContent(t *testing.T) {
	g, p := starterGuard(t)
	for id, a := range p.Answers {
		for _, text := range []string{a.Text, a.Elderly} {
			if text == "" {
				continue
			}
			r := g.Say(bot.Part{Text: text, Product: a.Product, Notices: a.Notices})
			if r.Verdict().Verdict != bot.VerdictOK {
				t.Errorf("%s: %+v", id, r.Verdict().Findings)
			}
			if strings.Contains(r.Text(), "已屏蔽") {
				t.Errorf("%s: an approved answer is masked: %s", id, r.Text())
			}
		}
	}
	for id, s := range p.Scripts {
		for _, text := range s.Texts {
			if v := g.Check(text, bot.SpeakerBot); v.Verdict == bot.VerdictBlock {
				t.Errorf("script %s: %q %+v", id, text, v.Findings)
			}
		}
	}
	for id, n := range p.Notices {
		if r := g.Say(bot.Part{Text: n.Text}); r.Verdict().Verdict != bot.VerdictOK {
			t.Errorf("notice %s: %+v", id, r.Verdict())
		}
	}
}

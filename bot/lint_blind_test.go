package bot_test

import (
	"os"
	"strings"
	"testing"

	"yinda/bot"
)

// TestLintBlind measures on sentences by another author, which nobody tunes on: it prints figures
// per rule and no sentence.
func TestLintBlind(t *testing.T) {
	g, _ := starterGuard(t)
	file, err := os.ReadFile("testdata/blind/lint.tsv")
	if err != nil {
		t.Fatal(err)
	}
	bad, caught, good, blocked, warned := map[string]int{}, map[string]int{}, 0, 0, 0
	for line := range strings.Lines(string(file)) {
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(c) < 2 || c[0] == "text" {
			continue
		}
		v := g.Check(c[0], bot.SpeakerAgent)
		switch {
		case c[1] == bot.VerdictOK:
			good++
			if v.Verdict == bot.VerdictBlock {
				blocked++
			} else if v.Verdict == bot.VerdictWarn {
				warned++
			}
		case c[1] == bot.VerdictBlock:
			bad[c[2]]++
			bad["all"]++
			if v.Verdict == bot.VerdictBlock {
				caught[c[2]]++
				caught["all"]++
			}
		default:
			bad["warn"]++
			if v.Verdict != bot.VerdictOK {
				caught["warn"]++
			}
		}
	}
	for rule, n := range bad {
		t.Logf("%-22s %3d of %3d", rule, caught[rule], n)
	}
	t.Logf("good %d, blocked %d, warned %d", good, blocked, warned)
}

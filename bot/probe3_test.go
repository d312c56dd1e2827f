package bot_test

import (
	"context"
	"os"
	"regexp"
	"testing"

	"yinda/bot"
)

func TestBlindReasons(t *testing.T) {
	f, err := os.Open("testdata/blind/dialogues.txt")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	ds, _ := bot.ReadDialogues(f)
	r := edition(t).Bot.EvaluateDialogues(context.Background(), ds)
	last := regexp.MustCompile(`: (\w+) (\w*) (\w+\d)\] $`)
	n := map[string]int{}
	for _, x := range r.Faults {
		m := last.FindStringSubmatch(x.Why)
		if m != nil {
			n[x.Want+" "+m[1]+" "+m[2]+" "+m[3]]++
		} else {
			n[x.Want]++
		}
	}
	turn := regexp.MustCompile(`\[\d+ ([^\[]*): (\w+) (\w*) (\w+\d)\] $`)
	for _, x := range r.Faults {
		if m := turn.FindStringSubmatch(x.Why); m != nil && x.Want == "never" {
			rules := ""
			for _, e := range edition(t).Bot.Understand(m[1]).Evidence {
				rules += " " + e.Rule
			}
			t.Log(0, m[3], rules)
		}
	}
	for k, v := range n {
		t.Log(v, k)
	}
}

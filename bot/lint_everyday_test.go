package bot_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
)

// TestEverydaySentencesPass: whoever cannot say 您好 cannot work here.
func TestEverydaySentencesPass(t *testing.T) {
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile("testdata/gold/everyday.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if v := guard.Check(line, bot.SpeakerAgent); v.Verdict == bot.VerdictBlock {
			t.Errorf("%q is blocked: %+v", line, v.Findings)
		}
	}
}

package bot_test

import (
	"bufio"
	"context"
	"os"
	"strings"
	"testing"

	"yinda/bot"
)

// The blind sets were written by somebody who had not seen the lists. Only figures are logged, never
// lines, so that nobody tunes to them by accident.

func TestBlindUnderstanding(t *testing.T) {
	b := starterBot(t)
	for _, name := range []string{"requests", "understanding"} {
		f, err := os.Open("testdata/blind/" + name + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		var set []bot.Example
		for scan := bufio.NewScanner(f); scan.Scan(); {
			c := strings.Split(scan.Text(), "\t")
			if c[0] == "text" || len(c) < 2 {
				continue
			}
			e := bot.Example{Text: c[0], Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone}
			if name == "requests" {
				e.Person = c[1] == "true"
			} else {
				e.Emotion, e.Urgent = c[1], c[4]
				if c[2] == "true" {
					e.Category = c[3]
				}
			}
			set = append(set, e)
		}
		f.Close()
		r := b.EvaluateUnderstanding(set)
		r.Faults = nil
		report(t, "blind "+name, r)
	}
}

func TestBlindDialogues(t *testing.T) {
	f, err := os.Open("testdata/blind/dialogues.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dialogues, err := bot.ReadDialogues(f)
	if err != nil {
		t.Fatal(err)
	}
	r := edition(t).Bot.EvaluateDialogues(context.Background(), dialogues)
	t.Logf("blind dialogues: %d, in time %.3f (early %d, late %d of %d), needless %.3f",
		r.Dialogues, r.InTime(), r.Early, r.Late, r.Wanted, r.NeedlessRate())
}

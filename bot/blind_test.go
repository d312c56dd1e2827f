package bot_test

import (
	"context"
	"io"
	"os"
	"testing"

	"yinda/bot"
)

// The blind sets were written by somebody who had not seen the lists. Only figures are logged, never
// lines, so that nobody tunes to them by accident.

func blind[T any](t *testing.T, name string, read func(io.Reader) ([]T, error)) []T {
	t.Helper()
	f, err := os.Open("testdata/blind/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	set, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestBlindUnderstanding(t *testing.T) {
	b := starterBot(t)
	p := b.EvaluateRequests(blind(t, "requests.tsv", bot.ReadRequests)).Person
	t.Logf("blind requests: P %.3f R %.3f F1 %.3f", p.Precision(), p.Recall(), p.F1())
	r := b.EvaluateUnderstanding(blind(t, "understanding.tsv", bot.ReadExamples))
	r.Faults = nil
	report(t, "blind understanding", r)
}

func TestBlindDialogues(t *testing.T) {
	r := edition(t).Bot.EvaluateDialogues(context.Background(), blind(t, "dialogues.txt", bot.ReadDialogues))
	t.Logf("blind dialogues: %d, in time %.3f (early %d, late %d of %d), needless %.3f",
		r.Dialogues, r.InTime(), r.Early, r.Late, r.Wanted, r.NeedlessRate())
}

func TestBlindGuard(t *testing.T) {
	g, _ := starterGuard(t)
	r := bot.EvaluateGuard(g, blind(t, "lint.tsv", bot.ReadSentences))
	t.Logf("blind sentences: blocked %.3f of %d forbidden, missed %v; stopped %.3f of %d good ones, warned about %d",
		r.BlockedRate(), r.Forbidden, r.Missed, r.StoppedRate(), r.Good, r.Warned)
}

package bot_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"yinda/bot"
)

// TestOwnFactor is how OwnFactor was chosen: files of other authors play a bank's own examples.
//
//	OWN=4.tsv go test ./bot -run TestOwnFactor -v
//
// teaches about 600 turns of the files of bot/data whose name ends so besides those of all other
// files, each counting one to eight times, and shows how the taught turns and a held-out fifth of the
// other files are read.
func TestOwnFactor(t *testing.T) {
	ending := os.Getenv("OWN")
	if ending == "" {
		t.Skip("set OWN to the ending of file names of bot/data")
	}
	playbook, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	var shipped, pool []bot.Example
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".tsv") {
			continue
		}
		f, err := os.Open("data/" + n.Name())
		if err != nil {
			t.Fatal(err)
		}
		examples, err := bot.ReadExamples(f)
		f.Close()
		if err != nil {
			t.Fatal(n.Name(), err)
		}
		if strings.HasSuffix(n.Name(), ending) {
			pool = append(pool, examples...)
		} else {
			shipped = append(shipped, examples...)
		}
	}
	var own, rest, held []bot.Example
	for i := 0; i < len(pool); i += max(1, len(pool)/600) {
		own = append(own, pool[i])
	}
	for i, e := range shipped {
		if i%5 == 0 {
			held = append(held, e)
		} else {
			rest = append(rest, e)
		}
	}
	t.Logf("%d examples as ours, %d of %d as own", len(shipped), len(own), len(pool))
	for _, factor := range []int{0, 1, 2, 3, 5, 8} {
		m, err := bot.Train(slices.Concat(rest, slices.Repeat(own, factor)), playbook.Lexicons)
		if err != nil {
			t.Fatal(err)
		}
		b, err := bot.NewWith(playbook, noSearch{}, m)
		if err != nil {
			t.Fatal(err)
		}
		taught, other := b.EvaluateUnderstanding(own), b.EvaluateUnderstanding(held)
		t.Logf("× %d: taught person %.3f complaint %.3f emergency %.3f, held out %.3f %.3f %.3f", factor,
			taught.Person.F1(), taught.Complaint.F1(), taught.Urgent.F1(), other.Person.F1(), other.Complaint.F1(), other.Urgent.F1())
	}
}

package bot_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/kb"
)

// noSearch is an index that knows nothing: for what needs no search.
type noSearch struct{}

func (noSearch) Search(context.Context, string, kb.SearchOptions) (kb.Result, error) {
	return kb.Result{Verdict: kb.Decline}, nil
}
func (noSearch) Similar(a, b string) float64 { return 0 }

var starterPlaybook = sync.OnceValues(func() (bot.Playbook, error) {
	set, err := content.Starter()
	if err != nil {
		return bot.Playbook{}, err
	}
	return set.Playbook(time.Now()), nil
})

// starterBot is a bot on the starter content without an index.
func starterBot(t testing.TB) *bot.Bot {
	t.Helper()
	p, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(p, noSearch{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// starterEdition is the starter content with its index, built once: it takes seconds.
var starterEdition = sync.OnceValues(func() (*content.Edition, error) {
	set, err := content.Starter()
	if err != nil {
		return nil, err
	}
	return content.NewEdition(context.Background(), set, time.Now())
})

func edition(t testing.TB) *content.Edition {
	t.Helper()
	e, err := starterEdition()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// gold reads a set of testdata/gold; a file of two columns has text and person.
func gold(t testing.TB, name string) []bot.Example {
	t.Helper()
	f, err := os.Open("testdata/gold/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []bot.Example
	for scan := bufio.NewScanner(f); scan.Scan(); {
		cols := strings.Split(scan.Text(), "\t")
		if strings.HasPrefix(cols[0], "#") || len(cols) < 2 {
			continue
		}
		e := bot.Example{Text: cols[0], Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone}
		if len(cols) == 2 {
			e.Person = cols[1] == "1"
		} else {
			e.Emotion, e.Category, e.Urgent, e.Person = cols[1], strings.Trim(cols[2], "-"), cols[3], cols[4] == "1"
		}
		out = append(out, e)
	}
	return out
}

func report(t *testing.T, name string, r bot.UnderstandingReport) {
	t.Helper()
	t.Logf("%s: %d examples", name, r.Examples)
	t.Logf("  person    P %.3f R %.3f F1 %.3f", r.Person.Precision(), r.Person.Recall(), r.Person.F1())
	t.Logf("  complaint P %.3f R %.3f F1 %.3f", r.Complaint.Precision(), r.Complaint.Recall(), r.Complaint.F1())
	t.Logf("  urgent    P %.3f R %.3f F1 %.3f, class accuracy %.3f", r.Urgent.Precision(), r.Urgent.Recall(), r.Urgent.F1(), r.Classes.Accuracy())
	t.Logf("  emotion   macro-F1 %.3f accuracy %.3f; coarse macro-F1 %.3f", r.Emotion.MacroF1(), r.Emotion.Accuracy(), r.Coarse.MacroF1())
	t.Logf("  category  macro-F1 %.3f accuracy %.3f", r.Category.MacroF1(), r.Category.Accuracy())
	for i, l := range r.Coarse.Labels {
		t.Logf("  %-10s %v", l, r.Coarse.Count[i])
	}
	// FAULTS="person complaint" go test -run TestGold -v ./bot lists what went wrong.
	for _, x := range r.Faults {
		if show := os.Getenv("FAULTS"); show != "" && strings.Contains(show, x.Task) {
			t.Logf("%s | %s | want %s got %s | %s", x.Task, x.Text, x.Want, x.Got, x.Why)
		}
	}
}

// TestGoldRequests fails when an explicit request for a person is missed, or when look-alikes count.
func TestGoldRequests(t *testing.T) {
	r := starterBot(t).EvaluateUnderstanding(gold(t, "requests.tsv"))
	report(t, "requests", r)
	for _, x := range r.Faults {
		if x.Task == "person" && x.Want == "true" {
			t.Errorf("request for a person missed: %s", x.Text)
		}
	}
	floor(t, "F1 of requests", r.Person.F1(), 0.985)
}

// TestGoldUnderstanding fails when a figure falls below what was reached.
func TestGoldUnderstanding(t *testing.T) {
	r := starterBot(t).EvaluateUnderstanding(gold(t, "understanding.tsv"))
	report(t, "understanding", r)
	floor(t, "complaint F1", r.Complaint.F1(), 0.92)
	floor(t, "urgent recall", r.Urgent.Recall(), 0.955)
	floor(t, "urgent precision", r.Urgent.Precision(), 0.92)
	floor(t, "emotion macro-F1", r.Emotion.MacroF1(), 0.90)
	floor(t, "coarse emotion macro-F1", r.Coarse.MacroF1(), 0.92)
	floor(t, "category accuracy", r.Category.Accuracy(), 0.85)
}

func floor(t *testing.T, name string, got, least float64) {
	t.Helper()
	if got < least {
		t.Errorf("%s fell to %.3f, want at least %.3f", name, got, least)
	}
}

// TestExamplesApart keeps training examples out of the sets that are measured with.
func TestExamplesApart(t *testing.T) {
	squeeze := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" ，,。.！!？?、~…", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	trained := map[string]bool{}
	examples, err := bot.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		trained[squeeze(e.Text)] = true
	}
	files, err := filepath.Glob("testdata/*/*.tsv")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if base := filepath.Base(name); base != "requests.tsv" && base != "understanding.tsv" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			turn, _, _ := strings.Cut(line, "\t")
			if key := squeeze(turn); key != "" && trained[key] {
				if strings.Contains(name, "held") {
					turn = "a turn" // not to be read
				}
				t.Errorf("%s: %q is a training example", name, turn)
			}
		}
	}
	if n := len(gold(t, "requests.tsv")) + len(gold(t, "understanding.tsv")); n < 1500 {
		t.Errorf("%d gold utterances, want 1500", n)
	}
}

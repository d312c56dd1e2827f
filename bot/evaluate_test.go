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

// starterBot is a bot on the starter lists without an index: for what needs no search.
func starterBot(t testing.TB) *bot.Bot {
	t.Helper()
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(set.Playbook(time.Now()), noSearch{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// gold reads a gold set; a two-column file has text and person.
func gold(t testing.TB, path string) []bot.Example {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []bot.Example
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		cols := strings.Split(scan.Text(), "\t")
		if strings.HasPrefix(cols[0], "#") || len(cols) < 2 {
			continue
		}
		e := bot.Example{Text: cols[0], Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone}
		if len(cols) == 2 {
			e.Person = cols[1] == "1"
		} else {
			e.Emotion, e.Category, e.Urgent, e.Person = cols[1], cols[2], cols[3], cols[4] == "1"
			if e.Category == "-" {
				e.Category = ""
			}
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
}

func TestMeasure(t *testing.T) {
	b := starterBot(t)
	show := os.Getenv("FAULTS")
	for _, f := range []string{"requests", "understanding"} {
		r := b.EvaluateUnderstanding(gold(t, "testdata/gold/"+f+".tsv"))
		report(t, f, r)
		for _, x := range r.Faults {
			if strings.Contains(show, x.Task) && (f == "understanding" || x.Task == "person") {
				t.Logf("%s|%s|%s|%s|%s", x.Task, x.Text, x.Want, x.Got, x.Why)
			}
		}
	}
	var blind []bot.Example
	for _, f := range []string{"requests", "understanding"} {
		file, err := os.Open("testdata/blind/" + f + ".tsv")
		if err != nil {
			continue
		}
		var set []bot.Example
		scan := bufio.NewScanner(file)
		for scan.Scan() {
			c := strings.Split(scan.Text(), "\t")
			if c[0] == "text" {
				continue
			}
			e := bot.Example{Text: c[0], Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone}
			if f == "requests" {
				e.Person = c[1] == "true"
			} else {
				e.Emotion, e.Urgent = c[1], c[4]
				if c[2] == "true" {
					e.Category = c[3]
				}
			}
			set = append(set, e)
		}
		file.Close()
		report(t, "blind "+f, b.EvaluateUnderstanding(set))
		blind = append(blind, set...)
	}
}

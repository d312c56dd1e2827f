package bot_test

import (
	"hash/fnv"
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
)

func TestCross(t *testing.T) {
	pattern := os.Getenv("CROSS")
	if pattern == "" {
		t.Skip()
	}
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	var all []bot.Example
	var file []string
	names, _ := os.ReadDir("data")
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".tsv") {
			continue
		}
		f, _ := os.Open("data/" + n.Name())
		ex, err := bot.ReadExamples(f)
		f.Close()
		if err != nil {
			t.Fatal(n.Name(), err)
		}
		for range ex {
			file = append(file, n.Name())
		}
		all = append(all, ex...)
	}
	fold := func(s string) int { h := fnv.New32a(); h.Write([]byte(s)); return int(h.Sum32() % 4) }
	var total bot.UnderstandingReport
	for k := range 4 {
		var train, test []bot.Example
		for i, e := range all {
			if fold(e.Text) == k {
				if strings.Contains(file[i], pattern) {
					test = append(test, e)
				}
			} else {
				train = append(train, e)
			}
		}
		m, err := bot.Train(train, set.Lexicons)
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("RULES") != "" {
			m = nil
		}
		b, err := bot.NewWith(set.Playbook(time.Now()), noSearch{}, m)
		if err != nil {
			t.Fatal(err)
		}
		r := b.EvaluateUnderstanding(test)
		if k == 0 {
			total = r
			continue
		}
		total.Add(r)
	}
	report(t, "cross "+pattern, total)
	show := os.Getenv("FAULTS")
	for _, x := range total.Faults {
		if show != "" && strings.Contains(show, x.Task) {
			t.Logf("%s|%s|%s|%s|%s", x.Task, x.Text, x.Want, x.Got, x.Why)
		}
	}
}

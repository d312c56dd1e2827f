package bot_test

import (
	"hash/fnv"
	"os"
	"strings"
	"testing"

	"yinda/bot"
	"yinda/content"
)

// TestCrossValidation measures on training examples that were left out, four ways:
//
//	CROSS=urgent FAULTS=urgent go test ./bot -run TestCrossValidation -v
//
// tests on the files of bot/data whose name contains the word and trains on all the rest.
func TestCrossValidation(t *testing.T) {
	pattern := os.Getenv("CROSS")
	if pattern == "" {
		t.Skip("set CROSS to a part of a file name of bot/data")
	}
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	playbook, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	var all []bot.Example
	var tested []bool
	names, err := os.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
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
		for _, e := range examples {
			all = append(all, e)
			tested = append(tested, strings.Contains(n.Name(), pattern))
		}
	}
	const folds = 4
	var total bot.UnderstandingReport
	for k := range uint32(folds) {
		var train, test []bot.Example
		for i, e := range all {
			h := fnv.New32a()
			h.Write([]byte(e.Text))
			if h.Sum32()%folds != k {
				train = append(train, e)
			} else if tested[i] {
				test = append(test, e)
			}
		}
		m, err := bot.Train(train, set.Lexicons)
		if err != nil {
			t.Fatal(err)
		}
		b, err := bot.NewWith(playbook, noSearch{}, m)
		if err != nil {
			t.Fatal(err)
		}
		if r := b.EvaluateUnderstanding(test); k == 0 {
			total = r
		} else {
			total.Add(r)
		}
	}
	report(t, "cross-validation "+pattern, total)
}

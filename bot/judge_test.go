package bot_test

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinda/bot"
	"yinda/content"
)

// authors are the examples of bot/data by author: the digit in a file's name.
func authors(t *testing.T) [][]bot.Example {
	t.Helper()
	names, err := os.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	digit := regexp.MustCompile(`[2-9]`)
	sets := map[string][]bot.Example{}
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
		a := digit.FindString(n.Name())
		sets[a] = append(sets[a], examples...)
	}
	var keys []string
	for k := range sets {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out [][]bot.Example
	for _, k := range keys {
		out = append(out, sets[k])
	}
	return out
}

// weighed is one judgement of one example.
type weighed struct {
	inputs []float64
	yes    bool
}

// fitWeights is logistic regression by Adam on full batches.
func fitWeights(rows []weighed) []float64 {
	n := len(rows[0].inputs)
	w, m, v := make([]float64, n), make([]float64, n), make([]float64, n)
	for step := 1; step <= 600; step++ {
		g := make([]float64, n)
		for _, r := range rows {
			d := 1 / (1 + math.Exp(-dotOf(w, r.inputs)))
			if r.yes {
				d--
			}
			for i, x := range r.inputs {
				g[i] += d * x
			}
		}
		for i := range w {
			g[i] = g[i]/float64(len(rows)) + 1e-4*w[i]
			m[i] = 0.9*m[i] + 0.1*g[i]
			v[i] = 0.999*v[i] + 0.001*g[i]*g[i]
			w[i] -= 0.05 * m[i] / (1 - math.Pow(0.9, float64(step))) / (math.Sqrt(v[i]/(1-math.Pow(0.999, float64(step)))) + 1e-8)
		}
	}
	return w
}

func dotOf(w, x []float64) float64 {
	z := 0.0
	for i := range w {
		z += w[i] * x[i]
	}
	return z
}

// TestJudgements fits the weights of judge.go: JUDGE=1 go test ./bot -run TestJudgements -v prints
// them, with the figures on each author's examples by a model and by weights of the other authors.
func TestJudgements(t *testing.T) {
	if os.Getenv("JUDGE") == "" {
		t.Skip("set JUDGE=1")
	}
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	playbook, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	sets := authors(t)
	rows := make([][3][]weighed, len(sets))
	type feeling struct {
		logs          []float64
		listed, right int
		level         int
	}
	var feelings []feeling
	for a, own := range sets {
		var rest []bot.Example
		for b, other := range sets {
			if b != a {
				rest = append(rest, other...)
			}
		}
		m, err := bot.Train(rest, set.Lexicons)
		if err != nil {
			t.Fatal(err)
		}
		b, err := bot.NewWith(playbook, noSearch{}, m)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range own {
			u := b.Understand(e.Text)
			inputs, listed, level := u.Weighed()
			for k, yes := range []bool{e.Person, e.Category != "", e.Urgent != bot.UrgentNone} {
				if inputs[k] != nil {
					rows[a][k] = append(rows[a][k], weighed{inputs[k], yes})
				}
			}
			g := b.GuessOf(u)
			f := feeling{listed: slices.Index(bot.EmotionClasses, listed), right: slices.Index(bot.EmotionClasses, e.Emotion), level: level}
			for _, p := range g.Emotions {
				f.logs = append(f.logs, math.Log(p+1e-4))
			}
			feelings = append(feelings, f)
		}
		report(t, "author "+own[0].Text, b.EvaluateUnderstanding(own))
	}
	for k, name := range []string{"person", "complaint", "urgent"} {
		var all []weighed
		for a := range rows {
			var train []weighed
			for b := range rows {
				if b != a {
					train = append(train, rows[b][k]...)
				}
			}
			w := fitWeights(train)
			for _, shift := range []float64{-0.6, -0.3, 0, 0.3, 0.6} {
				var r bot.Binary
				for _, x := range rows[a][k] {
					switch got := dotOf(w, x.inputs) > shift; {
					case got && x.yes:
						r.TP++
					case got:
						r.FP++
					case x.yes:
						r.FN++
					default:
						r.TN++
					}
				}
				t.Logf("%-9s author %d shift %+.1f P %.3f R %.3f F1 %.3f", name, a+1, shift, r.Precision(), r.Recall(), r.F1())
			}
			all = append(all, rows[a][k]...)
		}
		t.Logf("%s weights %.2f", name, fitWeights(all))
	}
	// What the lists add to their emotion, by level: gradient ascent of the log-likelihood.
	var w [5]float64
	for range 300 {
		var g [5]float64
		for _, f := range feelings {
			z := slices.Clone(f.logs)
			z[f.listed] += w[f.level]
			top := slices.Max(z)
			sum := 0.0
			for _, x := range z {
				sum += math.Exp(x - top)
			}
			p := math.Exp(z[f.listed]-top) / sum
			if f.listed == f.right {
				g[f.level]++
			}
			g[f.level] -= p
		}
		for l := range w {
			w[l] += 8 * g[l] / float64(len(feelings))
		}
	}
	t.Logf("emotion weights %.2f", w)
}

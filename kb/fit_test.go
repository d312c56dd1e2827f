package kb

import (
	"fmt"
	"math"
	"os"
	"testing"
)

func rankOf(m *combiner, s *sample) int {
	right := float32(math.Inf(-1))
	for r := range s.rows {
		if s.right[r] {
			right = max(right, m.score(s.rows[r][:]))
		}
	}
	if math.IsInf(float64(right), -1) {
		return 0
	}
	rank := 1
	for r := range s.rows {
		if !s.right[r] && m.score(s.rows[r][:]) > right {
			rank++
		}
	}
	return rank
}

func recalls(m *combiner, set []sample) string {
	var n, r1, r3, r5 float64
	for i := range set {
		if !set[i].in {
			continue
		}
		n++
		switch k := rankOf(m, &set[i]); {
		case k == 1:
			r1++
			fallthrough
		case k > 0 && k <= 3:
			r3++
			fallthrough
		case k > 0 && k <= 5:
			r5++
		}
	}
	return fmt.Sprintf("%5.0f  r@1 %.3f @3 %.3f @5 %.3f", n, r1/n, r3/n, r5/n)
}

// TestFitShipped fits weights.go anew and prints it: KB_FIT=1, KBDEV=dir.
func TestFitShipped(t *testing.T) {
	dir := os.Getenv("KBDEV")
	if os.Getenv("KB_FIT") == "" {
		t.Skip("set KB_FIT=1 to run")
	}
	if os.Getenv("KB_GENERAL") != "" {
		g, _ := trainGeneral(t, readGroups(t), 2)
		was := shippedGeneral
		shippedGeneral = func() *general { return g }
		defer func() { shippedGeneral = was }()
	}
	var names []string
	var sets [][]sample
	take := func(tr trial, name string, weight float32) {
		x := tr.index(t, true)
		for i, s := range tr.samples(t, x) {
			s.weight = weight
			s.half = i % 2
			if len(names) == 0 || names[len(names)-1] != name {
				names = append(names, name)
				sets = append(sets, nil)
			}
			sets[len(sets)-1] = append(sets[len(sets)-1], s)
		}
		x.Close()
	}
	if dir != "" {
		take(realTrial(t, dir, "question"), "real", 2)
		take(realTrial(t, dir, "question_typo"), "typo", 0.7)
		for _, tr := range warm(realTrial(t, dir, "question")) {
			take(tr, "warm", 1)
		}
	}
	groups := readGroups(t)
	if os.Getenv("KB_FIT") != "real" {
		for _, tr := range groupTrials(t, groups, 4, 1, 3, 10) {
			take(tr, "groups", 0.1)
		}
	}
	// Each half judged by what the other has fitted; cold and warm apart from each other's rows.
	var halves [2][]sample
	var all []sample
	for _, set := range sets {
		for _, s := range set {
			halves[s.half] = append(halves[s.half], s)
			all = append(all, s)
		}
	}
	for i, name := range names {
		for _, f := range []int{fEmbed, fEmbedEntry, fTranslate, fBest} {
			var m combiner
			m.Rank[f] = 1
			t.Log("alone  ", name, featureNames[f], recalls(&m, sets[i]))
		}
	}
	for i, name := range names {
		var line string
		for h := range 2 {
			var own []sample
			for _, s := range sets[i] {
				if s.half == h {
					own = append(own, s)
				}
			}
			line += recalls(&shippedCombiner, own) + " | "
		}
		t.Log("shipped", name, line)
	}
	var fitted [2]combiner
	for h := range 2 {
		fitted[h] = shippedCombiner
		fitted[h].Rank = fitRank(halves[1-h], shippedCombiner.Rank, 1, 400)
	}
	for i, name := range names {
		line := ""
		for h := range 2 {
			var own []sample
			for _, s := range sets[i] {
				if s.half == h {
					own = append(own, s)
				}
			}
			line += recalls(&fitted[h], own) + " | "
		}
		t.Log("fitted ", name, line)
	}
	for i, name := range names {
		var n, r1, r3, r5 float64
		for _, s := range sets[i] {
			if !s.in {
				continue
			}
			n++
			switch k := rankOf(&fitted[s.half], &s); {
			case k == 1:
				r1++
				fallthrough
			case k > 0 && k <= 3:
				r3++
				fallthrough
			case k > 0 && k <= 5:
				r5++
			}
		}
		t.Logf("TOTAL %-8s %5.0f  r@1 %.3f @3 %.3f @5 %.3f", name, n, r1/n, r3/n, r5/n)
	}
	m := fitAll(all, shippedCombiner, 1, 20)
	for i, w := range m.Rank {
		fmt.Printf("%s: %.2f,\n", featureNames[i], w)
	}
	fmt.Printf("%.2f\n", m.Sure)
}

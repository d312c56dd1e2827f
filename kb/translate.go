package kb

import (
	"cmp"
	"math"
	"slices"
)

// translation is a table of the chance that a customer who means one word says another: IBM model 1
// over concepts, learned from pairs of questions of the same entry, in both directions at once.
type translation struct {
	first []int32 // first row of each said word; len = terms + 1
	rows  []translated
}

// translated is a meant word and the chance that the said word stands for it.
type translated struct {
	meant  int32
	chance float32
}

// chances are the values that a chance is rounded to, a fiftieth apart: from 1 down to 1/256.
var chances = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(math.Exp2(-float64(i) / 32))
	}
	return t
}()

// chanceCode is the place in chances that is nearest to x.
func chanceCode(x float32) uint8 {
	return uint8(min(max(math.Round(-32*math.Log2(float64(x))), 0), 255))
}

// Bounds of learning: pairs of questions of one entry, and rows kept of each word.
const (
	maxTranslationPairs = 40000
	maxTranslationRows  = 10
	translationSteps    = 3
	generalTrust        = 0.5 // what the general table says counts so much beside the entries' own
)

func trainTranslation(c *corpus, most int) *translation {
	type pair struct{ a, b int32 }
	var pairs []pair
	random := rng(3)
	for e := range c.entries() {
		var own []int32
		for i := c.first[e]; i < c.first[e+1]; i++ {
			if c.questions[i].source != fromNegative {
				own = append(own, i)
			}
		}
		// All pairs of a small entry, a sample of a large one: an entry with 5 000 questions must
		// not drown the others.
		if len(own) <= 8 {
			for x := range own {
				for y := range own {
					if x != y {
						pairs = append(pairs, pair{own[x], own[y]})
					}
				}
			}
			continue
		}
		for range 7 * min(len(own), 64) {
			x, y := random.below(len(own)), random.below(len(own)-1)
			if y >= x {
				y++
			}
			pairs = append(pairs, pair{own[x], own[y]})
		}
	}
	if len(pairs) == 0 && c.general == nil {
		return nil
	}
	if len(pairs) > most {
		for i := range most {
			j := i + random.below(len(pairs)-i)
			pairs[i], pairs[j] = pairs[j], pairs[i]
		}
		pairs = pairs[:most]
	}
	link := func(said, meant int32) uint64 { return uint64(said)<<32 | uint64(meant) }
	chance := map[uint64]float32{}
	for step := range translationSteps {
		counts := make(map[uint64]float32, len(chance))
		totals := make([]float32, len(c.df))
		for _, p := range pairs {
			said := c.terms(&c.questions[p.a], byConcept)
			meant := c.terms(&c.questions[p.b], byConcept)
			for _, s := range said {
				sum := float32(0)
				for _, m := range meant {
					sum += start(chance, link(s, m), step, s == m)
				}
				sum += 0.1 // the empty word: some things are said for no reason
				for _, m := range meant {
					x := start(chance, link(s, m), step, s == m) / sum
					if x > 1e-4 {
						counts[link(s, m)] += x
						totals[m] += x
					}
				}
			}
		}
		chance = counts
		for k, x := range chance {
			chance[k] = x / (totals[uint32(k)] + 1)
		}
	}
	bySaid := make([][]translated, len(c.df))
	for k, x := range chance {
		if x > 0.005 {
			bySaid[k>>32] = append(bySaid[k>>32], translated{int32(uint32(k)), chances[chanceCode(x)]})
		}
	}
	for s, rows := range c.general.own(c) {
		for _, r := range rows {
			same := func(x translated) bool { return x.meant == r.meant }
			if i := slices.IndexFunc(bySaid[s], same); i >= 0 {
				x := &bySaid[s][i]
				x.chance = chances[chanceCode(x.chance+generalTrust*r.chance)]
			} else {
				bySaid[s] = append(bySaid[s], translated{r.meant, chances[chanceCode(generalTrust*r.chance)]})
			}
		}
	}
	t := &translation{first: make([]int32, len(c.df)+1)}
	for s, rows := range bySaid {
		slices.SortFunc(rows, func(a, b translated) int {
			if d := cmp.Compare(b.chance, a.chance); d != 0 {
				return d
			}
			return cmp.Compare(a.meant, b.meant)
		})
		t.rows = append(t.rows, rows[:min(len(rows), maxTranslationRows)]...)
		t.first[s+1] = int32(len(t.rows))
	}
	return t
}

// start is the chance of a link; before the first step words are believed to stand for themselves.
func start(chance map[uint64]float32, k uint64, step int, same bool) float32 {
	if step > 0 {
		return chance[k]
	}
	if same {
		return 5
	}
	return 1
}

// score is the log-likelihood of the query's concepts under the words of entry e, per word and
// against chance.
func (t *translation) score(c *corpus, q *query, e int32) float32 {
	bag := c.bagOf(e)
	total := c.bagTotal[e]
	if total == 0 || len(q.a.terms[byConcept]) == 0 {
		return 0
	}
	sum, weight := 0.0, 0.0
	for _, said := range q.ids[byConcept] {
		if c.df[said] == 0 {
			continue
		}
		p := 0.0
		for _, r := range t.rows[t.first[said]:t.first[said+1]] {
			if n := count(bag, r.meant); n > 0 {
				p += float64(r.chance) * float64(n)
			}
		}
		// The word itself, whatever was learned of it.
		p += 0.3 * float64(count(bag, said))
		p /= float64(total)
		w := float64(sqrt32(c.weight[said]))
		background := float64(c.collect[said]+1) / float64(c.total+1)
		sum += w * math.Log(0.7*p/background+0.3)
		weight += w
	}
	weight += float64(q.total[byConcept]-q.known[byConcept]) / 2
	g := c.general
	for _, said := range q.foreign[byConcept] {
		p := 0.0
		for _, r := range g.rows[g.first[said]:g.first[said+1]] {
			if m, ok := c.own[r.meant]; ok {
				p += float64(r.chance) * float64(count(bag, m))
			}
		}
		p *= generalTrust / float64(total) * float64(c.total+1) // against the chance of a word said once
		sum += float64(sqrt32(c.unseen[byConcept])) * math.Log(0.7*p+0.3)
	}
	if weight == 0 {
		return 0
	}
	return float32(sum / weight / 3)
}

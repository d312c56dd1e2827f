package kb

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// Training holds out questions of the knowledge base itself, as if customers had asked them, and
// fits the model to find their entries.
const (
	trainQueries  = 1500   // held-out questions at most: more change no weight in its second digit
	fewestQueries = 40     // below, the shipped model is used as it is
	mostQuestions = 300000 // above, a second corpus for training would cost another 2 GB: likewise
	outsideShare  = 3      // every third held-out question is also asked with its entry taken away
	removedWeight = 0.5    // … and then weighs less: its neighbours may well be a fair answer
	outsideKnown  = 0.55   // a shipped outside question more alike than this to an entry is not outside here
	rankPull      = 15     // the shipped weights of the ranking count like so many samples
	surePull      = 15     // those of the certainty too, if there are confirmed questions of customers;
	surePullCold  = 150    // similar questions alone are too alike to say how sure one may be of customers
)

// foldsFor is how many parts the held-out questions are asked in. While a part is asked its entries
// lack these questions, so that the model sees poorer entries than customers will: the fewer
// questions there are, the smaller the parts, as long as that costs no time.
func foldsFor(questions int) int {
	switch {
	case questions < 400:
		return 10
	case questions < 1000:
		return 5
	case questions < 20000:
		return 3
	}
	return 1 // 1 500 hidden questions among so many make no entry poorer
}

// heldOut is a question that is asked during training.
type heldOut struct {
	at      int // in the written questions; −1 if it is not one of them
	a       *analysis
	entry   int32 // −1: the knowledge base has no answer
	general bool  // one of the shipped questions without an answer
	weight  float32
	fold    int
	half    int
}

// trained is the result of training.
type trained struct {
	model         combiner
	limits        Thresholds
	adopted       bool
	asked         int     // held-out questions with an answer
	before, after float64 // loss of the shipped and of the fitted model on held-out questions
	weight        float64
	outcomes      []outcome // of held-out questions, none judged by a model that learned from it
}

// heldOuts chooses the questions to ask: similar ones and confirmed ones, never titles (a title is
// not what customers type), confirmed ones twice as heavy because they are.
func heldOuts(qs []written, outside, general []*analysis) []heldOut {
	var out []heldOut
	for i, w := range qs {
		switch w.source {
		case fromSimilar:
			out = append(out, heldOut{at: i, a: w.a, entry: w.entry, weight: 1})
		case fromConfirmed:
			out = append(out, heldOut{at: i, a: w.a, entry: w.entry, weight: 2})
		}
	}
	for _, a := range outside {
		out = append(out, heldOut{at: -1, a: a, entry: -1, weight: 1})
	}
	for _, a := range general {
		out = append(out, heldOut{at: -1, a: a, entry: -1, general: true, weight: 0.5})
	}
	random := rng(11)
	for i := len(out) - 1; i > 0; i-- {
		j := random.below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	out = out[:min(len(out), trainQueries)]
	folds := foldsFor(len(qs))
	for i := range out {
		out[i].fold = i % folds
		out[i].half = i / folds % 2
	}
	return out
}

// crossFit asks every held-out question of an index that has not learned from it.
func crossFit(ctx context.Context, l *language, entries int, qs []written, asked []heldOut) ([]sample, error) {
	folds := foldsFor(len(qs))
	bySlot := make([][]sample, folds)
	errs := make([]error, folds)
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for f := range folds {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if errs[f] = ctx.Err(); errs[f] == nil {
				bySlot[f] = askFold(l, entries, qs, asked, f)
			}
		})
	}
	wg.Wait()
	var out []sample
	for f := range folds {
		if errs[f] != nil {
			return nil, errs[f]
		}
		out = append(out, bySlot[f]...)
	}
	return out, nil
}

func askFold(l *language, entries int, qs []written, asked []heldOut, fold int) []sample {
	hidden := make(map[int]bool)
	for _, h := range asked {
		if h.fold == fold && h.at >= 0 {
			hidden[h.at] = true
		}
	}
	rest := make([]written, 0, len(qs))
	for i, w := range qs {
		if !hidden[i] {
			rest = append(rest, w)
		}
	}
	c := newCorpus(l, entries, rest)
	m := learn(c)
	d := newDesk(c)
	p := newProposer(c)
	var out []sample
	n := 0
	for _, h := range asked {
		if h.fold != fold {
			continue
		}
		q := d.take(h.a)
		m.prepare(c, q)
		s := ask(c, m, q, m.join(q, p.propose(q, candidateLimit, -1), -1), h.entry)
		s.weight = h.weight
		s.half = h.half
		if h.general && slices.ContainsFunc(s.rows, func(r [features]float32) bool { return r[fBest] > outsideKnown }) {
			d.give(q)
			continue
		}
		out = append(out, s)
		// Some of the questions with an answer teach what no answer looks like, when their entry is
		// taken away: what then comes first is the most tempting of wrong answers.
		if n++; h.entry >= 0 && n%outsideShare == 0 {
			s := ask(c, m, q, m.join(q, p.propose(q, candidateLimit, h.entry), h.entry), -1)
			s.weight = h.weight * removedWeight
			s.half = h.half
			out = append(out, s)
		}
		d.give(q)
	}
	return out
}

func ask(c *corpus, m *learned, q *query, entries []int32, right int32) sample {
	s := sample{in: right >= 0, query: queryEvidence(q), rows: make([][features]float32, len(entries)), right: make([]bool, len(entries))}
	for i, e := range entries {
		c.extract(q, e, s.rows[i][:])
		m.extract(c, q, e, s.rows[i][:])
		s.right[i] = e == right
	}
	return s
}

// train fits the model to the knowledge base's own questions. The fitted model is adopted only if
// it serves held-out questions at least as well as the shipped one.
func train(ctx context.Context, l *language, entries int, qs []written, outside, general []*analysis, prior combiner) (*trained, error) {
	t := &trained{model: prior, limits: shippedThresholds}
	asked := heldOuts(qs, outside, general)
	for _, h := range asked {
		if h.entry >= 0 {
			t.asked++
		}
	}
	if t.asked < fewestQueries || entries < 2 || len(qs) > mostQuestions {
		return t, nil
	}
	samples, err := crossFit(ctx, l, entries, qs, asked)
	if err != nil {
		return nil, err
	}
	// Two halves judge each other: what is chosen here must not rest on its own training.
	var halves [2][]sample
	for _, s := range samples {
		halves[s.half] = append(halves[s.half], s)
	}
	confirmed := slices.ContainsFunc(qs, func(w written) bool { return w.source == fromConfirmed })
	pull := float64(surePullCold)
	if confirmed {
		pull = surePull
	}
	var fitted [3]combiner
	var wg sync.WaitGroup
	for i, set := range [...][]sample{halves[1], halves[0], samples} {
		wg.Go(func() { fitted[i] = fitAll(set, prior, rankPull, pull) })
	}
	wg.Wait()
	for h, half := range halves {
		for i := range half {
			if len(half[i].rows) == 0 {
				continue
			}
			t.before += half[i].weight64() * prior.loss(&half[i])
			t.after += half[i].weight64() * fitted[h].loss(&half[i])
			t.weight += half[i].weight64()
		}
	}
	judge := [2]*combiner{&prior, &prior}
	if t.after <= t.before {
		t.adopted = true
		t.model = fitted[2]
		judge = [2]*combiner{&fitted[0], &fitted[1]}
	}
	for h, half := range halves {
		for i := range half {
			t.outcomes = append(t.outcomes, judge[h].outcome(&half[i]))
		}
	}
	t.limits = chooseThresholds(t.outcomes, confirmed)
	return t, nil
}

func (s *sample) weight64() float64 { return float64(s.weight) }

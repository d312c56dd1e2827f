package kb

import (
	"context"
	"runtime"
	"sync"
)

// Training holds out questions of the knowledge base itself, as if customers had asked them, and
// fits the model to find their entries.
const (
	trainFolds    = 4
	trainQueries  = 3000 // held-out questions at most: more change no weight in its second digit
	fewestQueries = 40   // below, the shipped model is used as it is
	outsideShare  = 3    // every third held-out question is also asked with its entry taken away
	rankPull      = 60   // the shipped weights count like so many samples
	surePull      = 30
)

// heldOut is a question that is asked during training.
type heldOut struct {
	at     int // in the written questions; −1 if it is not one of them
	a      *analysis
	entry  int32 // −1: the knowledge base has no answer
	weight float32
	fold   int
}

// trained is the result of training.
type trained struct {
	samples []sample // out of fold
	model   combiner
	limits  Thresholds
	adopted bool
}

// heldOuts chooses the questions to ask: similar ones and confirmed ones, never titles (a title is
// not what customers type), confirmed ones twice as heavy because they are.
func heldOuts(qs []written, outside []*analysis) []heldOut {
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
	random := rng(11)
	for i := len(out) - 1; i > 0; i-- {
		j := random.below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	out = out[:min(len(out), trainQueries)]
	for i := range out {
		out[i].fold = i % trainFolds
	}
	return out
}

// crossFit asks every held-out question of an index that has not learned from it.
func crossFit(ctx context.Context, l *language, entries int, qs []written, asked []heldOut) ([]sample, error) {
	bySlot := make([][]sample, trainFolds)
	errs := make([]error, trainFolds)
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, min(trainFolds, runtime.GOMAXPROCS(0))))
	for f := range trainFolds {
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
	for f := range trainFolds {
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
		s := ask(c, m, q, p.propose(q, candidateLimit, -1), h.entry)
		s.weight = h.weight
		s.fold = fold
		out = append(out, s)
		// Half of the questions with an answer teach what no answer looks like, when their entry is
		// taken away: what then comes first is the most tempting of wrong answers.
		if n++; h.entry >= 0 && n%outsideShare == 0 {
			s := ask(c, m, q, p.propose(q, candidateLimit, h.entry), -1)
			s.weight = h.weight
			s.fold = fold
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

var noTraining bool

// train fits the model to the knowledge base's own questions.
func train(ctx context.Context, l *language, entries int, qs []written, outside []*analysis, prior combiner) (*trained, error) {
	t := &trained{model: prior, limits: shippedThresholds}
	asked := heldOuts(qs, outside)
	own := 0
	for _, h := range asked {
		if h.entry >= 0 {
			own++
		}
	}
	if noTraining || own < fewestQueries || entries < 2 {
		return t, nil
	}
	samples, err := crossFit(ctx, l, entries, qs, asked)
	if err != nil {
		return nil, err
	}
	t.samples = samples
	t.model = fitAll(samples, prior, rankPull)
	t.adopted = true
	return t, nil
}

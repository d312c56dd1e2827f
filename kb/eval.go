package kb

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Case is a question with the entries that answer it.
type Case struct {
	Question string
	IDs      []string // entries that answer; empty: the knowledge base has no answer
	Also     []string // neighbours that a reader accepts as well: not counted as wrong answers
	Slice    string   // free label: plain, traditional, typo, …; "" is filed by length
}

// Searcher is what is evaluated: an Index, or a Live.
type Searcher interface {
	Search(ctx context.Context, query string, opt SearchOptions) (Result, error)
}

// Interval is an estimate with its 95 % bootstrap confidence interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Bin is a row of the reliability table: how often answers of a score are right.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int     `json:"count"`
	Score float64 `json:"score"` // mean predicted probability
	Right float64 `json:"right"` // share that was right
}

// Measures are the figures of a set of cases. Shares are between 0 and 1.
type Measures struct {
	Cases      int      `json:"cases"`
	InScope    int      `json:"in_scope"`
	OutOfScope int      `json:"out_of_scope"`
	Recall1    Interval `json:"recall_1"`
	Recall3    Interval `json:"recall_3"`
	Recall5    Interval `json:"recall_5"`
	MRR        Interval `json:"mrr"` // mean reciprocal rank, among five
	// With the index's own thresholds, of the questions in scope:
	Answered  float64  `json:"answered"`
	Clarified float64  `json:"clarified"`
	Precision Interval `json:"precision"` // right, of those answered in scope
	// Questions out of scope that got an answer:
	FalseAnswers Interval `json:"false_answers"`
	// Coverage is the largest share of the questions in scope that is answered rightly by a
	// threshold at which CoveragePrecision of the answers in scope are right.
	Coverage          Interval `json:"coverage"`
	CoverageThreshold float64  `json:"coverage_threshold"`
	CoverageFalse     float64  `json:"coverage_false"` // out of scope answered at that threshold
}

// CoveragePrecision is the precision at which coverage is measured.
const CoveragePrecision = 0.95

// Outcome is what became of one case.
type Outcome struct {
	Case    Case          `json:"case"`
	Got     []string      `json:"got"` // entry ids, best first
	Score   float64       `json:"score"`
	Verdict Verdict       `json:"verdict"`
	Rank    int           `json:"rank"` // 1..5 of the first right entry, 0 if none
	Took    time.Duration `json:"took"`
}

// Report is the result of an evaluation.
type Report struct {
	Generation  int64               `json:"generation"`
	Thresholds  Thresholds          `json:"thresholds"`
	All         Measures            `json:"all"`
	Slices      map[string]Measures `json:"slices"`
	Reliability []Bin               `json:"reliability"`
	LatencyP50  time.Duration       `json:"latency_p50"`
	LatencyP99  time.Duration       `json:"latency_p99"`
	Outcomes    []Outcome           `json:"outcomes,omitempty"`
}

// Evaluate asks all cases, one after the other, and measures the answers.
func Evaluate(ctx context.Context, s Searcher, cases []Case) (*Report, error) {
	r := &Report{Slices: map[string]Measures{}}
	var took []time.Duration
	for _, c := range cases {
		res, err := s.Search(ctx, c.Question, SearchOptions{})
		if err != nil {
			return nil, fmt.Errorf("evaluate %q: %w", c.Question, err)
		}
		o := Outcome{Case: c, Verdict: res.Verdict, Took: res.Took}
		for i, cand := range res.Candidates {
			o.Got = append(o.Got, cand.ID)
			if i == 0 {
				o.Score = cand.Score
			}
			if o.Rank == 0 && slices.Contains(c.IDs, cand.ID) {
				o.Rank = i + 1
			}
		}
		r.Outcomes = append(r.Outcomes, o)
		r.Thresholds, r.Generation = res.Thresholds, res.Generation
		took = append(took, res.Took)
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		r.LatencyP50, r.LatencyP99 = took[n/2], took[min(n-1, n*99/100)]
	}
	r.All = measure(r.Outcomes)
	groups := map[string][]Outcome{}
	for _, o := range r.Outcomes {
		name := o.Case.Slice
		if name == "" {
			name = lengthSlice(o.Case.Question)
		}
		groups[name] = append(groups[name], o)
	}
	for name, g := range groups {
		r.Slices[name] = measure(g)
	}
	r.Reliability = reliability(r.Outcomes)
	return r, nil
}

// lengthSlice files a case that has no label.
func lengthSlice(q string) string {
	switch n := utf8.RuneCountInString(q); {
	case n <= 6:
		return "short"
	case n <= 20:
		return "medium"
	}
	return "long"
}

func (o *Outcome) inScope() bool { return len(o.Case.IDs) > 0 }

// right reports whether the best candidate answers, accepted neighbours included.
func (o *Outcome) right() bool {
	return o.Rank == 1 || len(o.Got) > 0 && o.inScope() && slices.Contains(o.Case.Also, o.Got[0])
}

// resamples of the bootstrap: the bounds move in the third digit beyond.
const resamples = 400

// measure computes all figures, with intervals from resampling the cases.
func measure(outcomes []Outcome) Measures {
	// Sorted once: resampling then only changes how often each case counts.
	sorted := slices.Clone(outcomes)
	slices.SortStableFunc(sorted, func(a, b Outcome) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	times := make([]int, len(sorted))
	for i := range times {
		times[i] = 1
	}
	m := tally(sorted, times)
	fields := []*Interval{&m.Recall1, &m.Recall3, &m.Recall5, &m.MRR, &m.Precision, &m.FalseAnswers, &m.Coverage}
	values := make([][]float64, len(fields))
	random := rng(5)
	for range resamples {
		clear(times)
		for range sorted {
			times[random.below(len(sorted))]++
		}
		s := tally(sorted, times)
		for i, v := range []Interval{s.Recall1, s.Recall3, s.Recall5, s.MRR, s.Precision, s.FalseAnswers, s.Coverage} {
			values[i] = append(values[i], v.Value)
		}
	}
	for i, f := range fields {
		slices.Sort(values[i])
		f.Low, f.High = values[i][resamples*25/1000], values[i][resamples*975/1000]
	}
	return m
}

// tally computes the figures of cases sorted by falling score, each counted times over.
func tally(sorted []Outcome, times []int) Measures {
	m := Measures{}
	var r1, r3, r5, mrr, answered, clarified, right, falseAnswers float64
	for i := range sorted {
		o, n := &sorted[i], times[i]
		w := float64(n)
		m.Cases += n
		if !o.inScope() {
			m.OutOfScope += n
			if o.Verdict == Answer {
				falseAnswers += w
			}
			continue
		}
		m.InScope += n
		if o.Rank > 0 {
			mrr += w / float64(o.Rank)
			r5 += w
		}
		if o.Rank > 0 && o.Rank <= 3 {
			r3 += w
		}
		if o.Rank == 1 {
			r1 += w
		}
		switch o.Verdict {
		case Answer:
			answered += w
			if o.right() {
				right += w
			}
		case Clarify:
			clarified += w
		}
	}
	share := func(x float64, n int) float64 {
		if n == 0 {
			return 0
		}
		return x / float64(n)
	}
	m.Recall1.Value, m.Recall3.Value, m.Recall5.Value = share(r1, m.InScope), share(r3, m.InScope), share(r5, m.InScope)
	m.MRR.Value = share(mrr, m.InScope)
	m.Answered, m.Clarified = share(answered, m.InScope), share(clarified, m.InScope)
	if answered > 0 {
		m.Precision.Value = right / answered
	}
	m.FalseAnswers.Value = share(falseAnswers, m.OutOfScope)
	var in, good, out float64
	for i := range sorted {
		o, w := &sorted[i], float64(times[i])
		if !o.inScope() {
			out += w
			continue
		}
		in += w
		if o.right() {
			good += w
		}
		if good >= CoveragePrecision*in && in > 0 {
			m.Coverage.Value = share(good, m.InScope)
			m.CoverageThreshold = o.Score
			m.CoverageFalse = share(out, m.OutOfScope)
		}
	}
	return m
}

// reliability compares predicted with observed shares, in ten bins.
func reliability(outcomes []Outcome) []Bin {
	bins := make([]Bin, 10)
	for i := range bins {
		bins[i].From, bins[i].To = float64(i)/10, float64(i+1)/10
	}
	for i := range outcomes {
		o := &outcomes[i]
		if len(o.Got) == 0 {
			continue
		}
		b := &bins[min(max(int(o.Score*10), 0), 9)]
		b.Count++
		b.Score += o.Score
		if o.right() {
			b.Right++
		}
	}
	for i := range bins {
		if n := float64(bins[i].Count); n > 0 {
			bins[i].Score /= n
			bins[i].Right /= n
		}
	}
	return bins
}

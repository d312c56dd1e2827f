package kb

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
)

// SearchOptions narrow a search. The zero value is right for customers.
type SearchOptions struct {
	Explain  bool   // fill tokens, synonyms and features
	Limit    int    // candidates to return: 1..20, 0 means 5
	Product  string // only entries of this product; "" means all
	Category string // only entries of this category; "" means all
}

// Search finds the entries that answer query. The error is a fault of the machine (or ctx ended),
// never of the query: an empty or unreadable query is declined.
func (x *Index) Search(ctx context.Context, query string, opt SearchOptions) (Result, error) {
	began := time.Now()
	res := Result{Query: query, Verdict: Decline, Thresholds: x.limits, Generation: x.base.Generation,
		Candidates: []Candidate{}}
	limit := opt.Limit
	if limit <= 0 {
		limit = 5
	}
	limit = min(limit, 20)
	text := x.lang.clean(query)
	if text == "" || len(x.base.Entries) == 0 {
		res.Took = time.Since(began)
		return res, nil
	}
	u, err := x.understand(ctx, text, opt)
	if err != nil {
		return res, err
	}
	defer x.desk.give(u.q)
	res.Normalized = u.q.a.text
	x.fill(&res, u, limit, opt.Explain)
	if opt.Explain {
		res.Tokens = u.q.a.tokens
		res.Synonyms = append(u.fixes, u.q.a.synonyms...)
	}
	res.Took = time.Since(began)
	return res, nil
}

// understood is a query with its ranked candidates.
type understood struct {
	q      *query // from the desk: to be given back
	fixes  []string
	ranked []ranked
	sure   float64
}

// boldGain is how much surer a bold correction must make: it turns any words into the knowledge
// base's own, and so makes a stranger's question look familiar.
const boldGain = 0.05

// understand reads a cleaned query. Where its spelling may be wrong, it is read both ways, and the
// reading that the entries answer better is taken.
func (x *Index) understand(ctx context.Context, text string, opt SearchOptions) (understood, error) {
	careful, fixes, err := x.speak.correct(text, false)
	if err != nil {
		return understood{}, err
	}
	u, err := x.read(ctx, careful, fixes, opt)
	if err != nil {
		return u, err
	}
	bold, fixes, err := x.speak.correct(text, true)
	if err != nil || bold == careful {
		return u, err
	}
	v, err := x.read(ctx, bold, fixes, opt)
	if err != nil {
		return u, err
	}
	if v.sure > u.sure+boldGain {
		u, v = v, u
	}
	x.desk.give(v.q)
	return u, nil
}

func (x *Index) read(ctx context.Context, text string, fixes []string, opt SearchOptions) (understood, error) {
	a, err := x.lang.analyze(text)
	if err != nil {
		return understood{}, err
	}
	if known := x.inKnownWords(&a); known != text {
		synonyms := a.synonyms
		if a, err = x.lang.analyze(known); err != nil {
			return understood{}, err
		}
		a.synonyms = synonyms
	}
	u := understood{q: x.desk.take(&a), fixes: fixes}
	u.q.fixes = len(fixes)
	x.learn.prepare(x.corpus, u.q)
	entries, err := x.candidates(ctx, &a, u.q, opt)
	if err != nil {
		return u, err
	}
	u.ranked = x.rank(u.q, entries)
	if len(u.ranked) > 0 {
		best := &u.ranked[0]
		u.sure = x.model.sure(withModel(queryEvidence(u.q), best.row[:], best.score, best.share))
	}
	return u, nil
}

// inKnownWords writes a query in the words of the entries, where the bank's own groups of synonyms
// have one for a word that no entry says: what an editor declares to be the same must count for
// characters and vectors too, not for the word alone.
func (x *Index) inKnownWords(a *analysis) string {
	text := a.text
	if len(x.lang.own) == 0 {
		return text
	}
	known := func(w string) bool {
		id, ok := x.corpus.vocab[byWord][w]
		return ok && x.corpus.df[id] > 0
	}
	for _, w := range a.tokens {
		members := x.lang.own[w]
		if len(members) == 0 || known(w) {
			continue
		}
		if i := slices.IndexFunc(members, known); i >= 0 {
			text = strings.Replace(text, w, members[i], 1)
		}
	}
	return text
}

// candidates proposes entries for the second stage.
func (x *Index) candidates(ctx context.Context, a *analysis, q *query, opt SearchOptions) ([]int32, error) {
	limit := candidateLimit
	if opt.Product != "" || opt.Category != "" {
		limit *= 4 // the filter takes most of them away again
	}
	entries, err := x.bleve.propose(ctx, a, limit*proposedMore)
	if err != nil {
		return nil, err
	}
	entries = x.corpus.keepFullest(q, entries, limit)
	entries = x.learn.join(q, entries, -1)
	if opt.Product != "" || opt.Category != "" {
		entries = slices.DeleteFunc(entries, func(e int32) bool {
			entry := &x.base.Entries[e]
			return opt.Product != "" && entry.Product != opt.Product ||
				opt.Category != "" && entry.Category != opt.Category
		})
	}
	return entries, nil
}

// ranked is a candidate after the second stage.
type ranked struct {
	entry int32
	best  int32 // question that is most alike
	row   [features]float32
	score float32
	share float32
}

// rank compares the query with every question of the candidates.
func (x *Index) rank(q *query, entries []int32) []ranked {
	out := make([]ranked, len(entries))
	scores := make([]float32, len(entries))
	for i, e := range entries {
		out[i].entry = e
		out[i].best = x.corpus.extract(q, e, out[i].row[:])
		x.learn.extract(x.corpus, q, e, out[i].row[:])
		out[i].score = x.model.score(out[i].row[:])
		scores[i] = out[i].score
	}
	for i, s := range softmax(scores) {
		out[i].share = s
	}
	slices.SortStableFunc(out, func(a, b ranked) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return int(a.entry - b.entry)
	})
	return out
}

// fill turns ranked candidates into probabilities and a verdict.
func (x *Index) fill(res *Result, u understood, limit int, explain bool) {
	rs, sure := u.ranked, u.sure
	if len(rs) == 0 {
		return
	}
	for i, r := range rs[:min(len(rs), limit)] {
		c := Candidate{ID: x.base.Entries[r.entry].ID, Title: x.base.Entries[r.entry].Title}
		c.Score = sure
		if i > 0 {
			// What the best leaves is shared out among the others as the softmax does.
			c.Score = sure * float64(r.share/rs[0].share)
		}
		if r.best >= 0 {
			c.Question = x.questionText(r)
		}
		if explain {
			c.Features = x.explain(r.row[:])
		}
		res.Candidates = append(res.Candidates, c)
	}
	res.Margin = sure
	if len(rs) > 1 {
		res.Margin = sure * (1 - float64(rs[1].share/rs[0].share))
	}
	res.Verdict = x.limits.Verdict(sure, res.Margin)
}

// questionText is the wording of the question that matched best.
func (x *Index) questionText(r ranked) string {
	return x.texts[r.best]
}

func (x *Index) explain(row []float32) []Feature {
	var out []Feature
	for i, v := range row {
		if c := float64(v * x.model.Rank[i]); c != 0 {
			out = append(out, Feature{Name: featureNames[i], Value: float64(v), Contribution: c})
		}
	}
	slices.SortStableFunc(out, func(a, b Feature) int {
		switch d := math.Abs(b.Contribution) - math.Abs(a.Contribution); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return out
}

// Verdict says what a best score and its distance to the second allow.
func (t Thresholds) Verdict(score, margin float64) Verdict {
	switch {
	case score >= t.Answer && margin >= t.Margin:
		return Answer
	case score >= t.Clarify:
		return Clarify
	}
	return Decline
}

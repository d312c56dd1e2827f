package kb

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// Index answers searches over one generation of content. It is immutable and safe for any number
// of goroutines.
type Index struct {
	base    Base
	lang    *language
	corpus  *corpus
	desk    *desk
	speak   *speller
	bleve   *candidateIndex
	texts   []string // wording of each question of the corpus
	learn   *learned
	trained *trained
	model   *combiner
	limits  Thresholds
	stats   Stats
	close   sync.Once
	closed  error
}

// Stats describe an index for operators and editors.
type Stats struct {
	Generation int64         `json:"generation"`
	Entries    int           `json:"entries"`
	Questions  int           `json:"questions"`
	Confirmed  int           `json:"confirmed"` // confirmed pairs that lead to an entry
	Terms      int           `json:"terms"`
	Adopted    bool          `json:"adopted"`           // the ranking refitted on this base is in force, not the shipped one
	HeldOut    int           `json:"held_out"`          // questions it was judged on
	LossBefore float64       `json:"loss_before"`       // mean surprise of the shipped ranking on them, in nats
	LossAfter  float64       `json:"loss_after"`        // the same of the refitted one
	Skipped    []string      `json:"skipped,omitempty"` // what could not be used, in Chinese, at most 100
	Took       time.Duration `json:"took"`              // of building
}

// maxNotes bounds Stats.Skipped: nobody reads more.
const maxNotes = 100

// Build makes an index from a generation of content and learns its ranking from it. Entries without
// any question are kept (they are never found); questions without a letter or digit are skipped.
// The same Base gives the same Index. ctx stops a build that is no longer wanted.
func Build(ctx context.Context, b Base) (*Index, error) {
	return build(ctx, b, nil)
}

// Rebuild is Build with the ranking and thresholds of an earlier index instead of fitting them
// again: a tenth of the time, for showing an editor the effect of a change at once.
func Rebuild(ctx context.Context, b Base, like *Index) (*Index, error) {
	return build(ctx, b, like.trained)
}

func build(ctx context.Context, b Base, t *trained) (*Index, error) {
	began := time.Now()
	x := &Index{base: b, lang: newLanguage(b)}
	for _, w := range x.lang.refused {
		x.note("词典词“%s”无法使用：须为 2 至 24 个字符，且不含空格", w)
	}
	qs, err := x.write(ctx)
	if err != nil {
		return nil, err
	}
	if found := discover(qs); len(found) > 0 {
		// Names of this company's products: cut again with them kept whole.
		x.lang.keep(found)
		if err := x.recut(qs); err != nil {
			return nil, err
		}
	}
	if x.speak, err = newSpeller(x.lang, qs); err != nil {
		return nil, err
	}
	if err := x.respell(qs); err != nil {
		return nil, err
	}
	x.corpus = newCorpus(x.lang, len(b.Entries), qs)
	x.desk = newDesk(x.corpus)
	if x.bleve, err = buildBleve(ctx, x.corpus, b.Entries, qs); err != nil {
		return nil, err
	}
	x.learn = learn(x.corpus)
	switch {
	case t != nil:
	case b.Untrained:
		t = &trained{model: shippedCombiner, limits: shippedThresholds}
	default:
		outside, general, err := x.outside()
		if err != nil {
			return nil, err
		}
		if t, err = train(ctx, x.lang, len(b.Entries), qs, outside, general, shippedCombiner); err != nil {
			return nil, err
		}
	}
	x.trained = t
	x.model, x.limits = &t.model, t.limits
	x.stats.Adopted, x.stats.HeldOut = t.adopted, t.asked
	if t.weight > 0 {
		x.stats.LossBefore, x.stats.LossAfter = t.before/t.weight, t.after/t.weight
	}
	x.stats.Generation = b.Generation
	x.stats.Entries = len(b.Entries)
	x.stats.Questions = len(x.corpus.questions)
	x.stats.Terms = len(x.corpus.weight)
	x.stats.Took = time.Since(began)
	return x, nil
}

// recut analyses all questions again.
func (x *Index) recut(qs []written) error {
	for i := range qs {
		a, err := x.lang.analyze(qs[i].a.text)
		if err != nil {
			return err
		}
		qs[i].a = &a
	}
	return nil
}

// respell writes the entries' own pinyin questions in characters, as a customer's will be.
func (x *Index) respell(qs []written) error {
	for i := range qs {
		text, fixes := x.speak.fromPinyin(qs[i].a.text)
		if len(fixes) == 0 {
			continue
		}
		a, err := x.lang.analyze(text)
		if err != nil {
			return err
		}
		qs[i].a = &a
	}
	return nil
}

// outside analyses questions that no entry answers: those that the bank confirmed as such, and
// the shipped ones.
func (x *Index) outside() (confirmed, general []*analysis, err error) {
	read := func(q string) (*analysis, error) {
		clean := x.lang.clean(q)
		if clean == "" {
			return nil, nil
		}
		clean, _, err := x.speak.correct(clean, false)
		if err != nil {
			return nil, err
		}
		a, err := x.lang.analyze(clean)
		return &a, err
	}
	for _, p := range x.base.Pairs {
		if p.EntryID != "" {
			continue
		}
		if a, err := read(p.Question); err != nil {
			return nil, nil, err
		} else if a != nil {
			confirmed = append(confirmed, a)
		}
	}
	for q := range shippedLines("outside") {
		if a, err := read(q); err != nil {
			return nil, nil, err
		} else if a != nil {
			general = append(general, a)
		}
	}
	return confirmed, general, nil
}

func (x *Index) note(format string, args ...any) {
	if len(x.stats.Skipped) < maxNotes {
		x.stats.Skipped = append(x.stats.Skipped, fmt.Sprintf(format, args...))
	}
}

// write analyses all questions of the base, ordered by entry, the title first, without repeats
// inside an entry.
func (x *Index) write(ctx context.Context) ([]written, error) {
	confirmed := map[string][]string{}
	known := make(map[string]struct{}, len(x.base.Entries))
	for _, e := range x.base.Entries {
		known[e.ID] = struct{}{}
	}
	for _, p := range x.base.Pairs {
		if p.EntryID == "" {
			continue
		}
		if _, ok := known[p.EntryID]; !ok {
			x.note("已确认的提问“%s”指向不存在的条目 %s", p.Question, p.EntryID)
			continue
		}
		confirmed[p.EntryID] = append(confirmed[p.EntryID], p.Question)
	}
	var out []written
	for e, entry := range x.base.Entries {
		if e%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		seen := map[string]struct{}{}
		add := func(q string, s source) error {
			clean := x.lang.clean(q)
			if clean == "" {
				if strings.TrimSpace(q) != "" {
					x.note("条目 %s 的问法“%s”没有文字，已跳过", entry.ID, q)
				}
				return nil
			}
			if _, ok := seen[clean]; ok {
				return nil
			}
			seen[clean] = struct{}{}
			a, err := x.lang.analyze(clean)
			if err != nil {
				return err
			}
			out = append(out, written{entry: int32(e), source: s, a: &a})
			x.texts = append(x.texts, q)
			if s == fromConfirmed {
				x.stats.Confirmed++
			}
			return nil
		}
		if err := add(entry.Title, fromTitle); err != nil {
			return nil, err
		}
		for _, group := range []struct {
			qs []string
			s  source
		}{{entry.Similar, fromSimilar}, {entry.Negative, fromNegative}, {confirmed[entry.ID], fromConfirmed}} {
			for _, q := range group.qs {
				if err := add(q, group.s); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

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
	u := understood{q: x.desk.take(&a), fixes: fixes}
	u.q.fixes = len(fixes)
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

// candidates proposes entries for the second stage.
func (x *Index) candidates(ctx context.Context, a *analysis, q *query, opt SearchOptions) ([]int32, error) {
	limit := candidateLimit
	if opt.Product != "" || opt.Category != "" {
		limit *= 4 // the filter takes most of them away again
	}
	entries, err := x.bleve.propose(ctx, a, limit)
	if err != nil {
		return nil, err
	}
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
	x.learn.prepare(x.corpus, q)
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

// Similar says how alike two questions are, 0..1: 1 for the same words; above 0.6 one is the other
// with little changed; 0.3 to 0.6 the same subject in other words; opposite actions (开通, 取消) are
// halved. It compares concepts, characters and sounds, and needs no entry to match.
func (x *Index) Similar(a, b string) float64 {
	aa, err := x.lang.analyze(x.lang.clean(a))
	if err != nil {
		return 0
	}
	bb, err := x.lang.analyze(x.lang.clean(b))
	if err != nil {
		return 0
	}
	if aa.length == 0 || bb.length == 0 {
		return 0
	}
	if aa.text == bb.text {
		return 1
	}
	s := 0.0
	for _, part := range []struct {
		k      kind
		weight float64
	}{{byConcept, 0.5}, {byBigram, 0.25}, {bySound, 0.25}} {
		s += part.weight * x.cosine(part.k, aa.terms[part.k], bb.terms[part.k])
	}
	if aa.marks.negated != bb.marks.negated {
		s *= 0.8
	}
	if opposed(aa.marks, bb.marks) > 0 {
		s *= 0.5
	}
	return min(s, 1)
}

func (x *Index) cosine(k kind, a, b []string) float64 {
	w := func(t string) float64 {
		if id, ok := x.corpus.vocab[k][t]; ok {
			return float64(x.corpus.weight[id])
		}
		if _, ok := x.lang.particles[t]; ok {
			return float64(x.corpus.unseen[k]) / 9
		}
		return float64(x.corpus.unseen[k])
	}
	in := make(map[string]struct{}, len(a))
	var na, nb, both float64
	for _, t := range a {
		in[t] = struct{}{}
		na += w(t)
	}
	for _, t := range b {
		nb += w(t)
		if _, ok := in[t]; ok {
			both += w(t)
		}
	}
	if na == 0 || nb == 0 {
		return 0
	}
	return both / math.Sqrt(na*nb)
}

// Stats describes the index.
func (x *Index) Stats() Stats { return x.stats }

// Thresholds returns the thresholds in force.
func (x *Index) Thresholds() Thresholds { return x.limits }

// Generation returns the generation that the index was built from.
func (x *Index) Generation() int64 { return x.base.Generation }

// Close frees what Bleve holds. Searches must have ended; [Live] sees to that.
func (x *Index) Close() error {
	x.close.Do(func() { x.closed = x.bleve.index.Close() })
	return x.closed
}

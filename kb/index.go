package kb

import (
	"context"
	"fmt"
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
	digest  [digestSize]byte // of what was learned from; zero if nothing was fitted
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
// The same Base gives the same Index, with its Model or without. ctx stops a build that is no longer wanted.
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
	saved := (*savedModel)(nil)
	if t == nil && !b.Untrained {
		x.digest = b.digest()
		saved = loadModel(b.Model, x.digest, x.corpus)
	}
	if saved == nil {
		x.learn = learn(x.corpus)
	}
	switch {
	case t != nil:
	case b.Untrained:
		t = &trained{model: shippedCombiner, limits: shippedThresholds}
	case saved != nil:
		t, x.learn = saved.trained, saved.learned
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

// Stats describes the index.
func (x *Index) Stats() Stats { return x.stats }

// Thresholds returns the thresholds in force.
func (x *Index) Thresholds() Thresholds { return x.limits }

// Generation returns the generation that the index was built from.
func (x *Index) Generation() int64 { return x.base.Generation }

// Close frees what Bleve holds. Searches must have ended.
func (x *Index) Close() error {
	x.close.Do(func() { x.closed = x.bleve.index.Close() })
	return x.closed
}

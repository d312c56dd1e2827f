package kb

import "sync"

// query is a question in the numbers of a corpus, with room to compute in. It comes from the
// corpus's pool and goes back to it.
type query struct {
	a       *analysis
	ids     [kinds][]int32
	total   [kinds]float32 // squared weight of all terms, unseen ones too
	known   [kinds]float32 // squared weight of the terms that some entry has
	seen    []float32      // squared weight of each term of the query, 0 for all others; by term
	foreign [kinds][]int32 // numbers in general of the terms that no entry has
	fixes   int            // words corrected by their sound
	vec     []int8         // embedding; nil if nothing is known
	dots    []int32        // room for its likeness to many
	keys    []uint32       // of the terms that cross looks at
	other   []uint32       // room for those of a question
	pairs   []uint32       // room for their buckets
	logits  []float32      // of the classifier, by entry
}

// desk is a pool of queries for one corpus.
type desk struct {
	c    *corpus
	pool sync.Pool
}

func newDesk(c *corpus) *desk { return &desk{c: c} }

func (d *desk) take(a *analysis) *query {
	q, _ := d.pool.Get().(*query)
	if q == nil {
		q = &query{seen: make([]float32, len(d.c.weight))}
	}
	q.a = a
	q.fixes = 0
	for k := range kinds {
		q.ids[k] = q.ids[k][:0]
		q.foreign[k] = q.foreign[k][:0]
		q.total[k], q.known[k] = 0, 0
		for _, t := range a.terms[k] {
			id, ok := d.c.vocab[k][t]
			if !ok || d.c.df[id] == 0 {
				q.total[k] += d.c.unseen[k]
				if g := d.c.general.find(k, t); g >= 0 {
					q.foreign[k] = append(q.foreign[k], g)
				}
			}
			if ok {
				w := d.c.weight[id]
				q.ids[k] = append(q.ids[k], id)
				q.seen[id] = w
				if d.c.df[id] > 0 {
					q.total[k] += w
					q.known[k] += w
				}
			}
		}
	}
	return q
}

func (d *desk) give(q *query) {
	for k := range kinds {
		for _, id := range q.ids[k] {
			q.seen[id] = 0
		}
	}
	q.a, q.vec, q.logits = nil, nil, nil
	d.pool.Put(q)
}

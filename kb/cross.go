package kb

import "math"

// cross judges whether two questions mean the same by the words and characters that only one of them
// has: 提前 here and 逾期 there speak against it, 多久 here and 几天 there do not. It is a linear model
// over hashed pairs, learned from our own groups of questions with neighbouring groups as
// counter-examples, and belongs to general: a single knowledge base has too few pairs to learn it.
type cross struct {
	q     []int8 // by bucket; nil: nothing is known
	scale float32
}

const (
	crossBuckets = 1 << 18
	crossTerms   = 24 // of each kind that are looked at: the longest questions would cost hundreds of pairs
)

// crossKinds are the kinds of terms that are paired.
var crossKinds = [...]kind{byConcept, byChar}

// Marks of a term that stands alone in a feature.
const (
	crossBoth  = 1 // in both questions
	crossAsked = 2 // only in the query
	crossKnown = 3 // only in the question
)

// crossBucket is the bucket of a pair of term keys, or of a key and a mark.
func crossBucket(a, b uint32) uint32 {
	h := a*0x9E3779B1 ^ (b+0x7F4A7C15)*0x85EBCA6B
	h ^= h >> 15
	h *= 0x2C1B3C6D
	return (h ^ h>>13) % crossBuckets
}

// crossFeatures appends the buckets of a query and a question, given by the keys of their terms.
func crossFeatures(asked, other, out []uint32) []uint32 {
	var inAsked, inOther [crossTerms * len(crossKinds)]bool // the term is in the other question too
	for i, a := range asked {
		for k, b := range other {
			if a == b {
				inOther[i], inAsked[k] = true, true
				break
			}
		}
	}
	for i, a := range asked {
		if inOther[i] {
			out = append(out, crossBucket(a, crossBoth))
			continue
		}
		out = append(out, crossBucket(a, crossAsked))
		for k, b := range other {
			if !inAsked[k] {
				out = append(out, crossBucket(a, b))
			}
		}
	}
	for k, b := range other {
		if !inAsked[k] {
			out = append(out, crossBucket(b, crossKnown))
		}
	}
	return out
}

// score is the log-odds, up to a constant, that the features are those of two questions with the
// same answer.
func (m *cross) score(features []uint32) float32 {
	if m.q == nil {
		return 0
	}
	sum := int32(0)
	for _, f := range features {
		sum += int32(m.q[f])
	}
	return float32(sum) * m.scale / sqrt32(float32(len(features)+1))
}

// newCross rounds learned weights.
func newCross(w []float32) cross {
	m := cross{q: make([]int8, len(w))}
	top := float32(0)
	for _, x := range w {
		top = max(top, x, -x)
	}
	if top == 0 {
		return m
	}
	m.scale = top / 127
	for i, x := range w {
		m.q[i] = int8(math.Round(float64(x / m.scale)))
	}
	return m
}

// crossKeys are the keys of the terms of a question that cross looks at.
func crossKeys(a *analysis) []uint32 {
	var out []uint32
	for _, k := range crossKinds {
		for _, t := range a.terms[k][:min(len(a.terms[k]), crossTerms)] {
			out = append(out, termKey(k, t))
		}
	}
	return out
}

// crossScore is the score of the query and a question of the corpus.
func (c *corpus) crossScore(q *query, x *question) float32 {
	q.other = q.other[:0]
	for _, k := range crossKinds {
		ids := c.terms(x, k)
		for _, id := range ids[:min(len(ids), crossTerms)] {
			q.other = append(q.other, c.keys[id])
		}
	}
	q.pairs = crossFeatures(q.keys, q.other, q.pairs[:0])
	return c.general.cross.score(q.pairs)
}

package kb

import (
	"math"
	"slices"
)

// learned holds the models that are trained on the knowledge base's own questions. Any of them may
// be nil: then its features are 0 and the rest decides.
type learned struct {
	class *classifier
	embed *encoder
	words *translation
}

func learn(c *corpus) *learned {
	return &learned{
		class: trainClassifier(c, defaultClass),
		embed: trainEncoder(c, defaultEmbed),
		words: trainTranslation(c, maxTranslationPairs),
	}
}

// prepare computes what the learned features of all candidates share.
func (m *learned) prepare(c *corpus, q *query) {
	if m.class != nil {
		q.logits = m.class.classify(c, q)
	}
	if m.embed != nil {
		q.vec = m.embed.encode(c, q)
	}
	if c.general != nil {
		q.keys = crossKeys(q.a)
	}
}

// extract adds the learned features of entry e to its row.
func (m *learned) extract(c *corpus, q *query, e int32, row []float32) {
	if m.class != nil {
		row[fClass] = q.logits[e]/8 + 1
	}
	if m.embed != nil && q.vec != nil {
		from, to := int(c.first[e]), int(c.first[e+1])
		best, at := int32(math.MinInt32), 0
		for i, s := range q.likeness(&m.embed.of, from, to) {
			if c.questions[from+i].source != fromNegative && s > best {
				best, at = s, from+i
			}
		}
		if best > math.MinInt32 {
			row[fEmbed] = cosine(best)
			if c.general != nil {
				row[fCross] = c.crossScore(q, &c.questions[at])
			}
		}
		row[fEmbedEntry] = cosine(q.likeness(&m.embed.entry, int(e), int(e)+1)[0])
	}
	if m.words != nil {
		row[fTranslate] = m.words.score(c, q, e)
	}
}

// nearest is how many entries the encoder adds to those that share words with the query. Among 300
// entries with three questions each, said in other words, it took recall among the candidates from
// 0.70 to 0.82.
const nearest = 15

// mostCompared bounds the entries that the encoder looks through: 100 000 are a millisecond.
const mostCompared = 200000

// likeness is the likeness of q to the vectors from to to−1, valid until the next call.
func (q *query) likeness(v *vectors, from, to int) []int32 {
	if n := to - from; len(q.dots) < n {
		q.dots = make([]int32, n)
	}
	v.dots(q.vec, from, to, q.dots)
	return q.dots[:to-from]
}

// join adds the entries nearest to the query by the encoder to the proposed ones. skip (−1 for none)
// is left out.
func (m *learned) join(q *query, proposed []int32, skip int32) []int32 {
	if m.embed == nil || q.vec == nil || m.embed.entry.count() > mostCompared {
		return proposed
	}
	type near struct{ entry, score int32 }
	top := make([]near, 0, nearest+1)
	for e, s := range q.likeness(&m.embed.entry, 0, m.embed.entry.count()) {
		if len(top) == nearest && s <= top[nearest-1].score || int32(e) == skip {
			continue
		}
		i := len(top)
		top = append(top, near{})
		for ; i > 0 && top[i-1].score < s; i-- {
			top[i] = top[i-1]
		}
		top[i] = near{int32(e), s}
		top = top[:min(len(top), nearest)]
	}
	for _, x := range top {
		if !slices.Contains(proposed, x.entry) {
			proposed = append(proposed, x.entry)
		}
	}
	return proposed
}

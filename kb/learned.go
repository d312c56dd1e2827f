package kb

import "slices"

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
		words: trainTranslation(c),
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
}

// extract adds the learned features of entry e to its row.
func (m *learned) extract(c *corpus, q *query, e int32, row []float32) {
	if m.class != nil {
		row[fClass] = q.logits[e]/8 + 1
	}
	if m.embed != nil {
		d := m.embed.dim
		best := float32(-1)
		from, to := c.first[e], c.first[e+1]
		step := int32(1)
		if to-from > maxCompared {
			step = (to - from + maxCompared - 1) / maxCompared
		}
		for i := from; i < to; i += step {
			if c.questions[i].source != fromNegative {
				best = max(best, dot(q.vec, m.embed.of[int(i)*d:(int(i)+1)*d]))
			}
		}
		row[fEmbed] = best
		row[fEmbedEntry] = dot(q.vec, m.embed.entry[int(e)*d:(int(e)+1)*d])
	}
	if m.words != nil {
		row[fTranslate] = m.words.score(c, q, e)
	}
}

// nearest is how many entries the encoder adds to those that share words with the query. Among 300
// entries with three questions each, said in other words, it took recall among the candidates from
// 0.70 to 0.82.
const nearest = 15

// mostCompared bounds the entries that the encoder looks through: 10 000 are a quarter of a
// millisecond.
const mostCompared = 20000

// join adds the entries nearest to the query by the encoder to the proposed ones. skip (−1 for none)
// is left out.
func (m *learned) join(q *query, proposed []int32, skip int32) []int32 {
	if m.embed == nil {
		return proposed
	}
	d := m.embed.dim
	n := len(m.embed.entry) / d
	if n > mostCompared || dot(q.vec, q.vec) == 0 {
		return proposed
	}
	type near struct {
		entry int32
		score float32
	}
	top := make([]near, 0, nearest+1)
	for e := range n {
		v := m.embed.entry[e*d : (e+1)*d]
		s := dot(q.vec[:d/2], v[:d/2])
		// Half of the numbers say whether the rest is worth the time: a near entry has half of its
		// likeness there, give or take a fifth of it.
		if len(top) == nearest && s < top[nearest-1].score/4 {
			continue
		}
		s += dot(q.vec[d/2:], v[d/2:])
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

package kb

// encoder turns a question into a vector: the mean of its terms' vectors, so that questions of the
// same entry lie close together. Terms begin with random vectors (then the cosine of two questions
// is about that of their terms) and learn from pairs of questions of the same entry, against the
// other questions of the batch.
type encoder struct {
	dim     int
	vectors []float32 // terms × dim, while learning
	terms   table     // terms × dim, afterwards
	of      vectors   // of the questions
	entry   vectors   // of the entries
}

type embedParams struct {
	dim    int
	epochs int
	batch  int
	rate   float32
	sharp  float32 // inverse temperature of the softmax over the batch
	drop   uint32
	pairs  int // at most, in all epochs together
}

// defaultEmbed bounds the pairs so that learning takes four seconds at most.
var defaultEmbed = embedParams{dim: 128, epochs: 7, batch: 64, rate: 0.2, sharp: 10, drop: 90, pairs: 200000}

const (
	chanceKept   = 0.2 // of the random start of a term that general knows: 0.05 and 0.4 found the same alone, 1 less
	foreignTrust = 0.6 // in a term that only general knows, against one of the entries: 1 and 1.5 found less
)

// trainEncoder learns from the questions of c; nil if no entry has two.
func trainEncoder(c *corpus, p embedParams) *encoder {
	m := &encoder{dim: p.dim, vectors: make([]float32, len(c.df)*p.dim)}
	random := rng(7)
	for i := range m.vectors {
		// Sum of uniform numbers: about normal, and cheap. Length of a term's vector: about one.
		v := float32(random.next()&0xFFFF) + float32(random.next()&0xFFFF) - 65536
		m.vectors[i] = v / 65536 * 1.22 / sqrt32(float32(p.dim)/2)
	}
	for id, g := range c.generally {
		if g >= 0 {
			// What is known of the word already is where learning starts. Some chance stays in it:
			// terms of one group of synonyms must be told apart again where the entries do.
			v := m.vectors[id*p.dim : (id+1)*p.dim]
			for i := range v {
				v[i] *= chanceKept
			}
			c.general.vectors.add(1, g, v)
		}
	}
	type pair struct{ a, b int32 }
	pairs := func() []pair {
		var out []pair
		for e := range c.entries() {
			var own []int32
			for i := c.first[e]; i < c.first[e+1]; i++ {
				if c.questions[i].source != fromNegative {
					own = append(own, i)
				}
			}
			if len(own) < 2 {
				continue
			}
			// Every question once with a random other one of its entry.
			for _, i := range own {
				j := own[random.below(len(own)-1)]
				if j == i {
					j = own[len(own)-1]
				}
				out = append(out, pair{i, j})
			}
		}
		for i := len(out) - 1; i > 0; i-- {
			j := random.below(i + 1)
			out[i], out[j] = out[j], out[i]
		}
		return out[:min(len(out), p.pairs/2)]
	}
	d := p.dim
	left, right := make([]float32, p.batch*d), make([]float32, p.batch*d)
	gl, gr := make([]float32, p.batch*d), make([]float32, p.batch*d)
	nl, nr := make([]float32, p.batch), make([]float32, p.batch)
	scores := make([]float32, p.batch)
	termsL, termsR := make([][]int32, p.batch), make([][]int32, p.batch)
	all := pairs()
	epochs := max(2, min(p.epochs, p.pairs/max(len(all), 1)))
	for epoch := range epochs {
		if epoch > 0 {
			all = pairs()
		}
		rate := p.rate * (1 - float32(epoch)/float32(epochs))
		for from := 0; from < len(all); from += p.batch {
			b := all[from:min(from+p.batch, len(all))]
			if len(b) < 2 {
				continue
			}
			n := len(b)
			for i, pr := range b {
				termsL[i] = m.pick(c, &c.questions[pr.a], &random, p.drop, termsL[i][:0])
				termsR[i] = m.pick(c, &c.questions[pr.b], &random, p.drop, termsR[i][:0])
				nl[i] = m.pool(c, termsL[i], left[i*d:(i+1)*d])
				nr[i] = m.pool(c, termsR[i], right[i*d:(i+1)*d])
			}
			clear(gl)
			clear(gr)
			for i := range n {
				l := left[i*d : (i+1)*d]
				for j := range n {
					if j != i && c.questions[b[j].b].entry == c.questions[b[i].a].entry {
						scores[j] = -1e9 // another pair of the same entry is no negative
						continue
					}
					scores[j] = p.sharp * dot(l, right[j*d:(j+1)*d])
				}
				softmaxInPlace(scores[:n])
				scores[i]--
				for j := range n {
					g := scores[j] * p.sharp
					axpy(g, right[j*d:(j+1)*d], gl[i*d:(i+1)*d])
					axpy(g, l, gr[j*d:(j+1)*d])
				}
			}
			for i := range n {
				m.descend(c, termsL[i], left[i*d:(i+1)*d], gl[i*d:(i+1)*d], nl[i], rate)
				m.descend(c, termsR[i], right[i*d:(i+1)*d], gr[i*d:(i+1)*d], nr[i], rate)
			}
		}
	}
	m.terms, m.vectors = newTable(m.vectors, d), nil
	m.settle(c)
	return m
}

// pick collects the terms of a question, hiding some.
func (m *encoder) pick(c *corpus, q *question, random *rng, drop uint32, out []int32) []int32 {
	for _, k := range classKinds {
		for _, id := range c.terms(q, k) {
			if random.next()&255 >= drop {
				out = append(out, id)
			}
		}
	}
	return out
}

// pool writes the normalised weighted sum of the vectors of terms, and returns its length before.
func (m *encoder) pool(c *corpus, terms []int32, out []float32) float32 {
	clear(out)
	for _, id := range terms {
		axpy(sqrt32(c.weight[id]), m.vectors[int(id)*m.dim:(int(id)+1)*m.dim], out)
	}
	return normalize(out)
}

// descend moves the vectors of terms against the gradient of their normalised sum.
func (m *encoder) descend(c *corpus, terms []int32, unit, grad []float32, length, rate float32) {
	if length == 0 {
		return
	}
	axpy(-dot(unit, grad), unit, grad) // the length does not count: only the direction moves
	for _, id := range terms {
		axpy(-rate*sqrt32(c.weight[id])/length, grad, m.vectors[int(id)*m.dim:(int(id)+1)*m.dim])
	}
}

// settle computes the vectors of all questions and entries.
func (m *encoder) settle(c *corpus) {
	m.of, m.entry = newVectors(len(c.questions), m.dim), newVectors(c.entries(), m.dim)
	random := rng(1)
	var terms []int32
	v, sum := make([]float32, m.dim), make([]float32, m.dim)
	for e := range c.entries() {
		clear(sum)
		for i := c.first[e]; i < c.first[e+1]; i++ {
			clear(v)
			terms = m.pick(c, &c.questions[i], &random, 0, terms[:0])
			for _, id := range terms {
				m.terms.add(sqrt32(c.weight[id]), id, v)
			}
			normalize(v)
			m.of.set(int(i), v)
			if c.questions[i].source != fromNegative {
				axpy(1, v, sum)
			}
		}
		normalize(sum)
		m.entry.set(e, sum)
	}
}

// encode returns the vector of a query, nil if nothing is known of its terms.
func (m *encoder) encode(c *corpus, q *query) []int8 {
	out := make([]float32, m.dim)
	for _, k := range classKinds {
		for _, id := range q.ids[k] {
			m.terms.add(sqrt32(c.weight[id]), id, out)
		}
		for _, g := range q.foreign[k] {
			c.general.vectors.add(foreignTrust*sqrt32(c.unseen[k]), g, out)
		}
	}
	if normalize(out) == 0 {
		return nil
	}
	v := newVectors(1, m.dim)
	v.set(0, out)
	return v.q
}

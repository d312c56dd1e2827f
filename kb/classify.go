package kb

import "math"

// classifier is a softmax over all entries from the terms of a question, learned from the questions
// of the knowledge base. It sees what no comparison of two questions can: which words set an entry
// apart from its neighbours. It is kept for knowledge bases up to maxClassWeights.
type classifier struct {
	entries int
	weights table // terms × entries
	bias    table // one row
}

// maxClassWeights bounds terms × entries: 24 million are 96 MB and a second of learning. 300
// entries with 20 questions each need 6 million; 10 000 entries would need 3 billion and do without.
// (Four bytes each while learning, one afterwards.)
const maxClassWeights = 24 << 20

// classKinds are the kinds of terms that the classifier reads.
var classKinds = [...]kind{byConcept, byWord, byBigram, byChar, bySound}

type classParams struct {
	epochs int
	rate   float32
	drop   uint32 // of 256 terms are hidden at each step: with five questions an entry must not rest on one word
}

var defaultClass = classParams{epochs: 8, rate: 0.5, drop: 90}

// trainClassifier learns from the questions of c; nil if there are too many entries.
func trainClassifier(c *corpus, p classParams) *classifier {
	entries := c.entries()
	if entries < 2 || len(c.df)*entries > maxClassWeights {
		return nil
	}
	weights, bias := make([]float32, len(c.df)*entries), make([]float32, entries)
	var order []int32
	for i := range c.questions {
		if c.questions[i].source != fromNegative {
			order = append(order, int32(i))
		}
	}
	random := rng(1)
	logits := make([]float32, entries)
	var ids []int32
	var xs []float32
	total := p.epochs * len(order)
	step := 0
	for range p.epochs {
		random.shuffle(order)
		for _, i := range order {
			q := &c.questions[i]
			rate := p.rate * (1 - float32(step)/float32(total))
			step++
			ids, xs = ids[:0], xs[:0]
			for _, kd := range classKinds {
				for _, id := range c.terms(q, kd) {
					if random.next()&255 >= p.drop {
						ids = append(ids, id)
						xs = append(xs, sqrt32(c.weight[id]))
					}
				}
			}
			normalize(xs)
			copy(logits, bias)
			for j, id := range ids {
				axpy(classScale*xs[j], weights[int(id)*entries:(int(id)+1)*entries], logits)
			}
			softmaxInPlace(logits)
			logits[q.entry]--
			for e, g := range logits {
				bias[e] -= 0.1 * rate * g
			}
			for j, id := range ids {
				axpy(-rate*xs[j]*classScale, logits, weights[int(id)*entries:(int(id)+1)*entries])
			}
		}
	}
	return &classifier{entries: entries, weights: newTable(weights, entries), bias: newTable(bias, entries)}
}

// classScale stretches the logits: inputs have length one, and a softmax over hundreds of entries
// needs logits of about ten to be sure of anything.
const classScale = 4

// classify returns the log-probability of each entry for q.
func (k *classifier) classify(c *corpus, q *query) []float32 {
	var ids []int32
	var xs []float32
	unseen := float32(0)
	for _, kd := range classKinds {
		for _, id := range q.ids[kd] {
			ids = append(ids, id)
			xs = append(xs, sqrt32(c.weight[id]))
		}
		unseen += q.total[kd] - q.known[kd]
	}
	// What the knowledge base does not know makes the rest count less.
	sum := unseen / 2
	for _, x := range xs {
		sum += x * x
	}
	if sum > 0 {
		scale := 1 / sqrt32(sum)
		for i := range xs {
			xs[i] *= scale
		}
	}
	out := make([]float32, k.entries)
	k.bias.add(1, 0, out)
	for j, id := range ids {
		k.weights.add(classScale*xs[j], id, out)
	}
	softmaxInPlace(out)
	for i, p := range out {
		out[i] = float32(math.Log(float64(p) + 1e-6))
	}
	return out
}

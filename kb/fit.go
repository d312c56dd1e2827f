package kb

import "math"

// sample is a question with its candidates and which of them is right.
type sample struct {
	rows  [][features]float32
	right []bool             // by candidate; none: the knowledge base has no answer, or it was not proposed
	query [evidences]float32 // queryEvidence
	half  int                // of the samples, for judging what the other half has fitted
	in    bool               // the knowledge base has an answer
	// weight of the sample, 1 if it counts like any other.
	weight float32
}

// fitRank fits the weights of the ranking to samples by the softmax of the right candidates,
// starting from prior and drawn back to it with strength pull (in samples). Full batches and a
// fixed number of steps: the same samples give the same weights.
func fitRank(samples []sample, prior [features]float32, pull float64, steps int) [features]float32 {
	var use []int
	total := 0.0
	for i, s := range samples {
		for _, r := range s.right {
			if r && len(s.rows) > 1 {
				use = append(use, i)
				total += float64(s.weight)
				break
			}
		}
	}
	if len(use) == 0 {
		return prior
	}
	w := prior
	var adam adamState
	adam.init(features)
	scores := make([]float32, 0, 64)
	grad := make([]float64, features)
	for range steps {
		for j := range grad {
			grad[j] = pull * float64(w[j]-prior[j]) / total
		}
		for _, i := range use {
			s := &samples[i]
			scores = scores[:0]
			top := float32(math.Inf(-1))
			for r := range s.rows {
				var z float32
				row := &s.rows[r]
				for j, v := range row {
					z += w[j] * v
				}
				scores = append(scores, z)
				top = max(top, z)
			}
			var all, right float64
			for r, z := range scores {
				e := math.Exp(float64(z - top))
				all += e
				if s.right[r] {
					right += e
				}
			}
			for r, z := range scores {
				e := math.Exp(float64(z - top))
				g := e / all
				if s.right[r] {
					g -= e / right
				}
				g *= float64(s.weight) / total
				if g > -1e-9 && g < 1e-9 {
					continue
				}
				row := &s.rows[r]
				for j, v := range row {
					grad[j] += g * float64(v)
				}
			}
		}
		adam.step(w[:], grad, 0.05)
	}
	return w
}

// fitSure fits the chance that the best candidate answers. evidences and labels come in parallel.
func fitSure(ev [][evidences]float32, right []bool, weight []float32, prior [evidences]float32, pull float64, steps int) [evidences]float32 {
	total := 0.0
	for _, x := range weight {
		total += float64(x)
	}
	if total == 0 {
		return prior
	}
	w := prior
	var adam adamState
	adam.init(evidences)
	grad := make([]float64, evidences)
	for range steps {
		for j := range grad {
			grad[j] = pull * float64(w[j]-prior[j]) / total
		}
		for i := range ev {
			z := 0.0
			for j, v := range ev[i] {
				z += float64(w[j] * v)
			}
			g := sigmoid(z)
			if right[i] {
				g--
			}
			g *= float64(weight[i]) / total
			for j, v := range ev[i] {
				grad[j] += g * float64(v)
			}
		}
		adam.step(w[:], grad, 0.05)
	}
	return w
}

// adamState is the optimiser Adam with its usual constants.
type adamState struct {
	m, v []float64
	t    int
}

func (a *adamState) init(n int) { a.m, a.v, a.t = make([]float64, n), make([]float64, n), 0 }

func (a *adamState) step(w []float32, grad []float64, rate float64) {
	a.t++
	c1, c2 := 1-math.Pow(0.9, float64(a.t)), 1-math.Pow(0.999, float64(a.t))
	for j, g := range grad {
		a.m[j] = 0.9*a.m[j] + 0.1*g
		a.v[j] = 0.999*a.v[j] + 0.001*g*g
		w[j] -= float32(rate * (a.m[j] / c1) / (math.Sqrt(a.v[j]/c2) + 1e-8))
	}
}

// fitSteps is the number of steps from the shipped weights; 300 changed no recall in its second digit.
const fitSteps = 150

// fitAll fits both parts of a combiner: the ranking to the samples that have a right candidate, the
// certainty to all.
func fitAll(samples []sample, prior combiner, rankPull, surePull float64) combiner {
	m := prior
	m.Rank = fitRank(samples, prior.Rank, rankPull, fitSteps)
	var ev [][evidences]float32
	var right []bool
	var weight []float32
	for i := range samples {
		s := &samples[i]
		if len(s.rows) == 0 {
			continue
		}
		e, r := m.best(s)
		ev, right, weight = append(ev, e), append(right, r), append(weight, s.weight)
	}
	m.Sure = fitSure(ev, right, weight, prior.Sure, surePull, 2*fitSteps)
	return m
}

// best is the evidence for the best candidate of a sample under m, and whether it is right.
func (m *combiner) best(s *sample) (e [evidences]float32, right bool) {
	scores := make([]float32, len(s.rows))
	at := 0
	for r := range s.rows {
		scores[r] = m.score(s.rows[r][:])
		if scores[r] > scores[at] {
			at = r
		}
	}
	return withModel(s.query, s.rows[at][:], scores[at], softmax(scores)[at]), s.right[at]
}

// loss is what a sample costs: the surprise about which candidate is right, if one is, and about
// whether the best one is.
func (m *combiner) loss(s *sample) float64 {
	scores := make([]float32, len(s.rows))
	right := -1
	for r := range s.rows {
		scores[r] = m.score(s.rows[r][:])
		if s.right[r] {
			right = r
		}
	}
	o := m.outcome(s)
	p := o.sure
	if !o.right {
		p = 1 - p
	}
	cost := -math.Log(max(p, 1e-4))
	if right >= 0 {
		cost -= math.Log(max(float64(softmax(scores)[right]), 1e-4))
	}
	return cost
}

// outcome is what the model made of one held-out question.
type outcome struct {
	sure   float64 // probability that its best candidate answers
	right  bool    // it does
	in     bool    // the knowledge base has an answer
	weight float64
}

func (m *combiner) outcome(s *sample) outcome {
	o := outcome{in: s.in, weight: float64(s.weight)}
	if len(s.rows) > 0 {
		var e [evidences]float32
		e, o.right = m.best(s)
		o.sure = m.sure(e)
	}
	return o
}

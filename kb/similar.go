package kb

import "math"

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

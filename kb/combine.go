package kb

import "math"

// combiner turns features into scores: a linear model over the candidates of one query, whose
// softmax is the chance of each to be the right one among them.
type combiner struct {
	Rank [features]float32
	Sure [evidences]float32 // of the chance that the best candidate answers at all
}

// Evidence that the best candidate answers the query, beyond being the best.
const (
	eBias    = iota
	eMargin  // log-odds of the best against the rest
	eScore   // its linear score
	eBest    // its best mixture
	eCover   // share of the query's concepts it has
	eEntry   // … anywhere in the entry
	eUnseen  // share of the query's concepts that no entry has
	eMissing // its heaviest missing concept
	eBigrams // share of the query's character pairs that some entry has
	eLength  // log length of the query
	eFixes   // words that were corrected
	eEmbed   // its embedding cosine
	eConfirmed
	eClass
	evidences
)

func (m *combiner) score(row []float32) float32 {
	var s float32
	for i, w := range m.Rank {
		s += w * row[i]
	}
	return s
}

// softmax returns the shares of scores; they sum to one.
func softmax(scores []float32) []float32 {
	out := make([]float32, len(scores))
	top := float32(math.Inf(-1))
	for _, s := range scores {
		top = max(top, s)
	}
	var sum float32
	for i, s := range scores {
		out[i] = float32(math.Exp(float64(s - top)))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// queryEvidence is the part of the evidence that depends on the query alone.
func queryEvidence(q *query) [evidences]float32 {
	var e [evidences]float32
	e[eBias] = 1
	if q.total[byConcept] > 0 {
		e[eUnseen] = 1 - q.known[byConcept]/q.total[byConcept]
	}
	if q.total[byBigram] > 0 {
		e[eBigrams] = q.known[byBigram] / q.total[byBigram]
	}
	e[eLength] = float32(math.Log(float64(q.a.length + 1)))
	e[eFixes] = float32(min(q.fixes, 3))
	return e
}

// withModel adds what is known of the best candidate: its row, its linear score and its share of
// the softmax.
func withModel(e [evidences]float32, row []float32, score, share float32) [evidences]float32 {
	s := min(max(float64(share), 0.001), 0.999)
	e[eMargin] = float32(math.Log(s / (1 - s)))
	e[eScore] = score / 10
	e[eBest] = row[fBest]
	e[eCover] = row[fCoverConcept]
	e[eEntry] = row[fEntryConcept]
	e[eMissing] = row[fMissing]
	e[eEmbed] = row[fEmbed]
	e[eConfirmed] = row[fConfirmed]
	e[eClass] = row[fClass]
	return e
}

func (m *combiner) sure(e [evidences]float32) float64 {
	var z float64
	for i, w := range m.Sure {
		z += float64(w * e[i])
	}
	return sigmoid(z)
}

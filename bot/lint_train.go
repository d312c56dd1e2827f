package bot

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"yinda/internal/text"
)

//go:embed phrasing/sentences.tsv
var phrasingTSV string

// phrasingExample is a sentence and its class.
type phrasingExample struct {
	text  string
	class int
}

func phrasingExamples() []phrasingExample {
	var out []phrasingExample
	for sc := bufio.NewScanner(strings.NewReader(phrasingTSV)); sc.Scan(); {
		sentence, rule, ok := strings.Cut(sc.Text(), "\t")
		if class := slices.Index(phrasingClasses, rule); ok && class >= 0 {
			out = append(out, phrasingExample{sentence, class})
		}
	}
	return out
}

// Settings of training, chosen by cross-validation over phrasing/sentences.tsv.
const (
	phrasingEpochs = 12
	phrasingRate   = 0.5
	phrasingDecay  = 5e-6 // L2 in every step: the examples are few and the features many
)

// trainPhrasing fits the model with AdaGrad. It is deterministic.
func trainPhrasing(examples []phrasingExample) *phrasingModel {
	k := len(phrasingClasses)
	features := make([][]uint32, len(examples))
	for i, e := range examples {
		features[i] = phrasingFeatures(strippedSentence(e.text))
	}
	w := make([]float32, phrasingBuckets*k)
	g2 := make([]float32, phrasingBuckets*k)
	bias := make([]float32, k)
	bias[0] = phrasingPrior
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	z := make([]float64, k)
	for range phrasingEpochs {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			norm := 1 / math.Sqrt(float64(max(len(features[i]), 1)))
			for c := range z {
				z[c] = float64(bias[c])
			}
			for _, f := range features[i] {
				for c, x := range w[int(f)*k : int(f+1)*k] {
					z[c] += float64(x) * norm
				}
			}
			p := softmax64(z)
			for c := range z {
				g := p[c]
				if c == examples[i].class {
					g--
				}
				for _, f := range features[i] {
					at := int(f)*k + c
					gf := float32(g*norm) + phrasingDecay*w[at]
					g2[at] += gf * gf
					w[at] -= phrasingRate * gf / (1e-3 + float32(math.Sqrt(float64(g2[at]))))
				}
			}
		}
	}
	m := &phrasingModel{weights: make([]int8, len(w)), bias: bias, digest: sha256.Sum256([]byte(phrasingTSV))}
	top := float32(0)
	for _, x := range w {
		top = max(top, max(x, -x))
	}
	m.scale = top / 127
	for i, x := range w {
		m.weights[i] = int8(math.Round(float64(x / m.scale)))
	}
	return m
}

// strippedSentence is a sentence as the guard sees it: folded, tight, without its final mark.
func strippedSentence(s string) []rune {
	rs := text.Fold(s).Tight().Runes()
	for len(rs) > 0 && (endsSentence(rs[len(rs)-1]) || rs[len(rs)-1] == ' ') {
		rs = rs[:len(rs)-1]
	}
	return rs
}

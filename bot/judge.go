package bot

import (
	"math"
	"slices"
)

// judgement weighs what the lists say of a turn against what the model says: a logistic regression
// of few numbers. They were fitted on the examples of each author with a model that had learned from
// the other authors only (TestJudgements), so that lists and model are believed as far as either can
// be trusted with words that it has not seen.
type judgement struct {
	bias   float64
	long   float64 // the turn has longTurn characters or more
	unreal float64 // supposes, prevents, or tells of what is long past or settled
	asks   float64 // reads as a question
	model  float64 // log-odds of the model
	lists  float64 // the lists alone say so
	signs  []float64
}

// longTurn is the length in characters from which many n-grams gather that other classes have too.
const longTurn = 30

// Signs of each judgement beside the common ones, in this order.
var (
	// refuses a person; speaks about persons without wanting one; has a character of the matter;
	// complaint words; the lists see an emergency
	judgePerson = judgement{bias: -0.96, long: 1.25, unreal: 0.13, asks: 0.09, model: 0.95, lists: 2.46, signs: []float64{-2.56, -1.11, 0.37, -0.65, -0.58}}
	// asks about complaining; number of complaint words, at most three; of emotion words; threatens with
	// the regulator or the law
	judgeComplaint = judgement{bias: -0.02, long: 0.51, unreal: -0.58, asks: -0.06, model: 0.71, lists: 1.22, signs: []float64{-1.00, 0.06, 0.10, 1.83}}
	// an emergency word under supposition; number of emergency words, at most three
	judgeUrgent = judgement{bias: 0.22, long: 1.21, unreal: -0.63, asks: -0.28, model: 0.77, lists: 1.63, signs: []float64{-0.81, 0.14}}
)

// Log-odds above which the lists are believed: a request for a person must not be missed (HO-01), nor
// an emergency or a complaint in plain words; a needless transfer costs an agent a minute.
const (
	plainRequest   = -2.6
	plainEmergency = -0.9
	plainComplaint = -1.2
)

// Log-odds from which the bot acts on the model alone. Below, it answers, soothes and asks whether it
// is so: 理财亏了 may be a complaint, and 转账还没到 may be a transfer to the wrong person, but the
// next words tell, and an agent is not called for each.
const (
	sureUrgent    = 1.2
	sureComplaint = 1.8
)

// Below both probabilities, words of an emergency that the bank has declared are taken to be of another
// matter: 净值一夜跳楼.
const (
	otherMatter    = 0.03
	otherComplaint = 0.3
)

// emotionLists is how much a word of emotion of level 0..4 adds to the log-probability of its emotion;
// level 0 is to the neutral one, when no word shows any.
var emotionLists = [5]float64{0.03, 0.96, 1.77, 2.04, 2.04}

// The places of the judgements in Understanding.weighed.
const (
	weighedPerson = iota
	weighedComplaint
	weighedUrgent
)

// odds is the log-odds of the judgement for weighed inputs.
func (j *judgement) odds(inputs []float64) float64 {
	z := 0.0
	for i, x := range inputs {
		z += j.weight(i) * x
	}
	return z
}

// inputs are what a judgement weighs.
func (n *Understanding) inputs(p float64, lists bool, signs ...float64) []float64 {
	p = min(max(p, 1e-4), 1-1e-4)
	return append([]float64{
		1, number(len(n.line.runes) >= longTurn), number(n.unrealAnywhere()), number(n.asks()),
		math.Log(p / (1 - p)), number(lists),
	}, signs...)
}

// weight is the weight of the i-th input.
func (j *judgement) weight(i int) float64 {
	common := [...]float64{j.bias, j.long, j.unreal, j.asks, j.model, j.lists}
	if i < len(common) {
		return common[i]
	}
	return j.signs[i-len(common)]
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// count is the number of hits of a kind of list, at most three.
func (n *Understanding) count(kind string) float64 {
	c := 0
	for _, h := range n.hits {
		if h.list.Kind == kind {
			c++
		}
	}
	return float64(min(c, 3))
}

// strongEmotion is the probability from which the model alone sees an emotion of level 2.
const strongEmotion = 0.985

// weighEmotion weighs the emotion that the lists show, of level 0..4, against the model.
func weighEmotion(g *Guess, listed string, level int) (string, int) {
	best, top := listed, math.Inf(-1)
	for i, e := range emotionClasses {
		z := math.Log(g.Emotions[i] + 1e-4)
		if e == listed {
			z += emotionLists[level]
		}
		if z > top {
			best, top = e, z
		}
	}
	switch {
	case best == listed:
		return listed, level
	case best == EmotionNeutral:
		return best, 0
	case best != EmotionPositive && listed != EmotionPositive && level > 0:
		return best, level // another emotion, but no less of it
	case best != EmotionPositive && g.Emotions[slices.Index(emotionClasses, best)] >= strongEmotion:
		return best, 2
	}
	return best, 1
}

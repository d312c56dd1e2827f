package kb

import (
	"cmp"
	"slices"
)

// What thresholds are chosen for.
const (
	wantedPrecision = 0.95 // of the answers given without asking back
	fewestAnswers   = 25   // a precision estimated from fewer answers is chance
	wantedReach     = 0.92 // of the questions that have an answer should at least be asked back
)

// Bounds of the thresholds, whatever the held-out questions say: similar questions are alike and
// customers are not. Where customers' questions were confirmed, they may ask for more.
const (
	lowestAnswer, highestAnswer   = 0.65, 0.75
	highestConfirmed              = 0.80
	lowestClarify, highestClarify = 0.10, 0.35
	leastMargin                   = 0.10
)

// chooseThresholds finds the lowest score from which on the wanted share of the answers is right,
// among held-out questions with and without an answer.
func chooseThresholds(outcomes []outcome, confirmed bool) Thresholds {
	highest := highestAnswer
	if confirmed {
		highest = highestConfirmed
	}
	t := Thresholds{Answer: shippedThresholds.Answer, Clarify: shippedThresholds.Clarify, Margin: leastMargin}
	sorted := slices.Clone(outcomes)
	slices.SortStableFunc(sorted, func(a, b outcome) int { return cmp.Compare(b.sure, a.sure) })
	var all, right, in, reached float64
	n := 0
	for _, o := range sorted {
		if o.in {
			in += o.weight
		}
	}
	clarify := 0.0
	answer := 0.0
	for _, o := range sorted {
		n++
		all += o.weight
		if o.right {
			right += o.weight
		}
		if n >= fewestAnswers && right >= wantedPrecision*all {
			answer = o.sure
		}
		if o.in {
			reached += o.weight
		}
		if clarify == 0 && reached >= wantedReach*in {
			clarify = o.sure
		}
	}
	if answer == 0 {
		answer = highest // no score reached the wanted precision: answer only the surest
	}
	t.Answer = min(max(answer, lowestAnswer), highest)
	t.Clarify = min(max(clarify, lowestClarify), highestClarify, t.Answer)
	return t
}

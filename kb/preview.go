package kb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"yinda/internal/text"
)

// Where the questions of a comparison come from: the labels of their cases.
const (
	FromPair    = "pair"    // a customer's question that was confirmed
	FromSimilar = "similar" // a similar question of an entry
	FromTyped   = "typed"   // typed by an editor: nobody said what answers it
)

// Seen is what one index makes of a question.
type Seen struct {
	ID       string   `json:"id"` // of the best candidate, "" if none
	Title    string   `json:"title"`
	Score    float64  `json:"score"`
	Verdict  Verdict  `json:"verdict"`
	Tokens   []string `json:"tokens"`
	Synonyms []string `json:"synonyms"` // synonyms used and words corrected, "还钱 → 还款"
	rank     int      // of the first right entry, from 1; 0 if none
}

// What a change makes of a question. Better and worse count how well the customer is served: answered
// rightly, asked back with the right choice, not answered, answered wrongly; where no entry answers,
// declined, asked back, answered.
const (
	Better = "better"
	Worse  = "worse"
	Other  = "other" // changed, neither for the better nor the worse as far as is known
	Same   = "same"
)

// Effect is what a change makes of one question.
type Effect struct {
	Question string   `json:"question"`
	Source   string   `json:"source"`
	Want     []string `json:"want"` // entries that answer it, empty if none does or, when typed, nobody said
	Before   Seen     `json:"before"`
	After    Seen     `json:"after"`
	Kind     string   `json:"kind"`
}

// Comparison is what a change makes of many questions.
type Comparison struct {
	Asked   int      `json:"asked"`
	Better  int      `json:"better"`
	Worse   int      `json:"worse"`
	Other   int      `json:"other"`
	Recut   int      `json:"recut"`   // questions that are cut into other words, or that other synonyms are used for
	Effects []Effect `json:"effects"` // changed best entry or verdict, worse first; typed ones always; at most 200
	Cuts    []Effect `json:"cuts"`    // of the questions counted by Recut at most 30
}

// Bounds of the lists of a Comparison: nobody reads more.
const (
	mostEffects = 200
	mostCuts    = 30
)

// Try asks both indexes all cases and says what differs. progress (may be nil) hears how many have been
// asked. It ends with the error of ctx as soon as ctx ends.
func Try(ctx context.Context, before, after Searcher, cases []Case, progress func(asked int)) (*Comparison, error) {
	c := &Comparison{Effects: []Effect{}, Cuts: []Effect{}}
	for i, one := range cases {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e := Effect{Question: one.Question, Source: one.Slice, Want: append([]string{}, one.IDs...)}
		var err error
		if e.Before, err = see(ctx, before, one); err != nil {
			return nil, err
		}
		if e.After, err = see(ctx, after, one); err != nil {
			return nil, err
		}
		e.Kind = e.kind()
		c.Asked++
		switch e.Kind {
		case Better:
			c.Better++
		case Worse:
			c.Worse++
		case Other:
			c.Other++
		}
		if e.Kind != Same || e.Source == FromTyped {
			c.Effects = append(c.Effects, e)
		}
		if !slices.Equal(e.Before.Tokens, e.After.Tokens) || !slices.Equal(e.Before.Synonyms, e.After.Synonyms) {
			c.Recut++
			if len(c.Cuts) < mostCuts {
				c.Cuts = append(c.Cuts, e)
			}
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	order := []string{Worse, Better, Other, Same}
	slices.SortStableFunc(c.Effects, func(a, b Effect) int {
		if (a.Source == FromTyped) != (b.Source == FromTyped) {
			return cmp.Compare(b.Source, a.Source) // "typed" is the last of the sources
		}
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
	c.Effects = c.Effects[:min(len(c.Effects), mostEffects)]
	return c, nil
}

func see(ctx context.Context, s Searcher, c Case) (Seen, error) {
	r, err := s.Search(ctx, c.Question, SearchOptions{Explain: true})
	if err != nil {
		return Seen{}, fmt.Errorf("try %q: %w", c.Question, err)
	}
	out := Seen{Verdict: r.Verdict, Tokens: append([]string{}, r.Tokens...), Synonyms: append([]string{}, r.Synonyms...)}
	if len(r.Candidates) > 0 {
		out.ID, out.Title, out.Score = r.Candidates[0].ID, r.Candidates[0].Title, r.Candidates[0].Score
	}
	out.rank = 1 + slices.IndexFunc(r.Candidates, func(x Candidate) bool { return slices.Contains(c.IDs, x.ID) })
	return out, nil
}

// offered is how many choices a customer is asked back with.
const offered = 3

// worth ranks what the customer gets.
func (e *Effect) worth(s Seen) int {
	if len(e.Want) == 0 {
		return map[Verdict]int{Decline: 2, Clarify: 1, Answer: 0}[s.Verdict]
	}
	switch {
	case s.Verdict == Answer && s.rank == 1:
		return 3
	case s.Verdict == Answer:
		return 0
	case s.Verdict == Clarify && s.rank >= 1 && s.rank <= offered:
		return 2
	}
	return 1
}

func (e *Effect) kind() string {
	if e.Source != FromTyped {
		if d := e.worth(e.After) - e.worth(e.Before); d > 0 {
			return Better
		} else if d < 0 {
			return Worse
		}
	}
	if e.Before.ID != e.After.ID || e.Before.Verdict != e.After.Verdict {
		return Other
	}
	return Same
}

// ChangedWords lists the dictionary words and the members of groups of synonyms by which two bases
// differ, folded as questions are.
func ChangedWords(a, b Base) []string {
	lines := func(x Base) map[string][]string {
		out := map[string][]string{}
		for _, w := range x.Words {
			out[w] = []string{w}
		}
		for _, g := range x.Synonyms {
			out[strings.Join(g, "|")+"|"] = g
		}
		return out
	}
	before, after := lines(a), lines(b)
	var out []string
	add := func(from, other map[string][]string) {
		for line, words := range from {
			if _, ok := other[line]; ok {
				continue
			}
			for _, w := range words {
				if w = strings.TrimSpace(text.Fold(w).String()); w != "" {
					out = append(out, w)
				}
			}
		}
	}
	add(before, after)
	add(after, before)
	slices.Sort(out)
	return slices.Compact(out)
}

// TrialCases are questions of a base to try a change on, at most most: those that contain one of the
// words, then the confirmed pairs, then similar questions, evenly spread over the entries.
func TrialCases(b Base, words []string, most int) []Case {
	known := map[string]bool{}
	for _, e := range b.Entries {
		known[e.ID] = true
	}
	var with, pairs, similar []Case
	seen := map[string]bool{}
	add := func(c Case, rest *[]Case) {
		folded := text.Fold(c.Question).String()
		if seen[folded] {
			return
		}
		seen[folded] = true
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(folded, w) }) {
			with = append(with, c)
			return
		}
		*rest = append(*rest, c)
	}
	for _, p := range b.Pairs {
		switch {
		case p.EntryID == "":
			add(Case{Question: p.Question, Slice: FromPair}, &pairs)
		case known[p.EntryID]:
			add(Case{Question: p.Question, IDs: []string{p.EntryID}, Slice: FromPair}, &pairs)
		}
	}
	for _, e := range b.Entries {
		for _, q := range e.Similar {
			add(Case{Question: q, IDs: []string{e.ID}, Slice: FromSimilar}, &similar)
		}
	}
	var out []Case
	for _, list := range [][]Case{with, pairs, similar} {
		out = append(out, spread(list, most-len(out))...)
	}
	return out
}

// spread takes n of the cases, evenly spaced.
func spread(list []Case, n int) []Case {
	if n >= len(list) {
		return list
	}
	out := make([]Case, 0, max(n, 0))
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

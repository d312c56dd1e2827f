package kb

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// words is a small base of its own, so that what a word changes can be seen.
func wordsBase() Base {
	return Base{Untrained: true, Entries: []Entry{
		{ID: "open", Title: "怎么开通小鹿付?", Similar: []string{"想用小鹿付", "小鹿付在哪开"}},
		{ID: "limit", Title: "转账限额是多少?", Similar: []string{"一天最多转多少", "转账额度"}},
		{ID: "card", Title: "怎么办卡?", Similar: []string{"申请一张卡"}},
	}, Pairs: []Pair{{"鹿儿付咋弄", "open"}, {"今天天气", ""}, {"别的问题", "gone"}}}
}

func TestTryShowsWhatAWordChanges(t *testing.T) {
	b := wordsBase()
	before := mustBuild(t, b)
	b.Words = []string{"小鹿付"}
	b.Synonyms = [][]string{{"小鹿付", "鹿儿付"}, {"申请一张卡", "青龙帖"}}
	after, err := Rebuild(t.Context(), b, before)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	changed := ChangedWords(wordsBase(), b)
	if !slices.Equal(changed, sorted("小鹿付", "鹿儿付", "申请一张卡", "青龙帖")) {
		t.Errorf("changed words %q", changed)
	}
	cases := append(TrialCases(b, changed, 500), Case{Question: "鹿儿付限额", Slice: FromTyped},
		Case{Question: "青龙帖", IDs: []string{"card"}, Slice: FromPair})
	asked := 0
	c, err := Try(t.Context(), before, after, cases, func(n int) { asked = n })
	if err != nil {
		t.Fatal(err)
	}
	if c.Asked != len(cases) || asked != len(cases) {
		t.Errorf("asked %d, reported %d, want %d", c.Asked, asked, len(cases))
	}
	if c.Effects[0].Source != FromTyped {
		t.Errorf("what the editor typed is not first: %+v", c.Effects[0])
	}
	i := slices.IndexFunc(c.Cuts, func(e Effect) bool { return e.Question == "鹿儿付咋弄" })
	if i < 0 {
		t.Fatalf("the sentence with the new synonym is not among %+v", c.Cuts)
	}
	if cut := c.Cuts[i]; slices.Contains(cut.Before.Tokens, "鹿儿付") || !slices.Contains(cut.After.Tokens, "鹿儿付") || !slices.Contains(cut.After.Synonyms, "鹿儿付 → 小鹿付") {
		t.Errorf("cut %+v", cut)
	}
	if c.Worse != 0 || c.Better == 0 {
		t.Errorf("better %d, worse %d, effects %+v", c.Better, c.Worse, c.Effects)
	}
}

func TestTryWithoutAChangeFindsNone(t *testing.T) {
	x, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Rebuild(t.Context(), x.base, x)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	c, err := Try(t.Context(), x, again, TrialCases(x.base, nil, 100), nil)
	if err != nil || c.Asked < 50 || len(c.Effects)+c.Recut != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTryEndsWithItsContext(t *testing.T) {
	x, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Try(ctx, x, x, TrialCases(x.base, nil, 100), func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestTrialCases(t *testing.T) {
	b := wordsBase()
	all := TrialCases(b, []string{"限额", "转账"}, 500)
	if got := all[0]; got.Question != "转账额度" || got.Slice != FromSimilar || got.IDs[0] != "limit" {
		t.Errorf("the first is %+v", got)
	}
	if all[1].Slice != FromPair || all[2].Slice != FromPair || len(all[2].IDs)+len(all[1].IDs) != 1 {
		t.Errorf("pairs come next: %+v", all[1:3])
	}
	if len(all) != 7 { // five similar questions, two pairs whose entries exist
		t.Errorf("%d cases: %+v", len(all), all)
	}
	if few := TrialCases(b, nil, 3); len(few) != 3 {
		t.Errorf("%d cases, want 3", len(few))
	}
}

func TestWorth(t *testing.T) {
	right, wrong := Seen{ID: "a", Verdict: Answer, rank: 1}, Seen{ID: "b", Verdict: Answer}
	asked, declined := Seen{ID: "b", Verdict: Clarify, rank: 2}, Seen{ID: "a", Verdict: Decline, rank: 1}
	for _, c := range []struct {
		want          []string
		source        string
		before, after Seen
		kind          string
	}{
		{[]string{"a"}, FromPair, wrong, right, Better},
		{[]string{"a"}, FromPair, right, asked, Worse},
		{[]string{"a"}, FromPair, declined, asked, Better},
		{[]string{"a"}, FromPair, declined, wrong, Worse},
		{nil, FromPair, wrong, declined, Better},
		{nil, FromPair, declined, asked, Worse},
		{nil, FromTyped, declined, right, Other},
		{[]string{"a"}, FromPair, right, right, Same},
		{[]string{"a"}, FromPair, wrong, Seen{ID: "c", Verdict: Answer}, Other},
	} {
		e := Effect{Source: c.source, Want: c.want, Before: c.before, After: c.after}
		if got := e.kind(); got != c.kind {
			t.Errorf("%v %+v → %+v is %s, want %s", c.want, c.before, c.after, got, c.kind)
		}
	}
}

func sorted(words ...string) []string {
	slices.Sort(words)
	return words
}

package content_test

import (
	"testing"
	"time"

	"yinda/kb"
)

// TestGoldRetrieval holds the accuracy of the starter knowledge on questions that were written
// without sight of its similar questions. Only the test half counts; the dev half is for choosing
// parameters. The bounds lie a little below what is reached (docs/benchmarks.md): a change that
// makes answers worse fails here.
func TestGoldRetrieval(t *testing.T) {
	set := starter(t)
	index, err := kb.Build(t.Context(), set.Base(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	cases, err := kb.LoadCases("testdata/gold/retrieval_test.tsv")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range set.Entries {
		known[e.ID] = true
	}
	for _, c := range cases {
		for _, id := range c.IDs {
			if !known[id] {
				t.Errorf("%q wants the unknown entry %s", c.Question, id)
			}
		}
	}
	r, err := kb.Evaluate(t.Context(), index, cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, bound := range []struct {
		what     string
		got      float64
		atLeast  bool
		expected float64
	}{
		{"recall@1", r.All.Recall1.Value, true, 0.88},
		{"recall@5", r.All.Recall5.Value, true, 0.97},
		{"precision of direct answers", r.All.Precision.Value, true, 0.96},
		{"answered directly", r.All.Answered, true, 0.50},
		{"out of scope answered", r.All.FalseAnswers.Value, false, 0.06},
	} {
		if bound.atLeast && bound.got < bound.expected || !bound.atLeast && bound.got > bound.expected {
			t.Errorf("%s is %.3f, bound %.3f", bound.what, bound.got, bound.expected)
		}
		t.Logf("%s %.3f", bound.what, bound.got)
	}
}

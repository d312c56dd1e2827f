package kb

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A trial is a knowledge base of a company that nothing shipped has learned from, and questions to
// ask it: what the ranking is fitted on and judged by.
type trial struct {
	name  string
	base  Base
	cases []Case
	know  *general // learned from other companies only
}

// tabs reads a file with a header; columns are found by name.
func tabs(t testing.TB, path string) []map[string]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			if i < len(rows[0]) {
				m[rows[0][i]] = v
			}
		}
		out = append(out, m)
	}
	return out
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// realTrial is the set of real questions in dir (kb.tsv, similar.tsv, queries.tsv); column is the one
// with the wording to ask.
func realTrial(t testing.TB, dir, column string) trial {
	tr := trial{name: "real " + column, know: shippedGeneral()}
	at := map[string]int{}
	for _, r := range tabs(t, filepath.Join(dir, "kb.tsv")) {
		at[r["id"]] = len(tr.base.Entries)
		tr.base.Entries = append(tr.base.Entries, Entry{ID: r["id"], Title: r["question"]})
	}
	for _, r := range tabs(t, filepath.Join(dir, "similar.tsv")) {
		e := &tr.base.Entries[at[r["id"]]]
		e.Similar = append(e.Similar, r["question"])
	}
	for _, r := range tabs(t, filepath.Join(dir, "queries.tsv")) {
		tr.cases = append(tr.cases, Case{Question: r[column], IDs: split(r["ids"]), Also: split(r["also_ok"])})
	}
	return tr
}

// groupTrials makes knowledge bases of the groups: the files of each third together, or in parts of
// about 300 entries, with a general model learned from the other thirds; the first parts of the
// thirds are made. Every outside-th entry is taken away, so that its questions have no answer. The
// groups of phrases (p, q) are only learned from.
func groupTrials(t testing.TB, groups []group, thirds, parts, similar, outside int) []trial {
	files := []string{}
	for i, g := range groups {
		if i == 0 || groups[i-1].file != g.file {
			files = append(files, g.file)
		}
	}
	third := map[string]int{}
	for i, f := range files {
		third[f] = i % thirds
	}
	var out []trial
	for k := range parts {
		var rest []group
		var own []group
		for _, g := range groups {
			if third[g.file] == k && g.file[0] < 'p' {
				own = append(own, g)
			} else {
				rest = append(rest, g)
			}
		}
		know, _ := trainGeneral(t, rest, 2)
		tr := trial{name: fmt.Sprintf("groups %d", k), know: know}
		for i, g := range own {
			gone := outside > 0 && i%outside == outside-1
			n := min(1+similar+i%2, len(g.qs))
			if !gone {
				tr.base.Entries = append(tr.base.Entries, Entry{ID: g.id, Title: g.qs[0], Similar: g.qs[1:n]})
			}
			for _, q := range g.qs[n:] {
				c := Case{Question: q}
				if !gone {
					c.IDs = []string{g.id}
				}
				tr.cases = append(tr.cases, c)
			}
			if len(tr.base.Entries) == 300 {
				out = append(out, tr)
				tr = trial{name: fmt.Sprintf("groups %d", k), know: know}
			}
		}
		if len(tr.base.Entries) > 20 {
			out = append(out, tr)
		}
	}
	return out
}

// index builds a trial's knowledge base.
func (tr *trial) index(t testing.TB, untrained bool) *Index {
	was := shippedGeneral
	shippedGeneral = func() *general { return tr.know }
	defer func() { shippedGeneral = was }()
	b := tr.base
	b.Untrained = untrained
	return mustBuild(t, b)
}

// samples asks a trial's questions.
func (tr *trial) samples(t testing.TB, x *Index) []sample {
	var out []sample
	for _, c := range tr.cases {
		text := x.lang.clean(c.Question)
		if text == "" {
			continue
		}
		u, err := x.understand(t.Context(), text, SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s := sample{in: len(c.IDs) > 0, query: queryEvidence(u.q), weight: 1}
		for _, r := range u.ranked {
			s.rows = append(s.rows, r.row)
			right := false
			for _, id := range c.IDs {
				right = right || x.base.Entries[r.entry].ID == id
			}
			s.right = append(s.right, right)
		}
		x.desk.give(u.q)
		out = append(out, s)
	}
	return out
}

func line(name string, m Measures, inCandidates float64) string {
	return fmt.Sprintf("%-22s %5d in %4d out  r@1 %.3f @3 %.3f @5 %.3f cand %.3f  cover95 %.3f at %.2f (out %.3f)  answered %.3f prec %.3f out %.3f",
		name, m.InScope, m.OutOfScope, m.Recall1.Value, m.Recall3.Value, m.Recall5.Value, inCandidates, m.Coverage.Value, m.CoverageThreshold, m.CoverageFalse,
		m.Answered, m.Precision.Value, m.FalseAnswers.Value)
}

// TestTrials measures the search on companies that nothing shipped has learned from.
// KB_TRIALS=1: the groups, by cross-validation. KBDEV=dir: the real questions there.
func TestTrials(t *testing.T) {
	dir := os.Getenv("KBDEV")
	if os.Getenv("KB_TRIALS") == "" && dir == "" {
		t.Skip("set KB_TRIALS=1 or KBDEV=dir to run")
	}
	var trials []trial
	if os.Getenv("KB_GENERAL") != "" {
		began := time.Now()
		g, keys := trainGeneral(t, readGroups(t), 2)
		t.Log("general of", len(keys), "terms in", time.Since(began))
		was := shippedGeneral
		shippedGeneral = func() *general { return g }
		defer func() { shippedGeneral = was }()
	}
	if dir != "" {
		trials = append(trials, realTrial(t, dir, "question"), realTrial(t, dir, "question_typo"), realTrial(t, dir, "question_traditional"))
		trials = append(trials, warm(realTrial(t, dir, "question"))...)
		trials = append(trials, crowded(t, realTrial(t, dir, "question")), crowded(t, realTrial(t, dir, "question_typo")))
	}
	if os.Getenv("KB_TRIALS") != "" {
		trials = append(trials, groupTrials(t, readGroups(t), 3, 1, 2, 10)...)
	}
	for _, tr := range trials {
		x := tr.index(t, strings.HasPrefix(tr.name, "groups"))
		r, err := Evaluate(t.Context(), x, tr.cases)
		if err != nil {
			t.Fatal(err)
		}
		in, found := 0.0, 0.0
		for _, s := range tr.samples(t, x) {
			if s.in {
				in++
				for _, y := range s.right {
					if y {
						found++
						break
					}
				}
			}
		}
		t.Log(line(tr.name, r.All, found/in), "answer", r.Thresholds.Answer, "p50", r.LatencyP50)
	}
}

// warm gives two thirds of a trial's questions to its knowledge base as confirmed pairs and asks the
// rest, in turn.
func warm(tr trial) []trial {
	out := make([]trial, 3)
	for k := range out {
		out[k] = trial{name: fmt.Sprintf("warm %d", k), base: tr.base, know: tr.know}
		for i, c := range tr.cases {
			if i%3 == k {
				out[k].cases = append(out[k].cases, c)
				continue
			}
			p := Pair{Question: c.Question}
			if len(c.IDs) > 0 {
				p.EntryID = c.IDs[0]
			}
			out[k].base.Pairs = append(out[k].base.Pairs, p)
		}
	}
	return out
}

// crowded adds the standard questions of the groups of other trades to a trial's knowledge base,
// without similar ones: about 5 000 entries that no question asks for. (Those of banks and lenders
// would be second right answers.)
func crowded(t testing.TB, tr trial) trial {
	tr.name = "crowded " + tr.name
	for _, g := range readGroups(t) {
		if !strings.Contains("befjq", g.file[:1]) {
			continue
		}
		tr.base.Entries = append(tr.base.Entries, Entry{ID: "other-" + g.id, Title: g.qs[0]})
	}
	return tr
}

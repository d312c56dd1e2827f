package kb

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Change is a case whose outcome differs between two reports.
type Change struct {
	Question string  `json:"question"`
	Before   string  `json:"before"` // entry id of the best candidate, "" if none
	After    string  `json:"after"`
	Kind     string  `json:"kind"` // fixed, broken, gained, lost, moved
	Score    float64 `json:"score"`
}

// Kinds of a Change: the best candidate became right or wrong; an answer was gained or lost (asked
// back or declined before or after); or one wrong candidate was replaced by another.
const (
	Fixed  = "fixed"
	Broken = "broken"
	Gained = "gained"
	Lost   = "lost"
	Moved  = "moved"
)

// Compare lists what differs between two reports over the same cases: broken ones first, then lost,
// fixed, gained, moved.
func Compare(before, after *Report) []Change {
	old := make(map[string]*Outcome, len(before.Outcomes))
	for i := range before.Outcomes {
		old[before.Outcomes[i].Case.Question] = &before.Outcomes[i]
	}
	first := func(o *Outcome) string {
		if len(o.Got) == 0 {
			return ""
		}
		return o.Got[0]
	}
	var out []Change
	for i := range after.Outcomes {
		b := &after.Outcomes[i]
		a, ok := old[b.Case.Question]
		if !ok {
			continue
		}
		c := Change{Question: b.Case.Question, Before: first(a), After: first(b), Score: b.Score}
		switch {
		case a.right() && !b.right():
			c.Kind = Broken
		case !a.right() && b.right():
			c.Kind = Fixed
		case a.Verdict == Answer && b.Verdict != Answer:
			c.Kind = Lost
		case a.Verdict != Answer && b.Verdict == Answer:
			c.Kind = Gained
		case c.Before != c.After:
			c.Kind = Moved
		default:
			continue
		}
		out = append(out, c)
	}
	order := []string{Broken, Lost, Fixed, Gained, Moved}
	slices.SortStableFunc(out, func(a, b Change) int {
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
	return out
}

// WriteText writes the report for a person on a terminal, in Chinese.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "版本 %d，阈值：回答 ≥ %.2f，追问 ≥ %.2f，差距 ≥ %.2f\n\n", r.Generation, r.Thresholds.Answer, r.Thresholds.Clarify, r.Thresholds.Margin)
	row := func(name string, m Measures) {
		fmt.Fprintf(&b, "%-14s 题数 %5d  首位命中 %s  前三 %s  前五 %s  MRR %.3f\n", name, m.Cases, m.Recall1, m.Recall3, m.Recall5, m.MRR.Value)
		fmt.Fprintf(&b, "%-14s 直接回答 %.1f%%（准确 %s）  追问 %.1f%%  %.0f%% 准确率下可答 %s（阈值 %.2f）\n", "", 100*m.Answered, m.Precision, 100*m.Clarified, 100*CoveragePrecision, m.Coverage, m.CoverageThreshold)
		if m.OutOfScope > 0 {
			fmt.Fprintf(&b, "%-14s 库外 %d 题，误答 %s\n", "", m.OutOfScope, m.FalseAnswers)
		}
	}
	row("全部", r.All)
	for _, name := range slices.Sorted(maps.Keys(r.Slices)) {
		row(name, r.Slices[name])
	}
	b.WriteString("\n分值可信度（预测 → 实际）\n")
	for _, bin := range r.Reliability {
		if bin.Count > 0 {
			fmt.Fprintf(&b, "  %.1f–%.1f  %5d 题  %.2f → %.2f\n", bin.From, bin.To, bin.Count, bin.Score, bin.Right)
		}
	}
	fmt.Fprintf(&b, "\n耗时 p50 %s，p99 %s\n", r.LatencyP50, r.LatencyP99)
	_, err := io.WriteString(w, b.String())
	return err
}

// String formats an interval as percentages: 72.1% [69.0–75.2].
func (i Interval) String() string {
	return fmt.Sprintf("%.1f%% [%.1f–%.1f]", 100*i.Value, 100*i.Low, 100*i.High)
}

// LoadCases reads cases from a tab-separated file: question, ids (comma-separated, empty: out of
// scope), optionally also_ok and a label.
func LoadCases(path string) ([]Case, error) {
	var out []Case
	err := readFile(path, func(r io.Reader, name string) error {
		rows, err := readRows(r, name)
		if err != nil {
			return err
		}
		for i, row := range rows {
			question := row.get(0)
			if i == 0 && headings[strings.ToLower(question)] == "question" {
				continue
			}
			if question == "" {
				continue
			}
			out = append(out, Case{Question: question, IDs: list(row.get(1)), Also: list(row.get(2)), Slice: row.get(3)})
		}
		return nil
	})
	return out, err
}

// list splits ids at commas.
func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == ' ' })
}

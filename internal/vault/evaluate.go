package vault

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Sample is a text and the private data in it, as type:start-end.
type Sample struct {
	Text string
	Want []Finding
}

// ReadSamples reads samples: text (\\n for a line break), findings as type:start-end in characters
// separated by spaces, or none; columns by tabs (further columns are the writer's own). # begins a
// comment.
func ReadSamples(r io.Reader) ([]Sample, error) {
	var out []Sample
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for line := 1; scan.Scan(); line++ {
		row := strings.TrimRight(scan.Text(), "\r")
		if row == "" || row[0] == '#' {
			continue
		}
		cols := strings.Split(row, "\t")
		if len(cols) < 2 {
			return nil, fmt.Errorf("line %d: want text and findings, separated by a tab", line)
		}
		s := Sample{Text: strings.ReplaceAll(cols[0], `\n`, "\n")}
		if cols[1] != "none" {
			for _, f := range strings.Fields(cols[1]) {
				var want Finding
				kind, span, _ := strings.Cut(f, ":")
				if _, err := fmt.Sscanf(span, "%d-%d", &want.Start, &want.End); err != nil {
					return nil, fmt.Errorf("line %d: %q is not type:start-end", line, f)
				}
				want.Type = kind
				s.Want = append(s.Want, want)
			}
		}
		out = append(out, s)
	}
	return out, scan.Err()
}

// Report is the outcome of Evaluate.
type Report struct {
	Private int      `json:"private"` // samples with private data
	Exact   int      `json:"exact"`   // found with the wanted types and bounds
	Leaks   int      `json:"leaks"`   // in which a private character was left in the open
	Clean   int      `json:"clean"`   // samples without private data
	Wrong   int      `json:"wrong"`   // in which something was masked all the same
	Faults  []string `json:"faults"`  // what differs; holds the texts in the open
}

// Add joins the outcome of other samples.
func (r *Report) Add(o Report) {
	r.Private, r.Exact, r.Leaks = r.Private+o.Private, r.Exact+o.Exact, r.Leaks+o.Leaks
	r.Clean, r.Wrong = r.Clean+o.Clean, r.Wrong+o.Wrong
	r.Faults = append(r.Faults, o.Faults...)
}

// Evaluate masks samples and compares. A private character in the open is a leak whatever its type.
func Evaluate(samples []Sample) Report {
	var r Report
	for _, s := range samples {
		m := Mask(s.Text)
		covered := map[int]bool{}
		var got []string
		for _, f := range m.Found {
			got = append(got, f.span())
			for i := f.Start; i < f.End; i++ {
				covered[i] = true
			}
		}
		var want []string
		leak := false
		for _, f := range s.Want {
			want = append(want, f.span())
			for i := f.Start; i < f.End; i++ {
				leak = leak || !covered[i]
			}
		}
		kind := ""
		switch {
		case len(want) == 0:
			r.Clean++
			if len(got) > 0 {
				r.Wrong++
				kind = "wrong"
			}
		case strings.Join(got, " ") == strings.Join(want, " "):
			r.Private++
			r.Exact++
		default:
			r.Private++
			if kind = "inexact"; leak {
				r.Leaks++
				kind = "leak"
			}
		}
		if kind != "" {
			r.Faults = append(r.Faults, fmt.Sprintf("%s: %q want %v got %v", kind, s.Text, want, got))
		}
	}
	return r
}

func (f Finding) span() string { return fmt.Sprintf("%s:%d-%d", f.Type, f.Start, f.End) }

package bot

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Sentence is a text that somebody is about to send, and what the guard should make of it.
type Sentence struct {
	Text    string
	Verdict string // ok, warn or block
	Rule    string // "" for none
}

// ReadSentences reads sentences: text, verdict, rule or -, separated by tabs (further columns are the
// writer's own); # begins a comment.
func ReadSentences(r io.Reader) ([]Sentence, error) {
	var out []Sentence
	err := eachRow(r, func(cols []string) error {
		if len(cols) < 3 || !slices.Contains([]string{VerdictOK, VerdictWarn, VerdictBlock}, cols[1]) {
			return errors.New("want text, ok|warn|block, rule or -, separated by tabs")
		}
		s := Sentence{cols[0], cols[1], cols[2]}
		if s.Rule == "-" {
			s.Rule = ""
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// GuardReport is the outcome of EvaluateGuard.
type GuardReport struct {
	Sentences int            `json:"sentences"`
	Forbidden int            `json:"forbidden"`
	Blocked   int            `json:"blocked"` // of the forbidden
	Ruled     int            `json:"ruled"`   // of the blocked, under the wanted rule
	Good      int            `json:"good"`
	Stopped   int            `json:"stopped"`  // good ones that were blocked
	Warned    int            `json:"warned"`   // good ones that were warned about
	Doubtful  int            `json:"doubtful"` // that should be warned about
	Noticed   int            `json:"noticed"`  // of the doubtful, warned about or blocked
	Missed    map[string]int `json:"missed"`   // forbidden ones that passed, by rule
	Faults    []Fault        `json:"faults"`
}

// BlockedRate is the share of the forbidden sentences that is blocked.
func (r GuardReport) BlockedRate() float64 { return ratio(r.Blocked, r.Forbidden) }

// StoppedRate is the share of the good sentences that is blocked.
func (r GuardReport) StoppedRate() float64 {
	if r.Good == 0 {
		return 0
	}
	return float64(r.Stopped) / float64(r.Good)
}

// MissedRules are the rules of Missed, in order.
func (r GuardReport) MissedRules() []string { return slices.Sorted(maps.Keys(r.Missed)) }

// EvaluateGuard checks sentences as an agent's, but those that only a bot may not say.
func EvaluateGuard(g *Guard, sentences []Sentence) GuardReport {
	r := GuardReport{Sentences: len(sentences), Missed: map[string]int{}}
	for _, s := range sentences {
		as := SpeakerAgent
		if s.Rule == RuleFakeHuman {
			as = SpeakerBot
		}
		v := g.Check(s.Text, as)
		ruled := slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == s.Rule })
		fault := false
		switch s.Verdict {
		case VerdictBlock:
			r.Forbidden++
			if fault = v.Verdict != VerdictBlock; fault {
				r.Missed[s.Rule]++
				break
			}
			r.Blocked++
			if ruled {
				r.Ruled++
			}
		case VerdictWarn:
			r.Doubtful++
			if fault = v.Verdict == VerdictOK; !fault {
				r.Noticed++
			}
		default:
			r.Good++
			switch v.Verdict {
			case VerdictBlock:
				r.Stopped++
				fault = true
			case VerdictWarn:
				r.Warned++
				fault = true
			}
		}
		if fault {
			why := ""
			for _, f := range v.Findings {
				why += fmt.Sprintf("%s:%s ", f.Rule, f.Match)
			}
			r.Faults = append(r.Faults, Fault{"guard", s.Text, s.Verdict + " " + s.Rule, v.Verdict, why})
		}
	}
	return r
}

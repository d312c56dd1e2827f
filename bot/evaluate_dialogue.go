package bot

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Dialogue is a conversation with the window in which it has to reach a person.
type Dialogue struct {
	Name       string
	Turns      []string // what the customer says
	NotBefore  int      // first turn, from 1, at which handing over is right
	EscalateBy int      // last such turn; 0 when the conversation must stay with the bot
}

// ReadDialogues reads dialogues: a line "# name never" or "# name escalate_by=3 not_before=2", then one
// line for each turn of the customer, then a blank line.
func ReadDialogues(r io.Reader) ([]Dialogue, error) {
	var out []Dialogue
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for line := 1; scan.Scan(); line++ {
		s := strings.TrimSpace(scan.Text())
		switch {
		case s == "":
		case strings.HasPrefix(s, "# "):
			fields := strings.Fields(s[2:])
			d := Dialogue{Name: fields[0]}
			for _, f := range fields[1:] {
				switch key, value, _ := strings.Cut(f, "="); key {
				case "never":
				case "escalate_by":
					fmt.Sscan(value, &d.EscalateBy)
				case "not_before":
					fmt.Sscan(value, &d.NotBefore)
				default:
					return nil, fmt.Errorf("line %d: unknown expectation %q", line, f)
				}
			}
			out = append(out, d)
		case len(out) == 0:
			return nil, fmt.Errorf("line %d: a turn before the first # line", line)
		default:
			d := &out[len(out)-1]
			d.Turns = append(d.Turns, s)
		}
	}
	return out, scan.Err()
}

// DialogueReport is the outcome of EvaluateDialogues.
type DialogueReport struct {
	Dialogues int     `json:"dialogues"`
	Wanted    int     `json:"wanted"`    // that have to reach a person
	InWindow  int     `json:"in_window"` // and did so in time
	Early     int     `json:"early"`
	Late      int     `json:"late"` // or never
	Needless  int     `json:"needless"`
	Faults    []Fault `json:"faults"`
}

// InTime is the share of the wanted that reached a person inside the window.
func (r DialogueReport) InTime() float64 { return ratio(r.InWindow, r.Wanted) }

// NeedlessRate is the share of those meant to stay that were handed over.
func (r DialogueReport) NeedlessRate() float64 {
	if r.Dialogues == r.Wanted {
		return 0
	}
	return float64(r.Needless) / float64(r.Dialogues-r.Wanted)
}

// EvaluateDialogues plays dialogues turn by turn and looks when the first hand-over comes.
func (b *Bot) EvaluateDialogues(ctx context.Context, dialogues []Dialogue) DialogueReport {
	r := DialogueReport{Dialogues: len(dialogues)}
	for _, d := range dialogues {
		at, trace := b.play(ctx, d)
		want := "never"
		if d.EscalateBy > 0 {
			want = fmt.Sprintf("%d..%d", d.NotBefore, d.EscalateBy)
			r.Wanted++
		}
		switch {
		case d.EscalateBy == 0 && at == 0:
			continue
		case d.EscalateBy == 0:
			r.Needless++
		case at >= d.NotBefore && at > 0 && at <= d.EscalateBy:
			r.InWindow++
			continue
		case at > 0 && at < d.NotBefore:
			r.Early++
		default:
			r.Late++
		}
		r.Faults = append(r.Faults, Fault{Task: "dialogue", Text: d.Name, Want: want, Got: fmt.Sprint(at), Why: trace})
	}
	return r
}

// play returns the turn of the first hand-over, 0 when there is none, and what happened.
func (b *Bot) play(ctx context.Context, d Dialogue) (int, string) {
	var course Course
	var trace strings.Builder
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	for i, text := range d.Turns {
		decision := b.Decide(ctx, course, Turn{Text: text, At: start.Add(time.Duration(i) * time.Minute)})
		course = decision.Course
		fmt.Fprintf(&trace, "[%d %s: %s %s %s%d] ", i+1, text, decision.Kind, decision.Reason, decision.Emotion, decision.EmotionLevel)
		if decision.Escalate {
			return i + 1, trace.String()
		}
	}
	return 0, trace.String()
}

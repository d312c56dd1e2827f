package bot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Binary counts a yes-or-no judgement.
type Binary struct {
	TP int `json:"tp"`
	FP int `json:"fp"`
	FN int `json:"fn"`
	TN int `json:"tn"`
}

func (b *Binary) count(want, got bool) {
	switch {
	case want && got:
		b.TP++
	case got:
		b.FP++
	case want:
		b.FN++
	default:
		b.TN++
	}
}

// Precision is the share of the found that is right, 1 when nothing was found.
func (b Binary) Precision() float64 { return ratio(b.TP, b.TP+b.FP) }

// Recall is the share of the wanted that was found, 1 when nothing was wanted.
func (b Binary) Recall() float64 { return ratio(b.TP, b.TP+b.FN) }

// F1 is the harmonic mean of precision and recall.
func (b Binary) F1() float64 { return ratio(2*b.TP, 2*b.TP+b.FP+b.FN) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// Confusion counts a judgement among several labels: Count[wanted][got].
type Confusion struct {
	Labels []string `json:"labels"`
	Count  [][]int  `json:"count"`
}

func newConfusion(labels []string) Confusion {
	c := Confusion{Labels: labels, Count: make([][]int, len(labels))}
	for i := range c.Count {
		c.Count[i] = make([]int, len(labels))
	}
	return c
}

func (c *Confusion) count(want, got string) {
	i, k := slices.Index(c.Labels, want), slices.Index(c.Labels, got)
	if i >= 0 && k >= 0 {
		c.Count[i][k]++
	}
}

// Of is the yes-or-no count of one label.
func (c Confusion) Of(label string) Binary {
	at := slices.Index(c.Labels, label)
	var b Binary
	for i := range c.Count {
		for k, n := range c.Count[i] {
			switch {
			case i == at && k == at:
				b.TP += n
			case k == at:
				b.FP += n
			case i == at:
				b.FN += n
			default:
				b.TN += n
			}
		}
	}
	return b
}

// MacroF1 is the mean F1 of the labels that occur.
func (c Confusion) MacroF1() float64 {
	sum, n := 0.0, 0
	for _, l := range c.Labels {
		if b := c.Of(l); b.TP+b.FN > 0 {
			sum += b.F1()
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / float64(n)
}

// Accuracy is the share judged right.
func (c Confusion) Accuracy() float64 {
	right, all := 0, 0
	for i := range c.Count {
		for k, n := range c.Count[i] {
			all += n
			if i == k {
				right += n
			}
		}
	}
	return ratio(right, all)
}

// Fault is one wrong judgement, for the list that an editor works through.
type Fault struct {
	Task string `json:"task"` // emotion, complaint, category, urgent, person, dialogue
	Text string `json:"text"`
	Want string `json:"want"`
	Got  string `json:"got"`
	Why  string `json:"why"` // evidence
}

// UnderstandingReport is the outcome of EvaluateUnderstanding.
type UnderstandingReport struct {
	Examples  int       `json:"examples"`
	Person    Binary    `json:"person"`
	Complaint Binary    `json:"complaint"`
	Urgent    Binary    `json:"urgent"` // any class against none
	Classes   Confusion `json:"classes"`
	Emotion   Confusion `json:"emotion"` // of design §8
	Coarse    Confusion `json:"coarse"`  // neutral, negative, complaint
	Category  Confusion `json:"category"`
	Faults    []Fault   `json:"faults"`
}

// Coarse labels of emotion, as public customer-service corpora have them.
const (
	coarseNeutral   = "neutral"
	coarseNegative  = "negative"
	coarseComplaint = "complaint"
)

func coarseEmotion(emotion string, complaint bool) string {
	switch {
	case complaint:
		return coarseComplaint
	case emotion == EmotionNeutral || emotion == EmotionPositive:
		return coarseNeutral
	}
	return coarseNegative
}

// EvaluateUnderstanding reads labelled turns and compares.
func (b *Bot) EvaluateUnderstanding(examples []Example) UnderstandingReport {
	r := UnderstandingReport{
		Examples: len(examples),
		Classes:  newConfusion(urgentClasses), Emotion: newConfusion(emotionClasses),
		Coarse:   newConfusion([]string{coarseNeutral, coarseNegative, coarseComplaint}),
		Category: newConfusion(categoryClasses),
	}
	for _, e := range examples {
		u := b.Understand(e.Text)
		fault := func(task, want, got string) {
			if want != got {
				r.Faults = append(r.Faults, Fault{task, e.Text, want, got, why(u.Evidence)})
			}
		}
		if !e.Unasked {
			r.Person.count(e.Person, u.WantsPerson)
			fault("person", fmt.Sprint(e.Person), fmt.Sprint(u.WantsPerson))
		}
		r.Complaint.count(e.Category != "", u.Complaint)
		fault("complaint", fmt.Sprint(e.Category != ""), fmt.Sprint(u.Complaint))
		r.Urgent.count(e.Urgent != UrgentNone, u.Urgent != UrgentNone)
		r.Classes.count(e.Urgent, u.Urgent)
		fault("urgent", e.Urgent, u.Urgent)
		r.Emotion.count(e.Emotion, u.Emotion)
		fault("emotion", e.Emotion, u.Emotion)
		r.Coarse.count(coarseEmotion(e.Emotion, e.Category != ""), coarseEmotion(u.Emotion, u.Complaint))
		if e.Category != "" && u.Complaint {
			r.Category.count(e.Category, u.Category)
			fault("category", e.Category, u.Category)
		}
	}
	return r
}

// Request is a turn and whether it asks for a person.
type Request struct {
	Text   string
	Person bool
}

// ReadRequests reads turns: text, wants a person (1 or 0), separated by a tab; # begins a comment.
func ReadRequests(r io.Reader) ([]Request, error) {
	var out []Request
	err := eachRow(r, func(cols []string) error {
		if len(cols) != 2 || cols[1] != "0" && cols[1] != "1" {
			return errors.New("want text and 1 or 0, separated by a tab")
		}
		out = append(out, Request{cols[0], cols[1] == "1"})
		return nil
	})
	return out, err
}

// RequestReport is the outcome of EvaluateRequests.
type RequestReport struct {
	Requests int     `json:"requests"`
	Person   Binary  `json:"person"`
	Faults   []Fault `json:"faults"`
}

// EvaluateRequests looks whether requests for a person are heard, and nothing else is.
func (b *Bot) EvaluateRequests(requests []Request) RequestReport {
	r := RequestReport{Requests: len(requests)}
	for _, q := range requests {
		u := b.Understand(q.Text)
		r.Person.count(q.Person, u.WantsPerson)
		if q.Person != u.WantsPerson {
			r.Faults = append(r.Faults, Fault{"person", q.Text, fmt.Sprint(q.Person), fmt.Sprint(u.WantsPerson), why(u.Evidence)})
		}
	}
	return r
}

// eachRow calls row with the columns of every line that is neither empty nor a comment.
func eachRow(r io.Reader, row func(cols []string) error) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for line := 1; scan.Scan(); line++ {
		s := strings.TrimRight(scan.Text(), "\r")
		if s == "" || s[0] == '#' {
			continue
		}
		if err := row(strings.Split(s, "\t")); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return scan.Err()
}

func why(evidence []Evidence) string {
	parts := make([]string, 0, len(evidence))
	for _, e := range evidence {
		parts = append(parts, e.Rule+":"+e.Match)
	}
	return strings.Join(parts, " ")
}

// Add joins another report, of other examples.
func (r *UnderstandingReport) Add(o UnderstandingReport) {
	r.Examples += o.Examples
	r.Person.add(o.Person)
	r.Complaint.add(o.Complaint)
	r.Urgent.add(o.Urgent)
	r.Classes.add(o.Classes)
	r.Emotion.add(o.Emotion)
	r.Coarse.add(o.Coarse)
	r.Category.add(o.Category)
	r.Faults = append(r.Faults, o.Faults...)
}

func (b *Binary) add(o Binary) {
	b.TP, b.FP, b.FN, b.TN = b.TP+o.TP, b.FP+o.FP, b.FN+o.FN, b.TN+o.TN
}

func (c *Confusion) add(o Confusion) {
	for i := range c.Count {
		for k := range c.Count[i] {
			c.Count[i][k] += o.Count[i][k]
		}
	}
}

package bot

import (
	"context"
	"fmt"
	"time"

	"yinda/kb"
)

// Searcher finds entries; kb.Index is one. Tests use a small one of their own.
type Searcher interface {
	Search(ctx context.Context, query string, opt kb.SearchOptions) (kb.Result, error)
	// Similar says how alike two questions are in meaning, 0..1.
	Similar(a, b string) float64
}

// Bot decides what to do with turns, on one generation of published content. It is immutable and
// safe for concurrent use.
type Bot struct {
	playbook Playbook
	limits   Thresholds
	search   Searcher
	guard    *Guard
	reader   *understander
}

// New compiles a playbook. It fails, naming the list, when a list or pattern is broken.
func New(p Playbook, search Searcher) (*Bot, error) { return NewWith(p, search, Default()) }

// NewWith is New with a model of understanding of the bank's own (see Train); nil means rules alone.
func NewWith(p Playbook, search Searcher, m *Model) (*Bot, error) {
	guard, err := NewGuard(p)
	if err != nil {
		return nil, err
	}
	x, err := newLexicon(p.Lexicons)
	if err != nil {
		return nil, err
	}
	return &Bot{playbook: p, limits: p.Thresholds.withDefaults(), search: search, guard: guard,
		reader: &understander{lexicon: x, model: m}}, nil
}

// Guard is the guard that makes the bot's replies; agents' messages pass the same one.
func (b *Bot) Guard() *Guard { return b.guard }

// Understand reads one turn without deciding anything: for evaluation, for agents' desks and for
// the console's test bench.
func (b *Bot) Understand(text string) *Understanding { return b.reader.understand(text) }

// Decide decides one turn. The same course and turn give the same decision; the caller stores
// Decision.Course and gives it back with the next turn. It never fails and never panics: a fault
// inside hands the conversation over with the reason "fault" (requirements EM-09, PS-07).
func (b *Bot) Decide(ctx context.Context, course Course, turn Turn) (d Decision) {
	began := time.Now()
	defer func() {
		if fault := recover(); fault != nil {
			d = b.faulted(course, turn, fault)
		}
		d.Took = time.Since(began)
	}()
	m := b.begin(ctx, course, turn)
	for _, s := range steps {
		if s.take(m) {
			m.step = s.name
			break
		}
	}
	return m.finish()
}

// faulted is the decision when the machine fails: the customer still reaches a person.
func (b *Bot) faulted(course Course, turn Turn, fault any) Decision {
	course.Turns++
	course.Pending, course.Choices = "", nil
	course.LastAt = turn.At
	text := "很抱歉，系统暂时出现故障，已为您转接人工客服。"
	if t := b.playbook.Scripts["fault"].Texts; len(t) > 0 {
		text = t[0]
	}
	return Decision{
		Kind: KindHandoff, Escalate: true, OfferPerson: true, Priority: 1, Reason: "fault",
		Emotion: EmotionNeutral, Urgent: UrgentNone, Generation: b.playbook.Generation,
		Evidence: []Evidence{{Rule: "fault", Match: fmt.Sprint(fault)}},
		Reply:    b.guard.Say(Part{Text: text}), Course: course,
		Candidates: []kb.Candidate{},
	}
}

// withDefaults fills in thresholds that the content leaves out.
func (t Thresholds) withDefaults() Thresholds {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&t.OfferLevel, 2)
	set(&t.ForceLevel, 3)
	set(&t.OfferFallbacks, 2)
	set(&t.ForceFallbacks, 3)
	return t
}

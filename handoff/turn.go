package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"yinda/bot"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// turns answers the bot's turns of this node.
//
// A turn is owed from the commit of its first bubble on (record.turnFrom) and due when the debounce
// time has passed since its last. The node that took the bubble answers; the others leave the turn
// alone for the length of a lease. The lease only saves work: what makes sure that there is one
// answer is turnVersion, which every bubble and every take-over raises and which must not have
// changed when the answer is committed.
type turns struct {
	s    *Service
	work chan string

	mu      sync.Mutex
	timers  map[string]*time.Timer
	running map[string]bool // conversation → came up again meanwhile
}

func newTurns(s *Service) *turns {
	return &turns{s: s, work: make(chan string, 4096), timers: map[string]*time.Timer{}, running: map[string]bool{}}
}

// oweTurn makes the bot owe an answer to the customer's message seq.
func (m *room) oweTurn(seq int64) {
	if m.turnFrom == 0 {
		m.turnFrom, m.turnSince = seq, m.now
	}
	m.turnVersion++
	m.turnDue = min(m.now+m.s.o.Debounce.Microseconds(), m.turnSince+m.s.o.DebounceMax.Microseconds())
	m.turnNode = m.s.node
	m.turnLease = m.turnDue + m.s.o.TurnLease.Microseconds()
	m.hot = true
	id, in := m.id, time.Duration(m.turnDue-m.now)*time.Microsecond
	m.after = append(m.after, func() { m.s.turns.schedule(id, in) })
}

// schedule has the turn of a conversation looked at after in. A later bubble moves it on.
func (t *turns) schedule(id string, in time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.timers[id]; old != nil {
		old.Stop()
	}
	var timer *time.Timer
	timer = time.AfterFunc(in, func() {
		t.mu.Lock()
		if t.timers[id] == timer {
			delete(t.timers, id)
		}
		t.mu.Unlock()
		t.submit(id)
	})
	t.timers[id] = timer
}

// submit hands a conversation to the workers. When they are too far behind, the sweeper finds it.
func (t *turns) submit(id string) {
	select {
	case t.work <- id:
	default:
	}
}

// turnWorkers answer turns at the same time. A decision takes about a millisecond, the commit that a
// worker then waits for five to twenty: with 4 workers they, not the processors, were the limit.
const turnWorkers = 32

// run works until ctx ends; decisions under way finish, bounded by Options.DecideTimeout.
func (t *turns) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range turnWorkers {
		workers.Go(func() {
			for {
				select {
				case id := <-t.work:
					t.alone(ctx, id)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	workers.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, timer := range t.timers {
		timer.Stop()
	}
}

// alone answers the turn of a conversation unless another worker is at it; that one looks again then.
func (t *turns) alone(ctx context.Context, id string) {
	t.mu.Lock()
	if _, busy := t.running[id]; busy {
		t.running[id] = true
		t.mu.Unlock()
		return
	}
	t.running[id] = false
	t.mu.Unlock()
	err := t.s.answerTurn(context.WithoutCancel(ctx), id)
	t.mu.Lock()
	again := t.running[id]
	delete(t.running, id)
	t.mu.Unlock()
	if err != nil {
		// The turn is still owed: the sweeper brings it up again.
		t.s.log.Error("turn not answered, will be tried again", "conversation", id, "err", err)
	} else if again && ctx.Err() == nil {
		t.submit(id)
	}
}

// overdue answers conversations whose turn is due here, or whose node has let its lease run out. At
// the start of a node that is alone with its database (SQLite) every lease is of a dead run.
func (s *Service) overdue(ctx context.Context, start bool) error {
	now := db.Micros(s.now())
	lease := now
	if start && s.db.Dialect() == db.SQLite {
		lease = 1 << 62
	}
	rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE turn_from > 0 AND turn_due <= ?
		AND (turn_node = ? OR turn_lease <= ?) ORDER BY turn_due LIMIT 500`, now, s.node, lease)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		s.turns.submit(id)
	}
	return rows.Err()
}

// errStale says that a turn has changed since its answer was begun.
var errStale = errors.New("the turn has changed")

// answerTurn decides on the turn that conversation id is owed, if it is due, and commits the answer.
func (s *Service) answerTurn(ctx context.Context, id string) error {
	r, err := s.load(ctx, id)
	if err != nil {
		return err
	}
	now := db.Micros(s.now())
	if r.turnFrom == 0 {
		return nil
	}
	if r.turnDue > now {
		s.turns.schedule(id, time.Duration(r.turnDue-now)*time.Microsecond)
		return nil
	}
	if r.turnNode != s.node && r.turnLease > now && s.db.Dialect() == db.Postgres {
		return nil // another node is at it
	}
	turn, err := s.readTurn(ctx, r)
	if err != nil {
		return err
	}
	course, err := s.readCourse(r)
	if err != nil {
		return err
	}
	d, failure := s.decide(ctx, course, turn)
	_, err = s.do(ctx, &change{conversation: id, apply: func(m *room) error {
		if m.turnVersion != r.turnVersion || m.turnFrom == 0 {
			return errStale
		}
		return m.answer(d, failure)
	}})
	if errors.Is(err, errStale) {
		return nil // a new bubble has a timer of its own; a person who took over needs none
	}
	return err
}

// readTurn joins the customer's messages that wait for an answer.
func (s *Service) readTurn(ctx context.Context, r *record) (bot.Turn, error) {
	events, err := s.Events(ctx, r.id, r.turnFrom-1, 1000)
	if err != nil {
		return bot.Turn{}, err
	}
	turn := bot.Turn{At: db.Time(r.customerAt), Elder: r.elder != 0}
	var lines []string
	for _, e := range events {
		if e.Kind != KindMessage || e.Actor.Kind != ActorCustomer {
			continue
		}
		var b MessageBody
		if err := json.Unmarshal(e.Body, &b); err != nil {
			return bot.Turn{}, fmt.Errorf("handoff: event %s/%d: %w", e.Conversation, e.Seq, err)
		}
		lines = append(lines, b.Text)
		turn.Masked = turn.Masked || len(b.Masked) > 0
		turn.Secret = turn.Secret || b.Secret
	}
	turn.Text = strings.Join(lines, "\n")
	return turn, nil
}

func (s *Service) readCourse(r *record) (bot.Course, error) {
	var c bot.Course
	if len(r.course) == 0 {
		return c, nil
	}
	text, err := s.privacy.Open(r.id, r.dataKey, courseRow, r.course)
	if err != nil {
		return c, fmt.Errorf("handoff: course of %s: %w", r.id, err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		// A course of an older version: the bot starts afresh, the customer is not stranded.
		s.log.Warn("course cannot be read, starting afresh", "conversation", r.id, "err", err)
		return bot.Course{}, nil
	}
	return c, nil
}

// decide asks the bot. A bot that panics or takes longer than Options.DecideTimeout is a failure.
func (s *Service) decide(ctx context.Context, course bot.Course, turn bot.Turn) (d bot.Decision, failure error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.DecideTimeout)
	defer cancel()
	type result struct {
		d   bot.Decision
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("bot panicked: %v", p)}
			}
		}()
		done <- result{d: s.o.Decider.Decide(ctx, course, turn)}
	}()
	select {
	case r := <-done:
		return r.d, r.err
	case <-ctx.Done():
		return bot.Decision{}, fmt.Errorf("bot did not decide within %v", s.o.DecideTimeout)
	}
}

// answer records a decision on the turn and everything that follows from it.
func (m *room) answer(d bot.Decision, failure error) error {
	asked := m.turnSince
	m.endTurn()
	switch {
	case m.state == StateQueued:
		if err := m.reconsider(d, failure); err != nil || !d.WantsPerson {
			return err
		}
		return m.requested("words", asked)
	case !m.state.BotSpeaks():
		return nil // a person took over: the answer is dropped
	case failure != nil:
		m.s.log.Error("bot failed, handing over", "conversation", m.id, "err", failure)
		if err := m.script(scriptFault, nil); err != nil {
			return err
		}
		return m.escalate(escalation{reason: ReasonFault, priority: 2, group: m.s.o.DefaultGroup})
	}
	if err := m.decision(d); err != nil {
		return err
	}
	course, err := json.Marshal(d.Course)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "course", "系统内部错误，请重试。")
	}
	if m.course, err = m.seal(courseRow, course); err != nil {
		return err
	}
	m.emotion, m.emotionLevel, m.trend, m.cold = d.Emotion, int64(d.EmotionLevel), int64(d.Trend), true
	if text := d.Reply.Text(); text != "" {
		body := MessageBody{
			Text: clean(text), Kind: d.Kind, EntryID: d.EntryID, Title: d.Title, Version: d.Version, Generation: d.Generation,
			Approver: d.Approver, Choices: d.Choices, OfferPerson: d.OfferPerson, ConfirmRisk: d.ConfirmRisk,
		}
		if _, err := m.add(KindMessage, botActor, body, ""); err != nil {
			return err
		}
	}
	// A request for a person is honoured even if the policy forgot to say so.
	if !d.Escalate && !d.WantsPerson {
		return nil
	}
	e := escalation{
		reason: d.Reason, priority: int64(min(max(d.Priority, 0), 3)), group: m.s.group(d), evidence: d.Evidence,
		urgent: d.Urgent, complaint: d.ComplaintCategory, spoken: true,
	}
	if !d.Escalate {
		e.reason, e.priority = ReasonPersonRequested, 3
	}
	if err := m.escalate(e); err != nil {
		return err
	}
	if d.WantsPerson {
		return m.requested("words", asked)
	}
	return nil
}

// decision records why the bot did what it did, hidden from the customer.
func (m *room) decision(d bot.Decision) error {
	_, err := m.add(KindDecision, botActor, DecisionBody{
		Kind: d.Kind, Reason: d.Reason, Evidence: d.Evidence, Candidates: d.Candidates, Emotion: d.Emotion, EmotionLevel: d.EmotionLevel,
		Trend: d.Trend, Urgent: d.Urgent, WantsPerson: d.WantsPerson, Complaint: d.Complaint, ComplaintCategory: d.ComplaintCategory,
		Escalate: d.Escalate, Generation: d.Generation, Milliseconds: float64(d.Took.Microseconds()) / 1000,
	}, "")
	return err
}

// reconsider is what a turn means while its customer waits for a person: the bot is silent, but an
// emergency moves the customer to the front and its warning card is shown.
func (m *room) reconsider(d bot.Decision, failure error) error {
	if failure != nil || !d.Escalate || int64(d.Priority) >= m.priority {
		return nil
	}
	if err := m.decision(d); err != nil {
		return err
	}
	m.priority, m.urgent, m.emotion, m.emotionLevel, m.trend = int64(max(d.Priority, 0)), d.Urgent, d.Emotion, int64(d.EmotionLevel), int64(d.Trend)
	m.firstResponseDue = min(m.firstResponseDue, m.now+m.s.responseTime(m.priority).Microseconds())
	m.cold, m.desk = true, true
	if text := d.Reply.Text(); text != "" && d.Priority == 0 {
		_, err := m.add(KindMessage, botActor, MessageBody{Text: clean(text), Kind: d.Kind, EntryID: d.EntryID, Title: d.Title, Version: d.Version,
			Generation: d.Generation, Approver: d.Approver}, "")
		return err
	}
	return nil
}

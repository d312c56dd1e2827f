package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"yinda/internal/fault"
)

// change is one thing that shall happen to one conversation: a function that the committer applies
// to the locked record, in a transaction shared with other changes.
type change struct {
	conversation string
	ref          string   // "c:" or "a:" and the sender's reference, unique in the conversation; "" = do makes one
	born         *record  // inserted first when the conversation does not exist
	agents       []string // agents whose rows apply needs, locked
	apply        func(*room) error

	since time.Time // when it was handed in
	done  chan outcome
}

// outcome is what became of a change.
type outcome struct {
	seq       int64 // of its first event; the conversation's last when it made none
	duplicate bool  // the reference was already known: nothing was done
	record    record
	err       error
}

// room is a conversation while a change is applied to it. apply may run more than once (a batch is
// repeated when the database was away), so it has no effect outside the room.
type room struct {
	*record
	s      *Service
	tx     txn
	now    int64 // microseconds UTC
	agents map[string]*agentRecord
	ref    string
	wrote  bool // apply has written to the database itself
	events []*stored
	batch  []*stored // of the changes before it in the same transaction, not yet inserted
	news   []Event
	desk   bool // lists of the desk have changed
	after  []func()
}

// broken marks an error of the database inside apply: the whole batch fails with it, not the change.
type broken struct{ error }

func (b broken) Unwrap() error { return b.error }

// errNothing ends a change that has become pointless; the caller gets its outcome without an error.
var errNothing = errors.New("nothing to do")

// add appends an event. The first event of a change carries its reference.
func (m *room) add(kind string, actor Actor, body any, original string) (int64, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("handoff: body of %s: %w", kind, err)
	}
	e := &stored{
		conversation: m.id, seq: m.lastSeq + 1, at: max(m.now, m.lastAt), kind: kind,
		actorKind: actor.Kind, actorID: actor.ID, actorName: actor.Name,
	}
	sent := ""
	if m.ref != "" {
		ref := m.ref
		e.ref, m.ref, sent = &ref, "", sentRef(ref)
	}
	if e.body, err = m.seal(bodyRow(e.seq), text); err != nil {
		return 0, err
	}
	if original != "" {
		if e.original, err = m.seal(originalRow(e.seq), []byte(original)); err != nil {
			return 0, err
		}
	}
	e.hash = e.chain(m.lastHash)
	m.lastSeq, m.lastHash, m.lastAt, m.lastActor = e.seq, e.hash, e.at, actor.Kind
	m.hot = true
	m.events = append(m.events, e)
	m.news = append(m.news, Event{Conversation: m.id, Seq: e.seq, At: e.at, Kind: kind, Actor: actor, Ref: sent, Body: text})
	if b, ok := body.(MessageBody); ok {
		// 60 characters fill a line of the desk's list.
		if m.preview, err = m.seal(previewRow, []byte(cut(b.Text, 60))); err != nil {
			return 0, err
		}
	}
	return e.seq, nil
}

func (m *room) seal(row string, plain []byte) ([]byte, error) {
	b, err := m.s.privacy.Seal(m.id, m.dataKey, row, plain)
	if err != nil {
		return nil, fmt.Errorf("handoff: encrypt %s of %s: %w", row, m.id, err)
	}
	return b, nil
}

// exec runs a statement in the transaction of the change.
func (m *room) exec(query string, args ...any) error {
	m.wrote = true
	if err := m.tx.exec(query, args...); err != nil {
		return broken{err}
	}
	return nil
}

// move changes the state and records why. Every change of state goes through here.
func (m *room) move(to State, actor Actor, reason string, fill func(*StateBody)) error {
	b := StateBody{
		From: m.state, To: to, Ticket: m.ticket, Agent: m.agentName, Group: m.group, Reason: reason, Priority: m.priority,
		Emotion: m.emotion, EmotionLevel: m.emotionLevel, Trend: m.trend, Urgent: m.urgent, ComplaintCategory: m.complaintCategory,
	}
	if fill != nil {
		fill(&b)
	}
	m.state, m.cold, m.desk = to, true, true
	_, err := m.add(KindState, actor, b, "")
	return err
}

// script says an approved sentence of the system.
func (m *room) script(id string, values map[string]string) error {
	text := m.s.script(id, values)
	if text == "" {
		return nil
	}
	_, err := m.add(KindMessage, systemActor, MessageBody{Text: text, Script: id}, "")
	return err
}

// do hands a change to the committer and waits until it is committed. When ctx ends first the change
// may still be committed: the sender repeats it with the same reference.
func (s *Service) do(ctx context.Context, c *change) (outcome, error) {
	c.done = make(chan outcome, 1)
	c.since = time.Now()
	if !validID(c.conversation) {
		return outcome{}, errNotFound()
	}
	if c.ref == "" {
		// A commit whose answer was lost is recognised by it on the next attempt.
		c.ref = "s:" + uuid.NewString()
	} else if err := checkRef(c.ref); err != nil {
		return outcome{}, err
	}
	if err := s.committer.submit(c); err != nil {
		return outcome{}, err
	}
	select {
	case o := <-c.done:
		return o, o.err
	case <-s.committer.gone:
		select {
		case o := <-c.done: // both were ready
			return o, o.err
		default:
			return outcome{}, errStopping()
		}
	case <-ctx.Done():
		return outcome{}, fault.Wrap(ctx.Err(), fault.Unavailable, "not_confirmed", "系统繁忙，消息尚未确认。请稍候，系统会自动重发。")
	}
}

// checkRef refuses references that could not be stored or compared: 1 to 80 printable ASCII characters.
func checkRef(ref string) error {
	ok := len(ref) > 2 && len(ref) <= 82
	for i := range len(ref) {
		ok = ok && ref[i] > 0x20 && ref[i] < 0x7f
	}
	if !ok {
		return fault.New(fault.Invalid, "bad_ref", "消息编号格式不对，请刷新页面后重试。")
	}
	return nil
}

package handoff

import (
	"context"
	"strconv"
	"time"

	"yinda/bot"
	"yinda/internal/db"
)

// escalation is a wish for a person: the customer's, or the policy's.
type escalation struct {
	reason    string
	priority  int64
	group     string
	evidence  []bot.Evidence
	urgent    string
	complaint string
	spoken    bool // the bot's reply already says that a person is coming
}

// group is the group of agents that a decision belongs to.
func (s *Service) group(d bot.Decision) string {
	if s.o.Group != nil {
		if g := s.o.Group(d); g != "" {
			return g
		}
	}
	return s.o.DefaultGroup
}

func (s *Service) responseTime(priority int64) time.Duration {
	if priority == 0 {
		return s.o.UrgentResponse
	}
	return s.o.FirstResponse
}

// AskPerson is the 转人工 button. It works in every open state at the first press and ends in the
// queue, with an agent, or in a numbered ticket; pressed again it changes nothing. On a closed
// conversation it opens the successor, as Say does.
func (s *Service) AskPerson(ctx context.Context, conversation, visitor, ref string) (Ack, error) {
	return s.inOpen(ctx, conversation, visitor, ref, func(m *room) error {
		if m.state.BotSpeaks() {
			e := escalation{reason: ReasonPersonRequested, priority: 3, group: m.s.o.DefaultGroup}
			if m.group != "" {
				e.group = m.group
			}
			if err := m.escalate(e); err != nil {
				return err
			}
		}
		return m.requested("button", m.now)
	})
}

// requested records an explicit request for a person and what it has ended in.
func (m *room) requested(how string, asked int64) error {
	return m.exec(`INSERT INTO person_requests (conversation, seq, how, asked_at, answered_at, outcome) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (conversation, seq, how) DO NOTHING`, m.id, m.lastSeq, how, asked, m.now, string(m.state))
}

// escalate queues a conversation that the bot has (state bot or ticket) for a person, or writes a
// ticket when nobody can take it. See the diagram at State.
func (m *room) escalate(e escalation) error {
	m.reason, m.group, m.cold, m.desk = e.reason, e.group, true, true
	m.priority = min(m.priority, e.priority)
	if e.urgent != "" {
		m.urgent = e.urgent
	}
	if e.complaint != "" {
		m.complaintCategory = e.complaint
	}
	if m.escalatedAt == 0 {
		m.escalatedAt = m.now
	}
	if due := m.now + m.s.responseTime(m.priority).Microseconds(); m.firstResponseAt == 0 && (m.firstResponseDue == 0 || due < m.firstResponseDue) {
		m.firstResponseDue = due
	}
	st, err := m.staffing()
	if err != nil {
		return err
	}
	open := m.s.nextOpen(db.Time(m.now)).Equal(db.Time(m.now))
	// Outside service hours those who are there anyway take what they have room for, and emergencies.
	if st.online > 0 && st.queued < int64(m.s.o.QueueLimit) && (open || st.free > st.queued || m.priority == 0) {
		return m.queue(e, st)
	}
	if m.state == StateTicket {
		if e.spoken && e.reason != "person_requested" {
			return nil // the number was told; the card of this turn is what counts now
		}
		return m.sayTicket(open) // who asks for a person again is told again
	}
	return m.toTicket(e.reason, e.evidence, open)
}

// queue puts the conversation into the queue. queuedAt stays when it was there before: nobody loses a
// place through no fault of their own.
func (m *room) queue(e escalation, st staffing) error {
	if m.queuedAt == 0 {
		m.queuedAt = m.now
	}
	m.queueSince, m.agent, m.agentName = m.now, "", ""
	place := m.s.pace.place(st.ahead+1, st)
	m.waitP50, m.waitP90 = place.WaitP50, place.WaitP90
	if err := m.move(StateQueued, systemActor, e.reason, func(b *StateBody) { b.Evidence = e.evidence }); err != nil {
		return err
	}
	if !e.spoken {
		if err := m.script(scriptHandoff, nil); err != nil {
			return err
		}
	}
	// With an agent free the next event is that the agent has joined: no word of a queue then.
	if st.free > st.queued {
		return nil
	}
	return m.script(scriptQueued, map[string]string{"position": strconv.FormatInt(st.ahead, 10), "wait": waitText(place.WaitP50)})
}

// nextOpen is when people are there: t itself inside service hours.
func (s *Service) nextOpen(t time.Time) time.Time {
	if s.o.NextOpen == nil {
		return t
	}
	if n := s.o.NextOpen(t); n.After(t) {
		return n
	}
	return t
}

package handoff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"yinda/bot"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// Kinds of tickets.
const (
	TicketHandoff  = "handoff"  // nobody could take the chat
	TicketFollowUp = "followup" // a low rating (SV-06)
)

// The clocks of a follow-up ticket (SLA-05, SLA-06).
const (
	followUpAnswer  = 24 * time.Hour
	followUpResolve = 72 * time.Hour
)

// Ticket is a promise to come back to the customer. Times are microseconds UTC, 0 = never.
type Ticket struct {
	Number       string `json:"number"` // T20261123-0001, by the day in China
	Conversation string `json:"conversation"`
	Kind         string `json:"kind"`
	Reason       string `json:"reason"`
	Priority     int64  `json:"priority"`
	Owner        string `json:"owner"` // an agent's id, or a group until somebody takes it
	CreatedAt    int64  `json:"created_at"`
	PromisedAt   int64  `json:"promised_at"`
	ResolveDue   int64  `json:"resolve_due"`
	AnsweredAt   int64  `json:"answered_at"`
	ClosedAt     int64  `json:"closed_at"`
	Result       string `json:"result"`
}

// toTicket gives the conversation a numbered ticket: there is nobody to take it.
func (m *room) toTicket(reason string, evidence []bot.Evidence, open bool) error {
	promised := m.s.promise(db.Time(m.now))
	if m.ticket == "" {
		number, err := m.writeTicket(TicketHandoff, reason, promised, promised.Add(followUpResolve))
		if err != nil {
			return err
		}
		m.ticket = number
	}
	m.agent, m.agentName = "", ""
	err := m.move(StateTicket, systemActor, reason, func(b *StateBody) {
		b.Evidence, b.PromisedAt = evidence, db.Micros(promised)
	})
	if err != nil {
		return err
	}
	return m.sayTicket(open)
}

// sayTicket tells the customer the number and the promised time.
func (m *room) sayTicket(open bool) error {
	if !open {
		if err := m.script(scriptOutOfHours, nil); err != nil {
			return err
		}
	}
	var promised int64
	if _, err := m.tx.row(`SELECT promised_at FROM tickets WHERE number = ?`, []any{m.ticket}, []any{&promised}); err != nil {
		return broken{err}
	}
	return m.script(scriptTicket, map[string]string{"ticket": m.ticket, "due": dueText(db.Time(promised))})
}

// promise is when the bank will have come back to the customer: within TicketPromise of the service
// hours that are running or come next.
func (s *Service) promise(now time.Time) time.Time {
	return s.nextOpen(now).Add(s.o.TicketPromise)
}

// writeTicket inserts a ticket under the next number of the day. It fails without owner and due time (CP-03).
func (m *room) writeTicket(kind, reason string, promised, resolve time.Time) (string, error) {
	owner := m.agent
	if owner == "" {
		owner = m.group
	}
	if owner == "" {
		owner = m.s.o.DefaultGroup
	}
	day := db.Time(m.now).In(china).Format("20060102")
	m.wrote = true
	var n int64
	_, err := m.tx.row(`INSERT INTO ticket_days (day, last) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = ticket_days.last + 1 RETURNING last`,
		[]any{day}, []any{&n})
	if err != nil {
		return "", broken{err}
	}
	number := fmt.Sprintf("T%s-%04d", day, n)
	return number, m.exec(`INSERT INTO tickets (number, conversation, kind, reason, priority, owner, created_at, promised_at, resolve_due)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number, m.id, kind, reason, m.priority, owner, m.now, db.Micros(promised), db.Micros(resolve))
}

// closeTickets ends the hand-over tickets of the conversation with the agent's result.
func (m *room) closeTickets(result string) error {
	if m.ticket == "" {
		return nil
	}
	return m.exec(`UPDATE tickets SET closed_at = ?, result = ? WHERE conversation = ? AND kind = 'handoff' AND closed_at = 0`, m.now, result, m.id)
}

// CloseTicket ends a ticket of any kind: the promise was kept. fault.NotFound when there is no such
// open ticket.
func (s *Service) CloseTicket(ctx context.Context, f Staff, number, result string) error {
	result, err := s.checkText(result)
	if err != nil {
		return fault.New(fault.Invalid, "no_result", "请填写处理结果。")
	}
	result = s.privacy.Protect(cut(result, 500)).Shown
	var conversation string
	err = s.db.QueryRow(ctx, `SELECT conversation FROM tickets WHERE number = ? AND closed_at = 0`, clean(number)).Scan(&conversation)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "no_ticket", "找不到这张未结工单，可能已由同事处理。")
	}
	if err != nil {
		return db.Explain(err)
	}
	_, err = s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if _, err := m.add(KindNote, f.actor(), NoteBody{Text: "工单 " + number + " 已办结：" + result}, ""); err != nil {
			return err
		}
		m.desk = true
		return m.exec(`UPDATE tickets SET closed_at = ?, result = ?, owner = ? WHERE number = ? AND closed_at = 0`, m.now, result, f.ID, number)
	}})
	return err
}

// Tickets answers the open tickets, the earliest promise first.
func (s *Service) Tickets(ctx context.Context) ([]Ticket, error) {
	rows, err := s.db.Query(ctx, `SELECT number, conversation, kind, reason, priority, owner, created_at, promised_at, resolve_due,
		answered_at, closed_at, result FROM tickets WHERE closed_at = 0 ORDER BY promised_at, number LIMIT 500`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Ticket{}
	for rows.Next() {
		var t Ticket
		if err := rows.Scan(&t.Number, &t.Conversation, &t.Kind, &t.Reason, &t.Priority, &t.Owner, &t.CreatedAt, &t.PromisedAt, &t.ResolveDue,
			&t.AnsweredAt, &t.ClosedAt, &t.Result); err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, t)
	}
	return list, db.Explain(rows.Err())
}

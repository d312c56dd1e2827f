package handoff

import (
	"context"
	"time"

	"yinda/internal/db"
)

// sweep looks for work that is overdue: turns whose node died, agents who fell silent, queues that
// nobody serves any more, conversations that the customer has left. Every node sweeps; each step is a
// compare-and-set, so none is done twice.
func (s *Service) sweep(ctx context.Context) {
	start, idleAt, paceAt := true, time.Time{}, time.Time{}
	every(ctx, s.o.Sweep, func() {
		s.step(ctx, "overdue turns", func() error { return s.overdue(ctx, start) })
		start = false
		s.step(ctx, "silent agents", func() error { return s.returnChats(ctx) })
		s.step(ctx, "queues without agents", func() error { return s.strandedQueue(ctx) })
		now := time.Now()
		if now.Sub(paceAt) >= 10*time.Second {
			paceAt = now
			s.step(ctx, "pace", func() error { return s.refreshPace(ctx) })
		}
		if now.Sub(idleAt) >= min(time.Minute, s.o.IdleClose) {
			idleAt = now
			s.step(ctx, "idle conversations", func() error { return s.closeIdle(ctx) })
		}
	})
}

func (s *Service) step(ctx context.Context, what string, f func() error) {
	if err := f(); err != nil && ctx.Err() == nil {
		s.log.Warn("sweep", "step", what, "err", err)
	}
}

// ids reads a list of conversation ids.
func (s *Service) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, id)
	}
	return list, db.Explain(rows.Err())
}

// returnChats puts the chats of agents who are gone back into the queue, with their old waiting time.
func (s *Service) returnChats(ctx context.Context) error {
	now := db.Micros(s.now())
	ids, err := s.ids(ctx, `SELECT c.id FROM conversations c LEFT JOIN agents a ON a.id = c.agent
		WHERE c.state = 'agent' AND (a.id IS NULL OR a.presence = 'offline' OR a.lease_until <= ?) LIMIT 500`, now)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := s.load(ctx, id)
		if err != nil {
			return err
		}
		agent := r.agent
		_, err = s.do(ctx, &change{conversation: id, agents: []string{agent}, apply: func(m *room) error {
			a := m.agents[agent]
			if m.state != StateAgent || m.agent != agent || a != nil && a.present(m.now) {
				return errNothing // came back, or handed on
			}
			return m.requeue(systemActor, ReasonAgentSilent, scriptRequeued)
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// strandedQueue turns waiting chats into tickets when no agent who could take them is at work any
// more. Busy agents count for Options.QueuePatience: they are there, and come back.
func (s *Service) strandedQueue(ctx context.Context) error {
	ids, err := s.ids(ctx, `SELECT id FROM conversations WHERE state = 'queued'
		AND (queue_since < ? OR NOT EXISTS (SELECT 1 FROM agents a WHERE a.presence <> 'offline' AND a.lease_until > ? AND a.capacity > 0
			AND (a.serves = '[]' OR a.serves LIKE '%"' || conversations.grp || '"%' OR a.serves LIKE ?)))
		ORDER BY priority, queued_at LIMIT 500`, db.Micros(s.now().Add(-s.o.QueuePatience)), db.Micros(s.now()), `%"`+s.o.DefaultGroup+`"%`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := s.do(ctx, &change{conversation: id, apply: func(m *room) error {
			if m.state != StateQueued {
				return errNothing
			}
			st, err := m.staffing()
			if err != nil {
				return err
			}
			if st.online > 0 {
				return errNothing
			}
			return m.toTicket(ReasonNobody, nil, m.s.nextOpen(db.Time(m.now)).Equal(db.Time(m.now)))
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// closeIdle ends conversations with the bot that the customer has left. Those with a ticket or a
// person are not ended by time (CP-05).
func (s *Service) closeIdle(ctx context.Context) error {
	before := db.Micros(s.now().Add(-s.o.IdleClose))
	ids, err := s.ids(ctx, `SELECT id FROM conversations WHERE state = 'bot' AND turn_from = 0 AND last_at < ? LIMIT 500`, before)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := s.do(ctx, &change{conversation: id, apply: func(m *room) error {
			if m.state != StateBot || m.turnFrom != 0 || m.lastAt >= before {
				return errNothing
			}
			if m.lastSeq > 0 {
				if err := m.script(scriptIdle, nil); err != nil {
					return err
				}
			}
			return m.end(systemActor, ReasonIdle)
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

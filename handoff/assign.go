package handoff

import (
	"context"
	"sync"
	"time"

	"yinda/internal/db"
)

// assignLoop gives waiting chats to agents whenever something changed, and at every sweep.
func (s *Service) assignLoop(ctx context.Context) {
	t := time.NewTicker(s.o.Sweep)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.assign:
		case <-t.C:
		}
		if err := s.assignAll(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("assignment", "err", err)
		}
	}
}

// kickAssign has the assigner look at the queue; it does not wait.
func (s *Service) kickAssign() {
	select {
	case s.assign <- struct{}{}:
	default:
	}
}

// waiting is a conversation in the queue, as the assigner sees it.
type waiting struct {
	id, group string
	state     State
}

// assignAll plans with what it reads and lets the committer decide: each assignment is a
// compare-and-set of the conversation's state with the agent's row locked, so two nodes that plan at
// the same time neither give a chat twice nor fill an agent beyond capacity.
func (s *Service) assignAll(ctx context.Context) error {
	for {
		queue, err := s.waiting(ctx)
		if err != nil || len(queue) == 0 {
			return err
		}
		agents, err := s.agentRecords(ctx)
		if err != nil {
			return err
		}
		given, done := 0, 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, w := range queue {
			a := pick(agents, w.group, s.o.DefaultGroup, db.Micros(s.now()))
			if a == nil {
				continue
			}
			a.load++
			a.lastAssigned = db.Micros(s.now()) + int64(given) // ties within this plan go round too
			given++
			wg.Go(func() {
				ok, err := s.give(ctx, w.id, a.id)
				if err != nil && ctx.Err() == nil {
					s.log.Error("assignment", "conversation", w.id, "agent", a.id, "err", err)
				}
				if ok {
					mu.Lock()
					done++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		// A full page may hide more behind it; without success the next sweep is soon enough.
		if len(queue) < assignPage || done == 0 {
			return nil
		}
	}
}

// assignPage is how many waiting chats one plan looks at.
const assignPage = 200

// waiting answers the head of the queue: by priority, then by who has waited longest. Customers of
// tickets who have written within the last two minutes are still there, and come last.
func (s *Service) waiting(ctx context.Context) ([]waiting, error) {
	rows, err := s.db.Query(ctx, `SELECT id, grp, state FROM (
			SELECT id, grp, state, 0 AS rank, priority, queued_at AS since FROM conversations WHERE state = 'queued'
			UNION ALL
			SELECT id, grp, state, 1, priority, escalated_at FROM conversations WHERE state = 'ticket' AND customer_at > ?) t
		ORDER BY rank, priority, since, id LIMIT ?`, db.Micros(s.now().Add(-ticketPresence)), assignPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []waiting
	for rows.Next() {
		var w waiting
		if err := rows.Scan(&w.id, &w.group, &w.state); err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, w)
	}
	return list, db.Explain(rows.Err())
}

// ticketPresence is how long after the last message a customer with a ticket counts as still there.
const ticketPresence = 2 * time.Minute

// pick answers the least loaded agent who takes chats of group, or, when nobody of the group is at
// work, of fallback; among equals the one who has gone longest without a new chat. nil: nobody.
func pick(agents []*agentRecord, group, fallback string, now int64) *agentRecord {
	for _, g := range []string{group, fallback} {
		var best *agentRecord
		staffed := false
		for _, a := range agents {
			if a.presence != Online || a.leaseUntil <= now || a.capacity == 0 || !a.servesGroup(g) {
				continue
			}
			staffed = true
			if a.load < a.capacity && (best == nil || a.load < best.load || a.load == best.load && a.lastAssigned < best.lastAssigned) {
				best = a
			}
		}
		if staffed {
			return best
		}
	}
	return nil
}

// give assigns a waiting conversation to an agent, if both are still free for it.
func (s *Service) give(ctx context.Context, id, agent string) (bool, error) {
	given := false
	_, err := s.do(ctx, &change{conversation: id, agents: []string{agent}, apply: func(m *room) error {
		given = false
		a := m.agents[agent]
		if m.state != StateQueued && m.state != StateTicket || a == nil || !a.takes(m.now) {
			return errNothing
		}
		given = true
		return m.accept(a, systemActor, ReasonAssigned)
	}})
	return given, err
}

// accept puts a person in charge: the bot is silent from here on, and an answer of it that is under
// way is dropped.
func (m *room) accept(a *agentRecord, by Actor, reason string) error {
	m.endTurn()
	m.agent, m.agentName = a.id, a.name
	if m.acceptedAt == 0 {
		m.acceptedAt = m.now
	}
	if m.group == "" {
		m.group = m.s.o.DefaultGroup
	}
	if err := m.move(StateAgent, by, reason, nil); err != nil {
		return err
	}
	if err := m.script(scriptJoined, map[string]string{"agent": a.name}); err != nil {
		return err
	}
	if m.ticket != "" {
		if err := m.exec(`UPDATE tickets SET owner = ? WHERE conversation = ? AND closed_at = 0`, a.id, m.id); err != nil {
			return err
		}
	}
	if err := m.exec(`UPDATE agents SET last_assigned = ? WHERE id = ?`, m.now, a.id); err != nil {
		return err
	}
	a.load++ // for the next change of the same batch
	return nil
}

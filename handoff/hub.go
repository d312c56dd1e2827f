package handoff

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"yinda/internal/db"
)

const (
	// readPage is how many events a subscription reads at a time.
	readPage = 200
	// readers bounds the reads from the database for resuming connections, after a restart thousands.
	readers = 16
	// slowReader is how long a reader may leave its channel full while it is sent the past.
	slowReader = 10 * time.Second
	// placeRefresh is how often a waiting customer hears of the queue even when nothing moved.
	placeRefresh = 20 * time.Second
)

// hub hands events to the subscriptions of this node. News of this node arrives directly, so that a
// bus that is down costs local customers nothing; that of other nodes comes over the bus.
type hub struct {
	s         *Service
	slots     chan struct{} // one each for readers
	own       []byte        // how this node's news begins
	reconcile chan struct{}

	mu      sync.Mutex
	closed  bool
	members map[string]map[*Subscription]struct{}
	desks   map[chan string]struct{}
	reading sync.WaitGroup
}

func newHub(s *Service) *hub {
	return &hub{
		s: s, slots: make(chan struct{}, readers), own: []byte(`{"node":"` + s.node + `"`), reconcile: make(chan struct{}, 1),
		members: map[string]map[*Subscription]struct{}{}, desks: map[chan string]struct{}{},
	}
}

func (h *hub) join(u *Subscription) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	m := h.members[u.conversation]
	if m == nil {
		m = map[*Subscription]struct{}{}
		h.members[u.conversation] = m
	}
	m[u] = struct{}{}
	return true
}

// drop ends a subscription. h.mu is held. The channel of signals is not closed: a reading goroutine
// may be sending to it.
func (h *hub) drop(u *Subscription, why error) {
	if u.err != nil {
		return
	}
	u.err = why
	close(u.done)
	delete(h.members[u.conversation], u)
	if len(h.members[u.conversation]) == 0 {
		delete(h.members, u.conversation)
	}
}

func (h *hub) closeAll() {
	h.mu.Lock()
	h.closed = true
	for _, m := range h.members {
		for u := range m {
			h.drop(u, ErrClosed)
		}
	}
	for c := range h.desks {
		delete(h.desks, c)
		close(c)
	}
	h.mu.Unlock()
	h.reading.Wait()
}

// deliver hands the newest events of one conversation, in order, to its subscriptions.
func (h *hub) deliver(events []Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for u := range h.members[events[0].Conversation] {
		for i := range events {
			e := &events[i]
			switch {
			case e.Seq <= u.cursor:
			case u.reading || e.Seq > u.cursor+1:
				u.wanted = max(u.wanted, e.Seq)
			default:
				if !h.push(u, Signal{Event: e}) {
					h.drop(u, ErrSlow)
					break
				}
				u.cursor = e.Seq
			}
		}
		if !u.reading {
			h.readOrRest(u)
		}
	}
}

func (h *hub) push(u *Subscription, s Signal) bool {
	if u.err != nil {
		return true
	}
	select {
	case u.signals <- s:
		return true
	default:
		return false
	}
}

// readOrRest begins to read from the database when there is something to read. h.mu is held.
func (h *hub) readOrRest(u *Subscription) {
	u.reading = u.err == nil && u.wanted > u.cursor && !h.closed
	if u.reading {
		h.reading.Go(func() { h.read(u) })
	}
}

// read sends a subscription what it is missing. While it runs nobody else sends events to it.
func (h *hub) read(u *Subscription) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		h.mu.Lock()
		cursor := u.cursor
		if u.err != nil || cursor >= u.wanted {
			u.reading = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		h.slots <- struct{}{}
		events, err := h.s.Events(ctx, u.conversation, cursor, readPage)
		<-h.slots
		if err != nil || len(events) == 0 {
			// The next reconciliation tries again.
			if err != nil {
				h.s.log.Warn("events could not be read", "conversation", u.conversation, "err", err)
			}
			h.mu.Lock()
			u.reading, u.wanted = false, u.cursor
			h.mu.Unlock()
			return
		}
		timeout := time.NewTimer(slowReader)
		for i := range events {
			select {
			case u.signals <- Signal{Event: &events[i]}:
				h.mu.Lock()
				u.cursor = events[i].Seq
				h.mu.Unlock()
				continue
			case <-u.done:
			case <-timeout.C:
				h.mu.Lock()
				h.drop(u, ErrSlow)
				h.mu.Unlock()
			}
			break
		}
		timeout.Stop()
	}
}

// run reconciles the cursors with the database at intervals and when the bus may have missed something.
func (h *hub) run(ctx context.Context) {
	t := time.NewTicker(h.s.o.Reconcile)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-h.reconcile:
		}
		if err := h.compare(ctx); err != nil && ctx.Err() == nil {
			h.s.log.Warn("reconciliation", "err", err)
		}
	}
}

func (h *hub) kickReconcile() {
	select {
	case h.reconcile <- struct{}{}:
	default:
	}
}

// compare reads the newest sequence number of every conversation that has a subscription here.
func (h *hub) compare(ctx context.Context) error {
	h.mu.Lock()
	ids := make([]string, 0, len(h.members))
	for id := range h.members {
		ids = append(ids, id)
	}
	h.mu.Unlock()
	const page = 500
	for len(ids) > 0 {
		n := min(page, len(ids))
		heads, err := h.s.heads(ctx, ids[:n])
		if err != nil {
			return err
		}
		ids = ids[n:]
		for _, head := range heads {
			h.mu.Lock()
			waiting := false
			for u := range h.members[head.id] {
				if head.seq > u.cursor {
					u.wanted = max(u.wanted, head.seq)
					if !u.reading {
						h.readOrRest(u)
					}
				}
				waiting = waiting || head.state == StateQueued
			}
			h.mu.Unlock()
			if waiting {
				if err := h.tellPlace(ctx, head.id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tellPlace tells the subscriptions of a waiting conversation where it is in the queue.
func (h *hub) tellPlace(ctx context.Context, id string) error {
	p, err := h.s.Place(ctx, id)
	if err != nil || p.Position == 0 {
		return err
	}
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for u := range h.members[id] {
		if u.place != p || now.Sub(u.placeAt) >= placeRefresh {
			place := p
			if h.push(u, Signal{Queue: &place}) {
				u.place, u.placeAt = p, now
			}
		}
	}
	return nil
}

// head is the newest state of a conversation.
type head struct {
	id    string
	seq   int64
	state State
}

func (s *Service) heads(ctx context.Context, ids []string) ([]head, error) {
	query, arg := `SELECT id, last_seq, state FROM conversations WHERE id IN (SELECT value FROM json_each(?))`, any(nil)
	if s.db.Dialect() == db.Postgres {
		query, arg = `SELECT id, last_seq, state FROM conversations WHERE id = ANY(?)`, ids
	} else {
		list, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		arg = string(list)
	}
	rows, err := s.db.Query(ctx, query, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := make([]head, 0, len(ids))
	for rows.Next() {
		var one head
		if err := rows.Scan(&one.id, &one.seq, &one.state); err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, one)
	}
	return list, db.Explain(rows.Err())
}

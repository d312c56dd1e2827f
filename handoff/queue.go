package handoff

import (
	"context"
	"math"
	"sync"
	"time"

	"yinda/internal/db"
)

// Place is where a waiting customer is. Waits are seconds, −1 = unknown.
type Place struct {
	Position int64 `json:"position"` // 1 = next
	WaitP50  int64 `json:"wait_p50"`
	WaitP90  int64 `json:"wait_p90"`
}

// staffing is what a group of agents can take at the moment.
type staffing struct {
	online int64 // agents who take chats
	slots  int64 // the sum of their capacities
	free   int64 // of the slots
	queued int64 // conversations waiting, in all groups
	ahead  int64 // of them in this group, before the conversation
}

const (
	// staffingQuery counts the agents who take chats now and serve a group, with their slots; an
	// empty list of groups serves all.
	staffingQuery = `SELECT count(*), CAST(COALESCE(SUM(t.capacity), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN t.capacity > t.load THEN t.capacity - t.load ELSE 0 END), 0) AS BIGINT)
		FROM (SELECT a.capacity, (SELECT count(*) FROM conversations c WHERE c.agent = a.id AND c.state = 'agent') AS load
			FROM agents a WHERE a.presence = 'online' AND a.lease_until > ? AND a.capacity > 0 AND (a.serves = '[]' OR a.serves LIKE ?)) t`
	queuedQuery = `SELECT count(*) FROM conversations WHERE state = 'queued'`
	aheadQuery  = `SELECT count(*) FROM conversations WHERE state = 'queued' AND grp = ? AND id <> ?
		AND (priority < ? OR priority = ? AND (queued_at < ? OR queued_at = ? AND id < ?))`
)

// rower reads one row: a transaction of the committer, or the reader.
type rower func(query string, args, dest []any) error

// readStaffing counts for group, or for fallback when nobody serves group now.
func readStaffing(row rower, r *record, fallback string, now int64) (staffing, error) {
	var st staffing
	for _, g := range []string{r.group, fallback} {
		if err := row(staffingQuery, []any{now, `%"` + g + `"%`}, []any{&st.online, &st.slots, &st.free}); err != nil {
			return st, err
		}
		if st.online > 0 {
			break
		}
	}
	if err := row(queuedQuery, nil, []any{&st.queued}); err != nil {
		return st, err
	}
	at := r.queuedAt
	if at == 0 {
		at = now
	}
	return st, row(aheadQuery, []any{r.group, r.id, r.priority, r.priority, at, at, r.id}, []any{&st.ahead})
}

// staffing reads inside the transaction that decides.
func (m *room) staffing() (staffing, error) {
	st, err := readStaffing(func(query string, args, dest []any) error {
		_, err := m.tx.row(query, args, dest)
		return err
	}, m.record, m.s.o.DefaultGroup, m.now)
	if err != nil {
		return st, broken{err}
	}
	return st, nil
}

// Place answers where conversation id is in its queue; position 0 when it does not wait.
func (s *Service) Place(ctx context.Context, id string) (Place, error) {
	r, err := s.load(ctx, id)
	if err != nil {
		return Place{}, err
	}
	if r.state != StateQueued {
		return Place{}, nil
	}
	st, err := readStaffing(func(query string, args, dest []any) error {
		return s.db.QueryRow(ctx, query, args...).Scan(dest...)
	}, r, s.o.DefaultGroup, db.Micros(s.now()))
	if err != nil {
		return Place{}, db.Explain(err)
	}
	return s.pace.place(st.ahead+1, st), nil
}

// pace is how long agents have recently taken for a chat, for estimates.
type pace struct {
	mu      sync.Mutex
	handled int64   // chats finished within paceWindow
	mean    float64 // seconds from acceptance to closing
}

const (
	// paceWindow is how far back service times count: the morning says little about the evening.
	paceWindow = 2 * time.Hour
	// paceSample is the fewest chats that an estimate may rest on.
	paceSample = 3
)

// refreshPace reads the recent service times.
func (s *Service) refreshPace(ctx context.Context) error {
	var n int64
	var mean float64
	err := s.db.QueryRow(ctx, `SELECT count(*), CAST(COALESCE(AVG(closed_at - accepted_at), 0) AS DOUBLE PRECISION) FROM conversations
		WHERE closed_at > ? AND accepted_at > 0`, db.Micros(s.now().Add(-paceWindow))).Scan(&n, &mean)
	if err != nil {
		return db.Explain(err)
	}
	s.pace.mu.Lock()
	defer s.pace.mu.Unlock()
	s.pace.handled, s.pace.mean = n, mean/1e6
	return nil
}

// place estimates the wait at a position. With k slots that each take an exponential time of mean h,
// the slots become free as a Poisson process of rate k/h, so the n-th one waits a gamma-distributed
// time with shape n. Its quantiles come from the Wilson–Hilferty approximation, which at n = 1 is
// within 2 % of the exact median and 90th percentile.
func (p *pace) place(position int64, st staffing) Place {
	p.mu.Lock()
	handled, mean := p.handled, p.mean
	p.mu.Unlock()
	place := Place{Position: position, WaitP50: -1, WaitP90: -1}
	if st.online == 0 || st.slots == 0 {
		return place
	}
	n := float64(position - st.free)
	if n <= 0 {
		place.WaitP50, place.WaitP90 = 0, 0
		return place
	}
	if handled < paceSample {
		return place
	}
	quantile := func(z float64) int64 {
		c := 1 - 1/(9*n) + z/(3*math.Sqrt(n))
		return int64(math.Ceil(n * c * c * c * mean / float64(st.slots)))
	}
	place.WaitP50, place.WaitP90 = quantile(0), quantile(1.2816)
	return place
}

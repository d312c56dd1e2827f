package content

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/internal/vault"
	"yinda/kb"
)

// PairState is where a confirmed question stands.
//
//	agent ──▶ pending ──approve──▶ approved ──publish──▶ published ──remove──▶ leaving ──publish──▶ superseded
//	editor ────────────────────────▲                       ▲ ◀────restore─────────┘                    ▲
//	                                                       └─ publish of another answer to it ─────────┘
//
// What was never published is deleted when it is removed; the audit log keeps who did it.
type PairState string

// The states.
const (
	PairPending    PairState = "pending"    // confirmed by an agent, waits for an editor
	PairApproved   PairState = "approved"   // counts from the next publication on
	PairPublished  PairState = "published"  // the index has learned from it
	PairLeaving    PairState = "leaving"    // removed, serves until the next publication
	PairSuperseded PairState = "superseded" // history
)

// PairStates lists the states that a pair in use may have, in the order of its life.
var PairStates = []PairState{PairPending, PairApproved, PairPublished, PairLeaving}

// Pair is a customer's question with the entry that answers it, as agents and editors confirmed it.
type Pair struct {
	ID             string    `json:"id"`
	Question       string    `json:"question"` // masked
	EntryID        string    `json:"entry_id"` // "": no entry answers it
	Title          string    `json:"title"`    // of the entry; "" when it is out of service
	State          PairState `json:"state"`
	ConfirmedBy    string    `json:"confirmed_by"`
	ConfirmedAt    int64     `json:"confirmed_at"` // microseconds UTC
	ApprovedBy     string    `json:"approved_by"`
	ApprovedAt     int64     `json:"approved_at"`
	FromGeneration int64     `json:"from_generation"` // 0: never published
	ToGeneration   int64     `json:"to_generation"`   // 0: still in use
}

const pairColumns = `id, question, entry_id, state, confirmed_by, confirmed_at, approved_by, COALESCE(approved_at, 0),
	COALESCE(from_generation, 0), COALESCE(to_generation, 0), COALESCE((SELECT v.title FROM content_version v
	WHERE v.kind = 'entry' AND v.id = entry_id AND v.state = 'published' AND v.withdrawn = 0), '')`

func scanPair(row interface{ Scan(...any) error }) (Pair, error) {
	var p Pair
	err := row.Scan(&p.ID, &p.Question, &p.EntryID, &p.State, &p.ConfirmedBy, &p.ConfirmedAt, &p.ApprovedBy, &p.ApprovedAt,
		&p.FromGeneration, &p.ToGeneration, &p.Title)
	return p, err
}

func scanPairs(rows interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close() error
}) ([]Pair, error) {
	defer rows.Close()
	list := []Pair{}
	for rows.Next() {
		p, err := scanPair(rows)
		if err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, p)
	}
	return list, db.Explain(rows.Err())
}

// maxAsked bounds a confirmed question, in characters: the index looks at the first 120 and the last 60.
const maxAsked = 500

// AskedQuestion is a customer's question as it is kept: private data masked, in one line. Invalid when
// it has no letter or digit, or more than 500 characters.
func AskedQuestion(question string) (string, error) {
	q := strings.Join(strings.Fields(vault.Mask(question).Text), " ")
	switch {
	case !strings.ContainsFunc(q, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return "", fault.New(fault.Invalid, "no_question", "这句话里没有文字，不能作为客户的问题。")
	case strings.ContainsFunc(q, unicode.IsControl):
		return "", fault.New(fault.Invalid, "bad_question", "问题里有控制字符，请清理后再确认。")
	case runes(q) > maxAsked:
		return "", fault.New(fault.Invalid, "long_question", fmt.Sprintf("问题最多%d字，现有%d字。", maxAsked, runes(q)))
	}
	return q, nil
}

// Propose keeps an agent's confirmation that an entry ("" : none) answers a customer's question. It
// waits for an editor; a later proposal for the same question replaces it. When the question is
// confirmed like this already, that pair is answered and nothing waits. NotFound: no such entry in service.
func (s *Store) Propose(ctx context.Context, by, question, entryID string) (Pair, error) {
	q, err := AskedQuestion(question)
	if err != nil {
		return Pair{}, err
	}
	return s.confirm(ctx, q, entryID, func(tx *db.Tx, have []Pair, now int64) error {
		if err := dropPair(tx, q, PairPending); err != nil {
			return err
		}
		for _, p := range have {
			if p.EntryID == entryID && (p.State == PairApproved || p.State == PairPublished && !hasState(have, PairApproved)) {
				return nil
			}
		}
		return insertPair(tx, Pair{Question: q, EntryID: entryID, State: PairPending, ConfirmedBy: by, ConfirmedAt: now})
	})
}

// Confirm records an editor's word that an entry ("" : none) answers a customer's question. The
// ranking learns from it with the next generation. It replaces what was confirmed before and what
// waits. NotFound: no such entry in service.
func (s *Store) Confirm(ctx context.Context, by, question, entryID string) (Pair, error) {
	q, err := AskedQuestion(question)
	if err != nil {
		return Pair{}, err
	}
	return s.confirm(ctx, q, entryID, func(tx *db.Tx, have []Pair, now int64) error {
		return accept(tx, have, Pair{Question: q, EntryID: entryID, ConfirmedBy: by, ConfirmedAt: now, ApprovedBy: by, ApprovedAt: now})
	})
}

// ApprovePair lets an agent's confirmation count. Conflict when it does not wait any more; NotFound
// when its entry has gone out of service.
func (s *Store) ApprovePair(ctx context.Context, by, id string) (Pair, error) {
	waiting, err := s.pair(ctx, id)
	if err != nil {
		return Pair{}, err
	}
	return s.confirm(ctx, waiting.Question, waiting.EntryID, func(tx *db.Tx, have []Pair, now int64) error {
		i := slices.IndexFunc(have, func(p Pair) bool { return p.ID == id && p.State == PairPending })
		if i < 0 {
			return fault.New(fault.Conflict, "not_pending", "这条确认刚被处理或更改，请刷新后再看。")
		}
		p := have[i]
		p.ApprovedBy, p.ApprovedAt = by, now
		return accept(tx, have, p)
	})
}

// confirm runs change on the pairs of a question inside a transaction and answers the pair that then
// says what the caller said.
func (s *Store) confirm(ctx context.Context, q, entryID string, change func(tx *db.Tx, have []Pair, now int64) error) (Pair, error) {
	if entryID != "" {
		var serves int
		if err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM content_version WHERE kind = ? AND id = ? AND state = ? AND withdrawn = 0`,
			KindEntry, entryID, StatePublished).Scan(&serves); err != nil {
			return Pair{}, db.Explain(err)
		}
		if serves == 0 {
			return Pair{}, fault.New(fault.NotFound, "no_entry", fmt.Sprintf("没有已发布的知识条目%s，请先发布再确认。", entryID))
		}
	}
	now := db.Micros(s.clock())
	var got Pair
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		have, err := pairsFor(tx, q)
		if err != nil {
			return err
		}
		if err := change(tx, have, now); err != nil {
			return err
		}
		if have, err = pairsFor(tx, q); err != nil {
			return err
		}
		for _, p := range slices.Backward(have) {
			if p.EntryID == entryID && p.State != PairLeaving {
				got = p
				return nil
			}
		}
		return errPairMoved
	})
	return got, err
}

// pairsFor reads the pairs in use of a question, oldest first.
func pairsFor(tx *db.Tx, question string) ([]Pair, error) {
	rows, err := tx.Query(`SELECT `+pairColumns+` FROM content_pair WHERE question = ? AND state <> ? ORDER BY id`, question, PairSuperseded)
	if err != nil {
		return nil, err
	}
	return scanPairs(rows)
}

func hasState(list []Pair, state PairState) bool {
	return slices.ContainsFunc(list, func(p Pair) bool { return p.State == state })
}

// accept makes p count from the next publication on, unless what serves says the same.
func accept(tx *db.Tx, have []Pair, p Pair) error {
	for _, state := range []PairState{PairPending, PairApproved} {
		if err := dropPair(tx, p.Question, state); err != nil {
			return err
		}
	}
	for _, old := range have {
		if old.EntryID == p.EntryID && (old.State == PairPublished || old.State == PairLeaving) {
			_, err := tx.Exec(`UPDATE content_pair SET state = ? WHERE id = ?`, PairPublished, old.ID)
			return err
		}
	}
	p.State = PairApproved
	return insertPair(tx, p)
}

func dropPair(tx *db.Tx, question string, state PairState) error {
	_, err := tx.Exec(`DELETE FROM content_pair WHERE question = ? AND state = ?`, question, state)
	return err
}

// insertPair stores a new pair under an id of its own: a publication under way knows by the id that
// another one has taken its place.
func insertPair(tx *db.Tx, p Pair) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO content_pair (id, question, entry_id, state, confirmed_by, confirmed_at, approved_by, approved_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id.String(), p.Question, p.EntryID, p.State, p.ConfirmedBy, p.ConfirmedAt, p.ApprovedBy, sql.NullInt64{Int64: p.ApprovedAt, Valid: p.ApprovedAt > 0})
	if err == nil && n == 0 {
		return errPairMoved
	}
	return err
}

var errPairMoved = fault.New(fault.Conflict, "pair_moved", "其他同事刚刚确认了同一个问题，请刷新后再看。")

// TakeBack withdraws what an agent has proposed for a question and nobody has approved yet. Conflict
// when nothing of the agent waits.
func (s *Store) TakeBack(ctx context.Context, by, question string) error {
	q, err := AskedQuestion(question)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `DELETE FROM content_pair WHERE question = ? AND state = ? AND confirmed_by = ?`, q, PairPending, by)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "not_pending", "这条确认已由编辑处理，或由其他同事更改，不能撤回。")
	}
	return err
}

// RemovePair takes a pair out: at once when it has never been published, otherwise with the next
// publication. Conflict when it is on its way out already.
func (s *Store) RemovePair(ctx context.Context, id string) (Pair, error) {
	return s.movePair(ctx, id, func(tx *db.Tx, p Pair) (int64, error) {
		switch p.State {
		case PairPending, PairApproved:
			return tx.Exec(`DELETE FROM content_pair WHERE id = ? AND state = ?`, id, p.State)
		case PairPublished:
			return tx.Exec(`UPDATE content_pair SET state = ? WHERE id = ? AND state = ?`, PairLeaving, id, PairPublished)
		}
		return 0, nil
	})
}

// RestorePair takes a removal back before it is published. Conflict when there is none.
func (s *Store) RestorePair(ctx context.Context, id string) (Pair, error) {
	return s.movePair(ctx, id, func(tx *db.Tx, p Pair) (int64, error) {
		return tx.Exec(`UPDATE content_pair SET state = ? WHERE id = ? AND state = ?`, PairPublished, id, PairLeaving)
	})
}

// movePair answers the pair as it was before.
func (s *Store) movePair(ctx context.Context, id string, move func(tx *db.Tx, p Pair) (int64, error)) (Pair, error) {
	var p Pair
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = scanPair(tx.QueryRow(`SELECT `+pairColumns+` FROM content_pair WHERE id = ?`, id)); err != nil {
			return noPair(err)
		}
		n, err := move(tx, p)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "pair_moved", "这条确认刚被处理，请刷新后再看。")
		}
		return err
	})
	return p, err
}

func (s *Store) pair(ctx context.Context, id string) (Pair, error) {
	p, err := scanPair(s.db.QueryRow(ctx, `SELECT `+pairColumns+` FROM content_pair WHERE id = ?`, id))
	return p, noPair(err)
}

func noPair(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "no_pair", "没有这条确认，可能已被移除，请刷新后再看。")
	}
	return db.Explain(err)
}

// PairFilter selects pairs for a list. The zero value means all in use.
type PairFilter struct {
	State    PairState // "" means every state but superseded
	Query    string    // searched in questions and entry ids
	Question string    // exactly this one, as AskedQuestion writes it
	Before   string    // id of the last one seen: the older ones follow
	Limit    int       // 1..500, 0 means 100
}

// ListPairs answers pairs, newest first.
func (s *Store) ListPairs(ctx context.Context, f PairFilter) ([]Pair, error) {
	where, args := `state <> ?`, []any{PairSuperseded}
	if f.State != "" {
		where, args = `state = ?`, []any{f.State}
	}
	add := func(clause string, values ...any) { where, args = where+` AND `+clause, append(args, values...) }
	if f.Query != "" {
		add(`(question LIKE ? ESCAPE '!' OR entry_id LIKE ? ESCAPE '!')`, like(f.Query), like(f.Query))
	}
	if f.Question != "" {
		add(`question = ?`, f.Question)
	}
	if f.Before != "" {
		add(`id < ?`, f.Before)
	}
	limit := min(f.Limit, 500)
	if limit <= 0 {
		limit = 100
	}
	rows, err := s.db.Query(ctx, `SELECT `+pairColumns+` FROM content_pair WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return scanPairs(rows)
}

// CountPairs counts the pairs of each state.
func (s *Store) CountPairs(ctx context.Context) (map[PairState]int, error) {
	rows, err := s.db.Query(ctx, `SELECT state, COUNT(*) FROM content_pair GROUP BY state`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[PairState]int{}
	for rows.Next() {
		var state PairState
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, db.Explain(err)
		}
		counts[state] = n
	}
	return counts, db.Explain(rows.Err())
}

// Pairs returns the confirmed questions that a published generation has learned from, in the order
// of their text: the index depends on the order.
func (s *Store) Pairs(ctx context.Context, generation int64) ([]kb.Pair, error) {
	rows, err := s.db.Query(ctx, `SELECT `+pairColumns+` FROM content_pair
		WHERE from_generation <= ? AND (to_generation IS NULL OR to_generation > ?)`, generation, generation)
	if err != nil {
		return nil, err
	}
	list, err := scanPairs(rows)
	return kbPairs(list), err
}

func kbPairs(list []Pair) []kb.Pair {
	slices.SortFunc(list, func(a, b Pair) int { return cmp.Compare(a.Question, b.Question) })
	var out []kb.Pair
	for _, p := range list {
		out = append(out, kb.Pair{Question: p.Question, EntryID: p.EntryID})
	}
	return out
}

// pairChange is what a publication does with the pairs.
type pairChange struct {
	serving      []kb.Pair
	enter, leave []Pair
}

func (c pairChange) count() int { return len(c.enter) + len(c.leave) }

// nextPairs is what the next publication will learn from: what serves without what is leaving, and
// what has been approved, which takes the place of an older pair for the same question.
func (s *Store) nextPairs(ctx context.Context) (c pairChange, err error) {
	rows, err := s.db.Query(ctx, `SELECT `+pairColumns+` FROM content_pair WHERE state IN (?, ?, ?)`, PairApproved, PairPublished, PairLeaving)
	if err != nil {
		return c, err
	}
	list, err := scanPairs(rows)
	if err != nil {
		return c, err
	}
	entering := map[string]bool{}
	for _, p := range list {
		if p.State == PairApproved {
			entering[p.Question] = true
			c.enter = append(c.enter, p)
		}
	}
	stay := slices.Clone(c.enter)
	for _, p := range list {
		switch {
		case p.State == PairApproved:
		case p.State == PairLeaving || entering[p.Question]:
			c.leave = append(c.leave, p)
		default:
			stay = append(stay, p)
		}
	}
	c.serving = kbPairs(stay)
	return c, nil
}

// record writes the change into the transaction of a publication. What an editor has changed since
// the edition was built fails it with Conflict: the index has learned something else.
func (c pairChange) record(tx *db.Tx, generation int64) error {
	for _, p := range c.leave { // first: a question has one published pair
		n, err := tx.Exec(`UPDATE content_pair SET state = ?, to_generation = ? WHERE id = ? AND state = ?`, PairSuperseded, generation, p.ID, p.State)
		if err != nil {
			return err
		}
		if n == 0 {
			return errPairMoved
		}
	}
	for _, p := range c.enter {
		n, err := tx.Exec(`UPDATE content_pair SET state = ?, from_generation = ? WHERE id = ? AND state = ?`, PairPublished, generation, p.ID, PairApproved)
		if err != nil {
			return err
		}
		if n == 0 {
			return errPairMoved
		}
	}
	return nil
}

package handoff

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"yinda/internal/db"
)

// sqliteStore keeps the statements of the hot path prepared on the single write connection.
type sqliteStore struct {
	db                                              *sql.DB
	insert, lock, lockAgent, seen, event, hot, cold *sql.Stmt
}

func newSQLiteStore(d *db.DB) (*sqliteStore, error) {
	s := &sqliteStore{db: d.Writer()}
	var failed error
	prepare := func(query string) *sql.Stmt {
		st, err := s.db.Prepare(query)
		if err != nil && failed == nil {
			failed = err
		}
		return st
	}
	s.insert = prepare(`INSERT INTO conversations (` + recordColumns + `) VALUES (` + marks(recordColumns) + `) ON CONFLICT (id) DO NOTHING`)
	s.lock = prepare(`SELECT ` + recordColumns + ` FROM conversations WHERE id = ?`)
	s.lockAgent = prepare(selectAgents + ` WHERE a.id = ?`)
	s.seen = prepare(`SELECT seq FROM events WHERE conversation = ? AND ref = ?`)
	s.event = prepare(`INSERT INTO events (conversation, seq, ref, at, kind, actor_kind, actor_id, actor_name, body, original, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	s.hot = prepare(`UPDATE conversations SET ` + assignments(hotColumns) + ` WHERE id = ?`)
	s.cold = prepare(`UPDATE conversations SET ` + assignments(coldColumns) + ` WHERE id = ?`)
	if failed != nil {
		return nil, db.Explain(failed)
	}
	return s, nil
}

// begin takes the write lock. The context cannot be cancelled: mattn #681.
func (s *sqliteStore) begin() (txn, error) {
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return &sqliteTxn{s: s, tx: tx}, nil
}

type sqliteTxn struct {
	s  *sqliteStore
	tx *sql.Tx
}

func (t *sqliteTxn) insertConversation(r *record) error {
	_, err := t.tx.Stmt(t.s.insert).Exec(r.fields()...)
	return err
}

func (t *sqliteTxn) lockConversations(ids []string) (map[string]*record, error) {
	st := t.tx.Stmt(t.s.lock)
	found := make(map[string]*record, len(ids))
	for _, id := range ids {
		r := &record{}
		switch err := st.QueryRow(id).Scan(r.fields()...); {
		case err == nil:
			found[id] = r
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return found, nil
}

func (t *sqliteTxn) lockAgents(ids []string) (map[string]*agentRecord, error) {
	st := t.tx.Stmt(t.s.lockAgent)
	found := make(map[string]*agentRecord, len(ids))
	for _, id := range ids {
		a := &agentRecord{}
		switch err := st.QueryRow(id).Scan(a.fields()...); {
		case err == nil:
			found[id] = a
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return found, nil
}

func (t *sqliteTxn) seen(refs []reference) (map[reference]int64, error) {
	st := t.tx.Stmt(t.s.seen)
	found := map[reference]int64{}
	for _, ref := range refs {
		var seq int64
		switch err := st.QueryRow(ref.conversation, ref.ref).Scan(&seq); {
		case err == nil:
			found[ref] = seq
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return found, nil
}

func (t *sqliteTxn) exec(query string, args ...any) error {
	_, err := t.tx.Exec(query, args...)
	return err
}

func (t *sqliteTxn) row(query string, args, dest []any) (bool, error) {
	err := t.tx.QueryRow(query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (t *sqliteTxn) finish(events []*stored, changed []*record) error {
	if len(events) > 0 {
		st := t.tx.Stmt(t.s.event)
		for _, e := range events {
			if _, err := st.Exec(e.conversation, e.seq, e.ref, e.at, e.kind, e.actorKind, e.actorID, e.actorName, e.body, e.original, e.hash); err != nil {
				return err
			}
		}
	}
	for _, r := range changed {
		if r.hot {
			if _, err := t.tx.Stmt(t.s.hot).Exec(append(r.hotFields(), r.id)...); err != nil {
				return err
			}
		}
		if r.cold {
			if _, err := t.tx.Stmt(t.s.cold).Exec(append(r.coldFields(), r.id)...); err != nil {
				return err
			}
		}
	}
	return t.tx.Commit()
}

func (t *sqliteTxn) rollback() { t.tx.Rollback() }

// marks is one ? for each of the columns.
func marks(columns string) string {
	return "?" + strings.Repeat(", ?", strings.Count(columns, ","))
}

// assignments is "a = ?, b = ?" for the columns "a, b".
func assignments(columns string) string {
	parts := strings.Split(columns, ",")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p) + " = ?"
	}
	return strings.Join(parts, ", ")
}

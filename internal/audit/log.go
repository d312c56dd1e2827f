package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yinda/internal/db"
)

// System is the actor of what nobody did by hand.
const System = "system"

// Record is one line of the log. Detail is any value that encodes to JSON, nil for none.
type Record struct {
	Actor     string
	ActorName string
	Action    string // noun.verb: account.create, content.approve, conversation.view …
	Object    string // what it was done to: an id
	Detail    any
}

// Row is a record as it is stored.
type Row struct {
	Seq       int64           `json:"seq"`
	At        int64           `json:"at"` // microseconds UTC
	Actor     string          `json:"actor_id"`
	ActorName string          `json:"actor"`
	Action    string          `json:"action"`
	Object    string          `json:"object"`
	Detail    json.RawMessage `json:"detail"`
	Hash      string          `json:"hash"`
}

// Log appends to and reads the audit log of one database. It is safe for concurrent use, also by
// several nodes.
type Log struct {
	db    *db.DB
	clock func() time.Time
}

// New returns the log of d. clock is time.Now outside tests.
func New(d *db.DB, clock func() time.Time) *Log {
	return &Log{db: d, clock: clock}
}

// Append adds one record and returns when it is on disk. Errors are those of the database.
func (l *Log) Append(ctx context.Context, r Record) error {
	return l.db.Write(ctx, func(tx *db.Tx) error { return l.AppendTx(tx, r) })
}

// AppendTx adds one record inside a transaction, so that a change and its record stand or fall
// together. On PostgreSQL it holds the lock of the chain until the transaction ends: call it last.
func (l *Log) AppendTx(tx *db.Tx, r Record) error {
	detail := []byte("{}")
	if r.Detail != nil {
		var err error
		if detail, err = json.Marshal(r.Detail); err != nil {
			return fmt.Errorf("audit: detail of %s: %w", r.Action, err)
		}
	}
	lock := ""
	if tx.Dialect() == db.Postgres {
		lock = " FOR UPDATE" // SQLite writers take the lock of the whole file at BEGIN
	}
	var seq int64
	var head string
	if err := tx.QueryRow(`SELECT seq, hash FROM audit_head WHERE id = 1`+lock).Scan(&seq, &head); err != nil {
		return fmt.Errorf("audit: head: %w", err)
	}
	row := Row{
		Seq: seq + 1, At: l.clock().UnixMicro(),
		Actor: storable(r.Actor), ActorName: storable(r.ActorName),
		Action: storable(r.Action), Object: storable(r.Object), Detail: detail,
	}
	row.Hash = row.link(head)
	if _, err := tx.Exec(`INSERT INTO audit (seq, at, actor, actor_name, action, object, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		row.Seq, row.At, row.Actor, row.ActorName, row.Action, row.Object, string(row.Detail), row.Hash); err != nil {
		return fmt.Errorf("audit: append: %w", err)
	}
	if _, err := tx.Exec(`UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1`, row.Seq, row.Hash); err != nil {
		return fmt.Errorf("audit: head: %w", err)
	}
	return nil
}

// link is the hash of the row on top of the hash before it. Every field is preceded by its length:
// otherwise "ab"+"c" and "a"+"bc" would be the same row.
func (r Row) link(before string) string {
	h := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	number(r.Seq)
	number(r.At)
	for _, s := range []string{before, r.Actor, r.ActorName, r.Action, r.Object, string(r.Detail)} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// storable drops what PostgreSQL refuses in a text: a record must not be lost because somebody sent
// a NUL in a name.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Filter narrows a list. Zero values do not filter.
type Filter struct {
	After  int64 // rows with a greater seq
	Before int64 // rows with a smaller seq
	Actor  string
	Action string // prefix
	Object string
	Newest bool // newest first
	Limit  int  // default and maximum 500
}

// List reads rows in the order of the chain, or newest first.
func (l *Log) List(ctx context.Context, f Filter) ([]Row, error) {
	query := `SELECT seq, at, actor, actor_name, action, object, detail, hash FROM audit WHERE seq > ?`
	args := []any{f.After}
	if f.Before > 0 {
		query, args = query+` AND seq < ?`, append(args, f.Before)
	}
	if f.Actor != "" {
		query, args = query+` AND actor = ?`, append(args, f.Actor)
	}
	if f.Action != "" {
		query, args = query+` AND substr(action, 1, ?) = ?`, append(args, len([]rune(f.Action)), f.Action)
	}
	if f.Object != "" {
		query, args = query+` AND object = ?`, append(args, f.Object)
	}
	order := " ORDER BY seq"
	if f.Newest {
		order = " ORDER BY seq DESC"
	}
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 500
	}
	rows, err := l.db.Query(ctx, query+order+` LIMIT ?`, append(args, f.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("audit: list: %w", err)
	}
	defer rows.Close()
	out := []Row{}
	for rows.Next() {
		r, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func scan(into func(...any) error) (Row, error) {
	var r Row
	var detail string
	if err := into(&r.Seq, &r.At, &r.Actor, &r.ActorName, &r.Action, &r.Object, &detail, &r.Hash); err != nil {
		return r, fmt.Errorf("audit: read: %w", err)
	}
	r.Detail = json.RawMessage(detail)
	return r, nil
}

package db

import (
	"context"
	"database/sql"
	"time"

	"yinda/internal/fault"
)

// patience is how long a write waits for a database that is away, a lock or a deadlock, before it
// gives up with fault.Unavailable. A PostgreSQL restart takes about ten seconds.
const patience = 15 * time.Second

// Tx is one write transaction. Queries are written with ?. It belongs to one goroutine.
//
// It carries its context because that is not the caller's to choose: on SQLite the context of a
// writer must not be cancellable, on PostgreSQL it must end when the server stops answering.
type Tx struct {
	db  *DB
	tx  *sql.Tx
	ctx context.Context
}

// Exec runs a statement and answers the number of rows affected.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	r, err := t.tx.ExecContext(t.ctx, t.db.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query reads rows inside the transaction. The caller closes them before the next statement.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, t.db.Rebind(query), args...)
}

// QueryRow reads one row inside the transaction.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, t.db.Rebind(query), args...)
}

// Dialect tells which database this is, for the few statements that differ.
func (t *Tx) Dialect() Dialect { return t.db.dialect }

// SQL is the transaction below, for code that wants database/sql.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Write runs fn in one transaction and commits it; an error of fn rolls back and is returned as it
// is. When the database is away, locked or in a deadlock, the transaction is tried again for up to
// 15 s, so fn may run several times and must have no effect outside the transaction. When the
// connection breaks during COMMIT the outcome is unknown, and fault.Unavailable with code
// "commit_unknown" says so instead of trying again.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	end := time.Now().Add(patience)
	wait := 20 * time.Millisecond
	for {
		err, unknown := d.attempt(ctx, fn)
		if err == nil || !Temporary(err) {
			return Explain(err)
		}
		if unknown {
			return fault.Wrap(err, fault.Unavailable, "commit_unknown", "数据库连接中断，刚才的操作可能已经完成。请刷新后核对，再决定是否重做。")
		}
		if time.Now().Add(wait).After(end) || !sleep(ctx, wait) {
			return Explain(err)
		}
		wait = min(2*wait, time.Second)
	}
}

// attempt runs fn once. unknown is true when it is not known whether the commit took place.
func (d *DB) attempt(ctx context.Context, fn func(*Tx) error) (err error, unknown bool) {
	if err := ctx.Err(); err != nil {
		return err, false
	}
	if d.dialect == SQLite {
		ctx = context.WithoutCancel(ctx)
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
	}
	tx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return err, false
	}
	defer tx.Rollback() // after a commit this does nothing
	if err := fn(&Tx{db: d, tx: tx, ctx: ctx}); err != nil {
		return err, false
	}
	if err := tx.Commit(); err != nil {
		return err, d.dialect == Postgres && Lost(err)
	}
	return nil, false
}

// sleep waits for d or until ctx ends; it answers false in the second case.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

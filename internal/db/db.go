package db

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"yinda/internal/fault"
)

// Dialect names the database behind a DB.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	place   string // for people: a path, or host and database name; never a password
	writer  *sql.DB
	reader  *sql.DB
	pool    *pgxpool.Pool // nil on SQLite
	lockKey int64         // of the migration lock
}

// Open connects to dsn and migrates the schema to this program's version. dsn is "sqlite:<path>" or
// "postgres://user@host/database". Every error is a *fault.Error whose message tells an operator, in
// Chinese, what to do: the data folder cannot be written, another program holds the file, the server
// does not answer, the database belongs to a newer version.
func Open(ctx context.Context, dsn string) (*DB, error) {
	d, err := Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if _, _, err := d.Migrate(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Connect is Open without the migration, for `yinda migrate --status` and for backups.
func Connect(ctx context.Context, dsn string) (*DB, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn)
	}
	return nil, fault.New(fault.Invalid, "bad_database_url",
		"数据库地址无法识别。请写成 sqlite:/路径/yinda.db，或 postgres://用户@主机:5432/库名。")
}

// Close closes all connections; transactions under way finish first.
func (d *DB) Close() error {
	err := d.writer.Close()
	if d.reader != d.writer {
		if e := d.reader.Close(); err == nil {
			err = e
		}
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// Dialect tells which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Place is the path or the host and name of the database, without credentials.
func (d *DB) Place() string { return d.place }

// Pool is the native PostgreSQL pool, nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Writer is the database/sql handle that may write. On SQLite it has one connection: never give it a
// context that may be cancelled (mattn #681), and never hold a transaction of it across a network call.
func (d *DB) Writer() *sql.DB { return d.writer }

// Reader is the database/sql handle for reading. On SQLite it cannot write.
func (d *DB) Reader() *sql.DB { return d.reader }

// Ping reports whether the database answers within two seconds.
func (d *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return Explain(d.reader.PingContext(ctx))
}

// readTime bounds a read on PostgreSQL whose context has no deadline: a server that went silent must
// not hold up whoever asks for ever.
const readTime = 15 * time.Second

// Rows are the rows of a Query; Close them.
type Rows struct {
	*sql.Rows
	cancel context.CancelFunc
}

// Close ends the reading; it may be called more than once.
func (r *Rows) Close() error {
	defer r.cancel()
	return r.Rows.Close()
}

// Row is the row of a QueryRow; Scan it.
type Row struct {
	row    *sql.Row
	cancel context.CancelFunc
}

// Scan copies the columns into dest. Its error is sql.ErrNoRows when there is no row; pass others
// through Explain before they reach a customer.
func (r *Row) Scan(dest ...any) error {
	defer r.cancel()
	return r.row.Scan(dest...)
}

// Query reads rows; the query is written with ?. The caller closes the rows. On PostgreSQL the
// reading ends after 15 s unless ctx has a deadline of its own.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	ctx, cancel := d.bound(ctx)
	rows, err := d.reader.QueryContext(ctx, d.Rebind(query), args...)
	if err != nil {
		cancel()
		return nil, Explain(err)
	}
	return &Rows{rows, cancel}, nil
}

// QueryRow reads one row, within the same time as Query.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	ctx, cancel := d.bound(ctx)
	return &Row{d.reader.QueryRowContext(ctx, d.Rebind(query), args...), cancel}
}

func (d *DB) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok || d.dialect == SQLite {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, readTime)
}

// Exec is a Write of one statement. It answers the number of rows affected.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	var n int64
	err := d.Write(ctx, func(tx *Tx) error {
		var err error
		n, err = tx.Exec(query, args...)
		return err
	})
	return n, err
}

// rebound caches queries rewritten for PostgreSQL: there are a few hundred, all constants.
var rebound sync.Map

// Rebind turns the ? of a query into $1, $2 … on PostgreSQL. A ? inside a quoted literal stays.
func (d *DB) Rebind(query string) string {
	if d.dialect == SQLite || !strings.Contains(query, "?") {
		return query
	}
	if q, ok := rebound.Load(query); ok {
		return q.(string)
	}
	var b strings.Builder
	quoted, n := false, 0
	for i := 0; i < len(query); i++ {
		switch c := query[i]; {
		case c == '\'':
			quoted = !quoted
			b.WriteByte(c)
		case c == '?' && !quoted:
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		default:
			b.WriteByte(c)
		}
	}
	q := b.String()
	rebound.Store(query, q)
	return q
}

// Micros is how times are stored: microseconds since 1970 UTC, 0 for the zero time. mattn would
// store a time.Time as text with a zone.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the inverse of Micros.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Package dbtest gives tests a fresh, migrated database of each kind.
//
//	dbtest.Each(t, func(t *testing.T, d *db.DB) { … })
//
// SQLite lives in the test's temporary folder, PostgreSQL in a schema of its own that is dropped
// afterwards. The server is 127.0.0.1:5432, user postgres, or what YINDA_TEST_POSTGRES says. Without
// a server the PostgreSQL half is skipped, except under CI=true, where it fails.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"yinda/internal/db"
)

// Each runs fn as a subtest on every database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite opens a new SQLite database, closed with the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, SQLiteDSN(t))
}

// Postgres opens a new PostgreSQL schema, closed and dropped with the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresDSN(t))
}

func open(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dsn)
	if err != nil {
		t.Fatalf("open %s: %v", dsn, err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// SQLiteDSN names a SQLite file that does not exist yet, in the test's temporary folder.
func SQLiteDSN(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "yinda.db")
}

// Server is the address of the PostgreSQL server for tests.
func Server() string {
	if s := os.Getenv("YINDA_TEST_POSTGRES"); s != "" {
		return s
	}
	return "postgres://postgres@127.0.0.1:5432/postgres"
}

// PostgresDSN makes an empty schema and answers the address that leads into it; the schema is dropped
// with the test. It skips the test, or fails it under CI=true, when there is no server.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, Server())
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("PostgreSQL is needed under CI=true: %v (set YINDA_TEST_POSTGRES)", err)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: no server (%v); set YINDA_TEST_POSTGRES", err)
	}
	defer conn.Close(ctx)
	schema := "t_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatalf("create schema: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, Server())
		if err != nil {
			t.Logf("drop schema %s: %v", schema, err)
			return
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Logf("drop schema %s: %v", schema, err)
		}
	})
	u, err := url.Parse(Server())
	if err != nil {
		t.Fatalf("YINDA_TEST_POSTGRES: %v", err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return fmt.Sprint(u)
}

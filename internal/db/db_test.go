package db_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yinda/internal/bus/bustest"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

func TestOpenMigratesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		current, program, err := d.Versions(t.Context())
		if err != nil || current != program || program < 1 {
			t.Fatalf("versions %d of %d, %v", current, program, err)
		}
		from, to, err := d.Migrate(t.Context())
		if err != nil || from != to {
			t.Fatalf("second migration %d → %d, %v", from, to, err)
		}
	})
}

func TestNodesStartTogether(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			at := dsn(t)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					d, err := db.Open(t.Context(), at)
					if err != nil {
						t.Error(err)
						return
					}
					d.Close()
				})
			}
			wg.Wait()
		})
	}
}

// notes makes a table to play with.
func notes(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := d.Exec(t.Context(), `CREATE TABLE notes_for_test (name TEXT PRIMARY KEY, node TEXT, until BIGINT)`); err != nil {
		t.Fatal(err)
	}
}

func TestWriteReadRebind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		notes(t, d)
		err := d.Write(ctx, func(tx *db.Tx) error {
			n, err := tx.Exec(`INSERT INTO notes_for_test (name, node, until) VALUES (?, '?', ?)`, "a", 7)
			if n != 1 {
				t.Errorf("%d rows", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		undo := errors.New("undo")
		err = d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(`DELETE FROM notes_for_test`); err != nil {
				return err
			}
			return undo
		})
		if err != undo {
			t.Fatalf("error of the function is lost: %v", err)
		}
		var node string
		var until int64
		if err := d.QueryRow(ctx, `SELECT node, until FROM notes_for_test WHERE name = ?`, "a").Scan(&node, &until); err != nil || node != "?" || until != 7 {
			t.Fatal(node, until, err)
		}
		if err := d.QueryRow(ctx, `SELECT node FROM notes_for_test WHERE name = ?`, "b").Scan(&node); !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
	})
}

func TestWritersTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		if _, err := d.Exec(t.Context(), `INSERT INTO notes_for_test (name, node, until) VALUES ('n', '', 0)`); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					if _, err := d.Exec(t.Context(), `UPDATE notes_for_test SET until = until + 1 WHERE name = ?`, "n"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := d.QueryRow(t.Context(), `SELECT until FROM notes_for_test`).Scan(&n); err != nil || n != 80 {
			t.Fatal(n, err)
		}
	})
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)`, 99999, true); err != nil {
			t.Fatal(err)
		}
		_, _, err := d.Migrate(t.Context())
		wantFault(t, err, "database_newer", "99999")
	})
}

// wantFault checks the code, and that the message is Chinese and names what it is about.
func wantFault(t *testing.T, err error, code, part string) {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Code != code || !strings.Contains(e.Message, part) || !strings.Contains(e.Message, "。") {
		t.Fatalf("want fault %s naming %q, got %v", code, part, err)
	}
}

func TestSQLiteThatCannotBeOpened(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "letter.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("尊敬的客户", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := db.Open(t.Context(), "sqlite:"+file)
	wantFault(t, err, "not_a_database", file)

	_, err = db.Open(t.Context(), "sqlite:"+filepath.Join(file, "x", "yinda.db"))
	wantFault(t, err, "data_folder_unusable", file)

	_, err = db.Open(t.Context(), "sqlite:")
	wantFault(t, err, "bad_database_url", "sqlite:")
	_, err = db.Open(t.Context(), "mysql://x")
	wantFault(t, err, "bad_database_url", "postgres://")
}

func TestSQLiteInReadOnlyFolder(t *testing.T) {
	// /sys refuses new files even to root, who ignores file modes.
	if _, err := os.Stat("/sys/kernel"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("/sys is missing: no folder here refuses files to root")
		}
		t.Skip("/sys is missing: no folder here refuses files to root")
	}
	_, err := db.Open(t.Context(), "sqlite:/sys/kernel/yinda.db")
	wantFault(t, err, "data_folder_readonly", "/sys/kernel")
}

func TestSQLiteLockedByAnotherProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the busy timeout")
	}
	dsn := dbtest.SQLiteDSN(t)
	path := strings.TrimPrefix(dsn, "sqlite:")
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	_, err = db.Open(t.Context(), dsn)
	wantFault(t, err, "database_locked", path)
}

func TestOddPath(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "数据 100%?#", "银 答.db")
	d, err := db.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reader().ExecContext(t.Context(), `DELETE FROM events`); err == nil {
		t.Fatal("the reader can write")
	}
}

func TestPostgresThatCannotBeReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // one attempt is enough for the message
	_, err = db.Open(ctx, "postgres://u:geheim@"+address+"/x")
	wantFault(t, err, "database_unreachable", address)
	if strings.Contains(err.Error(), "geheim") {
		t.Fatal("the password is in the message")
	}
	_, err = db.Open(t.Context(), "postgres://u:geh%eim@h/x")
	wantFault(t, err, "bad_database_url", "%XX")
	if strings.Contains(err.Error(), "geh") {
		t.Fatal("the password is in the message")
	}
}

func TestPostgresWithoutTheDatabase(t *testing.T) {
	dbtest.PostgresDSN(t) // skips without a server
	_, err := db.Open(t.Context(), strings.TrimSuffix(dbtest.Server(), "/postgres")+"/no_such_database")
	wantFault(t, err, "database_missing", "no_such_database")
}

// TestPostgresComesBack cuts every connection while writers and readers are at work.
func TestPostgresComesBack(t *testing.T) {
	dsn := dbtest.PostgresDSN(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	gate := bustest.NewGate(t, u.Host)
	u.Host = gate.Address()
	d, err := db.Open(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	notes(t, d)
	gate.Shut()
	if err := d.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("ping: %v", err)
	}
	_, err = d.Query(t.Context(), `SELECT name FROM notes_for_test`)
	wantFault(t, err, "database_unavailable", "稍后再试")
	tried := make(chan struct{}, 100)
	done := make(chan error)
	go func() {
		done <- d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO notes_for_test (name) VALUES ('x')`)
			return err
		})
	}()
	go func() { // readers notice as well that it is away
		for range 3 {
			d.Ping(t.Context())
			tried <- struct{}{}
		}
	}()
	for range 3 {
		<-tried
	}
	gate.Release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var n int
	if err := d.QueryRow(t.Context(), `SELECT count(*) FROM notes_for_test`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

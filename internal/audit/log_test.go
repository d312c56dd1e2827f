package audit_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/internal/audit"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

func fill(t *testing.T, l *audit.Log, writers, each int) {
	t.Helper()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if err := l.Append(t.Context(), audit.Record{Actor: "u-1", ActorName: "小李", Action: "conversation.view", Object: "c-1", Detail: map[string]any{"state": "queued"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestChainHoldsUnderConcurrentWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, time.Now)
		fill(t, l, 8, 10)
		report, err := l.Verify(t.Context())
		if err != nil || report.Rows != 80 || report.Head.Seq != 80 {
			t.Fatalf("verify: %+v, %v", report, err)
		}
		rows, err := l.List(t.Context(), audit.Filter{After: 70, Action: "conversation."})
		if err != nil || len(rows) != 10 || rows[0].Seq != 71 || string(rows[0].Detail) != `{"state":"queued"}` {
			t.Fatalf("list: %d rows, %v", len(rows), err)
		}
		rows, err = l.List(t.Context(), audit.Filter{Newest: true, Limit: 3, Actor: "u-1", Object: "c-1", Before: 80})
		if err != nil || len(rows) != 3 || rows[0].Seq != 79 {
			t.Fatalf("newest: %+v, %v", rows, err)
		}
	})
}

func TestAppendKeepsWhatADatabaseWouldRefuse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, time.Now)
		if err := l.Append(t.Context(), audit.Record{Actor: "a\x00b", ActorName: "\xff", Action: "x.y", Object: "o\x00"}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTableRefusesChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, time.Now)
		fill(t, l, 1, 2)
		for _, q := range []string{`UPDATE audit SET object = 'x' WHERE seq = 1`, `DELETE FROM audit WHERE seq = 2`} {
			if _, err := d.Exec(t.Context(), q); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

// Whoever owns the database can drop the triggers; the chain still names the row.
func TestVerifyNamesTheFirstBrokenRow(t *testing.T) {
	tests := []struct{ name, query, names string }{
		{"changed", `UPDATE audit SET object = 'c-2' WHERE seq = 4`, "第4条"},
		{"time", `UPDATE audit SET at = at + 1 WHERE seq = 9`, "第9条"},
		{"removed", `DELETE FROM audit WHERE seq = 5`, "第5条"},
		{"cut off", `DELETE FROM audit WHERE seq > 7`, "只找到7条"},
		{"head", `UPDATE audit_head SET hash = 'x'`, "链头"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, q := range map[db.Dialect][]string{
			db.SQLite:   {`DROP TRIGGER audit_keep_row`, `DROP TRIGGER audit_keep_rows`},
			db.Postgres: {`DROP TRIGGER audit_keep ON audit`},
		}[d.Dialect()] {
			if _, err := d.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				for _, q := range []string{`DELETE FROM audit`, `UPDATE audit_head SET seq = 0, hash = ''`} {
					if _, err := d.Exec(t.Context(), q); err != nil {
						t.Fatal(err)
					}
				}
				l := audit.New(d, time.Now)
				fill(t, l, 1, 10)
				if _, err := d.Exec(t.Context(), tt.query); err != nil {
					t.Fatal(err)
				}
				_, err := l.Verify(t.Context())
				if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), tt.names) {
					t.Errorf("verify: %v, want %s", err, tt.names)
				}
			})
		}
	})
}

func TestNotedHeadBetraysARewrittenLog(t *testing.T) {
	d := dbtest.SQLite(t)
	l := audit.New(d, time.Now)
	fill(t, l, 1, 3)
	noted, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 1, 2)
	if _, err := l.VerifyAgainst(t.Context(), noted); err != nil {
		t.Fatal(err)
	}
	noted.Hash = "rewritten"
	if _, err := l.VerifyAgainst(t.Context(), noted); err == nil {
		t.Error("a different hash at the noted row passed")
	}
	if _, err := l.VerifyAgainst(t.Context(), audit.Head{Seq: 99}); err == nil {
		t.Error("a noted row beyond the end passed")
	}
}

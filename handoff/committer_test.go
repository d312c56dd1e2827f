package handoff

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yinda/internal/bus/bustest"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

func TestAPoisonedBatchFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, silent)
		poisons := map[string]func(*room) error{
			"constraint at the end": func(m *room) error {
				m.priority, m.cold = 9, true
				_, err := m.add(KindNote, systemActor, NoteBody{Text: "poison"}, "")
				return err
			},
			"statement inside": func(m *room) error {
				return m.exec(`INSERT INTO tickets (number, conversation, kind, reason, priority, owner, created_at, promised_at, resolve_due)
					VALUES ('x', ?, 'handoff', '', 0, '', 0, 0, 0)`, m.id)
			},
			"refused after it wrote": func(m *room) error {
				if _, err := m.writeTicket(TicketHandoff, "", db.Time(m.now), db.Time(m.now)); err != nil {
					return err
				}
				return fault.New(fault.Conflict, "changed_my_mind", "不做了。")
			},
			"panic": func(m *room) error { panic("poison") },
		}
		for name, poison := range poisons {
			t.Run(name, func(t *testing.T) {
				g := enter(t, s)
				var batch []*change
				for i := range 50 {
					c := &change{conversation: g.id, ref: "t:" + uuid.NewString(), since: time.Now(), done: make(chan outcome, 1), apply: func(m *room) error {
						_, err := m.add(KindMessage, Actor{Kind: ActorCustomer}, MessageBody{Text: fmt.Sprint(i)}, "")
						return err
					}}
					if i == 20 {
						c.apply = poison
					}
					batch = append(batch, c)
				}
				s.committer.flush(batch)
				for i, c := range batch {
					o := <-c.done
					if (o.err != nil) != (i == 20) {
						t.Fatalf("change %d: %v", i, o.err)
					}
				}
				if log := g.log(); len(log) != 49 || log[20] != "customer message 21" {
					t.Fatalf("%q", log)
				}
				if _, err := Verify(t.Context(), d, g.id); err != nil {
					t.Fatal(err)
				}
			})
		}
		var n int
		if err := d.QueryRow(t.Context(), `SELECT count(*) FROM tickets`).Scan(&n); err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}

// counting is a log that counts records with a message.
type counting struct {
	slog.Handler
	message string
	seen    chan struct{}
}

func (c *counting) Handle(_ context.Context, r slog.Record) error {
	if r.Message == c.message {
		select {
		case c.seen <- struct{}{}:
		default:
		}
	}
	return nil
}

// behindGate is a service whose PostgreSQL stands behind a gate.
func behindGate(t *testing.T, change ...func(*Options)) (*Service, *bustest.Gate, *counting, *db.DB) {
	t.Helper()
	dsn := dbtest.PostgresDSN(t)
	direct, err := db.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { direct.Close() })
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
	t.Cleanup(func() { gate.Release(); d.Close() })
	log := &counting{Handler: quiet().Handler(), message: "database away, trying again", seen: make(chan struct{}, 1000)}
	return start(t, d, append(change, silent, func(o *Options) { o.Logger = slog.New(log) })...), gate, log, direct
}

func (c *counting) waits(t *testing.T, n int) {
	t.Helper()
	end := time.After(20 * time.Second)
	for range n {
		select {
		case <-c.seen:
		case <-end:
			t.Fatal("the committer has not noticed")
		}
	}
}

// TestPostgresGone has the server refuse everything, or swallow everything, while customers write.
func TestPostgresGone(t *testing.T) {
	for name, away := range map[string]func(*bustest.Gate){"refusing": (*bustest.Gate).Shut, "black hole": (*bustest.Gate).Hold} {
		t.Run(name, func(t *testing.T) {
			s, gate, log, direct := behindGate(t, func(o *Options) { o.CommitTimeout = 300 * time.Millisecond })
			g := enter(t, s)
			g.say("before")
			var wg sync.WaitGroup
			stop := make(chan struct{})
			var mu sync.Mutex
			acked := map[string]int64{}
			for w := range 8 {
				wg.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						text := fmt.Sprintf("w%d-%d", w, i)
						a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: text, Text: text})
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						acked[text] = a.Seq
						mu.Unlock()
					}
				})
			}
			eventually(t, func() string {
				mu.Lock()
				defer mu.Unlock()
				return map[bool]string{true: "too few"}[len(acked) < 50]
			})
			away(gate)
			log.waits(t, 4)
			gate.Release()
			mu.Lock()
			before := len(acked)
			mu.Unlock()
			eventually(t, func() string {
				mu.Lock()
				defer mu.Unlock()
				return map[bool]string{true: "not back"}[len(acked) < before+50]
			})
			close(stop)
			wg.Wait()
			if _, err := Verify(t.Context(), direct, g.id); err != nil {
				t.Fatal(err)
			}
			check(t, s, g.id, acked)
		})
	}
}

// check finds every acknowledged message at its place, once.
func check(t *testing.T, s *Service, id string, acked map[string]int64) {
	t.Helper()
	found := map[string]int64{}
	for after := int64(0); ; {
		events, err := s.Events(t.Context(), id, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if e.Seq != after+1 {
				t.Fatalf("gap: %d after %d", e.Seq, after)
			}
			after = e.Seq
			if e.Kind != KindMessage || e.Actor.Kind != ActorCustomer {
				continue
			}
			text := body[MessageBody](e).Text
			if found[text] != 0 {
				t.Errorf("%s is there twice: %d and %d", text, found[text], e.Seq)
			}
			found[text] = e.Seq
		}
	}
	for text, seq := range acked {
		if found[text] != seq {
			t.Errorf("%s was acknowledged as %d and is %d", text, seq, found[text])
		}
	}
}

func TestPostgresGoneForTooLong(t *testing.T) {
	s, gate, _, _ := behindGate(t, func(o *Options) { o.CommitPatience = 200 * time.Millisecond })
	g := enter(t, s)
	gate.Shut()
	ref := uuid.NewString()
	_, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "在吗"})
	wantCode(t, err, "database_unavailable")
	if fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	gate.Release()
	eventually(t, func() string { // recovers by itself
		a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "在吗"})
		if err != nil {
			return err.Error()
		}
		if a.Seq != 1 {
			t.Fatalf("%+v", a)
		}
		return ""
	})
	if log := g.log(); len(log) != 1 {
		t.Fatal(log)
	}
}

func TestAChangeIsCommittedEvenIfItsSenderIsGone(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, silent)
		g := enter(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ref := uuid.NewString()
		a, err := s.Say(ctx, g.id, g.visitor, Message{Ref: ref, Text: "在吗"})
		if err != nil {
			wantCode(t, err, "not_confirmed")
		} else if a.Seq != 1 {
			t.Fatalf("%+v", a)
		}
		if a, err = s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "在吗"}); err != nil || a.Seq != 1 || !a.Duplicate {
			t.Fatalf("%+v %v", a, err)
		}
	})
}

func TestAnUnansweredTurnSurvivesARestart(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		before := start(t, d, func(o *Options) {
			o.Debounce, o.DebounceMax = 100*time.Millisecond, 100*time.Millisecond
			o.Sweep = time.Hour
		})
		g := enter(t, before)
		before.turns.mu.Lock() // dies before the debounce has passed
		done := make(chan struct{})
		go func() {
			defer close(done)
			before.Say(context.Background(), g.id, g.visitor, Message{Ref: "r1", Text: "还在吗"})
		}()
		eventually(t, func() string { return map[bool]string{true: "not stored"}[len(g.log()) == 0] })
		after := start(t, d)
		h := &guest{t: t, s: after, visitor: g.visitor, id: g.id}
		h.hears("回答：还在吗")
		before.turns.mu.Unlock()
		<-done
		if n := strings.Count(strings.Join(h.log(), "\n"), "回答"); n != 1 {
			t.Fatal(h.log())
		}
	})
}

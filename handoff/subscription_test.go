package handoff

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yinda/internal/bus"
	"yinda/internal/bus/bustest"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
)

// follower reads a subscription and checks that nothing is missing, repeated or out of order.
type follower struct {
	t     testing.TB
	sub   *Subscription
	after int64

	mu     sync.Mutex
	events []Event
	done   chan struct{}
}

func follow(t testing.TB, s *Service, id string, after int64) *follower {
	t.Helper()
	sub, err := s.Subscribe(t.Context(), id, after)
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{t: t, sub: sub, after: after, done: make(chan struct{})}
	go f.run()
	t.Cleanup(func() { sub.Close(); <-f.done })
	return f
}

func (f *follower) run() {
	defer close(f.done)
	next := f.after + 1
	for {
		select {
		case s := <-f.sub.Signals():
			if s.Event == nil {
				continue
			}
			if s.Event.Seq != next {
				f.t.Errorf("event %d, want %d", s.Event.Seq, next)
			}
			next = s.Event.Seq + 1
			f.mu.Lock()
			f.events = append(f.events, *s.Event)
			f.mu.Unlock()
		case <-f.sub.Done():
			return
		}
	}
}

func (f *follower) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.events)
}

func (f *follower) reaches(n int) {
	f.t.Helper()
	eventually(f.t, func() string {
		if got := f.count(); got != n {
			return fmt.Sprintf("%d events, want %d (err %v)", got, n, f.sub.Err())
		}
		return ""
	})
}

// silent keeps the bot from answering, so that every event is a customer's.
func silent(o *Options) { o.Debounce, o.DebounceMax = time.Hour, time.Hour }

func TestEveryoneSeesEverythingOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, silent)
		g := enter(t, s)
		g.say("x")
		g.say("x")
		var followers []*follower
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 12 {
					g.say("x")
				}
			})
		}
		for i := range 10 { // while it is written, from different points
			followers = append(followers, follow(t, s, g.id, int64(i%3)))
		}
		wg.Wait()
		for i, f := range followers {
			f.reaches(98 - i%3)
		}
		f := follow(t, s, g.id, 0) // the past alone, more than a buffer
		f.reaches(98)
		far, err := s.Subscribe(t.Context(), g.id, 10_000) // a browser that remembers too much
		if err != nil || far.Cursor() != 98 {
			t.Fatal(far.Cursor(), err)
		}
		far.Close()
	})
}

func TestASlowReaderIsDroppedAndResumes(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, silent)
		g := enter(t, s)
		sub, err := s.Subscribe(t.Context(), g.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range signalBuffer + 5 {
			g.say("x")
		}
		select {
		case <-sub.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("not dropped")
		}
		if sub.Err() != ErrSlow {
			t.Fatal(sub.Err())
		}
		f := follow(t, s, g.id, 7)
		f.reaches(signalBuffer + 5 - 7)
	})
}

// TestLostNewsIsFound has two nodes whose buses do not know each other: nothing is heard, everything
// must come from reconciliation, the last event included.
func TestLostNewsIsFound(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		here, there := start(t, d, silent, ownBus(t)), start(t, d, silent, ownBus(t))
		g := enter(t, here)
		f := follow(t, there, g.id, 0)
		for i := range 5 {
			g.say(fmt.Sprint(i))
			f.reaches(i + 1)
		}
	})
}

func TestTypingPassesAndIsNotStored(t *testing.T) {
	s := start(t, dbtest.SQLite(t), silent)
	g := enter(t, s)
	sub, err := s.Subscribe(t.Context(), g.id, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	s.Typing(g.id, Actor{Kind: ActorAgent, Name: "小李"})
	select {
	case got := <-sub.Signals():
		if got.Typing == nil || got.Typing.Name != "小李" {
			t.Fatalf("%+v", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing")
	}
	if len(g.log()) != 0 {
		t.Fatal(g.log())
	}
}

func TestWaitingCustomersHearOfTheQueue(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		agent(t, s, "a", 1)
		first := enter(t, s)
		first.ask()
		first.reaches(StateAgent)
		second, third := enter(t, s), enter(t, s)
		second.ask()
		third.ask()
		sub, err := s.Subscribe(t.Context(), third.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		position := func(want int64) {
			t.Helper()
			end := time.After(10 * time.Second)
			for {
				select {
				case got := <-sub.Signals():
					if got.Queue != nil && got.Queue.Position == want {
						return
					}
				case <-end:
					t.Fatalf("never at position %d", want)
				}
			}
		}
		position(2)
		if err := s.CloseConversation(t.Context(), Staff{ID: "a"}, first.id, WrapUp{Result: "resolved"}); err != nil {
			t.Fatal(err)
		}
		position(1)
	})
}

func TestClosingEndsSubscriptions(t *testing.T) {
	s := start(t, dbtest.SQLite(t), silent)
	g := enter(t, s)
	sub, err := s.Subscribe(t.Context(), g.id, 0)
	if err != nil {
		t.Fatal(err)
	}
	changes, stop := s.DeskChanges()
	s.SetPresence(t.Context(), Agent{ID: "a", Capacity: 1}, Online)
	<-changes
	s.Close()
	<-sub.Done()
	if sub.Err() != ErrClosed {
		t.Fatal(sub.Err())
	}
	for range changes { // ends
	}
	stop()
	_, err = s.Say(t.Context(), g.id, g.visitor, Message{Ref: "r1", Text: "x"})
	wantCode(t, err, "stopping")
	_, err = s.Subscribe(t.Context(), g.id, 0)
	wantCode(t, err, "stopping")
}

// twoNodes are two services on one PostgreSQL and one NATS server. gate stands between the second
// and NATS.
func twoNodes(t *testing.T, change ...func(*Options)) (a, b *Service, gate *bustest.Gate, d *db.DB) {
	t.Helper()
	url := bustest.URL(t)
	gate = bustest.NewGate(t, strings.TrimPrefix(url, "nats://"))
	dsn := dbtest.PostgresDSN(t)
	var nodes []*Service
	for _, u := range []string{url, "nats://" + gate.Address()} {
		var err error
		if d, err = db.Open(t.Context(), dsn); err != nil {
			t.Fatal(err)
		}
		opened := d
		t.Cleanup(func() { opened.Close() })
		bu, err := bus.Open(context.Background(), bus.Options{URL: u, Logger: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(bu.Close)
		nodes = append(nodes, start(t, d, append([]func(*Options){func(o *Options) { o.Bus = bu }}, change...)...))
		if err := bu.Flush(t.Context()); err != nil { // its subscriptions are known to the server
			t.Fatal(err)
		}
	}
	return nodes[0], nodes[1], gate, d
}

func TestTwoNodesOneConversation(t *testing.T) {
	// Reconciliation is off: what arrives came over NATS.
	a, b, _, d := twoNodes(t, silent, func(o *Options) { o.Reconcile = time.Hour })
	g := enter(t, a)
	onA, onB := follow(t, a, g.id, 0), follow(t, b, g.id, 0)
	refs := make([]string, 100)
	for i := range refs {
		refs[i] = uuid.NewString()
	}
	var wg sync.WaitGroup
	seqs := make([][2]int64, len(refs))
	for n, s := range []*Service{a, b} {
		for w := range 4 {
			wg.Go(func() {
				for i := w; i < len(refs); i += 4 { // every message is sent on both nodes
					ack, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: refs[i], Text: refs[i]})
					if err != nil {
						t.Error(err)
						return
					}
					seqs[i][n] = ack.Seq
				}
			})
		}
	}
	wg.Wait()
	for i, pair := range seqs {
		if pair[0] != pair[1] || pair[0] == 0 {
			t.Fatalf("message %d has seq %v", i, pair)
		}
	}
	onA.reaches(100)
	onB.reaches(100)
	if n, err := Verify(t.Context(), d, g.id); err != nil || n != 100 {
		t.Fatal(n, err)
	}
}

func TestABusThatIsABlackHoleLosesNothing(t *testing.T) {
	a, b, gate, _ := twoNodes(t, silent, func(o *Options) { o.Reconcile = 100 * time.Millisecond })
	g := enter(t, a)
	f := follow(t, b, g.id, 0)
	g.say("before")
	f.reaches(1)
	gate.Hold()
	for range 20 {
		g.say("in the dark")
	}
	f.reaches(21) // from the database
	h := &guest{t: t, s: b, visitor: g.visitor, id: g.id}
	h.say("from the cut-off node") // its own readers need no bus
	f.reaches(22)
	gate.Release()
	gate.Cut()
	g.say("after")
	f.reaches(23)
}

func TestTwoNodesAssignOnce(t *testing.T) {
	a, b, _, _ := twoNodes(t)
	for i := range 4 {
		agent(t, a, fmt.Sprint("a", i), 3)
	}
	guests := make([]*guest, 20)
	for i := range guests {
		guests[i] = enter(t, []*Service{a, b}[i%2])
	}
	var wg sync.WaitGroup
	for _, g := range guests {
		wg.Go(func() { g.ask() })
	}
	wg.Wait()
	eventually(t, func() string {
		got := fmt.Sprint(load(t, a, "a0"), load(t, a, "a1"), load(t, a, "a2"), load(t, a, "a3"))
		if got != "3 3 3 3" {
			return got
		}
		return ""
	})
	taken := 0
	for _, g := range guests {
		switch n := strings.Count(strings.Join(g.log(), "\n"), "→agent"); n {
		case 0:
			if s := g.state(); s != StateQueued {
				t.Errorf("state %s", s)
			}
		case 1:
			taken++
		default:
			t.Errorf("taken %d times: %q", n, g.log())
		}
	}
	if taken != 12 {
		t.Fatalf("%d taken", taken)
	}
}

func TestADeadNodesTurnIsAnsweredByTheOther(t *testing.T) {
	a, b, _, _ := twoNodes(t, func(o *Options) { o.Debounce, o.TurnLease = 50*time.Millisecond, 200*time.Millisecond })
	g := enter(t, a)
	a.turns.mu.Lock() // the node is stuck before it can begin
	g2 := &guest{t: t, s: b, visitor: g.visitor, id: g.id}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Say(context.Background(), g.id, g.visitor, Message{Ref: "r1", Text: "有人吗"})
	}()
	g2.hears("回答：有人吗")
	a.turns.mu.Unlock()
	<-done
	if n := strings.Count(strings.Join(g.log(), "\n"), "回答"); n != 1 {
		t.Fatal(g.log())
	}
}

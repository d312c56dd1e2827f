package handoff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yinda/bot"
	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

// brain is a bot for tests.
type brain func(ctx context.Context, course bot.Course, turn bot.Turn) bot.Decision

func (b brain) Decide(ctx context.Context, course bot.Course, turn bot.Turn) bot.Decision {
	return b(ctx, course, turn)
}

// reply makes a text that may leave the house; only a guard can.
func reply(text string) bot.Reply {
	g, err := bot.NewGuard(bot.Playbook{Scripts: map[string]bot.Script{}, Notices: map[string]bot.Notice{}, Facts: map[string]string{}})
	if err != nil {
		panic(err)
	}
	return g.Say(bot.Part{Text: text})
}

// simple answers everything, hands over on 人工 (asked), 投诉 (priority 1) and 诈骗 (priority 0), and
// panics on 崩溃.
func simple(_ context.Context, course bot.Course, turn bot.Turn) bot.Decision {
	course.Turns++
	course.LastText = turn.Text
	d := bot.Decision{Kind: bot.KindAnswer, EntryID: "T-1", Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone, Course: course}
	switch {
	case strings.Contains(turn.Text, "崩溃"):
		panic("as wished")
	case strings.Contains(turn.Text, "诈骗"):
		d.Kind, d.Escalate, d.Priority, d.Reason, d.Urgent = bot.KindHandoff, true, 0, "emergency", bot.UrgentInProgress
	case strings.Contains(turn.Text, "投诉"):
		d.Kind, d.Escalate, d.Priority, d.Reason, d.Complaint, d.ComplaintCategory = bot.KindHandoff, true, 1, "complaint", true, "服务态度"
		d.Emotion, d.EmotionLevel, d.Trend = bot.EmotionAngry, 3, 1
		d.Evidence = []bot.Evidence{{Rule: "complaint", Match: "投诉"}}
	case strings.Contains(turn.Text, "人工"):
		d.Kind, d.Escalate, d.Priority, d.Reason, d.WantsPerson = bot.KindHandoff, true, 3, "person_requested", true
	default:
		d.Reply = reply("回答：" + strings.ReplaceAll(turn.Text, "\n", "／"))
	}
	return d
}

// each runs fn on both databases.
func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Parallel() // most of the time is spent waiting for the disk
	dbtest.Each(t, fn)
}

// sharedBus serves all tests that need none of their own: conversations have unique ids.
var sharedBus = sync.OnceValue(func() *bus.Bus {
	b, err := bus.Open(context.Background(), bus.Options{Logger: quiet()})
	if err != nil {
		panic(err)
	}
	return b
})

// ownBus is a bus that hears nothing of others.
func ownBus(t testing.TB) func(*Options) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Options{Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return func(o *Options) { o.Bus = b }
}

// start runs a service on d with short times.
func start(t testing.TB, d *db.DB, change ...func(*Options)) *Service {
	t.Helper()
	o := Options{
		DB: d, Decider: brain(simple), Logger: quiet(),
		Debounce: 20 * time.Millisecond, Sweep: 30 * time.Millisecond, Reconcile: 50 * time.Millisecond, TurnLease: 300 * time.Millisecond,
	}
	for _, c := range change {
		c(&o)
	}
	if o.Bus == nil {
		o.Bus = sharedBus()
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// quiet drops logs unless YINDA_TEST_LOG is set.
func quiet() *slog.Logger {
	if os.Getenv("YINDA_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

// eventually waits until cond answers "" and fails with its last answer after 20 s.
func eventually(t testing.TB, cond func() string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for {
		why := cond()
		if why == "" {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("still after 20 s: %s", why)
		}
	}
}

// guest is a customer in a conversation.
type guest struct {
	t       testing.TB
	s       *Service
	visitor string
	id      string
}

func enter(t testing.TB, s *Service) *guest {
	t.Helper()
	g := &guest{t: t, s: s, visitor: "v-" + uuid.NewString()}
	o, err := s.Open(t.Context(), Visitor{ID: g.visitor, Channel: "web", Lang: "zh-CN"}, "")
	if err != nil {
		t.Fatal(err)
	}
	g.id = o.ID
	return g
}

// say sends a message under a new reference.
func (g *guest) say(text string) Ack {
	g.t.Helper()
	a, err := g.s.Say(g.t.Context(), g.id, g.visitor, Message{Ref: uuid.NewString(), Text: text})
	if err != nil {
		g.t.Fatalf("say %q: %v", text, err)
	}
	return a
}

func (g *guest) ask() Ack {
	g.t.Helper()
	a, err := g.s.AskPerson(g.t.Context(), g.id, g.visitor, uuid.NewString())
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

// log is the conversation as lines "actor kind text", for comparing.
func (g *guest) log() []string { return lines(g.t, g.s, g.id) }

func lines(t testing.TB, s *Service, id string) []string {
	t.Helper()
	events, err := s.Events(context.Background(), id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(events))
	for i, e := range events {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has seq %d", i+1, e.Seq)
		}
		list[i] = line(e)
	}
	return list
}

// line is an event as text.
func line(e Event) string {
	switch e.Kind {
	case KindMessage:
		b := body[MessageBody](e)
		if b.Script != "" {
			return e.Actor.Kind + " script " + b.Script
		}
		return e.Actor.Kind + " message " + b.Text
	case KindState:
		b := body[StateBody](e)
		return fmt.Sprintf("%s state %s→%s %s", e.Actor.Kind, b.From, b.To, b.Reason)
	case KindNote:
		return e.Actor.Kind + " note " + body[NoteBody](e).Text
	}
	return e.Actor.Kind + " " + e.Kind
}

// state is the conversation's state now.
func (g *guest) state() State {
	g.t.Helper()
	r, err := g.s.load(context.Background(), g.id)
	if err != nil {
		g.t.Fatal(err)
	}
	return r.state
}

func (g *guest) record() *record {
	g.t.Helper()
	r, err := g.s.load(context.Background(), g.id)
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

// reaches waits for a state.
func (g *guest) reaches(want State) {
	g.t.Helper()
	eventually(g.t, func() string {
		if s := g.state(); s != want {
			return fmt.Sprintf("state %s, want %s\n%s", s, want, strings.Join(g.log(), "\n"))
		}
		return ""
	})
}

// hears waits until a line of the log contains part.
func (g *guest) hears(part string) {
	g.t.Helper()
	eventually(g.t, func() string {
		all := strings.Join(g.log(), "\n")
		if !strings.Contains(all, part) {
			return "no " + part + " in\n" + all
		}
		return ""
	})
}

// agent signs an agent in.
func agent(t testing.TB, s *Service, id string, capacity int64, groups ...string) Staff {
	t.Helper()
	if err := s.SetPresence(t.Context(), Agent{ID: id, Name: "客服" + id, Capacity: capacity, Groups: groups}, Online); err != nil {
		t.Fatal(err)
	}
	return Staff{ID: id, Name: "客服" + id}
}

// wantCode checks that err is a fault with this code and a Chinese message.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != code || !strings.Contains(f.Message, "。") {
		t.Fatalf("want fault %s, got %v", code, err)
	}
}

// body decodes the body of an event.
func body[T any](e Event) T {
	var b T
	if err := json.Unmarshal(e.Body, &b); err != nil {
		panic(err)
	}
	return b
}

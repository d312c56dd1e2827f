package handoff

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yinda/bot"
	"yinda/internal/db"
)

func TestUrgentFirstThenLongestWaiting(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		f := agent(t, s, "a", 1)
		first := enter(t, s)
		first.ask()
		first.reaches(StateAgent)
		var order []*guest
		for _, text := range []string{"人工", "人工", "投诉", "诈骗", "人工"} {
			g := enter(t, s)
			g.say(text)
			g.reaches(StateQueued)
			order = append(order, g)
		}
		queue, err := s.List(t.Context(), ViewQueue, "")
		if err != nil {
			t.Fatal(err)
		}
		want := []*guest{order[3], order[2], order[0], order[1], order[4]}
		for i, g := range want {
			if queue[i].ID != g.id {
				t.Fatalf("place %d is wrong", i+1)
			}
			p, err := s.Place(t.Context(), g.id)
			if err != nil || p.Position != int64(i+1) {
				t.Fatalf("place %+v, want %d, %v", p, i+1, err)
			}
		}
		urgent := want[0].record()
		if due := urgent.firstResponseDue - urgent.escalatedAt; due != (15 * time.Minute).Microseconds() {
			t.Fatal(due)
		}
		if due := want[1].record().firstResponseDue - want[1].record().escalatedAt; due != (10 * time.Minute).Microseconds() {
			t.Fatal(due)
		}
		current := first
		for _, g := range want {
			if err := s.CloseConversation(t.Context(), f, current.id, WrapUp{Result: "resolved"}); err != nil {
				t.Fatal(err)
			}
			g.reaches(StateAgent)
			current = g
		}
	})
}

func TestTheLeastLoadedGetsTheNext(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		agent(t, s, "a", 3)
		agent(t, s, "b", 3)
		agent(t, s, "c", 1)
		agent(t, s, "cards", 5, "cards") // does not serve general
		for range 7 {
			enter(t, s).ask()
		}
		eventually(t, func() string {
			got := fmt.Sprint(load(t, s, "a"), load(t, s, "b"), load(t, s, "c"), load(t, s, "cards"))
			if got != "3 3 1 0" {
				return got
			}
			return ""
		})
		g := enter(t, s)
		if a := g.ask(); a.State != StateQueued {
			t.Fatalf("%+v", a)
		}
		// Ties go round: whoever has waited longest for a chat.
		agents := []*agentRecord{{id: "x", presence: Online, capacity: 2, serves: "[]", leaseUntil: 10, lastAssigned: 5}, {id: "y", presence: Online, capacity: 2, serves: "[]", leaseUntil: 10, lastAssigned: 3}}
		if a := pick(agents, "general", "general", 1); a.id != "y" {
			t.Fatal(a.id)
		}
	})
}

func TestGroupsAndTheirFallback(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Group = func(d bot.Decision) string { return "loans" } })
		general := agent(t, s, "g", 5, "general")
		one := enter(t, s)
		one.say("人工") // nobody serves loans: general takes it
		one.reaches(StateAgent)
		agent(t, s, "l", 0, "loans") // at work but takes none: not staffed
		two := enter(t, s)
		two.say("人工")
		two.reaches(StateAgent)
		// cards is nobody's either, so general serves it too: the chat comes back.
		if err := s.Transfer(t.Context(), general, two.id, Target{Group: "cards"}); err != nil {
			t.Fatal(err)
		}
		two.reaches(StateAgent)
		if r := two.record(); r.group != "cards" || r.agent != "g" {
			t.Fatalf("%+v", r)
		}
		wantCode(t, s.SetPresence(t.Context(), Agent{ID: "x", Groups: []string{`a"%`}}, Online), "bad_group")
	})
}

func TestTwoAgentsClaimOneChat(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		for i := range 8 {
			agent(t, s, fmt.Sprint("agent", i), 0) // present, but given nothing
		}
		agent(t, s, "full", 1)
		enter(t, s).ask()
		eventually(t, func() string {
			if load(t, s, "full") != 1 {
				return "not full"
			}
			return ""
		})
		g := enter(t, s)
		if a := g.ask(); a.State != StateQueued {
			t.Fatalf("%+v", a)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := s.Claim(t.Context(), Staff{ID: fmt.Sprint("agent", i)}, g.id)
				if err == nil {
					won.Add(1)
				} else {
					wantCode(t, err, "already_claimed")
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || strings.Count(strings.Join(g.log(), "\n"), "→agent") != 1 {
			t.Fatalf("%d winners\n%q", won.Load(), g.log())
		}
		wantCode(t, s.Claim(t.Context(), Staff{ID: "unknown"}, enter(t, s).id), "agent_offline")
	})
}

func TestASilentAgentLosesTheChat(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var skew atomic.Int64
		s := start(t, d, func(o *Options) {
			o.Clock = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
		})
		f := agent(t, s, "a", 1)
		g := enter(t, s)
		g.ask()
		g.reaches(StateAgent)
		queued := g.record().queuedAt
		skew.Store(int64(50 * time.Second))
		if err := s.Heartbeat(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		b := agent(t, s, "b", 1) // takes over
		if err := s.SetPresence(t.Context(), Agent{ID: "b", Name: "客服b", Capacity: 1}, Busy); err != nil {
			t.Fatal(err)
		}
		skew.Store(int64(100 * time.Second))
		if err := s.Heartbeat(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		if g.state() != StateAgent {
			t.Fatal("lost within the lease")
		}
		skew.Store(int64(115 * time.Second)) // a: 65 s of silence
		g.reaches(StateQueued)
		if r := g.record(); r.queuedAt != queued || r.agent != "" {
			t.Fatalf("waiting time lost: %+v", r)
		}
		g.hears("system script handoff_requeued")
		_, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m", Text: "我回来了"})
		wantCode(t, err, "not_with_agent")
		agent(t, s, "b", 1)
		g.reaches(StateAgent)
		if r := g.record(); r.agent != b.ID {
			t.Fatal(r.agent)
		}
		// Going offline returns the chats; with nobody left it becomes a ticket.
		if err := s.SetPresence(t.Context(), Agent{ID: "b", Name: "客服b", Capacity: 1}, Offline); err != nil {
			t.Fatal(err)
		}
		wantCode(t, s.Heartbeat(t.Context(), "b"), "agent_offline")
		g.reaches(StateTicket)
	})
}

func TestTransfers(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		a := agent(t, s, "a", 5, "general")
		g := enter(t, s)
		g.ask()
		g.reaches(StateAgent)
		queued := g.record().queuedAt
		b := agent(t, s, "b", 0, "cards")
		wantCode(t, s.Transfer(t.Context(), a, g.id, Target{}), "bad_target")
		wantCode(t, s.Transfer(t.Context(), a, g.id, Target{Agent: "nobody"}), "agent_offline")
		wantCode(t, s.Transfer(t.Context(), b, g.id, Target{Agent: "b"}), "not_yours")
		wantCode(t, s.Transfer(t.Context(), a, g.id, Target{Agent: "a"}), "same_agent")
		if err := s.Transfer(t.Context(), a, g.id, Target{Agent: "b", Note: "卡片问题"}); err != nil {
			t.Fatal(err)
		}
		if r := g.record(); r.agent != "b" || r.state != StateAgent {
			t.Fatalf("%+v", r)
		}
		agent(t, s, "c", 0, "cards")
		if err := s.SetPresence(t.Context(), Agent{ID: "d", Name: "客服d", Capacity: 1, Groups: []string{"cards"}}, Online); err != nil {
			t.Fatal(err)
		}
		if err := s.Transfer(t.Context(), b, g.id, Target{Group: "cards"}); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() string {
			if r := g.record(); r.agent != "d" || r.queuedAt != queued {
				return fmt.Sprint(r.agent, r.state, r.queuedAt)
			}
			return ""
		})
		if err := s.SetPresence(t.Context(), Agent{ID: "a", Name: "客服a", Capacity: 5, Groups: []string{"general"}}, Offline); err != nil {
			t.Fatal(err)
		}
		boss := Staff{ID: "boss", Name: "主管", Supervisor: true}
		wantCode(t, s.Transfer(t.Context(), boss, g.id, Target{Group: "general"}), "group_offline")
		if g.record().group != "cards" {
			t.Fatal("a refused transfer has changed the group")
		}
	})
}

func TestAnEmergencyInTheQueueMovesUp(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		agent(t, s, "a", 1)
		enter(t, s).ask()
		eventually(t, func() string {
			if load(t, s, "a") != 1 {
				return "free"
			}
			return ""
		})
		first, second := enter(t, s), enter(t, s)
		first.ask()
		second.ask()
		second.say("在吗") // an ordinary word changes nothing, and the bot is silent
		second.say("我被诈骗了，对方还在线")
		eventually(t, func() string {
			if p, err := s.Place(t.Context(), second.id); err != nil || p.Position != 1 {
				return fmt.Sprintf("%+v %v", p, err)
			}
			return ""
		})
		if p, err := s.Place(t.Context(), first.id); err != nil || p.Position != 2 {
			t.Fatalf("%+v %v", p, err)
		}
		if log := strings.Join(second.log(), "\n"); strings.Contains(log, "回答") {
			t.Fatal(log)
		}
	})
}

func TestTheQueueHasALimit(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.QueueLimit = 2 })
		agent(t, s, "a", 1)
		enter(t, s).ask()
		eventually(t, func() string {
			if load(t, s, "a") != 1 {
				return "free"
			}
			return ""
		})
		for i, want := range []State{StateQueued, StateQueued, StateTicket} {
			if a := enter(t, s).ask(); a.State != want {
				t.Fatalf("%d: %+v", i, a)
			}
		}
	})
}

func TestEstimates(t *testing.T) {
	p := &pace{}
	st := staffing{online: 2, slots: 4}
	if got := p.place(3, st); got != (Place{3, -1, -1}) {
		t.Fatalf("an estimate from nothing: %+v", got)
	}
	p.handled, p.mean = 10, 240
	if got := p.place(3, staffing{}); got != (Place{3, -1, -1}) {
		t.Fatalf("an estimate without agents: %+v", got)
	}
	if got := p.place(1, staffing{online: 1, slots: 4, free: 1}); got.WaitP50 != 0 {
		t.Fatalf("%+v", got)
	}
	// One slot a minute. Exact gamma quantiles: n=1 0.693/2.303, n=3 2.674/5.322, n=10 9.669/14.21.
	for _, c := range []struct{ n, p50, p90 int64 }{{1, 42, 138}, {3, 160, 319}, {10, 580, 853}} {
		got := p.place(c.n, st)
		if diff(got.WaitP50, c.p50) > c.p50/50+2 || diff(got.WaitP90, c.p90) > c.p90/50+2 {
			t.Errorf("position %d: %+v, want %d and %d", c.n, got, c.p50, c.p90)
		}
	}
	if !regexp.MustCompile(`^约3分钟$`).MatchString(waitText(160)) || waitText(-1) == "" || waitText(5) != "不到1分钟" {
		t.Fatal(waitText(160), waitText(5))
	}
}

func diff(a, b int64) int64 { return max(a-b, b-a) }

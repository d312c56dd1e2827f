package handoff

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"yinda/bot"
	"yinda/internal/db"
)

func TestTheWholeStory(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		f := agent(t, s, "a", 2)
		g := enter(t, s)
		g.say("你好")
		g.hears("回答：你好")
		g.say("我要投诉！")
		g.reaches(StateAgent)
		sum := get(t, s, g.id)
		if sum.Agent == nil || sum.Agent.ID != "a" || sum.Priority != 1 || sum.Reason != "complaint" || sum.Emotion != "angry" ||
			sum.EmotionLevel != 3 || sum.Trend != 1 || sum.ComplaintCategory != "服务态度" || sum.FirstResponseDue == 0 || sum.QueuedAt == 0 {
			t.Fatalf("%+v", sum)
		}
		mine, err := s.List(t.Context(), ViewMine, "a")
		if err != nil || len(mine) != 1 || mine[0].Unread != 2 {
			t.Fatalf("%+v %v", mine, err)
		}
		a, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m1", Text: "您好，我来帮您"})
		if err != nil || a.State != StateAgent {
			t.Fatalf("%+v %v", a, err)
		}
		if b, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m1", Text: "您好，我来帮您"}); err != nil || !b.Duplicate || b.Seq != a.Seq {
			t.Fatalf("%+v %v", b, err)
		}
		g.say("谢谢") // the bot is silent now
		_, err = s.Note(t.Context(), f, g.id, "n1", "已核实")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CloseConversation(t.Context(), f, g.id, WrapUp{Category: "投诉", Result: "resolved", Note: "已解释"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Verdict(t.Context(), f, g.id, Right); err != nil {
			t.Fatal(err)
		}
		r, err := s.Rate(t.Context(), g.id, g.visitor, "r1", Rating{Stars: 5, Resolved: true, Comment: "很好"})
		if err != nil || r.State != StateRated {
			t.Fatalf("%+v %v", r, err)
		}
		if r2, err := s.Rate(t.Context(), g.id, g.visitor, "r1", Rating{Stars: 5, Resolved: true}); err != nil || !r2.Duplicate || r2.Seq != r.Seq {
			t.Fatalf("%+v %v", r2, err)
		}
		_, err = s.Rate(t.Context(), g.id, g.visitor, "r2", Rating{Stars: 1})
		wantCode(t, err, "rated")
		want := []string{
			"customer message 你好", "bot decision", "bot message 回答：你好",
			"customer message 我要投诉！", "bot decision", "system state bot→queued complaint",
			"system state queued→agent assigned", "system script agent_joined",
			"agent message 您好，我来帮您", "customer message 谢谢", "agent note 已核实", "agent note 小结：已解释",
			"system script closing", "system script survey", "agent state agent→closed agent_closed",
			"customer rating", "customer state closed→rated rated",
		}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%s", strings.Join(got, "\n"))
		}
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
		o, err := s.Overview(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if y := o.Today; y.Conversations != 1 || y.Escalated != 1 || y.IgnoredRequests != 0 || y.Ratings != 1 || y.RatingAvg != 5 ||
			y.Right != 1 || y.LateResponses != 0 || y.WaitP50 != 0 {
			t.Fatalf("%+v", y)
		}
		closed, err := s.List(t.Context(), ViewClosed, "a")
		if err != nil || len(closed) != 1 || closed[0].Stars != 5 || closed[0].WrapCategory != "投诉" {
			t.Fatalf("%+v %v", closed, err)
		}
	})
}

func get(t testing.TB, s *Service, id string) Summary {
	t.Helper()
	d, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d.Conversation
}

func TestAPersonIsAskedForInEveryState(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		// Nobody there: a ticket, at the first press.
		g := enter(t, s)
		ref := uuid.NewString()
		for i := range 3 {
			a, err := s.AskPerson(t.Context(), g.id, g.visitor, ref)
			if err != nil || a.State != StateTicket || a.Seq != 1 || a.Duplicate != (i > 0) {
				t.Fatalf("%+v %v", a, err)
			}
		}
		if got := g.log(); len(got) != 2 || got[0] != "system state bot→ticket person_requested" || got[1] != "system script handoff_ticket" {
			t.Fatalf("%q", got)
		}
		// With a ticket the bot goes on, and asking again gives the number again.
		g.say("那怎么挂失")
		g.hears("回答：那怎么挂失")
		if a := g.ask(); a.State != StateTicket {
			t.Fatalf("%+v", a)
		}
		tickets, err := s.Tickets(t.Context())
		if err != nil || len(tickets) != 1 || tickets[0].Owner != "general" || tickets[0].Conversation != g.id {
			t.Fatalf("%+v %v", tickets, err)
		}
		// Words do the same as the button.
		h := enter(t, s)
		h.say("转人工")
		h.reaches(StateTicket)
		// Somebody comes, but has no room: queued.
		f := agent(t, s, "a", 1)
		eventually(t, func() string { // one of the two customers is still there and is taken
			if l := load(t, s, "a"); l != 1 {
				return fmt.Sprint("load ", l)
			}
			return ""
		})
		k := enter(t, s)
		for range 3 {
			if a := k.ask(); a.State != StateQueued {
				t.Fatalf("%+v", a)
			}
		}
		if n := strings.Count(strings.Join(k.log(), "\n"), "state"); n != 1 {
			t.Fatalf("%q", k.log())
		}
		// With a person.
		if err := s.Claim(t.Context(), f, k.id); err != nil {
			t.Fatal(err)
		}
		if a := k.ask(); a.State != StateAgent {
			t.Fatalf("%+v", a)
		}
		// Closed: the successor.
		if err := s.CloseConversation(t.Context(), f, k.id, WrapUp{Result: "customer_left"}); err != nil {
			t.Fatal(err)
		}
		if a := k.ask(); a.Conversation == k.id || a.State != StateQueued && a.State != StateAgent {
			t.Fatalf("%+v", a)
		}
		day, err := s.Today(t.Context())
		if err != nil || day.IgnoredRequests != 0 || day.Requests < 5 {
			t.Fatalf("%+v %v", day, err)
		}
	})
}

func load(t testing.TB, s *Service, id string) int64 {
	t.Helper()
	agents, err := s.Agents(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agents {
		if a.ID == id {
			return a.Load
		}
	}
	return -1
}

func TestTicketsAreNumbered(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC) // the 23rd in China
		s := start(t, d, func(o *Options) {
			o.Clock = func() time.Time { return at }
			o.NextOpen = func(t time.Time) time.Time { return time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) }
		})
		var wg sync.WaitGroup
		guests := make([]*guest, 12)
		for i := range guests {
			guests[i] = enter(t, s)
		}
		for _, g := range guests {
			wg.Go(func() { g.ask() })
		}
		wg.Wait()
		var numbers []string
		for _, g := range guests {
			numbers = append(numbers, g.record().ticket)
			if log := strings.Join(g.log(), "\n"); !strings.Contains(log, "out_of_hours") {
				t.Error(log)
			}
			events, _ := s.Events(t.Context(), g.id, 0, 10)
			text := body[MessageBody](events[len(events)-1]).Text
			if !strings.Contains(text, g.record().ticket) || !strings.Contains(text, "2026年11月23日 11:00") {
				t.Error(text)
			}
		}
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != fmt.Sprintf("T20261123-%04d", i+1) {
				t.Fatalf("%v", numbers)
			}
		}
	})
}

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

func TestTheGuardStopsAgents(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) {
			o.Inspect = func(text string) bot.Verdict {
				v := bot.Verdict{Verdict: bot.VerdictOK}
				if strings.Contains(text, "保证") {
					v = bot.Verdict{Verdict: bot.VerdictBlock, Findings: []bot.Finding{{Rule: "promise", Match: "保证"}}}
				} else if strings.Contains(text, "大概") {
					v = bot.Verdict{Verdict: bot.VerdictWarn, Findings: []bot.Finding{{Rule: "vague", Match: "大概"}}}
				}
				return v
			}
		})
		f := agent(t, s, "a", 1)
		g := enter(t, s)
		g.ask()
		g.reaches(StateAgent)
		for _, confirmed := range []bool{false, true} {
			_, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m1", Text: "保证收益", Confirmed: confirmed})
			wantCode(t, err, "blocked")
			if r, ok := errors.AsType[*Refused](err); !ok || len(r.Verdict.Findings) != 1 {
				t.Fatal(err)
			}
		}
		_, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m2", Text: "大概三天"})
		wantCode(t, err, "warned")
		if _, err := s.Reply(t.Context(), f, g.id, Message{Ref: "m2", Text: "大概三天", Confirmed: true}); err != nil {
			t.Fatal(err)
		}
		if log := strings.Join(g.log(), "\n"); strings.Contains(log, "保证收益") || !strings.Contains(log, "大概三天") {
			t.Fatal(log)
		}
	})
}

func TestALateAnswerOfTheBotIsDropped(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		deciding, go1 := make(chan struct{}), make(chan struct{})
		s := start(t, d, func(o *Options) {
			o.Decider = brain(func(ctx context.Context, c bot.Course, turn bot.Turn) bot.Decision {
				close(deciding)
				<-go1
				return simple(ctx, c, turn)
			})
		})
		f := agent(t, s, "a", 0)
		g := enter(t, s)
		g.say("怎么挂失")
		<-deciding
		if err := s.Claim(t.Context(), f, g.id); err != nil { // a person takes over from the bot
			t.Fatal(err)
		}
		close(go1)
		eventually(t, func() string {
			s.turns.mu.Lock()
			defer s.turns.mu.Unlock()
			if len(s.turns.running) > 0 {
				return "still deciding"
			}
			return ""
		})
		want := []string{"customer message 怎么挂失", "agent state bot→agent claimed", "system script agent_joined"}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
	})
}

func TestABrokenBotHandsOver(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		g.say("崩溃")
		g.reaches(StateTicket)
		want := []string{"customer message 崩溃", "system script fault", "system state bot→ticket fault", "system script handoff_ticket"}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		slow := start(t, d, func(o *Options) {
			o.DecideTimeout = 20 * time.Millisecond
			o.Decider = brain(func(ctx context.Context, c bot.Course, turn bot.Turn) bot.Decision {
				<-ctx.Done()
				return bot.Decision{}
			})
		})
		h := enter(t, slow)
		h.say("你好")
		h.reaches(StateTicket)
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

func TestALowRatingIsFollowedUp(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		f := agent(t, s, "a", 1)
		g := enter(t, s)
		g.say("你好")
		g.hears("回答：你好")
		// The bot, on the way (SV-08); a second opinion replaces the first.
		for i, stars := range []int{4, 1, 1} {
			if _, err := s.Rate(t.Context(), g.id, g.visitor, fmt.Sprint("r", i), Rating{Stars: stars}); err != nil {
				t.Fatal(err)
			}
		}
		g.ask()
		g.reaches(StateAgent)
		if err := s.CloseConversation(t.Context(), f, g.id, WrapUp{Result: "resolved"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Rate(t.Context(), g.id, g.visitor, "final", Rating{Stars: 2, Comment: "等太久"}); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []int{0, 6, -1} {
			_, err := s.Rate(t.Context(), g.id, g.visitor, "x", Rating{Stars: bad})
			wantCode(t, err, "bad_stars")
		}
		tickets, err := s.Tickets(t.Context())
		if err != nil || len(tickets) != 1 || tickets[0].Kind != TicketFollowUp ||
			tickets[0].PromisedAt-tickets[0].CreatedAt != (24*time.Hour).Microseconds() || tickets[0].ResolveDue-tickets[0].CreatedAt != (72*time.Hour).Microseconds() {
			t.Fatalf("%+v %v", tickets, err)
		}
		day, err := s.Today(t.Context())
		if err != nil || day.Ratings != 2 || day.RatingAvg != 1.5 {
			t.Fatalf("%+v %v", day, err)
		}
	})
}

func TestIdleConversationsEnd(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.IdleClose = 100 * time.Millisecond })
		g := enter(t, s)
		g.say("你好")
		g.reaches(StateClosed)
		want := []string{"customer message 你好", "bot decision", "bot message 回答：你好", "system script idle_closed", "system state bot→closed idle"}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		day, err := s.Today(t.Context())
		if err != nil || day.BotResolved != 1 {
			t.Fatalf("%+v %v", day, err)
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

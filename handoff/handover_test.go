package handoff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

package handoff

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/bot"
	"yinda/internal/db"
)

// thinking is a bot that says when it begins to decide and waits to be let go on.
type thinking struct{ begun, goOn chan struct{} }

func newThinking() thinking {
	return thinking{begun: make(chan struct{}, 10), goOn: make(chan struct{}, 10)}
}

func (th thinking) Decide(ctx context.Context, c bot.Course, turn bot.Turn) bot.Decision {
	th.begun <- struct{}{}
	<-th.goOn
	return simple(ctx, c, turn)
}

func TestABubbleDuringTheDecisionJoinsTheTurn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		th := newThinking()
		s := start(t, d, func(o *Options) { o.Decider = th })
		g := enter(t, s)
		g.say("我的卡")
		<-th.begun
		g.say("丢了")
		th.goOn <- struct{}{} // the answer to half a question is dropped
		<-th.begun
		th.goOn <- struct{}{}
		g.hears("回答：我的卡／丢了")
		want := []string{"customer message 我的卡", "customer message 丢了", "bot decision", "bot message 回答：我的卡／丢了"}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
	})
}

func TestTwoNodesThatDecideAtOnceAnswerOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		th := newThinking()
		short := func(o *Options) { o.Decider, o.TurnLease, o.Sweep = th, time.Nanosecond, time.Hour }
		a, b := start(t, d, short), start(t, d, short)
		g := enter(t, a)
		g.say("有人吗")
		<-th.begun // on a, by its timer
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := b.answerTurn(t.Context(), g.id); err != nil {
				t.Error(err)
			}
		})
		<-th.begun // on b, which thinks that a is dead
		th.goOn <- struct{}{}
		th.goOn <- struct{}{}
		wg.Wait()
		g.hears("回答：有人吗")
		g.say("还有")
		<-th.begun
		th.goOn <- struct{}{}
		g.hears("回答：还有") // a's late answer would have come before this one
		if log := strings.Join(g.log(), "\n"); strings.Count(log, "回答：有人吗") != 1 {
			t.Fatal(log)
		}
	})
}

func TestALateAnswerOfTheBotIsDropped(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		th := newThinking()
		s := start(t, d, func(o *Options) { o.Decider = th })
		f := agent(t, s, "a", 0)
		g := enter(t, s)
		g.say("怎么挂失")
		<-th.begun
		if err := s.Claim(t.Context(), f, g.id); err != nil { // a person takes over from the bot
			t.Fatal(err)
		}
		th.goOn <- struct{}{}
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

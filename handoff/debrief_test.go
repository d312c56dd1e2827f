package handoff

import (
	"strings"
	"testing"

	"yinda/bot"
	"yinda/internal/db"
)

// escalatedAs leads a conversation to an agent who marks it.
func escalatedAs(t *testing.T, s *Service, f Staff, verdict string, words ...string) *guest {
	t.Helper()
	g := enter(t, s)
	for _, w := range words[:len(words)-1] {
		g.say(w)
		g.hears("回答：" + w)
	}
	g.say(words[len(words)-1])
	g.reaches(StateAgent)
	if verdict != "" {
		if err := s.Verdict(t.Context(), f, g.id, verdict); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func ids(list []Escalated) (ids []string) {
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestEscalationsAreLookedBackOn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		f := agent(t, s, "a", 10)
		unmarked := escalatedAs(t, s, f, "", "转人工")
		right := escalatedAs(t, s, f, Right, "我要投诉")
		needless := escalatedAs(t, s, f, Needless, "一", "二", "三", "四", "五", "我想投诉柜员")
		late := escalatedAs(t, s, f, Late, "人工")
		quiet := enter(t, s)
		quiet.say("你好")
		quiet.hears("回答")
		pressed := enter(t, s)
		pressed.ask()
		pressed.reaches(StateAgent)

		list, more, err := s.Escalated(t.Context(), EscalatedFilter{})
		if err != nil || more {
			t.Fatal(err, more)
		}
		want := []string{late.id, needless.id, right.id, pressed.id, unmarked.id}
		if got := ids(list); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%v\nwant %v", got, want)
		}
		if e := list[3]; len(e.Turns) != 0 || e.Reason != ReasonPersonRequested {
			t.Errorf("by the button: %+v", e)
		}

		for _, tt := range []struct {
			f    EscalatedFilter
			want []string
		}{
			{EscalatedFilter{Verdict: Late}, []string{late.id}},
			{EscalatedFilter{Verdict: Unmarked}, []string{pressed.id, unmarked.id}},
			{EscalatedFilter{Reason: "complaint"}, []string{needless.id, right.id}},
			{EscalatedFilter{From: list[0].At, To: list[0].At + 1}, []string{late.id}},
			{EscalatedFilter{Offset: 4}, []string{unmarked.id}},
		} {
			got, _, err := s.Escalated(t.Context(), tt.f)
			if err != nil || strings.Join(ids(got), " ") != strings.Join(tt.want, " ") {
				t.Errorf("%+v: %v %v", tt.f, ids(got), err)
			}
		}
		_, _, err = s.Escalated(t.Context(), EscalatedFilter{Verdict: "early"})
		wantCode(t, err, "bad_verdict")

		// What was said before, what the bot read in it, what the agent wrote; nothing said afterwards.
		needless.say("后来说的")
		if _, err := s.Note(t.Context(), f, needless.id, "n1", "只是在问投诉电话"); err != nil {
			t.Fatal(err)
		}
		list, _, err = s.Escalated(t.Context(), EscalatedFilter{Verdict: Needless})
		if err != nil {
			t.Fatal(err)
		}
		e := list[0]
		if len(e.Turns) != debriefTurns || e.Turns[0].Text != "二" || e.Turns[4].Text != "我想投诉柜员" || e.Agent == nil || e.Agent.ID != "a" {
			t.Fatalf("%+v", e)
		}
		if r := e.Turns[4].Decision; r == nil || !r.Complaint || r.ComplaintCategory != "服务态度" || r.Emotion != bot.EmotionAngry || len(r.Evidence) != 1 || r.Evidence[0].Match != "投诉" {
			t.Errorf("%+v", e.Turns[4].Decision)
		}
		if len(e.Notes) != 1 || e.Notes[0] != "只是在问投诉电话" {
			t.Errorf("notes %q", e.Notes)
		}
	})
}

func TestEscalationsAreWorkedOff(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		f := agent(t, s, "a", 10)
		g := escalatedAs(t, s, f, Late, "人工")
		other := enter(t, s)
		open := func() []Escalated {
			list, _, err := s.Escalated(t.Context(), EscalatedFilter{Open: true})
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		for _, by := range []string{"bianji", "fuhe"} { // who was first stays
			if err := s.Debrief(t.Context(), g.id, by, true); err != nil {
				t.Fatal(err)
			}
		}
		all, _, err := s.Escalated(t.Context(), EscalatedFilter{})
		if err != nil || len(open()) != 0 || len(all) != 1 || all[0].DoneBy != "bianji" || all[0].DoneAt < all[0].At {
			t.Errorf("%+v %v", all, err)
		}
		if err := s.Debrief(t.Context(), g.id, "fuhe", false); err != nil || len(open()) != 1 {
			t.Errorf("open again: %v", err)
		}
		wantCode(t, s.Debrief(t.Context(), other.id, "bianji", true), "not_escalated")
		if err := s.Debrief(t.Context(), "none", "bianji", true); err == nil {
			t.Error("a conversation that does not exist")
		}
	})
}

// TestNothingUnmaskedIsLookedBackOn: with the real vault, and after an agent has seen the original.
func TestNothingUnmaskedIsLookedBackOn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Privacy = newVault(t) })
		f := agent(t, s, "a", 10)
		g := escalatedAs(t, s, f, Late, "我的手机13812345678要投诉")
		if _, err := s.Note(t.Context(), f, g.id, "n1", "回拨13812345678"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reveal(t.Context(), f, g.id, 1, "核实"); err != nil {
			t.Fatal(err)
		}
		list, _, err := s.Escalated(t.Context(), EscalatedFilter{})
		if err != nil || len(list) != 1 || len(list[0].Turns) != 1 || len(list[0].Notes) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		if text := list[0].Turns[0].Text + list[0].Notes[0]; strings.Contains(text, "13812345678") || !strings.Contains(text, "138****5678") {
			t.Errorf("%q", text)
		}
	})
}

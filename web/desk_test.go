package web

import (
	"strings"
	"sync"
	"testing"

	"yinda/internal/audit"
	"yinda/internal/auth"
)

// waiting makes a customer who waits for a person while nobody takes chats.
func waiting(t *testing.T, s *site, words string) (*wire, string) {
	t.Helper()
	w, welcome := s.chat(t, "", "", 0)
	w.say(words)
	w.untilEvent("queue or ticket", func(f frame) bool { return f.str("kind") == "state" })
	return w, welcome.str("conversation")
}

func TestOnlyOneAgentGetsAConversation(t *testing.T) {
	s := start(t)
	var agents []*client
	for _, name := range []string{"a1", "a2", "a3", "a4"} {
		c := s.signedIn(t, name, auth.Agent)
		c.desk()
		c.want(204, "POST", "/api/desk/presence", map[string]string{"presence": "busy"})
		agents = append(agents, c)
	}
	_, id := waiting(t, s, "我要人工")
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for _, c := range agents {
		wg.Go(func() {
			status, _, body := c.do("POST", "/api/desk/conversations/"+id+"/claim", nil)
			mu.Lock()
			defer mu.Unlock()
			got[status]++
			if status == 409 && !strings.Contains(body, "already_claimed") {
				t.Errorf("409 with %s", body)
			}
		})
	}
	wg.Wait()
	if got[204] != 1 || got[409] != 3 {
		t.Errorf("answers: %v, want one 204 and three 409", got)
	}
}

func TestGuardStopsAgents(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	desk, _ := agent.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	r := ref()
	desk.send(frame{"type": "say", "conversation": id, "ref": r, "text": "这款理财保证收益，稳赚不赔", "confirmed": true})
	f := desk.untilError("blocked")
	if f.str("ref") != r || f.str("conversation") != id || len(f["findings"].([]any)) == 0 {
		t.Errorf("blocked: %v", f)
	}
	desk.send(frame{"type": "say", "conversation": id, "ref": ref(), "text": "您好，请稍等。"})
	w.untilEvent("allowed words", message("请稍等"))
	if strings.Contains(w.raw.String(), "保证收益") {
		t.Error("a forbidden promise reached the customer")
	}
	lint := agent.want(200, "POST", "/api/desk/lint", map[string]string{"text": "保证收益"})
	if lint["verdict"] != "block" || lint["text"] != "保证收益" {
		t.Errorf("lint: %v", lint)
	}
}

func TestAgentsSeeOnlyWhatTheyNeed(t *testing.T) {
	s := start(t)
	one, two := s.signedIn(t, "a1", auth.Agent), s.signedIn(t, "a2", auth.Agent)
	chief := s.signedIn(t, "chief", auth.Supervisor)
	one.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.say("我的问题")
	w.untilEvent("answer", answered(""))
	// With the bot it is nobody's business but the supervisor's.
	one.want(403, "GET", "/api/desk/conversations/"+id, nil)
	chief.want(200, "GET", "/api/desk/conversations/"+id, nil)
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	detail := one.want(200, "GET", "/api/desk/conversations/"+id, nil)
	if len(detail["events"].([]any)) < 4 {
		t.Errorf("history: %v", detail)
	}
	desk, _ := two.desk()
	if a := two.want(403, "GET", "/api/desk/conversations/"+id, nil); code(a) != "not_yours" {
		t.Errorf("%v", a)
	}
	desk.send(frame{"type": "subscribe", "conversation": id, "after": 0})
	desk.untilError("not_yours")
	desk.send(frame{"type": "note", "conversation": id, "ref": ref(), "text": "偷看"})
	desk.untilError("not_yours")
	desk.send(frame{"type": "say", "conversation": id, "ref": ref(), "text": "您好"})
	desk.untilError("not_yours")
	two.want(403, "GET", "/api/desk/suggest?conversation="+id, nil)
	two.want(403, "GET", "/api/desk/conversations?view=agents", nil)
	two.want(404, "GET", "/api/desk/conversations/none", nil)
	if strings.Contains(desk.raw.String(), "我的问题") {
		t.Error("another agent's conversation was shown")
	}

	one.want(204, "POST", "/api/desk/conversations/"+id+"/verdict", map[string]string{"verdict": "right"})
	chief.want(200, "GET", "/api/team/overview", nil)
	for _, action := range []string{"conversation.view", "conversation.view_refused", "conversation.verdict"} {
		rows, err := s.audit.List(t.Context(), audit.Filter{Action: action, Object: id})
		if err != nil || len(rows) == 0 {
			t.Errorf("no record of %s: %v", action, err)
		}
	}
}

func TestSuggestionsAndMacros(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	agent.desk()
	w, welcome := s.chat(t, "", "", 0)
	w.say("卡丢了怎么办")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	for _, q := range []string{"?q=挂失银行卡", "?conversation=" + welcome.str("conversation")} {
		items := agent.want(200, "GET", "/api/desk/suggest"+q, nil)["items"].([]any)
		if len(items) == 0 || items[0].(map[string]any)["entry_id"] != "SEC-061" || items[0].(map[string]any)["text"] == "" {
			t.Errorf("suggest%s: %v", q, items)
		}
	}
	if items := agent.want(200, "GET", "/api/desk/suggest?q=", nil)["items"].([]any); len(items) != 0 {
		t.Errorf("nothing asked: %v", items)
	}
	agent.want(200, "GET", "/api/desk/macros", nil)
	if items := agent.want(200, "GET", "/api/desk/agents", nil)["items"].([]any); len(items) != 1 {
		t.Errorf("agents: %v", items)
	}
	for _, view := range []string{"mine", "queue", "tickets", "closed"} {
		agent.want(200, "GET", "/api/desk/conversations?view="+view, nil)
	}
	agent.want(422, "GET", "/api/desk/conversations?view=all", nil)
	agent.want(422, "POST", "/api/desk/presence", map[string]string{"presence": "asleep"})
}

func TestTransferLeavesTheOldDesk(t *testing.T) {
	s := start(t)
	one, two := s.signedIn(t, "a1", auth.Agent), s.signedIn(t, "a2", auth.Agent)
	desk1, _ := one.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	desk1.send(frame{"type": "subscribe", "conversation": id, "after": 0})
	desk1.untilEvent("mine", state("agent"))
	two.desk()
	target := mustAccount(t, s, "a2")
	one.want(204, "POST", "/api/desk/conversations/"+id+"/transfer", map[string]string{"agent": target.ID, "note": "客户想补办"})
	f := w.untilEvent("transfer", func(f frame) bool { return f.str("kind") == "transfer" })
	if f.body().str("to_agent") != target.Name || strings.Contains(w.raw.String(), "客户想补办") {
		t.Errorf("transfer: %v", f)
	}
	eventually(t, "the old desk no longer follows", func() bool {
		desk1.send(frame{"type": "ping"})
		p := desk1.until("pong", func(f frame) bool { return f.str("type") == "pong" })
		return len(p["seqs"].(map[string]any)) == 0
	})
	one.want(403, "GET", "/api/desk/conversations/"+id, nil)
	two.want(200, "GET", "/api/desk/conversations/"+id, nil)
}

func TestRevealNeedsAReasonAndLeavesATrace(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	agent.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	_, seq := w.say("我的手机是13812345678")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	path := "/api/desk/conversations/" + id + "/reveal"
	agent.want(422, "POST", path, map[string]any{"seq": seq, "reason": " "})
	got := agent.want(200, "POST", path, map[string]any{"seq": seq, "reason": "回拨客户"})
	if got["text"] != "我的手机是13812345678" {
		t.Errorf("revealed: %v", got)
	}
	rows, err := s.audit.List(t.Context(), audit.Filter{Action: "conversation.reveal"})
	if err != nil || len(rows) != 1 || !strings.Contains(string(rows[0].Detail), "回拨客户") {
		t.Errorf("records: %v, %v", rows, err)
	}
}

func TestDeskFrames(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	desk, _ := agent.desk()
	desk.send(frame{"type": "explode", "ref": "r1"})
	desk.untilError("unknown_type")
	desk.send(frame{"type": "subscribe", "conversation": "none"})
	desk.untilError("no_conversation")
	desk.send(frame{"type": "say", "conversation": "none", "ref": "r2", "text": "a\x00b"})
	desk.untilError("bad_text")
	desk.send(frame{"type": "read", "conversation": "none", "seq": 1})
	desk.untilError("no_conversation")
	waiting(t, s, "转人工")
	desk.until("changed", func(f frame) bool { return f.str("type") == "changed" })
	supervisor := s.signedIn(t, "chief", auth.Supervisor)
	if _, welcome := supervisor.desk(); welcome.str("presence") != "offline" {
		t.Errorf("a supervisor who only looks is %s", welcome.str("presence"))
	}
}

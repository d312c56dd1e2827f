package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"yinda/handoff"
	"yinda/internal/auth"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
)

func TestCustomerResumesWithoutLossOrRepetition(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { resume(t, startOn(t, d)) })
}

func resume(t *testing.T, s *site) {
	w, welcome := s.chat(t, "", "", 0)
	token, id := welcome.str("token"), welcome.str("conversation")
	if welcome.str("bank") == "" || welcome.str("state") != "bot" || len(welcome["suggestions"].([]any)) == 0 {
		t.Errorf("welcome: %v", welcome)
	}
	w.say("卡丢了怎么办")
	answer := w.untilEvent("answer", answered("卡丢了怎么办"))
	w.conn.Close()

	w, welcome = s.chat(t, token, id, 0)
	if welcome.str("conversation") != id || welcome.num("seq") < answer.num("seq") {
		t.Fatalf("resumed: %v", welcome)
	}
	for want := int64(1); want <= answer.num("seq"); want++ {
		f := w.untilEvent("event", func(frame) bool { return true })
		if f.num("seq") != want {
			t.Fatalf("event %d, want %d", f.num("seq"), want)
		}
	}
	w.conn.Close()

	// From the middle: only what is missing.
	w, _ = s.chat(t, token, id, answer.num("seq")-1)
	if f := w.untilEvent("the last event", func(frame) bool { return true }); f.num("seq") != answer.num("seq") {
		t.Errorf("after %d came %d", answer.num("seq")-1, f.num("seq"))
	}
	// The same socket says hello again when it saw a gap.
	w.send(frame{"type": "hello", "token": token, "conversation": id, "after": 1})
	w.until("welcome", func(f frame) bool { return f.str("type") == "welcome" })
	if f := w.untilEvent("event 2", func(frame) bool { return true }); f.num("seq") != 2 {
		t.Errorf("after 1 came %d", f.num("seq"))
	}
	w.send(frame{"type": "ping"})
	pong := w.until("pong", func(f frame) bool { return f.str("type") == "pong" })
	if pong.num("seq") > answer.num("seq") {
		t.Errorf("pong %d is beyond the newest event %d", pong.num("seq"), answer.num("seq"))
	}
}

func TestTwoTabsShareAConversation(t *testing.T) {
	s := start(t)
	one, welcome := s.chat(t, "", "", 0)
	two, again := s.chat(t, welcome.str("token"), "", 0)
	if welcome.str("conversation") != again.str("conversation") || again.str("token") != welcome.str("token") {
		t.Fatalf("second tab: %v", again)
	}
	one.say("转账多久到账")
	two.untilEvent("the other tab's question", message("转账多久到账"))
	two.untilEvent("answer", answered(""))
}

func TestRepeatedRefIsStoredOnce(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	ref, seq := w.say("你好")
	for range 3 {
		w.send(frame{"type": "say", "ref": ref, "text": "你好"})
		if f := w.until("ack", func(f frame) bool { return f.str("type") == "ack" }); f.num("seq") != seq || f.str("ref") != ref {
			t.Errorf("ack again: %v, want seq %d", f, seq)
		}
	}
	w.say("再见")
	w.untilEvent("answer", answered("再见"))
	if n := strings.Count(w.raw.String(), `"text":"你好"}`); n != 1 {
		t.Errorf("the message was delivered %d times", n)
	}
}

func TestForeignTokensOpenNothing(t *testing.T) {
	s := start(t)
	w, welcome := s.chat(t, "", "", 0)
	w.say("我的秘密问题")
	w.untilEvent("answer", answered(""))
	token, id := welcome.str("token"), welcome.str("conversation")
	for _, bad := range []string{"", "v1.x.y", token[:len(token)-2] + "AA", strings.Repeat("v", 5000), strings.Replace(token, "v1.v-", "v1.w-", 1)} {
		thief, other := s.chat(t, bad, id, 0)
		if other.str("conversation") == id || other.str("token") == token {
			t.Fatalf("token %.20q opened somebody else's conversation", bad)
		}
		thief.say("你好")
		thief.untilEvent("answer", answered("你好"))
		if strings.Contains(thief.raw.String(), "秘密") {
			t.Errorf("token %.20q saw somebody else's words", bad)
		}
	}
	if strings.Contains(s.logs.String(), token) {
		t.Error("a visitor token is in the log")
	}
}

func TestWhatCustomersMustNotSee(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	desk, _ := agent.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.say("我的卡号是6222021234567890128，密码是135790，手机13812345678")
	w.untilEvent("answer", answered(""))
	w.say("气死我了")
	w.untilEvent("an agent", state("agent"))

	agent.want(200, "GET", "/api/desk/conversations/"+id, nil)
	desk.send(frame{"type": "subscribe", "conversation": id, "after": 0})
	desk.untilEvent("decision", func(f frame) bool { return f.str("kind") == "decision" && f.body().str("reason") == "emotion" })
	desk.send(frame{"type": "note", "conversation": id, "ref": ref(), "text": "内部备注：客户很生气"})
	desk.send(frame{"type": "say", "conversation": id, "ref": ref(), "text": "您好，我来帮您。"})
	w.untilEvent("the agent's words", message("我来帮您"))

	seen := w.raw.String()
	for _, secret := range []string{"6222021234567890128", "135790", "13812345678", "emotion", "evidence", "内部备注", "秘密的复核人", "priority", "candidates", "reason"} {
		if strings.Contains(seen, secret) {
			t.Errorf("the customer's stream contains %q:\n%s", secret, seen)
		}
	}
	if n := strings.Count(seen, `"kind":"hidden"`); n < 3 {
		t.Errorf("%d hidden events, want at least 3 (two decisions and a note)", n)
	}
	staff := desk.raw.String()
	for _, secret := range []string{"6222021234567890128", "135790", "13812345678"} {
		if strings.Contains(staff, secret) || strings.Contains(s.logs.String(), secret) {
			t.Errorf("%q reached the desk or the log", secret)
		}
	}
	if !strings.Contains(staff, "气死我了") || !strings.Contains(staff, `"emotion":"angry"`) {
		t.Errorf("the agent does not see why:\n%s", staff)
	}
	for _, words := range []string{"我来帮您", "气死我了", "内部备注"} {
		if strings.Contains(s.logs.String(), words) {
			t.Errorf("the log contains what was said: %q", words)
		}
	}
}

// Whatever comes, it is answered in Chinese and the socket goes on.
func TestBadFramesAreAnswered(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	long := strings.Repeat("长", 20_001)
	tests := []struct {
		name, code, ref string
		kind            int
		frame           string
	}{
		{"garbage", "bad_frame", "", websocket.TextMessage, "}{ garbage"},
		{"empty", "bad_frame", "", websocket.TextMessage, ""},
		{"array", "bad_frame", "", websocket.TextMessage, `[1,2]`},
		{"null", "unknown_type", "", websocket.TextMessage, `null`},
		{"number for a text", "bad_frame", "r1", websocket.TextMessage, `{"type":"say","ref":"r1","text":7}`},
		{"unknown type", "unknown_type", "r2", websocket.TextMessage, `{"type":"explode","ref":"r2"}`},
		{"no type", "unknown_type", "", websocket.TextMessage, `{}`},
		{"half UTF-8", "bad_utf8", "r3", websocket.TextMessage, "{\"type\":\"say\",\"ref\":\"r3\",\"text\":\"\xe4\xbd\"}"},
		{"NUL", "bad_text", "r4", websocket.TextMessage, `{"type":"say","ref":"r4","text":"a\u0000b"}`},
		{"binary", "bad_frame", "", websocket.BinaryMessage, `{"type":"say","ref":"r5","text":"x"}`},
		{"over 20 000 characters", "too_large", "r6", websocket.TextMessage, `{"type":"say","ref":"r6","text":"` + long + `"}`},
		{"over 64 KiB", "too_large", "r7", websocket.TextMessage, `{"type":"say","ref":"r7","text":"` + long + long + `"}`},
		{"deep nesting", "bad_frame", "", websocket.TextMessage, strings.Repeat("[", 20_000)},
		{"no ref", "no_ref", "", websocket.TextMessage, `{"type":"say","text":"x"}`},
		{"long ref", "bad_ref", "", websocket.TextMessage, `{"type":"say","ref":"` + strings.Repeat("r", 200) + `","text":"x"}`},
		{"empty text", "empty", "r8", websocket.TextMessage, `{"type":"say","ref":"r8","text":"  "}`},
		{"six stars", "bad_stars", "r9", websocket.TextMessage, `{"type":"rate","ref":"r9","stars":6}`},
	}
	for _, tt := range tests {
		if err := w.conn.WriteMessage(tt.kind, []byte(tt.frame)); err != nil {
			t.Fatal(err)
		}
		f := w.untilError(tt.code)
		if f.str("ref") != tt.ref || !strings.ContainsAny(f.str("message"), "，。") {
			t.Errorf("%s: %v", tt.name, f)
		}
	}
	w.say("还在吗")
	w.untilEvent("answer", answered("还在吗"))
	if strings.Contains(w.raw.String(), "长长长") {
		t.Error("a refused message was stored")
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	w.send(frame{"type": "say", "ref": ref(), "text": "你好", "colour": "red", "nested": frame{"a": 1}})
	w.untilEvent("answer", answered("你好"))
}

func TestHugeFrameClosesWithAReason(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	// One goroutine writes: the server closes while the frame is still coming.
	go w.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"say","ref":"x","text":"`+strings.Repeat("a", 4<<20)+`"}`))
	_, err := w.next()
	if e, ok := err.(*websocket.CloseError); ok && (e.Code != closeTooLarge || e.Text == "") {
		t.Errorf("closed with %v, want %d and a reason", e, closeTooLarge)
	} else if err == nil {
		t.Error("a frame of 4 MB was accepted")
	}
}

func TestFirstFrameMustBeHello(t *testing.T) {
	s := start(t)
	w := s.dial(t, "/ws/chat", nil, nil, 101)
	w.send(frame{"type": "say", "ref": ref(), "text": "x"})
	if code := w.untilClosed(); code != closeBadHello {
		t.Errorf("closed with %d, want %d", code, closeBadHello)
	}
}

func TestOriginsOfSockets(t *testing.T) {
	s := start(t, func(o *Options, _ *handoff.Options) { o.Origins = []string{"https://www.bank.example"} })
	agent := s.signedIn(t, "agent1", auth.Agent)
	for _, tt := range []struct {
		path, origin string
		code         int
	}{
		{"/ws/chat", s.base, 0},
		{"/ws/chat", "https://www.bank.example", 0},
		{"/ws/chat", "https://evil.example", closeOrigin},
		{"/ws/chat", "https://www.bank.example.evil.example", closeOrigin},
		{"/ws/chat", "null", closeOrigin},
		{"/ws/desk", s.base, 0},
		{"/ws/desk", "https://www.bank.example", closeOrigin},
		{"/ws/desk", "https://evil.example", closeOrigin},
	} {
		w := s.dial(t, tt.path, http.Header{"Origin": {tt.origin}}, agent.http.Jar, 101)
		if tt.code != 0 {
			if code := w.untilClosed(); code != tt.code {
				t.Errorf("%s from %s: closed with %d, want %d", tt.path, tt.origin, code, tt.code)
			}
			continue
		}
		w.send(frame{"type": "hello"})
		w.until("welcome", func(f frame) bool { return f.str("type") == "welcome" })
	}
}

func TestFloodIsLimitedButNeverARequestForAPerson(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	refused := 0
	for range 40 {
		w.send(frame{"type": "say", "ref": ref(), "text": "刷屏"})
	}
	for answers := 0; answers < 40; {
		f, err := w.next()
		if err != nil {
			t.Fatal(err)
		}
		switch f.str("type") {
		case "error":
			if f.str("code") != "too_fast" || f.str("ref") == "" {
				t.Errorf("refused with %v", f)
			}
			refused++
			answers++
		case "ack":
			answers++
		}
	}
	if refused == 0 {
		t.Error("forty messages at once were all taken")
	}
	w.say("给我转人工！")
	w.untilEvent("ticket, queue or agent", func(f frame) bool {
		return f.str("kind") == "state" && strings.Contains("queued agent ticket", f.body().str("to"))
	})
	r := ref()
	w.send(frame{"type": "ask_person", "ref": r})
	w.until("ack of the button", func(f frame) bool { return f.str("type") == "ack" && f.str("ref") == r })
}

func TestClosedConversationIsFollowedByANewOne(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	agent.desk()
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	agent.want(204, "POST", "/api/desk/conversations/"+id+"/close", map[string]any{"wrap_up": map[string]string{"category": "挂失", "result": "resolved", "note": "已指导"}})
	w.untilEvent("the end", state("closed"))
	r := ref()
	w.send(frame{"type": "rate", "ref": r, "stars": 5, "resolved": true, "comment": "很耐心"})
	w.untilEvent("rated", state("rated"))

	r = ref()
	w.send(frame{"type": "say", "ref": r, "text": "还有一个问题"})
	next := w.until("welcome of the next conversation", func(f frame) bool { return f.str("type") == "welcome" })
	if next.str("conversation") == id || next.str("state") != "bot" {
		t.Fatalf("welcome: %v", next)
	}
	w.until("ack", func(f frame) bool { return f.str("type") == "ack" && f.str("ref") == r })
	if f := w.untilEvent("answer", answered("还有一个问题")); f.str("conversation") != next.str("conversation") {
		t.Errorf("the answer is in %s", f.str("conversation"))
	}
	// Asked for explicitly, an open conversation is entered again.
	w.send(frame{"type": "new"})
	if again := w.until("welcome", func(f frame) bool { return f.str("type") == "welcome" }); again.str("conversation") != next.str("conversation") {
		t.Errorf("new while open led to %s", again.str("conversation"))
	}
}

func TestQueueAndTypingAreShown(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	desk, _ := agent.desk()
	agent.want(204, "POST", "/api/desk/presence", map[string]string{"presence": "busy"})
	w, welcome := s.chat(t, "", "", 0)
	id := welcome.str("conversation")
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("queue or ticket", func(f frame) bool { return f.str("kind") == "state" })
	agent.want(204, "POST", "/api/desk/conversations/"+id+"/claim", nil)
	w.untilEvent("an agent", state("agent"))
	desk.send(frame{"type": "subscribe", "conversation": id, "after": 0})
	desk.untilEvent("claimed", state("agent"))

	desk.send(frame{"type": "typing", "conversation": id})
	if f := w.until("typing", func(f frame) bool { return f.str("type") == "typing" }); f.actor().str("kind") != "agent" || f.actor().str("id") != "" {
		t.Errorf("typing: %v", f)
	}
	w.send(frame{"type": "typing"})
	if f := desk.until("typing", func(f frame) bool { return f.str("type") == "typing" }); f.actor().str("kind") != "customer" || f.str("conversation") != id {
		t.Errorf("typing: %v", f)
	}
	w.send(frame{"type": "read", "seq": 3})
	w.send(frame{"type": "mode", "elder": true, "lang": "zh-TW"})
	w.send(frame{"type": "ping"})
	w.until("pong", func(f frame) bool { return f.str("type") == "pong" })
	detail := agent.want(200, "GET", "/api/desk/conversations/"+id, nil)
	if c := detail["conversation"].(map[string]any); c["elder"] != true || c["lang"] != "zh-TW" {
		t.Errorf("mode was not stored: %v", c)
	}
}

func TestWaitingCustomersSeeTheirPlace(t *testing.T) {
	s := start(t)
	if _, err := s.auth.CreateUser(t.Context(), auth.NewUser{Username: "a1", Name: "小李", Password: password, Roles: []auth.Role{auth.Agent}, Capacity: 1}); err != nil {
		t.Fatal(err)
	}
	agent := s.signedIn(t, "a1")
	agent.desk()
	first, welcome := s.chat(t, "", "", 0)
	first.send(frame{"type": "ask_person", "ref": ref()})
	first.untilEvent("an agent", state("agent"))
	second, _ := s.chat(t, "", "", 0)
	second.send(frame{"type": "ask_person", "ref": ref()})
	second.untilEvent("queued", state("queued"))
	third, entered := s.chat(t, "", "", 0)
	third.send(frame{"type": "ask_person", "ref": ref()})
	q := third.until("queue", func(f frame) bool { return f.str("type") == "queue" })
	if q.num("position") != 2 || q["wait_p50"] == nil {
		t.Errorf("third customer: %v", q)
	}
	if _, again := s.chat(t, entered.str("token"), "", 0); again.str("state") != "queued" || again["queue"].(map[string]any)["position"] != 2.0 {
		t.Errorf("third customer, another tab: %v", again)
	}
	agent.want(204, "POST", "/api/desk/conversations/"+welcome.str("conversation")+"/close", map[string]any{"wrap_up": map[string]string{"result": "resolved"}})
	second.untilEvent("an agent", state("agent"))
	third.until("moved up", func(f frame) bool { return f.str("type") == "queue" && f.num("position") == 1 })
}

func TestDrainSendsCustomersElsewhere(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent1", auth.Agent)
	desk, _ := agent.desk()
	wires := []*wire{desk}
	for range 20 {
		w, _ := s.chat(t, "", "", 0)
		wires = append(wires, w)
	}
	ctx, cancel := contextWithTimeout(t, 10*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	for _, w := range wires {
		if code := w.untilClosed(); code != closeDrained {
			t.Errorf("closed with %d, want %d", code, closeDrained)
		}
	}
	if err := <-done; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if s.Server.sockets != nil && len(s.Server.sockets) > 0 {
		t.Errorf("%d sockets left", len(s.Server.sockets))
	}
}

func TestSlowReaderIsSentAway(t *testing.T) {
	s := start(t, func(_ *Options, ho *handoff.Options) { ho.Privacy, ho.Inspect = nil, nil }) // much text
	w, welcome := s.chat(t, "", "", 0)
	// The desk's words are large and the customer does not read: the subscription overflows.
	agent := s.signedIn(t, "agent1", auth.Agent)
	agent.desk()
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	big := strings.Repeat("很长的话", 4000)
	staffer := staff(mustAccount(t, s, "agent1"))
	for range 400 {
		if _, err := s.service.Reply(t.Context(), staffer, welcome.str("conversation"), handoff.Message{Ref: ref(), Text: big, Confirmed: true}); err != nil {
			t.Fatal(err)
		}
		if s.open(t) == 1 {
			break
		}
	}
	eventually(t, "the slow reader's socket is closed", func() bool { return s.open(t) == 1 })
}

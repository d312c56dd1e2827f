package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"yinda/internal/audit"
	"yinda/internal/auth"
)

// asksAnAgent makes a customer who asks and then waits with an agent; seq is of the question.
func asksAnAgent(t *testing.T, s *site, question string) (id string, seq int64) {
	t.Helper()
	w, welcome := s.chat(t, "", "", 0)
	_, seq = w.say(question)
	w.untilEvent("answer", answered(""))
	w.send(frame{"type": "ask_person", "ref": ref()})
	w.untilEvent("an agent", state("agent"))
	return welcome.str("conversation"), seq
}

func (s *site) wantAudit(t *testing.T, actions ...string) {
	t.Helper()
	for _, action := range actions {
		rows, err := s.audit.List(t.Context(), audit.Filter{Action: action})
		if err != nil || len(rows) == 0 {
			t.Errorf("no record of %s: %v", action, err)
		}
	}
}

// An agent says which entry answers the customer; an editor approves it; the next generation learns it.
func TestConfirmFromDeskToGeneration(t *testing.T) {
	s := start(t, publishing(t))
	agent, other := s.signedIn(t, "a1", auth.Agent), s.signedIn(t, "a2", auth.Agent)
	editor, reviewer := s.signedIn(t, "editor", auth.Editor), s.signedIn(t, "reviewer", auth.Reviewer)
	agent.desk()
	id, seq := asksAnAgent(t, s, "手机13812345678的卡找不着了，密码是abc123456")
	pair := "/api/desk/conversations/" + id + "/pair"

	for _, bad := range []struct {
		body   any
		status int
		code   string
	}{
		{map[string]any{"seq": seq}, 422, "no_entry_chosen"},
		{map[string]any{"seq": seq, "entry_id": "NONE-1"}, 404, "no_entry"},
		{map[string]any{"seq": seq + 1, "entry_id": "SEC-061"}, 404, "no_message"},
		{map[string]any{"seq": 99, "entry_id": "SEC-061"}, 404, "no_message"},
	} {
		if a := agent.want(bad.status, "POST", pair, bad.body); code(a) != bad.code {
			t.Errorf("%v: %v", bad.body, a)
		}
	}
	other.want(403, "POST", pair, map[string]any{"seq": seq, "entry_id": "SEC-061"})
	got := agent.want(200, "POST", pair, map[string]any{"seq": seq, "entry_id": "SEC-061"})
	if q := got["question"].(string); got["state"] != "pending" || got["title"] != "银行卡丢了怎么挂失？" || strings.Contains(q, "13812345678") || strings.Contains(q, "abc123456") {
		t.Errorf("proposed: %v", got)
	}
	look := func() map[string]any {
		a := agent.want(200, "GET", "/api/desk/suggest?conversation="+id+"&seq="+strconv.FormatInt(seq, 10), nil)
		if len(a["items"].([]any)) == 0 {
			t.Errorf("no suggestions: %v", a)
		}
		p, _ := a["pair"].(map[string]any)
		return p
	}
	if p := look(); p["entry_id"] != "SEC-061" || p["mine"] != true {
		t.Errorf("the desk shows %v", p)
	}
	agent.want(204, "POST", pair+"/back", map[string]any{"seq": seq})
	if p := look(); p != nil {
		t.Errorf("taken back, but the desk shows %v", p)
	}
	agent.want(409, "POST", pair+"/back", map[string]any{"seq": seq})
	agent.want(200, "POST", pair, map[string]any{"seq": seq, "entry_id": ""})
	agent.want(200, "POST", pair, map[string]any{"seq": seq, "entry_id": "SEC-061"})

	// It waits for an editor and does not count yet.
	reviewer.want(409, "POST", "/api/console/publish", map[string]string{})
	list := editor.want(200, "GET", "/api/console/pairs?state=pending", nil)
	one := list["items"].([]any)[0].(map[string]any)
	if len(list["items"].([]any)) != 1 || one["confirmed_by"] != "姓名a1" || list["counts"].(map[string]any)["pending"] != 1.0 {
		t.Fatalf("pending: %v", list)
	}
	path := "/api/console/pairs/" + one["id"].(string)
	reviewer.want(403, "POST", path+"/approve", nil)
	agent.want(403, "GET", "/api/console/pairs", nil)
	if a := editor.want(200, "POST", path+"/approve", nil); a["state"] != "approved" || a["approved_by"] != "姓名editor" {
		t.Errorf("approved: %v", a)
	}
	if a := reviewer.want(200, "POST", "/api/console/publish", map[string]string{"note": "学习"}); a["generation"] != 2.0 {
		t.Fatalf("published: %v", a)
	}
	set, err := s.store.Load(t.Context(), 0)
	if err != nil || len(set.Pairs) != 1 || set.Pairs[0].EntryID != "SEC-061" {
		t.Errorf("generation 2 learns from %v, %v", set.Pairs, err)
	}
	if p := look(); p["state"] != "published" {
		t.Errorf("the desk shows %v", p)
	}
	items := editor.want(200, "GET", "/api/console/pairs?q=找不着", nil)["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["from_generation"] != 2.0 {
		t.Fatalf("search: %v", items)
	}
	path = "/api/console/pairs/" + items[0].(map[string]any)["id"].(string)
	editor.want(200, "POST", path+"/remove", nil)
	editor.want(200, "POST", path+"/restore", nil)
	editor.want(409, "POST", path+"/restore", nil)
	editor.want(422, "GET", "/api/console/pairs?state=poem", nil)
	s.wantAudit(t, "pair.propose", "pair.take_back", "pair.approve", "pair.remove", "pair.restore")
}

// What the bot did not answer is confirmed by an editor and then gone from the list.
func TestConfirmFromUnanswered(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	for range 2 {
		w, _ := s.chat(t, "", "", 0)
		w.say("北京天气")
		w.untilEvent("decline", answered("北京天气"))
	}
	unanswered := func() []any {
		return editor.want(200, "GET", "/api/console/unanswered", nil)["items"].([]any)
	}
	items := unanswered()
	if len(items) != 1 || items[0].(map[string]any)["kind"] != "decline" || items[0].(map[string]any)["pair"] != nil {
		t.Fatalf("unanswered: %v", items)
	}
	if _, err := s.store.Propose(t.Context(), "a1", "北京天气", "TRF-032"); err != nil {
		t.Fatal(err)
	}
	if p := unanswered()[0].(map[string]any)["pair"].(map[string]any); p["entry_id"] != "TRF-032" || p["state"] != "pending" {
		t.Errorf("an agent's word: %v", p)
	}
	if a := editor.want(200, "POST", "/api/console/pairs", map[string]any{"question": "北京天气", "entry_id": ""}); a["state"] != "approved" || a["mine"] != true {
		t.Errorf("confirmed: %v", a)
	}
	if items := unanswered(); len(items) != 0 {
		t.Errorf("still unanswered: %v", items)
	}
	for body, want := range map[string]string{`{"question":"问题"}`: "no_entry_chosen", `{"question":"？","entry_id":""}`: "no_question"} {
		if a := editor.want(422, "POST", "/api/console/pairs", json.RawMessage(body)); code(a) != want {
			t.Errorf("%s: %v", body, a)
		}
	}
	s.wantAudit(t, "pair.confirm", "content.unanswered_view")
}

// streamed makes a request that answers in lines, and returns its last line.
func (c *client) streamed(path string, body any) (last map[string]any, steps []string) {
	c.t.Helper()
	status, h, text := c.do("POST", path, body)
	if status != 200 || !strings.HasPrefix(h.Get("Content-Type"), "application/x-ndjson") {
		c.t.Fatalf("%s: %d %s", path, status, text)
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		last = nil
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			c.t.Fatalf("line %q: %v", lines.Text(), err)
		}
		if step, ok := last["step"].(string); ok {
			steps = append(steps, step)
		}
	}
	return last, steps
}

func TestPreviewOfWords(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	words := map[string]any{"id": "bank-synonyms", "kind": "synonym", "words": []string{"挂失|报失联"}}
	last, steps := editor.streamed("/api/console/preview", map[string]any{"body": words, "questions": []string{"卡要报失联"}})
	result, ok := last["result"].(map[string]any)
	if !ok || len(steps) == 0 {
		t.Fatalf("preview: %v", last)
	}
	effects := result["effects"].([]any)
	typed := effects[0].(map[string]any)
	after := typed["after"].(map[string]any)
	if typed["source"] != "typed" || after["id"] != "SEC-061" || !strings.Contains(strings.Join(texts(after["synonyms"]), " "), "报失联 → 挂失") {
		t.Errorf("typed: %v", typed)
	}
	if strings.Join(texts(result["words"]), " ") != "报失联 挂失" && strings.Join(texts(result["words"]), " ") != "挂失 报失联" {
		t.Errorf("words: %v", result["words"])
	}
	if result["asked"].(float64) < 4 || result["recut"].(float64) < 1 || result["worse"] != 0.0 {
		t.Errorf("result: %v", result)
	}
	// Nothing serves differently for it.
	if s.live.Generation() != 1 {
		t.Error("the trial is live")
	}
	for _, bad := range []struct {
		body any
		code string
	}{
		{map[string]any{"body": map[string]any{"id": "x", "kind": "promise", "words": []string{"保本"}}}, "not_words"},
		{map[string]any{"body": 1}, "not_words"},
		{map[string]any{"body": map[string]any{"id": "x", "kind": "synonym", "words": []string{"只有一个"}}}, "content_invalid"},
		{map[string]any{"body": map[string]any{"id": "x", "kind": "dictionary", "words": []string{"a|b"}}}, "content_invalid"},
		{map[string]any{"body": words, "questions": make([]string, 21)}, "many_questions"},
		{map[string]any{"body": words, "questions": []string{strings.Repeat("问", 2001)}}, "bad_question"},
	} {
		if a := editor.want(422, "POST", "/api/console/preview", bad.body); code(a) != bad.code {
			t.Errorf("%v: %v", bad.body, a)
		}
	}
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, one := range list {
		out = append(out, one.(string))
	}
	return out
}

// Whoever leaves does not keep the next one waiting.
func TestPreviewEndsWithTheBrowser(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	ctx, leave := context.WithCancel(t.Context())
	body, _ := json.Marshal(map[string]any{"body": map[string]any{"id": "d", "kind": "dictionary", "words": []string{"挂失卡"}}})
	req, err := http.NewRequestWithContext(ctx, "POST", s.base+"/api/console/preview", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := editor.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	resp.Body.Close()
	eventually(t, "the builder is free", func() bool { return len(s.drafts) == 0 })
}

func TestEvaluateGenerations(t *testing.T) {
	s := start(t, publishing(t))
	editor, reviewer := s.signedIn(t, "editor", auth.Editor), s.signedIn(t, "reviewer", auth.Reviewer)
	for body, want := range map[string]struct {
		status int
		code   string
	}{`{"generation":1}`: {422, "no_earlier"}, `{"generation":7}`: {404, "no_generation"}, `{}`: {409, "nothing_to_publish"}} {
		if a := editor.want(want.status, "POST", "/api/console/evaluate", json.RawMessage(body)); code(a) != want.code {
			t.Errorf("%s: %v", body, a)
		}
	}
	for q, id := range map[string]string{"卡片不见了咋整": "SEC-061", "汇的钱几时能收": "TRF-032", "北京天气": ""} {
		editor.want(200, "POST", "/api/console/pairs", map[string]any{"question": q, "entry_id": id})
	}
	last, _ := editor.streamed("/api/console/evaluate", map[string]any{"generation": 0})
	result, ok := last["result"].(map[string]any)
	if !ok {
		t.Fatalf("evaluation: %v", last)
	}
	before, after := result["before"].(map[string]any), result["after"].(map[string]any)
	if result["next"] != true || before["generation"] != 1.0 || after["generation"] != 2.0 {
		t.Errorf("compared %v with %v", before["generation"], after["generation"])
	}
	for name, side := range map[string]map[string]any{"before": before, "after": after} {
		pairs := side["pairs"].(map[string]any)
		if pairs["cases"] != 3.0 || pairs["in_scope"] != 2.0 || side["stats"].(map[string]any)["entries"] != 2.0 {
			t.Errorf("%s: %v", name, side)
		}
	}
	if after["stats"].(map[string]any)["confirmed"] != 2.0 || before["stats"].(map[string]any)["confirmed"] != 0.0 {
		t.Errorf("learned from: %v, %v", before["stats"], after["stats"])
	}
	reviewer.want(200, "POST", "/api/console/publish", map[string]string{"note": "提问"})
	last, _ = reviewer.streamed("/api/console/evaluate", map[string]any{"generation": 2})
	if again := last["result"].(map[string]any); again["next"] != false || again["asked"] != result["asked"] || again["better"] != result["better"] {
		t.Errorf("published, the same comparison says %v, before %v", again, result)
	}
	s.wantAudit(t, "content.evaluate")
}

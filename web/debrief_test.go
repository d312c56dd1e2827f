package web

import (
	"strings"
	"testing"

	"yinda/internal/audit"
	"yinda/internal/auth"
)

// What an agent thought of an escalation reaches the editors: with the words that fired, masked, and
// with what they need to make an example of it.
func TestEscalationsAreDebriefed(t *testing.T) {
	s := start(t)
	agent := s.signedIn(t, "agent", auth.Agent)
	editor := s.signedIn(t, "editor", auth.Editor)
	desk, _ := agent.desk()
	agent.want(204, "POST", "/api/desk/presence", map[string]string{"presence": "online"})
	_ = desk
	w, welcome := s.chat(t, "", "", 0)
	w.say("转账多久到账？")
	w.untilEvent("answer", answered("转账"))
	w.say("气死我了，打13812345678给我")
	w.untilEvent("agent", state("agent"))
	id := welcome.str("conversation")
	agent.want(204, "POST", "/api/desk/conversations/"+id+"/verdict", map[string]string{"verdict": "needless"})

	const list = "/api/console/escalations"
	_, _, raw := editor.do("GET", list, nil)
	if strings.Contains(raw, "13812345678") || strings.Contains(raw, "秘密的复核人") {
		t.Errorf("shown unmasked: %s", raw)
	}
	items := editor.want(200, "GET", list+"?verdict=needless&open=1", nil)["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("%v", items)
	}
	e := items[0].(map[string]any)
	turns := e["turns"].([]any)
	last := turns[len(turns)-1].(map[string]any)
	read := last["decision"].(map[string]any)
	if e["id"] != id || e["verdict"] != "needless" || e["reason"] != "emotion" || len(turns) != 2 || !strings.Contains(last["text"].(string), "138****5678") ||
		read["emotion"] != "angry" || read["evidence"].([]any)[0].(map[string]any)["match"] != "气死我了" || e["done_by"] != "" {
		t.Errorf("%v", e)
	}
	for query, code_ := range map[string]string{"?verdict=early": "bad_verdict", "?from=gestern": "bad_day", "?offset=-1": "bad_offset"} {
		if a := editor.want(422, "GET", list+query, nil); code(a) != code_ {
			t.Errorf("%s: %v", query, a)
		}
	}
	for query, want := range map[string]int{"?from=2000-01-01&to=2000-01-02": 0, "?from=2000-01-01": 1, "?reason=complaint": 0, "?reason=emotion": 1, "?offset=1": 0} {
		if got := editor.want(200, "GET", list+query, nil)["items"].([]any); len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}

	if a := editor.want(422, "POST", list+"/"+id+"/done", map[string]any{}); code(a) != "no_done" {
		t.Errorf("%v", a)
	}
	editor.want(404, "POST", list+"/none/done", map[string]any{"done": true})
	editor.want(204, "POST", list+"/"+id+"/done", map[string]any{"done": true})
	if got := editor.want(200, "GET", list+"?open=1", nil)["items"].([]any); len(got) != 0 {
		t.Errorf("worked off, but open: %v", got)
	}
	e = editor.want(200, "GET", list, nil)["items"].([]any)[0].(map[string]any)
	if e["done_by"] != "姓名editor" || e["done_at"].(float64) == 0 {
		t.Errorf("%v", e)
	}
	editor.want(204, "POST", list+"/"+id+"/done", map[string]any{"done": false})
	if got := editor.want(200, "GET", list+"?open=1", nil)["items"].([]any); len(got) != 1 {
		t.Errorf("taken back: %v", got)
	}
	for action, want := range map[string]int{"escalation.view": 10, "escalation.debrief": 2} {
		if rows, err := s.audit.List(t.Context(), audit.Filter{Action: action}); err != nil || len(rows) != want {
			t.Errorf("%s: %d records, want %d, %v", action, len(rows), want, err)
		}
	}
}

// An example is made, reviewed and exported like any content; private data in it is masked first.
func TestExamplesInTheConsole(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	reviewer := s.signedIn(t, "reviewer", auth.Reviewer)
	if a := editor.want(422, "POST", "/api/console/items/example", map[string]any{"body": map[string]any{"emotion": "angry"}}); code(a) != "no_text" {
		t.Errorf("%v", a)
	}
	body := map[string]any{"text": "打13812345678给我，我要敲大鼓", "emotion": "angry", "complaint_category": "其他", "origin": "c-1"}
	made := editor.want(201, "POST", "/api/console/items/example", map[string]any{"body": body})
	item := made["item"].(map[string]any)
	path := "/api/console/items/example/" + item["id"].(string)
	if !strings.Contains(item["title"].(string), "138****5678") || item["category"] != "投诉" || len(made["findings"].([]any)) != 1 {
		t.Errorf("%v", made)
	}
	if a := editor.want(409, "POST", "/api/console/items/example", map[string]any{"body": body}); code(a) != "id_taken" {
		t.Errorf("%v", a)
	}
	wrong := item["body"].(map[string]any)
	wrong["emotion"] = "blue"
	editor.want(200, "PUT", path, map[string]any{"body": wrong, "base_version": 1})
	if a := editor.want(422, "POST", path+"/submit", nil); code(a) != "content_invalid" {
		t.Errorf("%v", a)
	}
	wrong["emotion"] = "angry"
	editor.want(200, "PUT", path, map[string]any{"body": wrong, "base_version": 1})
	editor.want(200, "POST", path+"/submit", nil)
	reviewer.want(200, "POST", path+"/approve", nil)
	if items := editor.want(200, "GET", "/api/console/items?kind=example&q=大鼓", nil)["items"].([]any); len(items) != 1 {
		t.Errorf("%v", items)
	}
	status, h, tsv := editor.do("GET", "/api/console/export?kind=example&format=tsv", nil)
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), "examples") || !strings.HasPrefix(tsv, "编号\t客户的话\t情绪") {
		t.Errorf("%d %v %s", status, h, tsv)
	}
	if a := editor.want(422, "GET", "/api/console/export?kind=fact", nil); code(a) != "export_kind" {
		t.Errorf("%v", a)
	}
}

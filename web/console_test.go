package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"yinda/content"
	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/auth"
)

// publishing gives a site an edition of its own: the shared one must not be closed by a swap.
func publishing(t *testing.T) func(*Options, *handoff.Options) {
	return func(o *Options, ho *handoff.Options) {
		set, err := o.Store.Load(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		e, err := content.NewEdition(t.Context(), set, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		o.Live = content.NewLive(e)
		t.Cleanup(o.Live.Close)
		ho.Decider = o.Live
	}
}

// The editor changes an answer, somebody else approves and publishes it, and the customer hears it.
func TestEditReviewPublish(t *testing.T) {
	s := start(t, publishing(t))
	editor, reviewer := s.signedIn(t, "editor", auth.Editor), s.signedIn(t, "reviewer", auth.Editor, auth.Reviewer)
	w, _ := s.chat(t, "", "", 0)
	w.say("转账多久到账？")
	w.untilEvent("old answer", message("以系统提示为准"))

	const item = "/api/console/items/entry/TRF-032"
	got := editor.want(200, "GET", item, nil)["item"].(map[string]any)
	if got["mine"] != false || got["published_version"] != 1.0 {
		t.Errorf("item: %v", got)
	}
	body := got["body"].(map[string]any)
	body["answer"].(map[string]any)["conclusion"] = "转账一般实时到账，请您留意。"
	if a := editor.want(422, "PUT", item, map[string]any{"body": body}); code(a) != "base_version" {
		t.Errorf("%v", a)
	}
	saved := editor.want(200, "PUT", item, map[string]any{"body": body, "base_version": 1})["item"].(map[string]any)
	if saved["author"] != "姓名editor" || saved["mine"] != true || saved["state"] != "draft" || saved["version"] != 2.0 {
		t.Errorf("saved: %v", saved)
	}
	if a := reviewer.want(409, "PUT", item, map[string]any{"body": body, "base_version": 1}); code(a) != "newer_version" {
		t.Errorf("%v", a)
	}
	// The test bench shows what the draft would say.
	ask := editor.want(200, "POST", "/api/console/ask", map[string]any{"text": "转账多久到账？", "draft": map[string]any{"kind": "entry", "body": body}})
	if ask["entry_id"] != "TRF-032" || !strings.Contains(ask["reply"].(string), "实时到账") || ask["explanation"] == nil {
		t.Errorf("draft answers: %v", ask)
	}
	if live := editor.want(200, "POST", "/api/console/ask", map[string]any{"text": "转账多久到账？"}); strings.Contains(live["reply"].(string), "实时到账") {
		t.Errorf("the draft is live: %v", live)
	}
	editor.want(200, "POST", item+"/submit", nil)
	editor.want(403, "POST", item+"/approve", nil)
	reviewer.want(200, "POST", item+"/reject", map[string]string{"reason": "请改得更礼貌"})
	again := editor.want(200, "GET", item, nil)["item"].(map[string]any)
	if again["state"] != "rejected" && again["state"] != "draft" || again["reviewer"] != "姓名reviewer" {
		t.Errorf("rejected: %v", again)
	}
	editor.want(200, "POST", item+"/submit", nil)
	reviewer.want(200, "POST", item+"/approve", nil)
	published := reviewer.want(200, "POST", "/api/console/publish", map[string]string{"note": "更礼貌"})
	if published["generation"] != 2.0 {
		t.Fatalf("published: %v", published)
	}
	if a := reviewer.want(409, "POST", "/api/console/publish", map[string]string{}); code(a) != "nothing_to_publish" {
		t.Errorf("%v", a)
	}
	w.say("转账多久到账？")
	f := w.untilEvent("new answer", message("实时到账"))
	if f.body()["generation"] != 2.0 || f.body()["version"] != 2.0 {
		t.Errorf("the answer names %v", f.body())
	}
	gens := editor.want(200, "GET", "/api/console/generations", nil)
	if first := gens["items"].([]any)[0].(map[string]any); first["by"] != "姓名reviewer" || gens["current"] != 2.0 {
		t.Errorf("generations: %v", gens)
	}
	for _, action := range []string{"content.save", "content.submit", "content.reject", "content.approve", "content.publish"} {
		rows, err := s.audit.List(t.Context(), audit.Filter{Action: action})
		if err != nil || len(rows) == 0 {
			t.Errorf("no record of %s: %v", action, err)
		}
	}
	if _, err := s.audit.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// Whoever has both roles may still not check the own work.
func TestMakerIsNotChecker(t *testing.T) {
	s := start(t)
	both := s.signedIn(t, "both", auth.Editor, auth.Reviewer)
	const item = "/api/console/items/entry/TRF-032"
	body := both.want(200, "GET", item, nil)["item"].(map[string]any)["body"].(map[string]any)
	body["similar"] = []string{"转账啥时候到"}
	both.want(200, "PUT", item, map[string]any{"body": body, "base_version": 1})
	both.want(200, "POST", item+"/submit", nil)
	if a := both.want(403, "POST", item+"/approve", nil); code(a) != "maker_is_checker" {
		t.Errorf("%v", a)
	}
	// Another name on the screen does not help.
	name := "换个名字"
	if _, err := s.auth.UpdateUser(t.Context(), "both", auth.Change{Name: &name}); err != nil {
		t.Fatal(err)
	}
	both.want(403, "POST", item+"/approve", nil)
	rows, err := s.audit.List(t.Context(), audit.Filter{Action: "content.approve_refused"})
	if err != nil || len(rows) != 2 {
		t.Errorf("%d refusals recorded, %v", len(rows), err)
	}
}

func TestConsoleRefusals(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	for _, tt := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"GET", "/api/console/items?kind=poem", nil, 404, "no_kind"},
		{"GET", "/api/console/items/entry/NONE-1", nil, 404, "no_item"},
		{"POST", "/api/console/items/entry", map[string]any{"body": map[string]any{"id": "SEC-061"}}, 409, "id_taken"},
		{"POST", "/api/console/items/entry", map[string]any{"body": []int{1}}, 422, "bad_body"},
		{"POST", "/api/console/items/entry", map[string]any{}, 422, "bad_body"},
		{"POST", "/api/console/items/policy", map[string]any{"body": map[string]any{}}, 422, "one_policy"},
		{"PUT", "/api/console/items/entry/SEC-061", map[string]any{"body": map[string]any{"id": "SEC-999"}, "base_version": 1}, 422, "id_changed"},
		{"POST", "/api/console/items/entry/SEC-061/withdraw", map[string]any{"reason": ""}, 422, "no_reason"},
		{"POST", "/api/console/items/entry/SEC-061/rollback", map[string]any{}, 422, "no_version"},
		{"POST", "/api/console/ask", map[string]any{"text": ""}, 422, "bad_question"},
		{"POST", "/api/console/ask", map[string]any{"text": strings.Repeat("问", 3000)}, 422, "bad_question"},
		{"GET", "/api/console/export?format=exe", nil, 422, "format"},
		{"POST", "/api/console/import", map[string]any{}, 422, "no_file"},
	} {
		if a := editor.want(tt.status, tt.method, tt.path, tt.body); code(a) != tt.code {
			t.Errorf("%s %s: %v, want %s", tt.method, tt.path, a, tt.code)
		}
	}
}

func TestExportAndImport(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	status, h, tsv := editor.do("GET", "/api/console/export?kind=entry&format=tsv", nil)
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), "attachment") || !strings.Contains(tsv, "SEC-061") {
		t.Fatalf("export: %d %v", status, h)
	}
	upload := func(name, text string) (int, string) {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte(text))
		form.Close()
		status, _, answer := editor.do("POST", "/api/console/import", nil, func(r *http.Request) {
			r.Header.Set("Content-Type", form.FormDataContentType())
			r.Body, r.ContentLength = nopCloser(b.String()), int64(b.Len())
		})
		return status, answer
	}
	if status, answer := upload("../x.tsv", strings.Replace(tsv, "请您立即办理挂失", "请您尽快办理挂失", 1)); status != 200 || !strings.Contains(answer, `"changed":1`) {
		t.Errorf("import: %d %s", status, answer)
	}
	if status, answer := upload("x.tsv", "编号\t标准问\t结论\nA-1\t问\xff题\t答"); status != 422 || !strings.Contains(answer, "第2行") {
		t.Errorf("broken file: %d %s", status, answer)
	}
	if status, answer := upload("x.exe", "MZ"); status != 422 {
		t.Errorf("a program: %d %s", status, answer)
	}
}

func TestUnansweredQuestionsAreCollected(t *testing.T) {
	s := start(t)
	editor := s.signedIn(t, "editor", auth.Editor)
	for range 2 {
		w, _ := s.chat(t, "", "", 0)
		w.say("北京天气")
		w.untilEvent("decline", answered("北京天气"))
	}
	items := editor.want(200, "GET", "/api/console/unanswered", nil)["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["count"] != 2.0 || items[0].(map[string]any)["text"] != "北京天气" {
		t.Errorf("unanswered: %v", items)
	}
}

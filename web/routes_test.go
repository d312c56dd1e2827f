package web

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinda/internal/auth"
)

// who may use what, written down a second time: a change of the table must be meant.
var permitted = map[string]string{
	"serve":          "agent supervisor",
	"supervise":      "supervisor",
	"read_content":   "editor reviewer",
	"edit_content":   "editor",
	"review_content": "reviewer",
	"manage_users":   "admin",
	"read_audit":     "admin auditor",
}

func TestEveryRouteHasADecision(t *testing.T) {
	s := start(t)
	table := map[string]bool{}
	for _, r := range s.routes() {
		if _, err := s.guard(r.access); err != nil {
			t.Errorf("%s %s: %v", r.method, r.path, err)
		}
		table[r.method+" "+r.path] = true
	}
	for _, r := range s.echo.Routes() {
		if !table[r.Method+" "+r.Path] && r.Method != http.MethodHead {
			t.Errorf("%s %s is served but not in the table", r.Method, r.Path)
		}
	}
	if _, err := s.guard(access{}); err == nil {
		t.Error("a route without a decision was accepted")
	}
	if _, err := s.guard(access{anyone: true, signedIn: true}); err == nil {
		t.Error("a route with two decisions was accepted")
	}
}

// Every role meets every route: what the role may not is 403, what nobody signed in may is 401, and
// what is allowed is neither.
func TestRoleMatrix(t *testing.T) {
	s := start(t)
	clients := map[string]*client{"": s.anonymous(t)}
	for _, r := range auth.Roles {
		clients[string(r)] = s.signedIn(t, "user-"+string(r), r)
	}
	for _, r := range s.routes() {
		if strings.HasPrefix(r.path, "/api/log") || strings.HasPrefix(r.path, "/ws/chat") || r.path == "/api/me/password" {
			continue // would end the session that the other rows need
		}
		path := strings.NewReplacer(":kind", "entry", ":id", "SEC-061", ":username", "nobody", "*", "x").Replace(r.path)
		for _, role := range slices.Sorted(maps.Keys(clients)) {
			var body any
			if r.method != http.MethodGet {
				body = map[string]any{}
			}
			status, _, text := clients[role].do(r.method, path, body)
			want := ""
			switch {
			case r.access.anyone, r.access.inside:
			case role == "":
				want = "401"
			case len(r.access.may) > 0 && !slices.ContainsFunc(r.access.may, func(p auth.Permission) bool {
				return slices.Contains(strings.Fields(permitted[string(p)]), role)
			}):
				want = "403 role"
			}
			got := ""
			switch {
			case status == 401:
				got = "401"
			case status == 403 && strings.Contains(text, `"role"`):
				got = "403 role"
			}
			if got != want {
				t.Errorf("%s %s as %q: %d %s, want %q", r.method, path, role, status, text, want)
			}
			if status >= 500 && status != http.StatusServiceUnavailable {
				t.Errorf("%s %s as %q: %d %s", r.method, path, role, status, text)
			}
		}
	}
}

func TestHeadersOfPages(t *testing.T) {
	s := start(t, func(o *Options, _ *handoffOptions) {
		o.Origins = []string{"https://www.bank.example", "https://m.bank.example/"}
	})
	c := s.anonymous(t)
	for path, ancestors := range map[string]string{
		"/": "'none'", "/desk": "'none'", "/desk/team": "'none'", "/console/items": "'none'", "/api/public/config": "'none'",
		"/widget": "'self' https://www.bank.example https://m.bank.example",
	} {
		status, h, _ := c.do("GET", path, nil)
		csp := h.Get("Content-Security-Policy")
		if status != 200 || !strings.HasSuffix(csp, "frame-ancestors "+ancestors) || !strings.Contains(csp, "style-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %d, %s", path, status, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" || h.Get("Strict-Transport-Security") != "" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, h)
		}
		if want := map[bool]string{true: "no-store", false: "no-cache"}[strings.HasPrefix(path, "/api/")]; h.Get("Cache-Control") != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, h.Get("Cache-Control"), want)
		}
	}
}

func TestFilesOfTheFrontEnd(t *testing.T) {
	s := start(t)
	c := s.anonymous(t)
	status, h, body := c.do("GET", "/assets/desk-abc123.js", nil)
	if status != 200 || !strings.Contains(h.Get("Cache-Control"), "immutable") || !strings.Contains(body, "银行") || h.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("asset: %d %v", status, h)
	}
	status, _, _ = c.do("GET", "/assets/desk-abc123.js", nil, func(r *http.Request) { r.Header.Set("If-None-Match", h.Get("Etag")) })
	if status != 304 {
		t.Errorf("unchanged asset: %d", status)
	}
	status, h, _ = c.do("GET", "/assets/desk-abc123.js", nil, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
	if status != 200 || h.Get("Content-Encoding") != "gzip" {
		t.Errorf("compressed asset: %d %v", status, h)
	}
	if status, h, _ := c.do("GET", "/embed.js", nil); status != 200 || h.Get("Cache-Control") != "no-cache" {
		t.Errorf("embed.js: %d %v", status, h)
	}
	if status, _, body := c.do("HEAD", "/desk", nil); status != 200 || body != "" {
		t.Errorf("HEAD /desk: %d", status)
	}
	for _, path := range []string{"/assets/none.js", "/nothing", "/assets/../index.html", "/assets/%2e%2e/server.go", "/index.html", "/.env", "/api/nothing"} {
		if status, _, body := c.do("GET", path, nil); status != 404 || !strings.Contains(body, "没有这个地址") {
			t.Errorf("GET %s: %d %s", path, status, body)
		}
	}
}

// The pages that are really built keep to the policy: no inline script or style, nothing from elsewhere.
func TestBuiltPagesKeepToThePolicy(t *testing.T) {
	pages, err := fs.Glob(Assets(), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the front end has not been built; make web builds it")
		}
		t.Skip("the front end has not been built; make web builds it")
	}
	inline := regexp.MustCompile(`(?i)<script(\s[^>]*)?>\s*[^<\s]|<style|\sstyle=|\son[a-z]+=|(src|href)="(https?:)?//`)
	for _, name := range pages {
		b, err := fs.ReadFile(Assets(), name)
		if err != nil {
			t.Fatal(err)
		}
		if found := inline.Find(b); found != nil {
			t.Errorf("%s contains %q, which the policy blocks", name, found)
		}
	}
}

func TestProgramWithoutFrontEndSaysWhatToDo(t *testing.T) {
	s := start(t, func(o *Options, _ *handoffOptions) { o.Assets = emptyFS })
	c := s.anonymous(t)
	for _, path := range []string{"/", "/desk", "/widget", "/embed.js", "/assets/x.js"} {
		if status, _, body := c.do("GET", path, nil); status != 503 || !strings.Contains(body, "make build") {
			t.Errorf("GET %s: %d %s", path, status, body)
		}
	}
	c.want(200, "GET", "/api/public/config", nil)
}

func TestOtherWebsitesCannotAct(t *testing.T) {
	s := start(t)
	c := s.signedIn(t, "boss", auth.Admin)
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
	} {
		if a := c.want(403, "POST", "/api/logout", nil, change); code(a) != "cross_origin" {
			t.Errorf("%v", a)
		}
	}
	c.want(200, "GET", "/api/me", nil)
	form := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	if a := c.want(422, "POST", "/api/admin/users", map[string]string{"username": "x"}, form); code(a) != "not_json" {
		t.Errorf("%v", a)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	s := start(t)
	c := s.anonymous(t)
	if a := c.want(413, "POST", "/api/login", map[string]string{"username": strings.Repeat("x", 2<<20)}); code(a) != "body_too_large" {
		t.Errorf("%v", a)
	}
	for body, status := range map[string]int{"{": 422, "[]": 422, `{"username":1}`: 422, `{} {}`: 422, "": 422} {
		got, _, text := c.do("POST", "/api/login", nil, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Body = nopCloser(body)
			r.ContentLength = int64(len(body))
		})
		if got != status || !strings.Contains(text, "。") {
			t.Errorf("body %q: %d %s", body, got, text)
		}
	}
}

func TestMetricsStayInside(t *testing.T) {
	s := start(t)
	w, _ := s.chat(t, "", "", 0)
	w.say("你好")
	w.untilEvent("answer", answered(""))
	c := s.anonymous(t)
	_, _, text := c.do("GET", "/metrics", nil)
	for _, want := range []string{"yinda_open_sockets{socket=\"chat\"} 1", "yinda_queue_length 0", "yinda_person_requests_ignored_today 0",
		"yinda_ack_seconds_count 1", "yinda_frames_total{socket=\"chat\",type=\"say\"} 1", "yinda_decision_seconds_count 1", "yinda_conversations_today 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(text, "你好") {
		t.Error("metrics contain what was said")
	}
	if status, _, _ := c.do("GET", "/metrics", nil, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") }); status != 404 {
		t.Errorf("metrics through a proxy: %d", status)
	}
	c.want(200, "GET", "/healthz", nil)
	if ready := c.want(200, "GET", "/readyz", nil); ready["generation"] == nil {
		t.Errorf("ready: %v", ready)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	for _, bad := range []string{"*", "https://*.bank.example", "bank.example", "https://bank.example/path", "javascript:alert(1)", "https://a b"} {
		if _, err := checkOrigins([]string{bad}); err == nil {
			t.Errorf("origin %q was accepted", bad)
		}
	}
	if _, err := addressOf([]string{"10.0.0.0/8", "::1", "nonsense"}); err == nil {
		t.Error("a proxy that is no address was accepted")
	}
	if _, err := newVisitors([]byte("short")); err == nil {
		t.Error("a short secret was accepted")
	}
}

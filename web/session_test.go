package web

import (
	"net/http"
	"strings"
	"testing"

	"yinda/internal/audit"
	"yinda/internal/auth"
)

func TestSignInAndOut(t *testing.T) {
	s := start(t)
	c := s.signedIn(t, "agent1", auth.Agent)
	me := c.want(200, "GET", "/api/me", nil)
	if me["username"] != "agent1" || me["name"] != "姓名agent1" || me["password_hash"] != nil {
		t.Errorf("me: %v", me)
	}
	desk, welcome := c.desk()
	if welcome.str("presence") != "online" {
		t.Errorf("desk: %v", welcome)
	}
	c.want(204, "POST", "/api/logout", nil)
	if code := desk.untilClosed(); code != closeSignedOut {
		t.Errorf("the desk was closed with %d, want %d", code, closeSignedOut)
	}
	if a := c.want(401, "GET", "/api/me", nil); code(a) != "signed_out" {
		t.Errorf("%v", a)
	}
	c.want(204, "POST", "/api/logout", nil)
	if code := s.dial(t, "/ws/desk", nil, c.http.Jar, 101).untilClosed(); code != closeSignedOut {
		t.Errorf("a desk without a session was closed with %d, want %d", code, closeSignedOut)
	}
	agents, err := s.service.Agents(t.Context())
	if err != nil || agents[0].Presence != "offline" {
		t.Errorf("after signing out: %v, %v", agents, err)
	}
	// The next shift begins online, although the last one ended offline.
	c.want(200, "POST", "/api/login", map[string]string{"username": "agent1", "password": password})
	if _, welcome := c.desk(); welcome.str("presence") != "online" {
		t.Errorf("next shift: %v", welcome)
	}
	// A pause is not ended by a lost connection.
	c.want(204, "POST", "/api/desk/presence", map[string]string{"presence": "offline"})
	if _, welcome := c.desk(); welcome.str("presence") != "offline" {
		t.Errorf("after a pause: %v", welcome)
	}
}

func TestWrongPasswordsAreLimitedAndRecorded(t *testing.T) {
	s := start(t)
	s.user(t, "agent1", auth.Agent)
	c := s.anonymous(t)
	for range 5 {
		if a := c.want(401, "POST", "/api/login", map[string]string{"username": "agent1", "password": "geheim-123"}); code(a) != "bad_login" {
			t.Errorf("%v", a)
		}
	}
	status, h, body := c.do("POST", "/api/login", map[string]string{"username": "agent1", "password": password})
	if status != 429 || h.Get("Retry-After") == "" || !strings.Contains(body, "尝试次数过多") {
		t.Errorf("sixth attempt: %d %s", status, body)
	}
	rows, err := s.audit.List(t.Context(), audit.Filter{Action: "session.refuse"})
	if err != nil || len(rows) != 5 {
		t.Errorf("%d refusals recorded, %v", len(rows), err)
	}
	for _, r := range rows {
		if strings.Contains(string(r.Detail)+r.Object, "geheim") || r.Object == "agent1" {
			t.Errorf("the record tells too much: %s %s", r.Object, r.Detail)
		}
	}
	if strings.Contains(s.logs.String(), "geheim") {
		t.Error("a password is in the log")
	}
}

func TestOwnPassword(t *testing.T) {
	s := start(t)
	c := s.signedIn(t, "agent1", auth.Agent)
	if a := c.want(422, "POST", "/api/me/password", map[string]string{"old": "wrong", "new": "Yx9!another1"}); code(a) != "wrong_password" {
		t.Errorf("%v", a)
	}
	if a := c.want(422, "POST", "/api/me/password", map[string]string{"old": password, "new": "short"}); code(a) != "weak_password" {
		t.Errorf("%v", a)
	}
	c.want(204, "POST", "/api/me/password", map[string]string{"old": password, "new": "Yx9!another1"})
	c.want(401, "GET", "/api/me", nil)
	c.want(200, "POST", "/api/login", map[string]string{"username": "agent1", "password": "Yx9!another1"})
	c.want(200, "POST", "/api/logout/everywhere", nil)
	c.want(401, "GET", "/api/me", nil)
}

func TestPlainHTTPFromElsewhereIsRefused(t *testing.T) {
	s := start(t)
	s.user(t, "agent1", auth.Agent)
	c := s.anonymous(t)
	lan := func(r *http.Request) { r.Host = "chat.lan:8080"; r.Header.Set("Origin", "http://chat.lan:8080") }
	if a := c.want(403, "POST", "/api/login", map[string]string{"username": "agent1", "password": password}, lan); code(a) != "insecure_connection" {
		t.Errorf("%v", a)
	}
}

func TestAdministratorManagesAccounts(t *testing.T) {
	s := start(t)
	boss := s.signedIn(t, "boss", auth.Admin)
	made := boss.want(201, "POST", "/api/admin/users", map[string]any{"username": "new", "name": "小新", "password": password, "roles": []string{"agent"}, "groups": []string{"card"}, "capacity": 3, "agreement_on": "2026-01-05"})
	if made["capacity"] != 3.0 || made["agreement_on"] != "2026-01-05" {
		t.Errorf("made: %v", made)
	}
	if a := boss.want(409, "POST", "/api/admin/users", map[string]any{"username": "new", "name": "小新", "password": password, "roles": []string{"agent"}}); code(a) != "username_taken" {
		t.Errorf("%v", a)
	}
	if a := boss.want(422, "POST", "/api/admin/users", map[string]any{"username": "x", "name": "", "password": "1", "roles": []string{"root"}}); code(a) != "bad_account" {
		t.Errorf("%v", a)
	}
	theirs := s.signedIn(t, "new")
	theirs.want(200, "GET", "/api/me", nil)
	if a := boss.want(200, "POST", "/api/admin/users/new", map[string]any{"disabled": true}); a["disabled"] != true || a["name"] != "小新" {
		t.Errorf("%v", a)
	}
	theirs.want(401, "GET", "/api/me", nil)
	if a := boss.want(409, "POST", "/api/admin/users/boss", map[string]any{"disabled": true}); code(a) != "last_admin" {
		t.Errorf("%v", a)
	}
	boss.want(204, "POST", "/api/admin/users/new/password", map[string]string{"password": "Other#pass99"})
	_, _, list := boss.do("GET", "/api/admin/users", nil)
	if strings.Contains(list, "argon2") || strings.Contains(list, "hash") || !strings.Contains(list, "小新") {
		t.Errorf("list: %s", list)
	}
	rows := boss.want(200, "GET", "/api/admin/audit?action=account.", nil)["items"].([]any)
	if len(rows) != 3 {
		t.Errorf("%d records of accounts, want 3", len(rows))
	}
	if got := boss.want(200, "GET", "/api/admin/audit/verify", nil); got["ok"] != true {
		t.Errorf("verify: %v", got)
	}
	if a := boss.want(422, "GET", "/api/admin/audit?after=x", nil); code(a) != "bad_number" {
		t.Errorf("%v", a)
	}
	if seen := boss.want(200, "GET", "/api/admin/audit?action=audit.", nil)["items"].([]any); len(seen) < 3 {
		t.Errorf("looks at the log are not recorded: %d", len(seen))
	}
}

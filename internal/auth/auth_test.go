package auth_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"yinda/internal/auth"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

const goodPassword = "Xk7#mmQp2026"

// cheap keeps tests short: the strength of the hash is argon2id's business, not ours.
var cheap = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func service(t *testing.T, d *db.DB, change ...func(*auth.Options)) (*auth.Service, *clock) {
	t.Helper()
	c := &clock{now: time.Now()}
	o := auth.Options{DB: d, Clock: c.Now, HashParams: cheap}
	for _, f := range change {
		f(&o)
	}
	s, err := auth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func user(t *testing.T, s *auth.Service, name string, roles ...auth.Role) auth.Account {
	t.Helper()
	a, err := s.CreateUser(t.Context(), auth.NewUser{Username: name, Name: "小李", Password: goodPassword, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func signIn(t *testing.T, s *auth.Service, name, password string, change ...func(*http.Request)) (auth.Account, *http.Cookie, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:8080/api/login", nil)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	a, err := s.SignIn(w, r, "203.0.113.7", name, password)
	cookies := w.Result().Cookies()
	if err != nil {
		if len(cookies) > 0 {
			t.Errorf("a refused sign-in set %v", cookies)
		}
		return a, nil, err
	}
	return a, cookies[0], nil
}

func with(cookie *http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "http://127.0.0.1:8080/api/me", nil)
	r.AddCookie(cookie)
	return r
}

func TestSessionLivesUntilItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(t, d)
		made := user(t, s, "Agent1", auth.Agent)
		a, cookie, err := signIn(t, s, " agent1 ", goodPassword)
		if err != nil || a.ID != made.ID {
			t.Fatalf("sign in: %+v, %v", a, err)
		}
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure {
			t.Errorf("cookie on loopback HTTP: %v", cookie)
		}
		if a, err := s.Who(with(cookie)); err != nil || a.ID != made.ID || !a.May(auth.Serve) || a.May(auth.ManageUsers) {
			t.Errorf("who: %+v, %v", a, err)
		}
		var stored string
		if err := d.QueryRow(t.Context(), `SELECT token_hash FROM account_session`).Scan(&stored); err != nil || strings.Contains(stored, cookie.Value) {
			t.Errorf("the token itself is stored: %q, %v", stored, err)
		}
		w := httptest.NewRecorder()
		if err := s.SignOut(w, with(cookie)); err != nil || w.Result().Cookies()[0].MaxAge >= 0 {
			t.Errorf("sign out: %v, %v", err, w.Result().Cookies())
		}
		refused(t, s, cookie, "after signing out")

		_, first, _ := signIn(t, s, "agent1", goodPassword)
		_, second, _ := signIn(t, s, "agent1", goodPassword)
		if n, err := s.SignOutEverywhere(t.Context(), made.ID); n != 2 || err != nil {
			t.Errorf("sign out everywhere: %d, %v", n, err)
		}
		refused(t, s, first, "after signing out everywhere")
		refused(t, s, second, "after signing out everywhere")

		_, cookie, _ = signIn(t, s, "agent1", goodPassword)
		if err := s.SetPassword(t.Context(), "agent1", goodPassword+"!"); err != nil {
			t.Fatal(err)
		}
		refused(t, s, cookie, "after a new password")
		_, cookie, err = signIn(t, s, "agent1", goodPassword+"!")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Disable(t.Context(), "agent1", true); err != nil {
			t.Fatal(err)
		}
		refused(t, s, cookie, "after disabling")
		if _, _, err := signIn(t, s, "agent1", goodPassword+"!"); fault.KindOf(err) != fault.Unauthorized {
			t.Errorf("a disabled account signed in: %v", err)
		}
		if err := s.Disable(t.Context(), "agent1", false); err != nil {
			t.Fatal(err)
		}
		_, cookie, err = signIn(t, s, "agent1", goodPassword+"!")
		if err != nil {
			t.Fatal(err)
		}
		c.Add(12*time.Hour + time.Minute)
		refused(t, s, cookie, "after its lifetime")
	})
}

func refused(t *testing.T, s *auth.Service, cookie *http.Cookie, when string) {
	t.Helper()
	if _, err := s.Who(with(cookie)); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("%s the session still works: %v", when, err)
	}
}

func TestGuessingIsLimited(t *testing.T) {
	s, c := service(t, dbtest.SQLite(t))
	user(t, s, "agent1", auth.Agent)
	for i := range 5 {
		if _, _, err := signIn(t, s, "agent1", "wrong"); fault.KindOf(err) != fault.Unauthorized {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if _, _, err := signIn(t, s, "agent1", goodPassword); fault.KindOf(err) != fault.TooMany {
		t.Fatalf("the sixth attempt was let through: %v", err)
	}
	c.Add(21 * time.Second)
	if _, _, err := signIn(t, s, "agent1", goodPassword); err != nil {
		t.Fatalf("after waiting: %v", err)
	}
	// Whatever the names, one address has thirty attempts.
	limited := false
	for i := range 40 {
		_, _, err := signIn(t, s, strings.Repeat("x", i+2), "wrong")
		limited = limited || fault.KindOf(err) == fault.TooMany
	}
	if !limited {
		t.Error("one address tried forty names")
	}
}

func TestSignInIsRefusedWithAReason(t *testing.T) {
	s, _ := service(t, dbtest.SQLite(t), func(o *auth.Options) { o.RequireAgreement = true })
	user(t, s, "agent1", auth.Agent)
	if _, _, err := signIn(t, s, "agent1", goodPassword); fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "保密协议") {
		t.Errorf("without an agreement: %v", err)
	}
	day := "2026-01-31"
	if _, err := s.UpdateUser(t.Context(), "agent1", auth.Change{AgreementOn: &day}); err != nil {
		t.Fatal(err)
	}
	from := func(origin string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Origin", origin) }
	}
	if _, _, err := signIn(t, s, "agent1", goodPassword, from("http://10.0.0.5:8080")); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("plain HTTP from elsewhere: %v", err)
	}
	_, cookie, err := signIn(t, s, "agent1", goodPassword, from("https://chat.bank.example"))
	if err != nil || !cookie.Secure {
		t.Errorf("behind a TLS proxy: %v, %v", cookie, err)
	}
	if _, _, err := signIn(t, s, "nobody", goodPassword); err == nil || strings.Contains(err.Error(), "没有这个账号") {
		t.Errorf("the answer tells which accounts exist: %v", err)
	}
	if _, _, err := signIn(t, s, "agent1", strings.Repeat("长", 100_000)); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("a huge password: %v", err)
	}
}

func TestAccountRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(t, d)
		ok := auth.NewUser{Username: "boss", Name: "王主任", Password: goodPassword, Roles: []auth.Role{auth.Admin}}
		for _, tt := range []struct {
			change func(*auth.NewUser)
			says   string
		}{
			{func(u *auth.NewUser) { u.Username = "a" }, "用户名"},
			{func(u *auth.NewUser) { u.Username = "张三" }, "用户名"},
			{func(u *auth.NewUser) { u.Name = " " }, "姓名"},
			{func(u *auth.NewUser) { u.Name = "<b>" }, "姓名"},
			{func(u *auth.NewUser) { u.Roles = nil }, "角色"},
			{func(u *auth.NewUser) { u.Roles = []auth.Role{"root"} }, "root"},
			{func(u *auth.NewUser) { u.Groups = []string{"信用卡"} }, "技能组"},
			{func(u *auth.NewUser) { u.Capacity = 51 }, "会话数"},
			{func(u *auth.NewUser) { u.AgreementOn = "昨天" }, "保密协议"},
			{func(u *auth.NewUser) { u.Password = "short" }, "太短"},
		} {
			u := ok
			tt.change(&u)
			if _, err := s.CreateUser(t.Context(), u); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%+v: %v, want %s", u, err, tt.says)
			}
		}
		if _, err := s.CreateUser(t.Context(), ok); err != nil {
			t.Fatal(err)
		}
		ok.Username = "BOSS"
		if _, err := s.CreateUser(t.Context(), ok); fault.KindOf(err) != fault.Conflict {
			t.Errorf("same name again: %v", err)
		}
		if err := s.Disable(t.Context(), "boss", true); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the last administrator was disabled: %v", err)
		}
		user(t, s, "second", auth.Admin, auth.Auditor, auth.Admin)
		if err := s.Disable(t.Context(), "boss", true); err != nil {
			t.Errorf("with a second administrator: %v", err)
		}
		if err := s.SetPassword(t.Context(), "nobody", goodPassword); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown account: %v", err)
		}
		all, err := s.ListUsers(t.Context())
		if err != nil || len(all) != 2 || all[0].Username != "boss" || !all[0].Disabled || !slices.Equal(all[1].Roles, []auth.Role{auth.Admin, auth.Auditor}) {
			t.Errorf("list: %+v, %v", all, err)
		}
	})
}

func TestPasswordRules(t *testing.T) {
	for _, tt := range []struct{ password, says string }{
		{"Ab1#", "太短"},
		{strings.Repeat("Ab1#", 33), "太长"},
		{"abcdefghijkl", "三类"},
		{"Agent1#xyz99", "用户名"},
		{"Password2026!", "常见"},
		{"12345Abcdef#", "常见"},
		{"啊啊啊啊啊啊啊啊啊啊啊啊", "重复"},
		{"Xk7#mm\x00Qp2026", "无法识别"},
		{"Xk7#mm\xffQp2026", "无法识别"},
	} {
		if err := auth.CheckPassword("agent1", tt.password); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v, want %s", tt.password, err, tt.says)
		}
	}
	for _, good := range []string{goodPassword, "correct horse battery staple", "今天天气很好我们去公园散步然后回家吃饭好不好"} {
		if err := auth.CheckPassword("agent1", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestRolesGrantOnlyWhatTheyNeed(t *testing.T) {
	all := []auth.Permission{auth.Serve, auth.Supervise, auth.ReadContent, auth.EditContent, auth.ReviewContent, auth.ManageUsers, auth.ReadAudit}
	want := map[auth.Role]string{
		auth.Agent: "serve", auth.Supervisor: "serve supervise", auth.Editor: "read_content edit_content",
		auth.Reviewer: "read_content review_content", auth.Admin: "manage_users read_audit", auth.Auditor: "read_audit",
	}
	for _, r := range auth.Roles {
		a := auth.Account{Roles: []auth.Role{r}}
		var may []string
		for _, p := range all {
			if a.May(p) {
				may = append(may, string(p))
			}
		}
		if got := strings.Join(may, " "); got != want[r] {
			t.Errorf("%s may %q, want %q", r, got, want[r])
		}
	}
	if (auth.Account{}).May(auth.Serve) {
		t.Error("an account without roles may serve")
	}
}

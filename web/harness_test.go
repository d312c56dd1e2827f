package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"yinda/bot"
	"yinda/content"
	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/vault"
)

const password = "Xk7#mmQp2026"

// masking is the Privacy of these tests: it masks as the real one does, and encrypts nothing.
type masking struct{}

func (masking) Protect(text string) handoff.Protected {
	kept, _ := vault.Destroy(text)
	m := vault.Mask(text)
	p := handoff.Protected{Kept: kept, Shown: m.Text, Secret: m.Secret()}
	for _, f := range m.Found {
		p.Found = append(p.Found, f.Type)
	}
	return p
}
func (masking) NewKey(string) ([]byte, error)                               { return []byte{}, nil }
func (masking) Seal(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }
func (masking) Open(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }

// starter is the content of generation 1 for the tests: few entries, all scripts and lists.
var starter = sync.OnceValues(func() (*content.Set, error) {
	set, err := content.AdHoc([]content.Entry{
		{ID: "SEC-061", Question: "银行卡丢了怎么挂失？", Category: "安全与挂失", Product: "security", Similar: []string{"卡丢了怎么办", "挂失银行卡"},
			Answer: content.Answer{Conclusion: "请您立即办理挂失。", Steps: []string{"登录手机银行。", "选择挂失。"}}},
		{ID: "TRF-032", Question: "转账多久到账？", Category: "转账支付", Product: "transfer", Similar: []string{"转账什么时候到"},
			Answer: content.Answer{Conclusion: "转账到账时间以系统提示为准。"}},
	})
	if err == nil {
		// Of the word lists one is enough; what the others say is not tested here.
		set.Lexicons = []bot.Lexicon{{ID: "promise", Kind: "promise", Severity: "block", Advice: "不得承诺收益。", Words: []string{"保证收益"}}}
	}
	return set, err
})

// edition is the starter content ready to serve, shared by all tests that publish nothing: making one
// takes more than a second under the race detector.
var edition = sync.OnceValues(func() (*content.Edition, error) {
	set, err := starter()
	if err != nil {
		return nil, err
	}
	return content.NewEdition(context.Background(), set, time.Now())
})

func TestMain(m *testing.M) {
	writeWait = time.Second // a test of a slow reader must not take ten
	os.Exit(m.Run())
}

// frontEnd stands in for web/app/dist.
var frontEnd = fstest.MapFS{
	"index.html":             {Data: []byte("<!doctype html><title>示例银行</title>")},
	"widget.html":            {Data: []byte("<!doctype html><title>widget</title>")},
	"desk.html":              {Data: []byte("<!doctype html><title>desk</title>")},
	"console.html":           {Data: []byte("<!doctype html><title>console</title>")},
	"embed.js":               {Data: []byte("// embed")},
	"assets/desk-abc123.js":  {Data: bytes.Repeat([]byte("console.log('银行');\n"), 200)},
	"assets/desk-abc123.css": {Data: []byte("body{}")},
}

// site is a running server with everything behind it.
type site struct {
	*Server
	base   string // http://127.0.0.1:port
	db     *db.DB
	bus    *bus.Bus
	logs   *safeBuffer
	origin string
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var cheapHash = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// decider stands in for the bot in tests of sockets: quick, and it hands over on 人工. What it answers
// is in the title: its words pass the guard, whose judgement is not tested here.
type decider func(context.Context, bot.Course, bot.Turn) bot.Decision

func (d decider) Decide(ctx context.Context, c bot.Course, t bot.Turn) bot.Decision {
	return d(ctx, c, t)
}

func simpleBot(guard *bot.Guard) decider {
	return func(_ context.Context, course bot.Course, turn bot.Turn) bot.Decision {
		course.Turns++
		d := bot.Decision{Kind: bot.KindAnswer, EntryID: "SEC-061", Title: turn.Text, Version: 1, Approver: "秘密的复核人", Generation: 1,
			Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone, Course: course}
		switch {
		case strings.Contains(turn.Text, "气死我了"):
			d.Kind, d.Escalate, d.Priority, d.Reason, d.Emotion, d.EmotionLevel = bot.KindHandoff, true, 1, "emotion", bot.EmotionAngry, 3
			d.Evidence = []bot.Evidence{{Rule: "angry", Match: "气死我了", End: 4}}
		case strings.Contains(turn.Text, "人工"):
			d.Kind, d.Escalate, d.Priority, d.Reason, d.WantsPerson = bot.KindHandoff, true, 3, "person_requested", true
		case strings.Contains(turn.Text, "天气"):
			d.Kind, d.EntryID = bot.KindDecline, ""
			d.Reply = guard.Say(bot.Part{Text: "这个问题我暂时回答不了。"})
		default:
			d.Reply = guard.Say(bot.Part{Text: "回答：" + turn.Text})
		}
		return d
	}
}

// inspect stands in for the guard of agents' words.
func inspect(text string) bot.Verdict {
	if i := strings.Index(text, "保证收益"); i >= 0 {
		return bot.Verdict{Verdict: bot.VerdictBlock, Findings: []bot.Finding{{Rule: "promise", Match: "保证收益", Advice: "不得承诺收益。"}}}
	}
	return bot.Verdict{Verdict: bot.VerdictOK, Findings: []bot.Finding{}}
}

// start runs a site with SQLite.
func start(t testing.TB, change ...func(*Options, *handoff.Options)) *site {
	t.Helper()
	d := dbtest.SQLite(t)
	return startOn(t, d, change...)
}

func startOn(t testing.TB, d *db.DB, change ...func(*Options, *handoff.Options)) *site {
	t.Helper()
	logs := &safeBuffer{}
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b, err := bus.Open(context.Background(), bus.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	set, err := starter()
	if err != nil {
		t.Fatal(err)
	}
	store := content.NewStore(d, time.Now)
	if _, err := store.Seed(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	e, err := edition()
	if err != nil {
		t.Fatal(err)
	}
	live := content.NewLive(e)
	accounts, err := auth.New(auth.Options{DB: d, HashParams: cheapHash})
	if err != nil {
		t.Fatal(err)
	}
	ho := handoff.Options{
		DB: d, Bus: b, Decider: simpleBot(e.Bot.Guard()), Privacy: masking{}, Logger: log, MaxText: 20_000,
		Inspect:  inspect,
		Debounce: 10 * time.Millisecond, Sweep: 30 * time.Millisecond, Reconcile: 50 * time.Millisecond,
	}
	o := Options{
		Live: live, Store: store, Auth: accounts, Audit: audit.New(d, time.Now), Bus: b, DB: d,
		Secret: bytes.Repeat([]byte("k"), 32), Assets: frontEnd, Logger: log, Demo: true,
	}
	for _, f := range change {
		f(&o, &ho)
	}
	service, err := handoff.New(ho)
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	o.Service = service
	server, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	address, err := server.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-server.Served(); err != nil {
			t.Errorf("served: %v", err)
		}
		if strings.Contains(logs.String(), "panic") {
			t.Errorf("something panicked:\n%s", logs)
		}
	})
	base := "http://" + address.String()
	return &site{Server: server, base: base, db: d, bus: b, logs: logs, origin: base}
}

// user makes an account.
func (s *site) user(t testing.TB, username string, roles ...auth.Role) auth.Account {
	t.Helper()
	a, err := s.auth.CreateUser(t.Context(), auth.NewUser{Username: username, Name: "姓名" + username, Password: password, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// client is somebody's browser.
type client struct {
	t    testing.TB
	site *site
	http *http.Client
}

func (s *site) anonymous(t testing.TB) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn makes an account, if need be, and signs it in.
func (s *site) signedIn(t testing.TB, username string, roles ...auth.Role) *client {
	t.Helper()
	if len(roles) > 0 {
		s.user(t, username, roles...)
	}
	c := s.anonymous(t)
	c.want(200, "POST", "/api/login", map[string]string{"username": username, "password": password})
	return c
}

// do makes a request as a page of ours would.
func (c *client) do(method, path string, body any, change ...func(*http.Request)) (int, http.Header, string) {
	c.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.site.base+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method != "GET" {
		req.Header.Set("Origin", c.site.origin)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, f := range change {
		f(req)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// want makes a request and demands a status; it answers the decoded body.
func (c *client) want(status int, method, path string, body any, change ...func(*http.Request)) map[string]any {
	c.t.Helper()
	got, _, text := c.do(method, path, body, change...)
	if got != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, got, status, text)
	}
	out := map[string]any{}
	_ = json.Unmarshal([]byte(text), &out)
	return out
}

// code is the error code of an answer.
func code(answer map[string]any) string {
	e, _ := answer["error"].(map[string]any)
	s, _ := e["code"].(string)
	return s
}

// wire is one socket of a test.
type wire struct {
	t      testing.TB
	conn   *websocket.Conn
	frames []frame // everything received, for "must not appear"
	raw    strings.Builder
}

type frame map[string]any

func (f frame) str(key string) string { s, _ := f[key].(string); return s }
func (f frame) num(key string) int64  { n, _ := f[key].(float64); return int64(n) }
func (f frame) body() frame           { b, _ := f["body"].(map[string]any); return b }
func (f frame) actor() frame          { b, _ := f["actor"].(map[string]any); return b }

// dial opens a socket; the test fails unless the handshake ends with status.
func (s *site) dial(t testing.TB, path string, header http.Header, jar http.CookieJar, status int) *wire {
	t.Helper()
	d := websocket.Dialer{Jar: jar, HandshakeTimeout: 10 * time.Second, NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(16 << 10) // a slow reader is soon noticed
		}
		return c, err
	}}
	conn, resp, err := d.Dial("ws"+strings.TrimPrefix(s.base, "http")+path, header)
	if resp == nil {
		t.Fatalf("dial %s: %v", path, err)
	}
	if resp.StatusCode != status {
		t.Fatalf("dial %s: %d, want %d", path, resp.StatusCode, status)
	}
	if err != nil {
		return nil
	}
	t.Cleanup(func() { conn.Close() })
	return &wire{t: t, conn: conn}
}

// chat opens a customer's socket and says hello.
func (s *site) chat(t testing.TB, token, conversation string, after int64) (*wire, frame) {
	t.Helper()
	w := s.dial(t, "/ws/chat", nil, nil, 101)
	w.send(frame{"type": "hello", "token": token, "conversation": conversation, "after": after, "lang": "zh-CN", "elder": false, "page": "https://bank.example/"})
	return w, w.until("welcome", func(f frame) bool { return f.str("type") == "welcome" })
}

// desk opens an agent's socket and says hello.
func (c *client) desk() (*wire, frame) {
	c.t.Helper()
	w := c.site.dial(c.t, "/ws/desk", nil, c.http.Jar, 101)
	w.send(frame{"type": "hello"})
	return w, w.until("welcome", func(f frame) bool { return f.str("type") == "welcome" })
}

func (w *wire) send(f any) {
	w.t.Helper()
	if err := w.conn.WriteJSON(f); err != nil {
		w.t.Fatal(err)
	}
}

// next reads one frame.
func (w *wire) next() (frame, error) {
	w.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, b, err := w.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	w.raw.Write(b)
	w.raw.WriteByte('\n')
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		w.t.Fatalf("frame %q: %v", b, err)
	}
	w.frames = append(w.frames, f)
	return f, nil
}

// until reads frames until one fits.
func (w *wire) until(what string, fits func(frame) bool) frame {
	w.t.Helper()
	for {
		f, err := w.next()
		if err != nil {
			w.t.Fatalf("waiting for %s: %v\nseen:\n%s", what, err, w.raw.String())
		}
		if fits(f) {
			return f
		}
	}
}

func (w *wire) untilEvent(what string, fits func(frame) bool) frame {
	w.t.Helper()
	return w.until(what, func(f frame) bool { return f.str("type") == "event" && fits(f) })
}

// untilError waits for an error frame with a code.
func (w *wire) untilError(code string) frame {
	w.t.Helper()
	return w.until("error "+code, func(f frame) bool { return f.str("type") == "error" && f.str("code") == code })
}

// untilClosed waits for the end of the socket and answers the close code.
func (w *wire) untilClosed() int {
	w.t.Helper()
	for {
		if _, err := w.next(); err != nil {
			if e, ok := err.(*websocket.CloseError); ok {
				return e.Code
			}
			w.t.Fatalf("waiting for a close frame: %v", err)
		}
	}
}

// say sends a message and waits for its ack.
func (w *wire) say(text string) (ref string, seq int64) {
	w.t.Helper()
	ref = uuid.NewString()
	w.send(frame{"type": "say", "ref": ref, "text": text})
	return ref, w.until("ack", func(f frame) bool { return f.str("type") == "ack" && f.str("ref") == ref }).num("seq")
}

func message(text string) func(frame) bool {
	return func(f frame) bool { return f.str("kind") == "message" && strings.Contains(f.body().str("text"), text) }
}

// answered fits the bot's answer to a question.
func answered(question string) func(frame) bool {
	return func(f frame) bool {
		return f.str("kind") == "message" && f.actor().str("kind") == "bot" && strings.Contains(f.body().str("title"), question)
	}
}

func state(to string) func(frame) bool {
	return func(f frame) bool { return f.str("kind") == "state" && f.body().str("to") == to }
}

func ref() string { return uuid.NewString() }

func mustURL(t testing.TB, s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(t.Context()), d)
}

func mustAccount(t testing.TB, s *site, username string) auth.Account {
	t.Helper()
	a, err := s.auth.Find(t.Context(), username)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// eventually waits until cond holds, for 20 s.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for !cond() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("still not after 20 s: %s", what)
		}
	}
}

// open is the number of open sockets.
func (s *site) open(testing.TB) int {
	s.Server.mu.Lock()
	defer s.Server.mu.Unlock()
	return len(s.Server.sockets)
}

type handoffOptions = handoff.Options

var emptyFS = fstest.MapFS{}

func nopCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

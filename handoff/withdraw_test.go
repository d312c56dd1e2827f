package handoff

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

// held is everything that the database holds of a conversation, decrypted: what somebody with the
// key could read.
func (g *guest) held() string {
	g.t.Helper()
	r := g.record()
	var all strings.Builder
	open := func(row string, sealed []byte) {
		if sealed == nil {
			return
		}
		text, err := g.s.privacy.Open(g.id, r.dataKey, row, sealed)
		if err != nil {
			g.t.Fatalf("%s: %v", row, err)
		}
		all.Write(text)
		all.WriteByte('\n')
	}
	rows, err := g.s.db.Query(g.t.Context(), `SELECT seq, kind, body, original FROM events WHERE conversation = ? ORDER BY seq`, g.id)
	if err != nil {
		g.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var kind string
		var body, original []byte
		if err := rows.Scan(&seq, &kind, &body, &original); err != nil {
			g.t.Fatal(err)
		}
		if kind == KindMessage {
			open(bodyRow(seq), body)
			open(originalRow(seq), original)
		}
	}
	open(previewRow, r.preview)
	open(courseRow, r.course)
	return all.String()
}

// sealedBody is the body of event seq as it is stored.
func (g *guest) sealedBody(seq int64) (b []byte) {
	g.t.Helper()
	if err := g.s.db.QueryRow(g.t.Context(), `SELECT body FROM events WHERE conversation = ? AND seq = ?`, g.id, seq).Scan(&b); err != nil {
		g.t.Fatal(err)
	}
	return b
}

func TestSecretInPiecesIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var log lockedBuffer
		s := start(t, d, func(o *Options) {
			o.Privacy, o.Logger = newVault(t), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		g := enter(t, s)
		first := g.say("我手机13812345678，密码是739")
		g.hears("回答：") // the first half is in the course by now
		g.say("284")
		answered := func() string {
			if r := g.record(); r.turnFrom != 0 {
				return "not answered"
			}
			return ""
		}
		eventually(t, answered)
		g.say("10") // and a third piece
		eventually(t, answered)
		log10 := strings.Join(g.log(), "\n")
		for _, want := range []string{"customer message 我手机138****5678，密码是[已屏蔽:密码]", "customer message [已屏蔽:密码]", "system note 客户把密码、验证码等信息分几条发送，第1条中的部分已按规定删除。"} {
			if !strings.Contains(log10, want) {
				t.Errorf("no %q in\n%s", want, log10)
			}
		}
		// The bot's own answer repeats the customer in this test; what the customer said is what counts.
		for _, l := range strings.Split(g.held(), "\n") {
			if (strings.Contains(l, "739") || strings.Contains(l, "284")) && !strings.Contains(l, "回答：") {
				t.Errorf("a piece is still stored: %s", l)
			}
		}
		if strings.Contains(log.String(), "739") && strings.Contains(log.String(), "密码是739") || strings.Contains(log.String(), "284，") {
			t.Error("a piece is in the log")
		}
		// What is no secret may still be asked for.
		if text, err := s.Reveal(t.Context(), Staff{ID: "a", Name: "小李"}, g.id, first.Seq, "核实身份"); err != nil || text != "我手机13812345678，密码是[已屏蔽:密码]" {
			t.Errorf("%q %v", text, err)
		}
		if n, err := Verify(t.Context(), d, g.id); err != nil || n != g.record().lastSeq {
			t.Fatal(n, err)
		}
		if c, err := s.readCourse(g.record()); err != nil || strings.Contains(c.LastText, "739") {
			t.Errorf("course %q %v", c.LastText, err)
		}
	})
}

// TestWithdrawnRowIsStillProtected: the note vouches for exactly what the row holds now.
func TestWithdrawnRowIsStillProtected(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Privacy = newVault(t) })
		g := enter(t, s)
		first := g.say("验证码49")
		before := g.sealedBody(first.Seq)
		g.say("3820")
		after := g.sealedBody(first.Seq)
		if bytes.Equal(before, after) {
			t.Fatal("the first half was not replaced")
		}
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
		put := func(body []byte) {
			t.Helper()
			if _, err := d.Exec(t.Context(), `UPDATE events SET body = ? WHERE conversation = ? AND seq = ?`, body, g.id, first.Seq); err != nil {
				t.Fatal(err)
			}
		}
		put(append(bytes.Clone(after[:len(after)-1]), after[len(after)-1]^1))
		if _, err := Verify(t.Context(), d, g.id); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "第 1 条") {
			t.Errorf("altered after it was withdrawn: %v", err)
		}
		put(after)
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Error(err)
		}
		// A row that nobody withdrew is not excused by the note on another.
		if _, err := d.Exec(t.Context(), `UPDATE events SET body = ? WHERE conversation = ? AND seq = 2`, after, g.id); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), d, g.id); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another row altered: %v", err)
		}
	})
}

// TestWithdrawnBeforeItIsWritten: both halves in one batch; the first never reaches the database.
func TestWithdrawnBeforeItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Privacy = newVault(t) })
		g := enter(t, s)
		say := func(ref, text string, w ...withdrawal) *change {
			return &change{conversation: g.id, ref: "c:" + ref, done: make(chan outcome, 1), apply: func(m *room) error {
				if _, err := m.add(KindMessage, Actor{Kind: ActorCustomer}, MessageBody{Text: text}, ""); err != nil {
					return err
				}
				for _, w := range w {
					if err := m.withdraw(w); err != nil {
						return err
					}
				}
				return nil
			}}
		}
		p := Protected{Kept: "密码是[已屏蔽:密码]", Shown: "密码是[已屏蔽:密码]", Found: []string{"password"}, Secret: true}
		err := s.committer.attempt([]*change{
			say("r1", "密码是48"), say("r2", "2910", withdrawal{"r1", p}), say("r3", "谢谢", withdrawal{"unknown", p}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := g.log(); len(got) != 4 || got[0] != "customer message 密码是[已屏蔽:密码]" || got[3] != "customer message 谢谢" {
			t.Error(strings.Join(got, "\n"))
		}
		if held := g.held(); strings.Contains(held, "密码是48") {
			t.Error(held)
		}
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
	})
}

// TestHalvesAreSeenTogetherAgain: a message that was not committed is sent again and withdraws then.
func TestHalvesAreSeenTogetherAgain(t *testing.T) {
	s := &Service{privacy: newVault(t), now: time.Now}
	s.recent.bubbles = map[string][]recentBubble{}
	s.protect("c", "r1", "密码是48")
	for range 2 {
		p, withdrawn := s.protect("c", "r2", "2910")
		if !p.Secret || len(withdrawn) != 1 || withdrawn[0].ref != "r1" || withdrawn[0].Kept != "密码是[已屏蔽:密码]" {
			t.Fatalf("%+v %+v", p, withdrawn)
		}
	}
	_, withdrawn := s.protect("c", "r2", "2910")
	s.forget("c", withdrawn)
	if _, again := s.protect("c", "r3", "谢谢"); len(again) != 0 {
		t.Errorf("withdrawn twice: %+v", again)
	}
	if b, _ := json.Marshal(s.recent.bubbles["c"]); strings.Contains(string(b), "2910") {
		t.Errorf("kept in memory: %s", b)
	}
}

// TestNothingIsLeftInTheFile: on SQLite the replaced text is overwritten, encrypted as it was.
func TestNothingIsLeftInTheFile(t *testing.T) {
	d := dbtest.SQLite(t)
	s := start(t, d, func(o *Options) { o.Privacy = newVault(t) })
	g := enter(t, s)
	first := g.say("验证码49")
	before := g.sealedBody(first.Seq)
	g.say("3820")
	g.hears("回答：")
	if _, err := d.Writer().Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.ReadFile(d.Place() + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(file, before[len(before)/2:]) {
			t.Errorf("the first half's ciphertext is still in yinda.db%s", suffix)
		}
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

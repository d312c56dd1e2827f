package handoff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yinda/internal/db"
)

func TestAQuestionIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		if a := g.say("怎么挂失"); a.Seq != 1 || a.Duplicate || a.Conversation != g.id || a.State != StateBot {
			t.Fatalf("ack %+v", a)
		}
		g.hears("回答：怎么挂失")
		want := []string{"customer message 怎么挂失", "bot decision", "bot message 回答：怎么挂失"}
		if got := g.log(); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		if r := g.record(); r.turnFrom != 0 || r.lastSeq != 3 {
			t.Fatalf("turn is still owed: %+v", r)
		}
		// The course is remembered: the second turn is turn 2.
		g.say("还有呢")
		g.hears("回答：还有呢")
		c, err := s.readCourse(g.record())
		if err != nil || c.Turns != 2 || c.LastText != "还有呢" {
			t.Fatalf("course %+v %v", c, err)
		}
	})
}

func TestARepeatedReferenceIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		ref := uuid.NewString()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "一遍"})
				if err != nil || a.Seq != 1 {
					t.Errorf("%+v %v", a, err)
				}
			})
		}
		wg.Wait()
		g.hears("回答：一遍")
		if n := strings.Count(strings.Join(g.log(), "\n"), "customer message"); n != 1 {
			t.Fatalf("stored %d times", n)
		}
		a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "别的"})
		if err != nil || !a.Duplicate || a.Seq != 1 {
			t.Fatalf("%+v %v", a, err)
		}
	})
}

func TestBubblesAreOneTurn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Debounce = 400 * time.Millisecond })
		g := enter(t, s)
		g.say("我的卡")
		g.say("好像")
		g.say("丢了")
		g.hears("回答：我的卡／好像／丢了")
		if n := strings.Count(strings.Join(g.log(), "\n"), "bot message"); n != 1 {
			t.Fatalf("%d answers: %q", n, g.log())
		}
	})
}

func TestACustomerWhoNeverStopsTypingIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Debounce, o.DebounceMax = time.Hour, 200*time.Millisecond })
		g := enter(t, s)
		g.say("一")
		g.say("二")
		g.hears("回答：一／二")
	})
}

func TestAClosedConversationHasASuccessor(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		f := agent(t, s, "a", 1)
		g.ask()
		g.reaches(StateAgent)
		late := uuid.NewString() // sent before the end, acknowledged, but the ack was lost
		if _, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: late, Text: "还在吗"}); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseConversation(t.Context(), f, g.id, WrapUp{Result: "resolved"}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: late, Text: "还在吗"}); err != nil || a.Conversation != g.id || !a.Duplicate {
			t.Fatalf("%+v %v", a, err)
		}
		ref := uuid.NewString()
		var acks []Ack
		for range 2 {
			a, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "我又来了"})
			if err != nil {
				t.Fatal(err)
			}
			acks = append(acks, a)
		}
		if acks[0].Conversation == g.id || acks[0].Conversation != acks[1].Conversation || acks[0].Seq != 1 || acks[1].Seq != 1 || !acks[1].Duplicate {
			t.Fatalf("%+v", acks)
		}
		o, err := s.Open(t.Context(), Visitor{ID: g.visitor}, "")
		if err != nil || o.ID != acks[0].Conversation || o.State != StateBot {
			t.Fatalf("%+v %v", o, err)
		}
		eventually(t, func() string {
			if all := strings.Join(lines(t, s, o.ID), "\n"); !strings.Contains(all, "回答：我又来了") {
				return all
			}
			return ""
		})
		detail, err := s.Get(t.Context(), o.ID)
		if err != nil || len(detail.Earlier) != 1 || detail.Earlier[0].ID != g.id {
			t.Fatalf("%+v %v", detail.Earlier, err)
		}
	})
}

func TestOthersCannotEnter(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		g.say("我的秘密")
		_, err := s.Open(t.Context(), Visitor{ID: "stranger"}, g.id)
		wantCode(t, err, "no_conversation")
		_, err = s.Say(t.Context(), g.id, "stranger", Message{Ref: "x1", Text: "你好"})
		wantCode(t, err, "no_conversation")
		_, err = s.AskPerson(t.Context(), g.id, "stranger", "x2")
		wantCode(t, err, "no_conversation")
		_, err = s.Rate(t.Context(), g.id, "stranger", "x3", Rating{Stars: 1})
		wantCode(t, err, "no_conversation")
		wantCode(t, s.Read(t.Context(), g.id, "stranger", 1), "no_conversation")
		for _, id := range []string{"nobody", "", "../x", "a\x00b", "conv.*"} {
			_, err = s.Say(t.Context(), id, g.visitor, Message{Ref: "x4", Text: "你好"})
			wantCode(t, err, "no_conversation")
			_, err = s.Subscribe(t.Context(), id, 0)
			wantCode(t, err, "no_conversation")
		}
	})
}

func TestBadTextIsRefusedOrRepaired(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		_, err := s.Say(t.Context(), g.id, g.visitor, Message{Ref: "r1", Text: " \n\t "})
		wantCode(t, err, "empty")
		_, err = s.Say(t.Context(), g.id, g.visitor, Message{Ref: "r2", Text: strings.Repeat("长", 4001)})
		wantCode(t, err, "too_large")
		for _, ref := range []string{"", "a b", "换", strings.Repeat("r", 81), "\x00"} {
			_, err = s.Say(t.Context(), g.id, g.visitor, Message{Ref: ref, Text: "你好"})
			wantCode(t, err, "bad_ref")
		}
		if a := g.say("半个字\xe4\xbd和\x00零"); a.Seq != 1 {
			t.Fatalf("%+v", a)
		}
		if got := g.log()[0]; got != "customer message 半个字\uFFFD和\uFFFD零" {
			t.Fatalf("%q", got)
		}
	})
}

func TestReadMarksAndPresentation(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		g.say("一")
		g.hears("回答：一")
		for _, seq := range []int64{2, 1, 99} {
			if err := s.Read(t.Context(), g.id, g.visitor, seq); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Present(t.Context(), g.id, g.visitor, true, "zh-TW"); err != nil {
			t.Fatal(err)
		}
		if r := g.record(); r.readCustomer != 3 || r.elder != 1 || r.lang != "zh-TW" || r.lastSeq != 3 {
			t.Fatalf("%+v", r)
		}
	})
}

// sealing is a Privacy for tests: it masks digits, destroys what follows 密码, and encrypts by xor.
type sealing struct{ t testing.TB }

func (sealing) Protect(text string) Protected {
	p := Protected{Kept: text}
	if i := strings.Index(text, "密码"); i >= 0 {
		p.Kept, p.Secret, p.Found = text[:i]+"密码〔已销毁〕", true, []string{"password"}
	}
	p.Shown = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '*'
		}
		return r
	}, p.Kept)
	if p.Shown != p.Kept {
		p.Found = append(p.Found, "phone")
	}
	return p
}

func (sealing) NewKey(id string) ([]byte, error) { return []byte("key of " + id), nil }

func (v sealing) Seal(id string, key []byte, row string, plain []byte) ([]byte, error) {
	if string(key) != "key of "+id {
		return nil, fmt.Errorf("wrong key %q for %s", key, id)
	}
	head := []byte(id + "/" + row + "\n")
	return append(head, flip(plain)...), nil
}

func (v sealing) Open(id string, key []byte, row string, sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(id+"/"+row+"\n"))
	if !ok || string(key) != "key of "+id {
		return nil, fmt.Errorf("not the row %s of %s", row, id)
	}
	return flip(rest), nil
}

func flip(b []byte) []byte {
	c := make([]byte, len(b))
	for i := range b {
		c[i] = b[i] ^ 0xff
	}
	return c
}

func TestPrivateDataNeverGetsIn(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Privacy = sealing{} })
		g := enter(t, s)
		g.say("电话 13800001111 密码 abc654321")
		g.hears("回答：电话 *********** 密码〔已销毁〕")
		g.ask()
		dump := everything(t, d)
		for _, secret := range []string{"abc654321", "13800001111", "电话", "回答"} {
			if strings.Contains(dump, secret) {
				t.Errorf("%q is in the database", secret)
			}
		}
		if strings.Contains(dump, string(flip([]byte("abc654321")))) {
			t.Error("the password is in the database, encrypted")
		}
		f := Staff{ID: "a", Name: "小李"}
		_, err := s.Reveal(t.Context(), f, g.id, 1, " ")
		wantCode(t, err, "no_reason")
		_, err = s.Reveal(t.Context(), f, g.id, 3, "核实身份")
		wantCode(t, err, "nothing_masked")
		text, err := s.Reveal(t.Context(), f, g.id, 1, "核实身份")
		if err != nil || text != "电话 13800001111 密码〔已销毁〕" {
			t.Fatalf("%q %v", text, err)
		}
		g.hears("agent note 查看了第 1 条消息的原文。理由：核实身份")
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
		// Erasing is destroying the key: nothing is readable, the chain still holds.
		if _, err := d.Exec(t.Context(), `UPDATE conversations SET data_key = NULL WHERE id = ?`, g.id); err != nil {
			t.Fatal(err)
		}
		for _, l := range g.log() {
			if strings.Contains(l, "电话") {
				t.Errorf("erased, but %q", l)
			}
		}
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
	})
}

// everything is the content of all tables as text.
func everything(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"conversations", "events", "tickets", "person_requests", "ratings", "agents"} {
		rows, err := d.Query(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				if b, ok := (*v.(*any)).([]byte); ok {
					all.Write(b)
				} else {
					fmt.Fprint(&all, *v.(*any))
				}
				all.WriteByte(' ')
			}
		}
		rows.Close()
	}
	return all.String()
}

func TestWhatCustomersDoNotSee(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		g := enter(t, s)
		f := agent(t, s, "a7", 1)
		g.say("我要投诉")
		g.reaches(StateAgent)
		if _, err := s.Note(t.Context(), f, g.id, "n1", "难缠的客户"); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPresence(t.Context(), Agent{ID: "b8", Name: "小王", Capacity: 1}, Online); err != nil {
			t.Fatal(err)
		}
		if err := s.Transfer(t.Context(), f, g.id, Target{Agent: "b8", Note: "请安抚"}); err != nil {
			t.Fatal(err)
		}
		events, err := s.Events(t.Context(), g.id, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			c := e.ForCustomer()
			if c.Seq != int64(i+1) {
				t.Fatalf("gap at %d", i+1)
			}
			text, _ := json.Marshal(c)
			for _, hidden := range []string{"难缠", "请安抚", "complaint", "angry", "evidence", "priority", "\"a7\"", "\"b8\"", "decision"} {
				if bytes.Contains(text, []byte(hidden)) {
					t.Errorf("the customer sees %s in %s", hidden, text)
				}
			}
		}
	})
}

func TestTheChainShowsTampering(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d)
		for range 3 {
			g := enter(t, s)
			g.say("一")
			g.hears("回答：一")
		}
		n, events, err := VerifyAll(t.Context(), d, nil)
		if err != nil || n != 3 || events != 9 {
			t.Fatal(n, events, err)
		}
		var broken []string
		for _, change := range []string{
			`UPDATE events SET actor_name = 'x' WHERE conversation = ? AND seq = 2`, // altered
			`DELETE FROM events WHERE conversation = ? AND seq = 2`,                 // removed
			`UPDATE conversations SET last_seq = 2 WHERE id = ?`,                    // cut off
		} {
			g := enter(t, s)
			g.say("二")
			g.hears("回答：二")
			if _, err := d.Exec(t.Context(), change, g.id); err != nil {
				t.Fatal(err)
			}
			broken = append(broken, g.id)
		}
		var reported []string
		n, _, err = VerifyAll(t.Context(), d, func(id string, err error) {
			wantCode(t, err, "chain_broken")
			reported = append(reported, id)
		})
		wantCode(t, err, "chain_broken")
		if slices.Sort(broken); n != 3 || !slices.Equal(reported, broken) {
			t.Fatalf("%d hold, reported %v, want %v", n, reported, broken)
		}
	})
}

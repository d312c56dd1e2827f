package handoff

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// Visitor is a customer as the web layer knows them.
type Visitor struct {
	ID      string // of the browser's token or the signed-in customer; owns its conversations
	Channel string // web, app …
	Lang    string // zh-CN, zh-TW, en
	Elder   bool   // the customer chose elderly mode
}

// Opened is a conversation as its customer enters it.
type Opened struct {
	ID    string
	State State
	Seq   int64  // newest event
	Agent string // name; "" when no person is in charge
	Queue *Place // nil unless queued
}

// Message is what a customer or agent sends.
type Message struct {
	Ref       string // of the sender, unique in the conversation: the same Ref is stored once
	Text      string // up to Options.MaxText characters
	Confirmed bool   // an agent insists on a text that the guard warned about
}

// Ack says that something is committed.
type Ack struct {
	Conversation string // differs from the one spoken to when that was closed: its successor
	Seq          int64  // of the event; for a repeated Ref the first one's
	Duplicate    bool
	State        State // of the conversation now
}

// Open answers conversation id, the visitor's newest open one when id is "", or a new one when there
// is none or the visitor's latest is closed. fault.NotFound when id belongs to somebody else.
func (s *Service) Open(ctx context.Context, v Visitor, id string) (Opened, error) {
	v.ID, v.Channel, v.Lang = clean(v.ID), clean(v.Channel), clean(v.Lang)
	if v.ID == "" {
		return Opened{}, fault.New(fault.Invalid, "no_visitor", "缺少访客身份，请刷新页面。")
	}
	if id != "" {
		r, err := s.load(ctx, id)
		if err != nil {
			return Opened{}, err
		}
		if r.visitor != v.ID {
			return Opened{}, errNotFound()
		}
		return s.opened(ctx, r)
	}
	err := s.db.QueryRow(ctx, `SELECT id FROM conversations WHERE visitor = ? AND state NOT IN ('closed', 'rated')
		ORDER BY created_at DESC, id DESC LIMIT 1`, v.ID).Scan(&id)
	if err == nil {
		return s.Open(ctx, v, id)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Opened{}, db.Explain(err)
	}
	return s.OpenNew(ctx, v)
}

// OpenNew begins a new conversation, whatever else is open.
func (s *Service) OpenNew(ctx context.Context, v Visitor) (Opened, error) {
	id, err := uuid.NewV7() // ordered by time: new rows lie together
	if err != nil {
		return Opened{}, err
	}
	r, err := s.create(ctx, id.String(), v)
	if err != nil {
		return Opened{}, err
	}
	return s.opened(ctx, r)
}

// create inserts conversation id unless it exists, and answers it.
func (s *Service) create(ctx context.Context, id string, v Visitor) (*record, error) {
	key, err := s.privacy.NewKey(id)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "vault", "系统暂时无法保存对话，请稍后再试。")
	}
	o, err := s.do(ctx, &change{
		conversation: id, born: newRecord(id, v, key, db.Micros(s.now())),
		apply: func(*room) error { return nil },
	})
	if err != nil {
		return nil, err
	}
	return &o.record, nil
}

func (s *Service) opened(ctx context.Context, r *record) (Opened, error) {
	o := Opened{ID: r.id, State: r.state, Seq: r.lastSeq, Agent: r.agentName}
	if r.state == StateQueued {
		p, err := s.Place(ctx, r.id)
		if err != nil {
			return Opened{}, err
		}
		o.Queue = &p
	}
	return o, nil
}

// successor is the id of the conversation that follows a closed one. It is computed, so that a
// message that is sent again, on whatever node, finds the same one.
func successor(id string) string {
	sum := sha256.Sum256([]byte("successor of " + id))
	u, _ := uuid.FromBytes(sum[:16])
	return u.String()
}

// inOpen does a customer's change in conversation id or, when that is closed, in its successor.
func (s *Service) inOpen(ctx context.Context, id, visitor, ref string, apply func(*room) error) (Ack, error) {
	var born *record
	// A chain of 100 closed successors would mean 100 conversations closed between two attempts.
	for range 100 {
		closed := false
		var v Visitor
		o, err := s.do(ctx, &change{conversation: id, born: born, ref: "c:" + ref, apply: func(m *room) error {
			closed = false
			if m.visitor != visitor {
				return errNotFound()
			}
			if m.state.Final() {
				closed, v = true, Visitor{ID: m.visitor, Channel: m.channel, Lang: m.lang, Elder: m.elder != 0}
				return errNothing
			}
			return apply(m)
		}})
		if err != nil {
			return Ack{}, err
		}
		if !closed {
			return Ack{Conversation: id, Seq: o.seq, Duplicate: o.duplicate, State: o.record.state}, nil
		}
		id = successor(id)
		key, err := s.privacy.NewKey(id)
		if err != nil {
			return Ack{}, fault.Wrap(err, fault.Unavailable, "vault", "系统暂时无法保存对话，请稍后再试。")
		}
		born = newRecord(id, v, key, db.Micros(s.now()))
	}
	return Ack{}, fault.New(fault.Conflict, "closed", "会话已结束，请刷新页面后重试。")
}

// Say stores a customer's message and answers when it is committed; the bot's answer follows as an
// event. Private data of level C3 is destroyed first, a part of it in an earlier message too. On a closed conversation the message opens the
// successor: look at Ack.Conversation. fault.TooLarge over MaxText characters, fault.Invalid when empty.
func (s *Service) Say(ctx context.Context, conversation, visitor string, msg Message) (Ack, error) {
	text, err := s.checkText(msg.Text)
	if err != nil {
		return Ack{}, err
	}
	p, withdrawn := s.protect(conversation, msg.Ref, text)
	ack, err := s.inOpen(ctx, conversation, visitor, msg.Ref, func(m *room) error {
		seq, err := m.add(KindMessage, Actor{Kind: ActorCustomer}, MessageBody{Text: p.Shown, Masked: p.Found, Secret: p.Secret}, original(p))
		if err != nil {
			return err
		}
		m.customerAt = m.now
		if m.state.BotSpeaks() || m.state == StateQueued {
			m.oweTurn(seq)
		}
		for _, w := range withdrawn {
			if err := m.withdraw(w); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.forget(conversation, withdrawn)
	}
	return ack, err
}

// original is the text to keep encrypted beside the masked one, "" when they are the same.
func original(p Protected) string {
	if p.Kept == p.Shown {
		return ""
	}
	return p.Kept
}

func (s *Service) checkText(text string) (string, error) {
	text = strings.TrimSpace(clean(text))
	if text == "" {
		return "", fault.New(fault.Invalid, "empty", "消息是空的，请输入内容后再发送。")
	}
	if utf8.RuneCountInString(text) > s.o.MaxText {
		return "", fault.New(fault.TooLarge, "too_large", "内容太长，请分几条发送。")
	}
	return text, nil
}

// Rating is a customer's survey.
type Rating struct {
	Stars    int    // 1..5
	Resolved bool   // "问题是否已解决" (SV-01)
	Comment  string // up to 1000 characters
	Subject  string // bot or agent; "": agent if a person took part, else bot
}

// Read moves the customer's read mark; it never goes back. It is not an event.
func (s *Service) Read(ctx context.Context, conversation, visitor string, seq int64) error {
	_, err := s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if m.visitor != visitor {
			return errNotFound()
		}
		if seq = min(seq, m.lastSeq); seq > m.readCustomer {
			m.readCustomer, m.hot = seq, true
		}
		return nil
	}})
	return err
}

// Present stores how the customer wants to be spoken to: elderly mode and language.
func (s *Service) Present(ctx context.Context, conversation, visitor string, elder bool, lang string) error {
	_, err := s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if m.visitor != visitor {
			return errNotFound()
		}
		m.elder, m.lang, m.cold = 0, cut(clean(lang), 20), true
		if elder {
			m.elder = 1
		}
		return nil
	}})
	return err
}

// Typing tells the other side that actor is typing; it is not stored and may be lost.
func (s *Service) Typing(conversation string, actor Actor) {
	body, err := json.Marshal(actor)
	if err == nil && validID(conversation) {
		s.bus.Publish("typing."+conversation, body) // lost in an outage, as it may be
	}
}

func errNotFound() error {
	return fault.New(fault.NotFound, "no_conversation", "找不到这个会话，请刷新页面。")
}

// validID reports whether id can be part of a bus subject. Ours are UUIDs.
func validID(id string) bool {
	ok := len(id) > 0 && len(id) <= 64
	for i := range len(id) {
		c := id[i]
		ok = ok && (c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z')
	}
	return ok
}

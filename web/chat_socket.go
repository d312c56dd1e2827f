package web

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"yinda/handoff"
	"yinda/internal/fault"
)

// callWait bounds one call of the service from a socket. A write waits up to 15 s for a database that
// is away (handoff.Options.CommitPatience).
const callWait = 20 * time.Second

// chat is one customer's socket: one tab of one visitor in one conversation at a time.
type chat struct {
	s       *Server
	k       *socket
	visitor handoff.Visitor // ID "" before hello
	token   string
	id      string // of the conversation
	sub     *handoff.Subscription

	read       int64 // newest read mark heard
	readStored int64
	readAt     time.Time
	typingAt   time.Time
}

// chatSocket: GET /ws/chat.
func (s *Server) chatSocket(c echo.Context) error {
	if !originAllowed(c.Request(), s.origins) {
		return s.refuseOrigin(c)
	}
	if !s.connectLimit.Allow(c.RealIP(), s.clock()) {
		return fault.New(fault.TooMany, "too_many_connections", "连接过于频繁，请稍后再试。")
	}
	return s.adopt(c, "chat", chatQueue, func(k *socket) {
		chat := &chat{s: s, k: k}
		defer chat.leave()
		k.serve(chat.handle)
	})
}

// leave ends the subscription and stores the last read mark.
func (c *chat) leave() {
	if c.sub != nil {
		c.sub.Close()
	}
	c.storeRead()
}

func (c *chat) call() (context.Context, context.CancelFunc) {
	// Not s.work: what a customer has said before the server stops is still stored.
	return context.WithTimeout(context.Background(), callWait)
}

func (c *chat) handle(f clientFrame) {
	known := chatFrames[f.Type]
	if known == nil {
		c.s.metrics.frames.WithLabelValues("chat", "unknown").Inc()
		c.refuse(errUnknownType, f.Ref)
		return
	}
	c.s.metrics.frames.WithLabelValues("chat", f.Type).Inc()
	if c.visitor.ID == "" && f.Type != "hello" {
		c.k.end(closeBadHello, "第一条消息必须是hello")
		return
	}
	if c.s.clock().Sub(c.readAt) >= time.Second {
		c.storeRead()
	}
	if err := known(c, f); err != nil {
		c.refuse(err, f.Ref)
	}
}

var errUnknownType = fault.New(fault.Invalid, "unknown_type", "无法识别的消息类型，没有处理。请刷新页面后重试。")

// chatFrames is what a customer may send.
var chatFrames map[string]func(*chat, clientFrame) error

func init() { // the functions refer to the map's owner
	chatFrames = map[string]func(*chat, clientFrame) error{
		"hello": (*chat).hello, "say": (*chat).say, "ask_person": (*chat).askPerson, "rate": (*chat).rate,
		"typing": (*chat).typing, "read": (*chat).markRead, "mode": (*chat).mode, "new": (*chat).renew, "ping": (*chat).ping,
	}
}

// refuse answers a frame that was not stored. A fault that will pass names no ref: the client keeps
// the message and repeats it.
func (c *chat) refuse(err error, ref string) {
	kind, code, message := said(err)
	if kind == fault.Unavailable {
		ref = ""
	}
	if kind == fault.Internal || kind == fault.Unavailable {
		c.s.log.Error("frame failed", "socket", "chat", "conversation", c.id, "err", err)
	}
	c.s.metrics.refused.WithLabelValues(code).Inc()
	c.k.send(errorFrame{Type: "error", Code: code, Message: message, Ref: ref})
}

// hello enters a conversation. It may come again on the same socket, when the client saw a gap.
func (c *chat) hello(f clientFrame) error {
	ctx, cancel := c.call()
	defer cancel()
	id, ok := c.s.visitors.check(f.Token)
	switch {
	case ok:
		c.token = f.Token
	case c.visitor.ID == "":
		id, c.token = c.s.visitors.create()
	default:
		id = c.visitor.ID
	}
	c.visitor = handoff.Visitor{ID: id, Channel: "web", Lang: language(f.Lang), Elder: f.Elder}
	opened, err := c.s.service.Open(ctx, c.visitor, f.Conversation)
	if f.Conversation != "" && fault.KindOf(err) == fault.NotFound {
		// Of another visitor, or from before a restored backup: the customer is not left at the door.
		f.After = 0
		opened, err = c.s.service.Open(ctx, c.visitor, "")
	}
	if err != nil {
		return err
	}
	if opened.ID != f.Conversation {
		f.After = 0
	}
	return c.enter(ctx, opened, max(0, f.After))
}

// language is a language of the interface; anything else is Simplified Chinese.
func language(lang string) string {
	switch lang {
	case "zh-TW", "en":
		return lang
	}
	return "zh-CN"
}

// enter sends welcome, further frames, and then the events of a conversation after a number.
func (c *chat) enter(ctx context.Context, opened handoff.Opened, after int64, more ...any) error {
	sub, err := c.s.service.Subscribe(ctx, opened.ID, after)
	if err != nil {
		return err
	}
	view := c.s.publicView()
	welcome := welcomeFrame{
		Type: "welcome", Token: c.token, Conversation: opened.ID, Seq: opened.Seq, State: string(opened.State),
		Bank: view.Bank, Hotline: view.Hotline, Suggestions: view.Suggestions, Agent: opened.Agent,
	}
	if opened.Queue != nil {
		welcome.Queue = newQueuePlace(*opened.Queue)
	}
	old := c.sub
	c.sub, c.id = sub, opened.ID
	c.read, c.readStored = 0, 0
	c.k.follow(feed{first: append([]any{welcome}, more...), sub: sub, render: c.s.renderForCustomer})
	if old != nil {
		old.Close()
	}
	return nil
}

// say stores a message. The limit does not apply to what might ask for a person.
func (c *chat) say(f clientFrame) error {
	if err := checkRef(f.Ref); err != nil {
		return err
	}
	if err := checkText(f.Text); err != nil {
		return err
	}
	now := c.s.clock()
	if !c.s.messageLimit.Allow(c.visitor.ID, now) && !(mayAskForPerson(f.Text) && c.s.personLimit.Allow(c.visitor.ID, now)) {
		return errTooFast
	}
	return c.committed(f.Ref, func(ctx context.Context) (handoff.Ack, error) {
		return c.s.service.Say(ctx, c.id, c.visitor.ID, handoff.Message{Ref: f.Ref, Text: f.Text})
	})
}

var errTooFast = fault.New(fault.TooMany, "too_fast", "您发得太快了，这一条没有发出，请稍等几秒再试。需要人工服务请点“转人工”。")

// committed runs a change and acknowledges it. A change that opened the next conversation takes the
// customer there.
func (c *chat) committed(ref string, change func(context.Context) (handoff.Ack, error)) error {
	ctx, cancel := c.call()
	defer cancel()
	start := time.Now()
	done, err := change(ctx)
	if err != nil {
		return err
	}
	c.s.metrics.ackSeconds.Observe(time.Since(start).Seconds())
	ack := ackFrame{Type: "ack", Ref: ref, Seq: done.Seq}
	if done.Conversation == "" || done.Conversation == c.id {
		c.k.send(ack)
		return nil
	}
	opened, err := c.s.service.Open(ctx, c.visitor, done.Conversation)
	if err != nil {
		return err
	}
	return c.enter(ctx, opened, 0, ack)
}

// askPerson is the 转人工 button; pressing it is never limited.
func (c *chat) askPerson(f clientFrame) error {
	if err := checkRef(f.Ref); err != nil {
		return err
	}
	return c.committed(f.Ref, func(ctx context.Context) (handoff.Ack, error) {
		return c.s.service.AskPerson(ctx, c.id, c.visitor.ID, f.Ref)
	})
}

func (c *chat) rate(f clientFrame) error {
	if err := checkRef(f.Ref); err != nil {
		return err
	}
	if !c.s.messageLimit.Allow(c.visitor.ID, c.s.clock()) {
		return errTooFast
	}
	return c.committed(f.Ref, func(ctx context.Context) (handoff.Ack, error) {
		return c.s.service.Rate(ctx, c.id, c.visitor.ID, f.Ref, handoff.Rating{
			Stars: f.Stars, Resolved: f.Resolved != nil && *f.Resolved, Comment: f.Comment,
		})
	})
}

// typing is passed on at most once a second.
func (c *chat) typing(clientFrame) error {
	if now := c.s.clock(); now.Sub(c.typingAt) >= time.Second {
		c.typingAt = now
		c.s.service.Typing(c.id, handoff.Actor{Kind: handoff.ActorCustomer})
	}
	return nil
}

// markRead keeps the mark; it is stored at most once a second, at the next frame or when the socket
// ends, because every mark is a write to the database.
func (c *chat) markRead(f clientFrame) error {
	c.read = max(c.read, f.Seq)
	if c.s.clock().Sub(c.readAt) >= time.Second {
		c.storeRead()
	}
	return nil
}

func (c *chat) storeRead() {
	if c.id == "" || c.read <= c.readStored {
		return
	}
	c.readAt, c.readStored = c.s.clock(), c.read
	ctx, cancel := c.call()
	defer cancel()
	if err := c.s.service.Read(ctx, c.id, c.visitor.ID, c.read); err != nil {
		c.s.log.Debug("read mark not stored", "conversation", c.id, "err", err)
	}
}

// mode changes how the customer is spoken to.
func (c *chat) mode(f clientFrame) error {
	if !c.s.messageLimit.Allow(c.visitor.ID, c.s.clock()) {
		return errTooFast
	}
	c.visitor.Elder, c.visitor.Lang = f.Elder, language(f.Lang)
	ctx, cancel := c.call()
	defer cancel()
	return c.s.service.Present(ctx, c.id, c.visitor.ID, f.Elder, c.visitor.Lang)
}

// renew starts a new conversation after the old one is closed; while it is open it is entered again.
func (c *chat) renew(clientFrame) error {
	if !c.s.messageLimit.Allow(c.visitor.ID, c.s.clock()) {
		return errTooFast
	}
	c.storeRead()
	ctx, cancel := c.call()
	defer cancel()
	opened, err := c.s.service.Open(ctx, c.visitor, "")
	if err != nil {
		return err
	}
	return c.enter(ctx, opened, 0)
}

// ping answers with the newest event that was written to this socket: a client that has less lost
// something. What the socket itself missed is found by the service, which compares every
// subscription with the database every two seconds.
func (c *chat) ping(clientFrame) error {
	c.k.send(pongFrame{"pong", c.k.sent.Load()})
	return nil
}

// maxText bounds what is handed to the service, in characters; the service has its own, lower limit.
const maxText = 20_000

func checkText(text string) error {
	if strings.ContainsRune(text, 0) {
		return fault.New(fault.Invalid, "bad_text", "消息里有无法显示的字符，没有保存，请重新输入。")
	}
	if utf8.RuneCountInString(text) > maxText {
		return fault.New(fault.TooLarge, "too_large", "消息过长，没有保存，请分几次发送。")
	}
	return nil
}

func checkRef(ref string) error {
	if ref == "" {
		return fault.New(fault.Invalid, "no_ref", "消息缺少编号，没有保存，请刷新页面后重试。")
	}
	return nil
}

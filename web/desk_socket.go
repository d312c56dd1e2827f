package web

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/handoff"
	"yinda/internal/auth"
	"yinda/internal/fault"
)

const (
	// agentBeat is how often an open desk renews its agent's lease (60 s).
	agentBeat = 15 * time.Second
	// silent is how long after its last sign of life a desk no longer renews it.
	silent = 40 * time.Second
	// maxFollowed is how many conversations one desk follows at a time.
	maxFollowed = 50
)

// desk is the socket of one browser of an agent or supervisor.
type desk struct {
	s       *Server
	k       *socket
	account auth.Account
	cookie  string // the session is checked again while the socket is open

	mu       sync.Mutex
	followed map[string]*followed
	greeted  bool
	pumps    sync.WaitGroup
}

// followed is one conversation that a desk follows.
type followed struct {
	sub  *handoff.Subscription
	sent int64 // newest event handed to the writer, in order
}

// deskSocket: GET /ws/desk.
func (s *Server) deskSocket(c echo.Context) error {
	if !originAllowed(c.Request(), nil) {
		return s.refuseOrigin(c)
	}
	cookie, err := c.Request().Cookie(auth.CookieName)
	if err != nil {
		return err
	}
	d := &desk{s: s, account: account(c), cookie: cookie.Value, followed: map[string]*followed{}}
	return s.adopt(c, "desk", deskQueue, func(k *socket) {
		d.k = k
		s.addDesk(d)
		ctx, stop := context.WithCancel(s.work)
		changes, unhook := s.service.DeskChanges()
		var side sync.WaitGroup
		side.Go(func() { d.tellChanges(changes) })
		side.Go(func() { d.beat(ctx) })
		k.serve(d.handle)
		s.removeDesk(d)
		stop()
		unhook()
		side.Wait()
		d.unfollowAll()
	})
}

// staff is the account as the service knows it.
func staff(a auth.Account) handoff.Staff {
	return handoff.Staff{ID: a.ID, Name: a.Name, Supervisor: a.May(auth.Supervise)}
}

func (d *desk) call() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), callWait)
}

// tellChanges passes on that lists have changed. Changes run together while the browser is slow.
func (d *desk) tellChanges(changes <-chan string) {
	for id := range changes {
		d.k.send(changedFrame{Type: "changed", Conversation: id})
		if id != "" {
			d.recheck(id)
		}
	}
}

// beat renews the agent's lease and checks that the session still exists.
func (d *desk) beat(ctx context.Context) {
	t := time.NewTicker(agentBeat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if !d.checkSession(ctx) {
			return
		}
		if time.Now().Unix()-d.k.heard.Load() <= int64(silent.Seconds()) {
			d.heartbeat(ctx)
		}
	}
}

func (d *desk) heartbeat(ctx context.Context) {
	err := d.s.service.Heartbeat(ctx, d.account.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		d.s.log.Warn("agent's lease not renewed", "agent", d.account.ID, "err", err)
	}
}

// checkSession ends the socket when its session has ended. A database that is away ends nothing.
func (d *desk) checkSession(ctx context.Context) bool {
	a, err := d.s.auth.WhoToken(ctx, d.cookie)
	if fault.KindOf(err) == fault.Unauthorized || err == nil && !a.May(auth.Serve) {
		d.k.end(closeSignedOut, "您已退出登录")
		return false
	}
	return true
}

func (d *desk) handle(f clientFrame) {
	known := deskFrames[f.Type]
	if known == nil {
		d.s.metrics.frames.WithLabelValues("desk", "unknown").Inc()
		d.refuse(errUnknownType, f)
		return
	}
	d.s.metrics.frames.WithLabelValues("desk", f.Type).Inc()
	if !d.greeted && f.Type != "hello" {
		d.k.end(closeBadHello, "第一条消息必须是hello")
		return
	}
	if err := known(d, f); err != nil {
		d.refuse(err, f)
	}
}

// deskFrames is what a desk may send.
var deskFrames map[string]func(*desk, clientFrame) error

func init() { // the functions refer to the map's owner
	deskFrames = map[string]func(*desk, clientFrame) error{
		"hello": (*desk).hello, "subscribe": (*desk).subscribe, "unsubscribe": (*desk).unsubscribe, "say": (*desk).say,
		"note": (*desk).note, "typing": (*desk).typing, "read": (*desk).markRead, "ping": (*desk).ping,
	}
}

// refuse answers a frame that was not stored; the guard's findings go with it.
func (d *desk) refuse(err error, f clientFrame) {
	kind, code, message := said(err)
	if kind == fault.Unavailable {
		f.Ref = "" // it will pass: the client repeats the message
	}
	if kind == fault.Internal || kind == fault.Unavailable {
		d.s.log.Error("frame failed", "socket", "desk", "conversation", f.Conversation, "err", err)
	}
	frame := errorFrame{Type: "error", Code: code, Message: message, Ref: f.Ref, Conversation: f.Conversation}
	if r, ok := errors.AsType[*handoff.Refused](err); ok {
		frame.Findings = r.Verdict.Findings
	}
	d.s.metrics.refused.WithLabelValues(code).Inc()
	d.k.send(frame)
}

// hello signs the agent in at the desk, in the presence chosen last. Somebody who is here for the
// first time is online; supervisors and others who only look are not.
func (d *desk) hello(clientFrame) error {
	ctx, cancel := d.call()
	defer cancel()
	presence, err := d.s.arrive(ctx, d.account)
	if err != nil {
		return err
	}
	d.greeted = true
	d.k.send(deskWelcomeFrame{Type: "welcome", User: newUserJSON(d.account), Presence: string(presence)})
	return nil
}

// arrive renews the lease of an agent whose desk opens.
func (s *Server) arrive(ctx context.Context, a auth.Account) (handoff.Presence, error) {
	fresh := s.cameToWork(a.ID, false)
	if err := s.service.Heartbeat(ctx, a.ID); err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	all, listErr := s.service.Agents(ctx)
	if listErr != nil {
		return "", listErr
	}
	for _, one := range all {
		if one.ID != a.ID || one.Presence == handoff.Offline && fresh {
			continue
		}
		now := agentOf(a)
		if one.Presence != handoff.Offline && (one.Name != now.Name || one.Capacity != now.Capacity || !slices.Equal(one.Groups, now.Groups)) {
			return one.Presence, s.service.SetPresence(ctx, now, one.Presence) // an administrator has changed the account
		}
		return one.Presence, nil // offline only when the agent chose so
	}
	if !a.Has(auth.Agent) {
		return handoff.Offline, nil
	}
	return handoff.Online, s.service.SetPresence(ctx, agentOf(a), handoff.Online)
}

func agentOf(a auth.Account) handoff.Agent {
	return handoff.Agent{ID: a.ID, Name: a.Name, Capacity: int64(a.Capacity), Groups: slices.Sorted(slices.Values(a.Groups))}
}

// subscribe follows a conversation from an event on; again, from another one on.
func (d *desk) subscribe(f clientFrame) error {
	ctx, cancel := d.call()
	defer cancel()
	if err := d.s.lookOnce(ctx, d.account, f.Conversation); err != nil {
		return err
	}
	d.unfollow(f.Conversation)
	sub, err := d.s.service.Subscribe(ctx, f.Conversation, max(0, f.After))
	if err != nil {
		return err
	}
	one := &followed{sub: sub, sent: max(0, f.After)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.followed) >= maxFollowed {
		sub.Close()
		return fault.New(fault.TooMany, "too_many_open", "同时打开的会话太多，请先关闭一些。")
	}
	d.followed[f.Conversation] = one
	d.pumps.Go(func() { d.pump(f.Conversation, one) })
	return nil
}

// pump delivers one conversation to the browser.
func (d *desk) pump(id string, one *followed) {
	for {
		select {
		case signal := <-one.sub.Signals():
			switch {
			case signal.Event != nil:
				d.k.send(newEventFrame(*signal.Event))
				d.mu.Lock()
				one.sent = signal.Event.Seq
				d.mu.Unlock()
			case signal.Typing != nil && signal.Typing.ID != d.account.ID:
				d.k.send(typingFrame{Type: "typing", Conversation: id, Actor: actorFrame{signal.Typing.Kind, signal.Typing.ID, signal.Typing.Name}})
			}
		case <-one.sub.Done():
			if errors.Is(one.sub.Err(), handoff.ErrSlow) {
				d.k.end(closeSlowReader, "网络太慢，正在重新连接")
			}
			return
		case <-d.k.stop:
			return
		}
	}
}

func (d *desk) unsubscribe(f clientFrame) error {
	d.unfollow(f.Conversation)
	return nil
}

func (d *desk) unfollow(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one := d.followed[id]; one != nil {
		one.sub.Close()
		delete(d.followed, id)
	}
}

func (d *desk) unfollowAll() {
	d.mu.Lock()
	for id, one := range d.followed {
		one.sub.Close()
		delete(d.followed, id)
	}
	d.mu.Unlock()
	d.pumps.Wait()
}

// recheck stops following a conversation that has gone to somebody else.
func (d *desk) recheck(id string) {
	d.mu.Lock()
	one := d.followed[id]
	d.mu.Unlock()
	if one == nil {
		return
	}
	ctx, cancel := d.call()
	defer cancel()
	if fault.KindOf(d.s.maySee(ctx, d.account, id)) == fault.Forbidden {
		d.unfollow(id)
	}
}

func (d *desk) say(f clientFrame) error {
	if err := errors.Join(checkRef(f.Ref), checkText(f.Text)); err != nil {
		return err
	}
	ctx, cancel := d.call()
	defer cancel()
	ack, err := d.s.service.Reply(ctx, staff(d.account), f.Conversation, handoff.Message{Ref: f.Ref, Text: f.Text, Confirmed: f.Confirmed})
	if err != nil {
		return err
	}
	d.k.send(ackFrame{Type: "ack", Conversation: f.Conversation, Ref: f.Ref, Seq: ack.Seq})
	return nil
}

func (d *desk) note(f clientFrame) error {
	if err := errors.Join(checkRef(f.Ref), checkText(f.Text)); err != nil {
		return err
	}
	ctx, cancel := d.call()
	defer cancel()
	if err := d.s.maySee(ctx, d.account, f.Conversation); err != nil {
		return err
	}
	ack, err := d.s.service.Note(ctx, staff(d.account), f.Conversation, f.Ref, f.Text)
	if err != nil {
		return err
	}
	d.k.send(ackFrame{Type: "ack", Conversation: f.Conversation, Ref: f.Ref, Seq: ack.Seq})
	return nil
}

// typing shows only in conversations that this desk follows.
func (d *desk) typing(f clientFrame) error {
	d.mu.Lock()
	one := d.followed[f.Conversation]
	d.mu.Unlock()
	if one != nil {
		d.s.service.Typing(f.Conversation, handoff.Actor{Kind: handoff.ActorAgent, ID: d.account.ID, Name: d.account.Name})
	}
	return nil
}

func (d *desk) markRead(f clientFrame) error {
	ctx, cancel := d.call()
	defer cancel()
	return d.s.service.ReadByAgent(ctx, staff(d.account), f.Conversation, f.Seq)
}

func (d *desk) ping(clientFrame) error {
	seqs := map[string]int64{}
	d.mu.Lock()
	for id, one := range d.followed {
		seqs[id] = one.sent
	}
	d.mu.Unlock()
	d.k.send(deskPongFrame{"pong", seqs})
	return nil
}

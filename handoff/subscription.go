package handoff

import (
	"context"
	"errors"
	"time"

	"yinda/internal/fault"
)

// Signal is something for the screens of a conversation: exactly one field is set.
type Signal struct {
	Event  *Event // unredacted: pass customers Event.ForCustomer()
	Typing *Actor // not stored
	Queue  *Place // the customer's place has changed, or 20 s have passed
}

// signalBuffer is how many signals may wait for a reader before it is dropped: a turn of the bot
// makes up to five events, and a pointer each is all that an idle connection costs.
const signalBuffer = 32

// Reasons why a subscription ended, from Err.
var (
	// ErrSlow: the reader did not keep up. It comes back and resumes after its newest event.
	ErrSlow = errors.New("handoff: reader too slow")
	// ErrClosed: the subscription or the service was closed.
	ErrClosed = errors.New("handoff: subscription closed")
)

// Subscription is the stream of one conversation for one reader: every event after the cursor, once,
// in order and without gaps.
//
// It holds a cursor. An event at or below it is dropped, the next one delivered; anything beyond
// means that news was missed, and the database is read. Lost last news, which no later event would
// betray, is found when cursors are reconciled with the database.
type Subscription struct {
	hub          *hub
	conversation string
	signals      chan Signal
	done         chan struct{}

	// Under hub.mu:
	cursor  int64
	reading bool  // a goroutine is reading from the database and delivers in order
	wanted  int64 // newest event heard of while reading
	err     error // why done is closed
	place   Place // last one sent
	placeAt time.Time
}

// Signals delivers; receive from it together with Done.
func (u *Subscription) Signals() <-chan Signal { return u.signals }

// Done is closed when the subscription has ended; Err then tells why. Signals that still wait in the
// channel may be taken or not: the reader resumes by sequence number anyway.
func (u *Subscription) Done() <-chan struct{} { return u.done }

// Err is nil while the subscription lives, then ErrSlow or ErrClosed.
func (u *Subscription) Err() error {
	u.hub.mu.Lock()
	defer u.hub.mu.Unlock()
	return u.err
}

// Cursor is the newest event handed to Signals.
func (u *Subscription) Cursor() int64 {
	u.hub.mu.Lock()
	defer u.hub.mu.Unlock()
	return u.cursor
}

// Close ends the subscription.
func (u *Subscription) Close() {
	u.hub.mu.Lock()
	defer u.hub.mu.Unlock()
	u.hub.drop(u, ErrClosed)
}

// Subscribe delivers every event of a conversation after the sequence number after, those of the past
// from the database and new ones as they are committed, on whatever node. The caller receives from
// Signals and Done, and closes it. fault.NotFound when there is no such conversation.
func (s *Service) Subscribe(ctx context.Context, conversation string, after int64) (*Subscription, error) {
	if !validID(conversation) || after < 0 {
		return nil, errNotFound()
	}
	u := &Subscription{
		hub: s.hub, conversation: conversation, cursor: after, reading: true,
		signals: make(chan Signal, signalBuffer), done: make(chan struct{}),
	}
	// Registered before the database is asked: what is committed in between is heard.
	if !s.hub.join(u) {
		return nil, fault.New(fault.Unavailable, "stopping", "系统正在重启，请稍候，将自动重新连接。")
	}
	last, err := s.lastSeq(ctx, conversation)
	if err != nil {
		u.Close()
		return nil, err
	}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	u.cursor = min(u.cursor, last) // a browser that remembers more than there is
	u.wanted = max(u.wanted, last)
	s.hub.readOrRest(u)
	return u, nil
}

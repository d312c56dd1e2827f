package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"yinda/internal/db/dbtest"
)

// TestKillUnderLoad is promise 10: yinda is killed with kill -9 while customers write; afterwards
// every acked message is in its conversation once, in the order in which it was sent, and the
// sequence has no gap.
func TestKillUnderLoad(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killUnderLoad(t) })
	t.Run("postgres", func(t *testing.T) { killUnderLoad(t, "YINDA_DATABASE="+dbtest.PostgresDSN(t)) })
}

const (
	killCustomers = 8
	killMessages  = 40 // a customer
	kills         = 3
)

func killUnderLoad(t *testing.T, environ ...string) {
	dir := t.TempDir()
	start := func() *process {
		// The default debounce: the bot answers while messages come in.
		return startProcess(t, dir, append(slices.Clone(environ), "YINDA_DEBOUNCE=50ms")...)
	}
	p := start()
	var base atomic.Value
	base.Store(p.base)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()

	var acked atomic.Int64
	customers := make([]*killCustomer, killCustomers)
	var writing sync.WaitGroup
	for i := range customers {
		customers[i] = &killCustomer{name: i, base: &base}
		writing.Go(func() {
			if err := customers[i].write(ctx, killMessages, &acked); err != nil {
				t.Errorf("customer %d: %v", i, err)
			}
		})
	}
	// Kill at a quarter, half and three quarters of the messages.
	for k := 1; k <= kills; k++ {
		goal := int64(killCustomers * killMessages * k / (kills + 1))
		waitUntil(ctx, t, func() bool { return acked.Load() >= goal })
		p.kill()
		p = start()
		base.Store(p.base)
	}
	writing.Wait()
	if t.Failed() {
		return
	}
	for _, c := range customers {
		c.verify(ctx, t)
	}
	if got := acked.Load(); got != killCustomers*killMessages {
		t.Errorf("%d acks, want %d", got, killCustomers*killMessages)
	}
}

// killCustomer keeps what a browser keeps: token, conversation, messages without an ack.
type killCustomer struct {
	name                int
	base                *atomic.Value
	token, conversation string
	sent                []string // refs in order
}

func (c *killCustomer) text(i int) string {
	return fmt.Sprintf("第%d位客户的第%d句，转账限额是多少", c.name, i)
}

// dial connects and says hello; events after the given sequence follow.
func (c *killCustomer) dial(ctx context.Context, after int64) (*websocket.Conn, error) {
	base := c.base.Load().(string)
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(base, "http")+"/ws/chat", map[string][]string{"Origin": {base}})
	if err != nil {
		return nil, err
	}
	err = conn.WriteJSON(map[string]any{"type": "hello", "token": c.token, "conversation": c.conversation, "after": after})
	if err != nil {
		conn.Close()
		return nil, err
	}
	welcome, err := readFrame(conn, "welcome", "")
	if err != nil {
		conn.Close()
		return nil, err
	}
	c.token, c.conversation = welcome.Token, welcome.Conversation
	return conn, nil
}

type killFrame struct {
	Type, Ref, Token, Conversation, Kind, Message string
	Seq                                           int64
	Actor                                         struct{ Kind string }
	Body                                          struct{ Text string }
}

// readFrame reads until a frame of the type (and ref) comes.
func readFrame(conn *websocket.Conn, kind, ref string) (killFrame, error) {
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			return killFrame{}, err
		}
		var f killFrame
		if err := json.Unmarshal(raw, &f); err != nil {
			return f, err
		}
		if f.Type == "error" && f.Ref == ref {
			return f, fmt.Errorf("refused: %s", f.Message)
		}
		if f.Type == kind && f.Ref == ref {
			return f, nil
		}
	}
}

// write sends the messages one after the other, each until it is acked, over as many connections as
// it takes.
func (c *killCustomer) write(ctx context.Context, messages int, acked *atomic.Int64) error {
	var conn *websocket.Conn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	for i := 0; i < messages; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("after %d messages: %w", i, err)
		}
		if len(c.sent) == i {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			c.sent = append(c.sent, id.String())
		}
		if conn == nil {
			var err error
			if conn, err = c.dial(ctx, 0); err != nil {
				conn = nil
				pause(ctx, 20*time.Millisecond) // the server is down
				continue
			}
		}
		err := conn.WriteJSON(map[string]any{"type": "say", "ref": c.sent[i], "text": c.text(i)})
		if err == nil {
			_, err = readFrame(conn, "ack", c.sent[i])
		}
		if err != nil {
			conn.Close()
			conn = nil
			continue
		}
		acked.Add(1)
		i++
	}
	return nil
}

// verify reads the whole conversation back.
func (c *killCustomer) verify(ctx context.Context, t *testing.T) {
	conn, err := c.dial(ctx, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	// A last message marks the end of what there is to read.
	end := uuid.NewString()
	if err := conn.WriteJSON(map[string]any{"type": "say", "ref": end, "text": "完"}); err != nil {
		t.Error(err)
		return
	}
	next, said := int64(1), 0
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			t.Errorf("customer %d: reading back stopped at %d: %v", c.name, next, err)
			return
		}
		var f killFrame
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Error(err)
			return
		}
		if f.Type != "event" {
			continue
		}
		if f.Seq != next {
			t.Errorf("customer %d: event %d where %d was due", c.name, f.Seq, next)
		}
		next = f.Seq + 1
		if f.Kind != "message" || f.Actor.Kind != "customer" {
			continue
		}
		if f.Body.Text == "完" {
			break
		}
		if want := c.text(said); f.Body.Text != want {
			t.Errorf("customer %d: message %d is %q, want %q", c.name, said, f.Body.Text, want)
		}
		said++
	}
	if said != len(c.sent) {
		t.Errorf("customer %d: %d messages kept of %d acked", c.name, said, len(c.sent))
	}
}

func waitUntil(ctx context.Context, t *testing.T, done func() bool) {
	t.Helper()
	for !done() {
		if ctx.Err() != nil {
			t.Fatal("waited too long")
		}
		pause(ctx, 5*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

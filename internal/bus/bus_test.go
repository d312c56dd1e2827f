package bus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"yinda/internal/bus"
	"yinda/internal/bus/bustest"
	"yinda/internal/fault"
)

// each runs fn on the embedded server and on a real one (127.0.0.1:4222, or YINDA_TEST_NATS).
func each(t *testing.T, fn func(t *testing.T, open func(testing.TB) *bus.Bus)) {
	t.Run("embedded", func(t *testing.T) {
		shared := open(t, "")
		fn(t, func(testing.TB) *bus.Bus { return shared })
	})
	t.Run("cluster", func(t *testing.T) {
		url := bustest.URL(t)
		fn(t, func(t testing.TB) *bus.Bus { return open(t, url) })
	})
}

func open(t testing.TB, url string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(context.Background(), bus.Options{URL: url, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestOrderedDelivery(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *bus.Bus) {
		here, there := open(t), open(t)
		subject := fmt.Sprintf("test%d", time.Now().UnixNano())
		const n = 1000
		got := make(chan string, n+1)
		stop, err := there.Subscribe(subject+".*", func(s string, data []byte) { got <- s + " " + string(data) })
		if err != nil {
			t.Fatal(err)
		}
		if err := there.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := here.Publish(subject+".a", fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range n {
			select {
			case s := <-got:
				if s != fmt.Sprintf("%s.a %d", subject, i) {
					t.Fatalf("message %d is %q", i, s)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("message %d is missing", i)
			}
		}
		stop()
	})
}

func TestReconnectIsReported(t *testing.T) {
	gate := bustest.NewGate(t, strings.TrimPrefix(bustest.URL(t), "nats://"))
	b := open(t, "nats://"+gate.Address())
	again := make(chan struct{}, 10)
	b.OnReconnect(func() { again <- struct{}{} })
	got := make(chan string, 1000)
	subject := fmt.Sprintf("test%d", time.Now().UnixNano())
	if _, err := b.Subscribe(subject, func(_ string, data []byte) { got <- string(data) }); err != nil {
		t.Fatal(err)
	}
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for len(again) > 0 { // of the first connect
		<-again
	}
	gate.Cut()
	end := time.After(20 * time.Second)
	select {
	case <-again:
	case <-end:
		t.Fatal("no reconnect")
	}
	// The subscription is still there afterwards.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.Publish(subject, []byte("x"))
		case <-got:
			return
		case <-end:
			t.Fatal("no message after the reconnect")
		}
	}
}

func TestClusterThatIsDownIsNoError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "nats://" + l.Addr().String()
	l.Close()
	b := open(t, url)
	if b.Connected() {
		t.Fatal("connected to nobody")
	}
	if err := b.Publish("x", nil); err != nil {
		t.Fatal(err)
	}
}

func TestBadURL(t *testing.T) {
	for _, url := range []string{"127.0.0.1:4222", "http://x:4222", "nats://a:1,", "%"} {
		_, err := bus.Open(t.Context(), bus.Options{URL: url})
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Code != "bad_bus_url" {
			t.Errorf("%q: %v", url, err)
		}
	}
}

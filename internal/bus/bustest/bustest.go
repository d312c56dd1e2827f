// Package bustest helps tests to reach a real NATS server and to break connections on purpose.
//
//	gate := bustest.NewGate(t, "127.0.0.1:4222")
//	b, err := bus.Open(ctx, bus.Options{URL: "nats://" + gate.Address()})
//	gate.Hold()    // a black hole: connections stay open, nothing passes
//	gate.Release() // what waited passes
//	gate.Cut()     // connections end
package bustest

import (
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// URL is the NATS server for tests: 127.0.0.1:4222 or what YINDA_TEST_NATS says. Without a server the
// test is skipped, or fails under CI=true.
func URL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("YINDA_TEST_NATS")
	if url == "" {
		url = "nats://127.0.0.1:4222"
	}
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "nats://"), time.Second)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("NATS is needed under CI=true: %v (set YINDA_TEST_NATS)", err)
		}
		t.Skipf("NOT TESTED ON NATS: no server (%v); set YINDA_TEST_NATS", err)
	}
	c.Close()
	return url
}

// Gate is a TCP relay to a server. It serves any protocol.
type Gate struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	free  *sync.Cond
	held  bool
	shut  bool // refuses new connections
	conns map[net.Conn]bool
}

// NewGate relays a new local address to the address to, until the test ends.
func NewGate(t testing.TB, to string) *Gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{listener: l, to: to, conns: map[net.Conn]bool{}}
	g.free = sync.NewCond(&g.mu)
	go g.accept()
	t.Cleanup(func() {
		l.Close()
		g.Release()
		g.Cut()
	})
	return g
}

// Address is where to connect to.
func (g *Gate) Address() string { return g.listener.Addr().String() }

// Hold lets nothing pass; connections stay open and new ones are accepted.
func (g *Gate) Hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = true
}

// Shut ends all connections and every new one, until Release.
func (g *Gate) Shut() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.Cut()
}

// Release lets everything pass again.
func (g *Gate) Release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held, g.shut = false, false
	g.free.Broadcast()
}

// Cut ends all connections; new ones are served.
func (g *Gate) Cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

func (g *Gate) accept() {
	for {
		c, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		shut := g.shut
		g.mu.Unlock()
		if shut {
			c.Close()
			continue
		}
		up, err := net.Dial("tcp", g.to)
		if err != nil {
			c.Close()
			continue
		}
		g.mu.Lock()
		g.conns[c], g.conns[up] = true, true
		g.mu.Unlock()
		go g.relay(c, up)
		go g.relay(up, c)
	}
}

func (g *Gate) relay(from, to net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		g.mu.Lock()
		for g.held {
			g.free.Wait()
		}
		g.mu.Unlock()
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

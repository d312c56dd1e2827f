package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"yinda/internal/fault"
)

// MaxPayload is the largest message, in bytes: the default limit of a NATS server.
const MaxPayload = 1 << 20

// Options of a bus. The zero value is an embedded server without any port.
type Options struct {
	URL    string       // "" or "embedded": in process; otherwise one or more comma-separated nats:// URLs
	Name   string       // shown by the server's monitoring; "" means yinda
	Logger *slog.Logger // nil means slog.Default()
}

// Bus is a connection to NATS. It is safe for concurrent use.
type Bus struct {
	conn     *nats.Conn
	embedded *server.Server // nil when connected to a cluster
	log      *slog.Logger

	mu          sync.Mutex
	onReconnect map[int]func()
	next        int
	closed      chan struct{}
}

// Open starts the embedded server or connects to a cluster. A cluster that does not answer is no
// error: the bus connects when it comes up, and until then nodes hear each other through the database
// only. A URL that cannot be read is fault.Invalid.
func Open(ctx context.Context, o Options) (*Bus, error) {
	b := &Bus{log: o.Logger, onReconnect: map[int]func(){}, closed: make(chan struct{})}
	if b.log == nil {
		b.log = slog.Default()
	}
	name := o.Name
	if name == "" {
		name = "yinda"
	}
	options := []nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 250*time.Millisecond),
		nats.Timeout(2 * time.Second),
		// A black hole is noticed after 2 × 2 s; until then, and always, cursors are reconciled
		// with the database every 2 s.
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		// News that waited through an outage is stale: receivers read the database on reconnect.
		nats.ReconnectBufSize(256 << 10),
		nats.FlusherTimeout(2 * time.Second),
		nats.ConnectHandler(func(*nats.Conn) { b.reconnected() }),
		nats.ReconnectHandler(func(*nats.Conn) { b.reconnected() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("bus disconnected; news goes through the database until it is back", "err", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			// A slow consumer lost news; whoever subscribed finds the gap by sequence number.
			b.log.Warn("bus", "err", err)
			if errors.Is(err, nats.ErrSlowConsumer) {
				b.reconnected()
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
	}
	address := o.URL
	if address == "" || address == "embedded" {
		srv, err := server.NewServer(&server.Options{
			ServerName: name, DontListen: true, NoSigs: true, NoLog: true, MaxPayload: MaxPayload,
		})
		if err != nil {
			return nil, fmt.Errorf("bus: embedded server: %w", err)
		}
		srv.Start()
		if !srv.ReadyForConnections(10 * time.Second) {
			srv.Shutdown()
			return nil, fault.New(fault.Unavailable, "bus_start", "内置消息总线没有启动成功。请重试；若仍失败，请检查机器的内存和文件句柄上限。")
		}
		b.embedded = srv
		options = append(options, nats.InProcessServer(srv))
		address = nats.DefaultURL
	} else if err := checkURL(address); err != nil {
		return nil, err
	}
	conn, err := nats.Connect(address, options...)
	if err != nil {
		if b.embedded != nil {
			b.embedded.Shutdown()
		}
		return nil, fault.Wrap(err, fault.Unavailable, "bus_unreachable", "连接不上消息总线（NATS）。请检查配置中的地址、证书和账号，再重试。")
	}
	b.conn = conn
	return b, nil
}

func checkURL(list string) error {
	for _, one := range strings.Split(list, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" || (u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss") {
			return fault.New(fault.Invalid, "bad_bus_url", "消息总线地址无法识别。请写成 nats://主机:4222，多个地址用逗号分开；留空则使用内置总线。")
		}
	}
	return nil
}

// Publish sends data to every subscriber of subject, on all nodes including this one, at most once.
// It does not wait. During an outage up to 256 KiB are kept, then it fails; nobody depends on it.
func (b *Bus) Publish(subject string, data []byte) error {
	if err := b.conn.Publish(subject, data); err != nil {
		return fmt.Errorf("bus: publish %s: %w", subject, err)
	}
	return nil
}

// Subscribe calls handle, one message at a time and in order, for every message whose subject
// matches (* is one token, > the rest). handle must not block for long, and must not keep data.
func (b *Bus) Subscribe(subject string, handle func(subject string, data []byte)) (stop func(), err error) {
	sub, err := b.conn.Subscribe(subject, func(m *nats.Msg) { handle(m.Subject, m.Data) })
	if err != nil {
		return nil, fmt.Errorf("bus: subscribe %s: %w", subject, err)
	}
	// 64 MiB or 131 072 messages may wait before the client drops news and OnReconnect is called.
	if err := sub.SetPendingLimits(1<<17, 64<<20); err != nil {
		return nil, fmt.Errorf("bus: subscribe %s: %w", subject, err)
	}
	return func() { sub.Unsubscribe() }, nil
}

// OnReconnect calls f, in a goroutine of the bus, whenever news may have been missed: after the
// connection came (back) up, and after messages were dropped because a handler was slow.
func (b *Bus) OnReconnect(f func()) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	b.onReconnect[id] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.onReconnect, id)
	}
}

func (b *Bus) reconnected() {
	b.mu.Lock()
	calls := make([]func(), 0, len(b.onReconnect))
	for _, f := range b.onReconnect {
		calls = append(calls, f)
	}
	b.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// Connected reports whether the bus is up at the moment.
func (b *Bus) Connected() bool { return b.conn.IsConnected() }

// Flush waits, at most five seconds, until everything published so far has reached the server.
func (b *Bus) Flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := b.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("bus: flush: %w", err)
	}
	return nil
}

// Close ends the connection and the embedded server. Handlers under way finish first.
func (b *Bus) Close() {
	b.conn.Close()
	<-b.closed
	if b.embedded != nil {
		b.embedded.Shutdown()
		b.embedded.WaitForShutdown()
	}
}

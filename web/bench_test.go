package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"yinda/bot"
	"yinda/content"
	"yinda/handoff"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/limit"
)

// The benchmarks of docs/benchmarks.md. Client and server share the process and the machine, so the
// figures compare the product with the bare relay of the same run; they are not a capacity plan.
//
//	go test ./web -run '^$' -bench 'Chat|Relay' -benchtime 20000x
//	go test ./web -run '^$' -bench Idle -benchtime 1x
//	go test ./web -run '^$' -bench Start -benchtime 10x

// writers are the numbers of customers who speak at the same time.
var writers = []int{16, 64, 256}

// exchange lets n customers send b.N messages between them, each the next one after its ack, and
// reports throughput and latency.
func exchange(b *testing.B, n int, dial func() *websocket.Conn, hello, say func(ref string) []byte, answered func() func([]byte, string) bool) {
	conns := make([]*websocket.Conn, n)
	for i := range conns {
		conns[i] = dial()
		defer conns[i].Close()
		if hello != nil {
			if err := conns[i].WriteMessage(websocket.TextMessage, hello("")); err != nil {
				b.Fatal(err)
			}
			for { // until welcome
				_, m, err := conns[i].ReadMessage()
				if err != nil {
					b.Fatal(err)
				}
				if strings.Contains(string(m), `"type":"welcome"`) {
					break
				}
			}
		}
	}
	var next atomic.Int64
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	b.ResetTimer()
	for _, conn := range conns {
		wg.Go(func() {
			var mine []time.Duration
			for next.Add(1) <= int64(b.N) {
				ref := uuid.NewString()
				start := time.Now()
				if err := conn.WriteMessage(websocket.TextMessage, say(ref)); err != nil {
					b.Error(err)
					return
				}
				for done := answered(); ; {
					_, m, err := conn.ReadMessage()
					if err != nil {
						b.Error(err)
						return
					}
					if done(m, ref) {
						break
					}
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(all)
	if len(all) == 0 {
		b.Fatal("nothing was acknowledged")
	}
	quantile := func(q int) float64 { return float64(all[(len(all)-1)*q/100].Microseconds()) / 1000 }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(quantile(50), "p50-ms")
	b.ReportMetric(quantile(99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// acked is satisfied by the acknowledgement.
func acked() func([]byte, string) bool {
	return func(m []byte, ref string) bool {
		s := string(m)
		return strings.Contains(s, `"type":"ack"`) && strings.Contains(s, ref)
	}
}

// replied is satisfied when acknowledgement and the bot's answer have come, in whatever order.
func replied() func([]byte, string) bool {
	ack, answer := false, false
	isAck := acked()
	return func(m []byte, ref string) bool {
		ack = ack || isAck(m, ref)
		answer = answer || strings.Contains(string(m), `"kind":"bot"`)
		return ack && answer
	}
}

func saying(ref string) []byte {
	f, _ := json.Marshal(frame{"type": "say", "ref": ref, "text": "请问转账多久到账，我刚才转了一笔到外地的账户"})
	return f
}

func greeting(string) []byte { return []byte(`{"type":"hello","token":"","lang":"zh-CN"}`) }

func unlimited(b *testing.B) {
	before := frameRate
	frameRate = 1e6
	b.Cleanup(func() { frameRate = before })
}

// BenchmarkChat is the whole product, from the frame to the acknowledgement after the group commit
// with its hash chain and delivery; in "answers" on to the reply of the bot, whose decision takes no
// time here and whose debounce is a millisecond.
func BenchmarkChat(b *testing.B) {
	unlimited(b)
	for _, mode := range []string{"acks", "answers"} {
		for _, n := range writers {
			b.Run(fmt.Sprintf("%s/writers=%d", mode, n), func(b *testing.B) {
				until := acked
				s := start(b, func(_ *Options, ho *handoff.Options) {
					ho.Sweep, ho.Reconcile = 0, 0 // as in production
					ho.Debounce, ho.DebounceMax = time.Hour, time.Hour
					if mode == "answers" {
						ho.Debounce, until = time.Millisecond, replied
					}
				})
				s.messageLimit = limit.New(time.Nanosecond, 1e9)
				url := "ws" + strings.TrimPrefix(s.base, "http") + "/ws/chat"
				exchange(b, n, dialer(b, url), greeting, saying, until)
			})
		}
	}
}

func dialer(b *testing.B, url string) func() *websocket.Conn {
	return func() *websocket.Conn {
		conn, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err != nil {
			b.Fatal(err)
		}
		return conn
	}
}

// BenchmarkRelay is the measure: gorilla alone, and messages written to SQLite with group commit, a
// sequence number and the unique reference; nothing else.
func BenchmarkRelay(b *testing.B) {
	for _, n := range writers {
		b.Run(fmt.Sprintf("writers=%d", n), func(b *testing.B) {
			d := dbtest.SQLite(b)
			if _, err := d.Exec(b.Context(), `CREATE TABLE relay (conversation TEXT, seq INTEGER, ref TEXT, text TEXT, PRIMARY KEY (conversation, seq), UNIQUE (conversation, ref))`); err != nil {
				b.Fatal(err)
			}
			r := newRelay(d)
			defer r.close()
			server := httptest.NewServer(r)
			defer server.Close()
			exchange(b, n, dialer(b, "ws"+strings.TrimPrefix(server.URL, "http")), nil, saying, acked)
		})
	}
}

type relay struct {
	db     *db.DB
	up     websocket.Upgrader
	queue  chan relayed
	done   chan struct{}
	joined atomic.Int64
}

type relayed struct {
	conversation string
	seq          int64
	ref, text    string
	committed    chan struct{}
}

func newRelay(d *db.DB) *relay {
	r := &relay{db: d, queue: make(chan relayed, 4096), done: make(chan struct{})}
	r.up = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, CheckOrigin: anyOrigin}
	go r.commit()
	return r
}

func (r *relay) close() { close(r.queue); <-r.done }

func (r *relay) commit() {
	defer close(r.done)
	insert, err := r.db.Writer().Prepare(`INSERT INTO relay VALUES (?, ?, ?, ?)`)
	if err != nil {
		panic(err)
	}
	for first := range r.queue {
		batch := []relayed{first}
	more:
		for len(batch) < 512 {
			select {
			case m, ok := <-r.queue:
				if !ok {
					break more
				}
				batch = append(batch, m)
			default:
				break more
			}
		}
		r.write(insert, batch)
		for _, m := range batch {
			close(m.committed)
		}
	}
}

func (r *relay) write(insert *sql.Stmt, batch []relayed) {
	tx, err := r.db.Writer().Begin()
	if err != nil {
		panic(err)
	}
	stmt := tx.Stmt(insert)
	for _, m := range batch {
		if _, err := stmt.Exec(m.conversation, m.seq, m.ref, m.text); err != nil {
			panic(err)
		}
	}
	if err := tx.Commit(); err != nil {
		panic(err)
	}
}

func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	conn, err := r.up.Upgrade(w, req, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	id := fmt.Sprint("c-", r.joined.Add(1))
	for seq := int64(1); ; seq++ {
		_, b, err := conn.ReadMessage()
		if err != nil {
			return
		}
		var f clientFrame
		if json.Unmarshal(b, &f) != nil {
			return
		}
		m := relayed{id, seq, f.Ref, f.Text, make(chan struct{})}
		r.queue <- m
		<-m.committed
		if conn.WriteJSON(ackFrame{Type: "ack", Ref: f.Ref, Seq: seq}) != nil {
			return
		}
	}
}

// BenchmarkIdle reports the memory of one idle customer connection: heap and stacks of the process
// with 2 000 of them, less what the client's ends and the kernel objects of both cost, measured with
// a server that only accepts.
func BenchmarkIdle(b *testing.B) {
	const n = 2000
	for range b.N {
		accept := idleCost(b, n, func() (string, func()) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			var held []net.Conn
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					held = append(held, c)
				}
			}()
			return l.Addr().String(), func() { l.Close(); runtime.KeepAlive(held) }
		}, "")
		bare := idleCost(b, n, func() (string, func()) {
			up := websocket.Upgrader{CheckOrigin: anyOrigin}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if conn, err := up.Upgrade(w, r, nil); err == nil {
					conn.ReadMessage()
				}
			}))
			return server.Listener.Addr().String(), func() {}
		}, "")
		ours := idleCost(b, n, func() (string, func()) {
			s := start(b)
			return strings.TrimPrefix(s.base, "http://"), func() {}
		}, string(greeting("")))
		b.ReportMetric(float64(ours-accept)/n, "B/conn")
		b.ReportMetric(float64(bare-accept)/n, "B/bare-gorilla-conn")
	}
	b.ReportMetric(0, "ns/op")
}

// idleCost opens n sockets by hand, without a goroutine or buffer each, says hello, waits until
// everything is quiet, and answers the memory that they take.
func idleCost(b *testing.B, n int, serve func() (string, func()), hello string) int64 {
	address, stop := serve()
	defer stop()
	before := memory()
	conns := make([]net.Conn, n)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 32)
	for i := range conns {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		conns[i] = c
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			fmt.Fprintf(c, "GET /ws/chat HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", address)
			if hello != "" {
				c.Write(masked4(hello))
				c.SetReadDeadline(time.Now().Add(20 * time.Second))
				io.ReadFull(c, make([]byte, 256)) // the answer to the handshake and the beginning of welcome
			}
		})
	}
	wg.Wait()
	var after int64
	for last := int64(-1); ; last = after { // until two readings agree within 1 %
		after = memory()
		if last > 0 && abs(after-last) < after/100 {
			break
		}
	}
	runtime.KeepAlive(conns)
	return after - before
}

// masked4 is a client's text frame with an empty mask.
func masked4(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

func memory() int64 {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for range 3 {
		<-tick.C
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func abs(v int64) int64 { return max(v, -v) }

// BenchmarkStart is the time from opening an existing SQLite database with published content to the
// first answer, the index of the test content included.
func BenchmarkStart(b *testing.B) {
	dsn := dbtest.SQLiteDSN(b)
	prepare := func() { // makes and fills the database once
		d, err := db.Open(b.Context(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		defer d.Close()
		set, err := starter()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := content.NewStore(d, time.Now).Seed(b.Context(), set); err != nil {
			b.Fatal(err)
		}
	}
	prepare()
	if _, err := edition(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := db.Open(context.Background(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		s := startOn(b, d)
		resp, err := http.Get(s.base + "/readyz")
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

// BenchmarkCustomerView is what one event costs on its way to a customer.
func BenchmarkCustomerView(b *testing.B) {
	s := &Server{metrics: newMetrics()}
	body, _ := json.Marshal(handoff.MessageBody{Text: strings.Repeat("请您登录手机银行办理。", 20), Kind: bot.KindAnswer, EntryID: "SEC-061", Approver: "某人"})
	e := &handoff.Event{Conversation: "c", Seq: 1, Kind: handoff.KindMessage, Actor: handoff.Actor{Kind: handoff.ActorBot}, Body: body}
	for b.Loop() {
		if _, err := json.Marshal(s.renderForCustomer(handoff.Signal{Event: e})); err != nil {
			b.Fatal(err)
		}
	}
}

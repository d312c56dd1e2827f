package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"yinda/handoff"
)

// Close codes (docs/protocol.md §1.4): below 4500 the client comes back, from 4500 on it does not.
const (
	closeGoingAway  = 4000
	closeSlowReader = 4001
	closeDrained    = 4002
	closeBadHello   = 4500
	closeSignedOut  = 4501
	closeOrigin     = 4503
	closeTooLarge   = 4504
)

// Limits of a socket.
const (
	maxFrame  = 64 << 10         // of a frame that is read; the longest pasted complaint in the samples was 9 KiB
	hardFrame = 1<<20 + 64<<10   // a frame up to here is skipped and answered, beyond it the socket is closed
	pingEvery = 25 * time.Second // proxies cut connections that are silent for 30 s or 60 s
	pongWait  = 60 * time.Second
	helloWait = 15 * time.Second
	chatQueue = 8   // frames; acks and errors of one customer
	deskQueue = 128 // frames; events of all conversations that an agent has open
)

// writeWait is how long one write may take; tests shorten it.
var writeWait = 10 * time.Second

// frameRate is how many frames a second are read of one socket, and half of what may come at once: a
// client that resends a long outbox sends a few dozen. The benchmark raises it.
var frameRate rate.Limit = 50

// writeBuffers are borrowed for the time of one write: an idle connection holds none.
var writeBuffers sync.Pool

// readBuffers are borrowed for one frame.
var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// socket is one WebSocket connection. One goroutine writes, one reads. What the reader has to say
// (acks, errors, pongs) goes through the bounded queue out: when it is full the reader waits, and no
// more is read. What others say (events) comes through a subscription, whose own bounded channel
// ends the socket with "come back" when its reader is too slow. The socket ends exactly once, with a
// code and a reason.
type socket struct {
	conn  *websocket.Conn
	log   *slog.Logger
	out   chan []byte
	feeds chan feed     // a new subscription for the writer, replacing the one before
	sent  atomic.Int64  // newest event of the current feed that was written
	heard atomic.Int64  // when the other side last gave a sign of life, seconds
	stop  chan struct{} // closed by end
	once  sync.Once
	code  int
	why   string
	done  chan struct{} // closed when the writer has gone and the connection is closed
	rate  *rate.Limiter // of frames; the reader waits, nothing is refused
}

// feed is a subscription that the writer reads itself: a goroutine less for every customer.
type feed struct {
	first  []any // frames to be written before anything of the subscription
	sub    *handoff.Subscription
	render func(handoff.Signal) any // nil result: nothing to write
}

// upgrader turns requests into sockets. 1024-byte buffers take 11.6 KB per idle connection against
// 18.7 KB with the default sizes; compression cost 31 % CPU.
var upgrader = websocket.Upgrader{
	ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers,
	HandshakeTimeout: 10 * time.Second, CheckOrigin: anyOrigin,
}

// anyOrigin lets every origin pass the upgrader: originAllowed has decided before.
func anyOrigin(*http.Request) bool { return true }

// wantsSocket reports whether the request is a handshake.
func wantsSocket(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// originAllowed reports whether the page that opens the socket may do so: our own pages, and for the
// customer's socket also the configured websites. Programs send no Origin; they hold no cookies of
// somebody else's browser.
func originAllowed(r *http.Request, origins []string) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false // "null": a sandboxed frame or a file
	}
	if strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

// openSocket answers the handshake and starts the writer; queue is the length of out. The caller
// then calls serve. A request that is no handshake has been answered when it fails.
func openSocket(w http.ResponseWriter, r *http.Request, log *slog.Logger, queue int) (*socket, error) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	k := &socket{
		conn: conn, log: log, out: make(chan []byte, queue), feeds: make(chan feed, 1), stop: make(chan struct{}), done: make(chan struct{}),
		rate: rate.NewLimiter(frameRate, 2*int(frameRate)),
	}
	k.heard.Store(time.Now().Unix())
	conn.SetPongHandler(func(string) error { k.alive(); return nil })
	go k.write()
	return k, nil
}

// alive notes a sign of life: a frame, or the answer to a ping, which browsers give even when they
// have put the page's timers to sleep.
func (k *socket) alive() {
	now := time.Now()
	k.heard.Store(now.Unix())
	k.conn.SetReadDeadline(now.Add(pongWait))
}

// send queues a frame, and waits while the queue is full.
func (k *socket) send(frame any) {
	b, err := json.Marshal(frame)
	if err != nil {
		k.log.Error("frame not encoded", "err", err)
		return
	}
	select {
	case k.out <- b:
	case <-k.stop:
	}
}

// follow makes the writer deliver a subscription instead of the one before.
func (k *socket) follow(f feed) {
	select {
	case k.feeds <- f:
	case <-k.stop:
	}
}

// end closes the socket after what is queued has been written. Only the first call counts. reason is
// at most 123 bytes (RFC 6455).
func (k *socket) end(code int, reason string) {
	k.once.Do(func() {
		k.code, k.why = code, reason
		close(k.stop)
	})
}

// write is the only goroutine that writes data frames.
func (k *socket) write() {
	defer close(k.done)
	defer k.conn.Close()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	var current feed
	var signals <-chan handoff.Signal
	var ended <-chan struct{}
	follow := func(f feed) bool {
		current, signals, ended = f, f.sub.Signals(), f.sub.Done()
		k.sent.Store(0)
		for _, frame := range f.first {
			if !k.put(frame) {
				return false
			}
		}
		return true
	}
	for {
		ok := true
		select {
		case b := <-k.out:
			ok = k.putBytes(b)
		case f := <-k.feeds:
			ok = follow(f)
		case signal := <-signals:
			if frame := current.render(signal); frame != nil {
				ok = k.put(frame)
			}
			if signal.Event != nil {
				k.sent.Store(signal.Event.Seq)
			}
		case <-ended:
			select {
			case f := <-k.feeds: // closed because this one replaces it
				ok = follow(f)
			default:
				if errors.Is(current.sub.Err(), handoff.ErrSlow) {
					k.end(closeSlowReader, "网络太慢，正在重新连接")
				} else {
					k.end(closeGoingAway, "服务正在重启，正在重新连接")
				}
				ended = nil
			}
		case <-ping.C:
			ok = k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) == nil
		case <-k.stop:
			k.farewell()
			return
		}
		if !ok {
			k.end(closeSlowReader, "") // the line is dead; nobody will read the code
			return
		}
	}
}

func (k *socket) put(frame any) bool {
	b, err := json.Marshal(frame)
	if err != nil {
		k.log.Error("frame not encoded", "err", err)
		return true
	}
	return k.putBytes(b)
}

func (k *socket) putBytes(b []byte) bool {
	k.conn.SetWriteDeadline(time.Now().Add(writeWait))
	return k.conn.WriteMessage(websocket.TextMessage, b) == nil
}

// farewell writes what is queued, unless a slow reader is the reason, and the close frame. A second
// is enough for a reader that still reads.
func (k *socket) farewell() {
	k.conn.SetWriteDeadline(time.Now().Add(time.Second))
	for k.code != closeSlowReader {
		select {
		case b := <-k.out:
			if k.conn.WriteMessage(websocket.TextMessage, b) != nil {
				return
			}
			continue
		default:
		}
		break
	}
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(k.code, k.why), time.Now().Add(time.Second))
}

// errTooLarge is a frame over the limit: it was skipped, the socket goes on.
var errTooLarge = errors.New("frame too large")

// errBinary is a frame that is not text.
var errBinary = errors.New("binary frame")

// pace waits until the rate allows another frame; false when the socket ended meanwhile.
func (k *socket) pace() bool {
	wait := k.rate.Reserve().Delay()
	if wait == 0 {
		return true
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-k.stop:
		return false
	}
}

// read takes one frame from r into buf. After errTooLarge and errBinary the socket can be read on;
// buf then holds the beginning of the frame.
func (k *socket) read(kind int, r io.Reader, buf *bytes.Buffer) error {
	n, err := buf.ReadFrom(io.LimitReader(r, maxFrame+1))
	if err != nil {
		return err
	}
	if n <= maxFrame && kind == websocket.TextMessage {
		return nil
	}
	skipped, err := io.Copy(io.Discard, io.LimitReader(r, hardFrame-n))
	if err != nil {
		return err
	}
	if n+skipped >= hardFrame {
		k.end(closeTooLarge, "单条消息超过1MB，连接已关闭")
		return io.EOF
	}
	if kind != websocket.TextMessage {
		return errBinary
	}
	return errTooLarge
}

// serve reads frames until the socket ends and hands each to handle. What cannot be a frame is
// answered here. It returns when the writer has gone, too.
func (k *socket) serve(handle func(clientFrame)) {
	defer func() {
		k.end(closeGoingAway, "")
		<-k.done
	}()
	k.conn.SetReadDeadline(time.Now().Add(helloWait))
	for k.pace() {
		kind, r, err := k.conn.NextReader()
		if err != nil {
			return
		}
		// Borrowed only now: an idle connection holds no buffer.
		buf := readBuffers.Get().(*bytes.Buffer)
		buf.Reset()
		err = k.read(kind, r, buf)
		switch {
		case err == nil:
			k.dispatch(buf.Bytes(), handle)
		case errors.Is(err, errTooLarge):
			k.refuse("too_large", "消息过长，没有保存，请分几次发送。", refIn(buf.Bytes()))
		case errors.Is(err, errBinary):
			k.refuse("bad_frame", "只接受文字消息，这一条没有保存。", "")
		}
		readBuffers.Put(buf)
		if err != nil && !errors.Is(err, errTooLarge) && !errors.Is(err, errBinary) {
			return
		}
		k.alive()
	}
}

func (k *socket) dispatch(b []byte, handle func(clientFrame)) {
	if !utf8.Valid(b) {
		k.refuse("bad_utf8", "消息不是有效的UTF-8文字，没有保存，请重新输入。", refIn(bytes.ToValidUTF8(b, nil)))
		return
	}
	var f clientFrame
	if err := json.Unmarshal(b, &f); err != nil {
		k.refuse("bad_frame", "消息格式不正确，没有保存。请刷新页面后重试。", refIn(b))
		return
	}
	if len(f.Ref) > 80 {
		k.refuse("bad_ref", "消息编号过长，没有保存。请刷新页面后重试。", "")
		return
	}
	handle(f)
}

// refuse answers a frame that was not stored.
func (k *socket) refuse(code, message, ref string) {
	k.send(errorFrame{Type: "error", Code: code, Message: message, Ref: ref})
}

// refIn finds the reference in the beginning of a frame that cannot be decoded, so that the client
// stops sending it again.
func refIn(b []byte) string {
	const mark = `"ref":"`
	i := bytes.Index(b, []byte(mark))
	if i < 0 {
		return ""
	}
	b = b[i+len(mark):]
	end := bytes.IndexByte(b, '"')
	if end < 1 || end > 80 || bytes.ContainsRune(b[:end], '\\') || !utf8.Valid(b[:end]) {
		return ""
	}
	return string(b[:end])
}

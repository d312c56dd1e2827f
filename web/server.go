package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/content"
	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/internal/limit"
	"yinda/internal/vault"
)

// Options of a server. The pointers and Secret must be given; zero values of the others mean what is
// said.
type Options struct {
	Service *handoff.Service
	Live    *content.Live
	Store   *content.Store
	Auth    *auth.Service
	Audit   *audit.Log
	Bus     *bus.Bus
	DB      *db.DB

	Secret  []byte   // at least 32 bytes of the installation; visitor tokens are derived from it
	Origins []string // websites that may embed the widget, e.g. https://www.bank.example
	Proxies []string // address ranges whose X-Forwarded-For is believed
	Assets  fs.FS    // the built front end; nil means what is embedded
	Demo    bool     // the sign-in page says that this is a demonstration

	// Published is called after a publication made here: it swaps the edition in and tells the other
	// nodes (content.Publisher). nil: the edition is swapped in here only.
	Published func(*content.Edition)

	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default()
}

// Server is the HTTP server of one node.
type Server struct {
	service *handoff.Service
	live    *content.Live
	store   *content.Store
	auth    *auth.Service
	audit   *audit.Log
	bus     *bus.Bus
	db      *db.DB
	demo    bool
	clock   func() time.Time
	log     *slog.Logger

	published func(*content.Edition)
	origins   []string
	visitors  *visitors
	files     *files
	metrics   *metrics
	echo      *echo.Echo
	http      *http.Server

	messageLimit *limit.Keys   // of one visitor
	personLimit  *limit.Keys   // of one visitor's requests for a person
	connectLimit *limit.Keys   // of one address
	drafts       chan struct{} // capacity 1: editions and indexes built for a draft
	evaluations  chan struct{} // capacity 1: generations compared

	work     context.Context // ends when the sockets have been drained
	endWork  context.CancelFunc
	mu       sync.Mutex
	sockets  map[*socket]struct{}
	desks    map[*desk]struct{}
	draining bool
	open     sync.WaitGroup // goroutines of sockets
	served   chan error     // the result of Serve
	unhook   func()         // from the bus

	lookMu sync.Mutex
	looks  map[string]time.Time // account and conversation → last recorded look
	fresh  map[string]bool      // accounts that signed in and have not opened a desk yet
}

// New makes a server; Start lets it listen. An option that cannot be used is a fault that says so.
func New(o Options) (*Server, error) {
	if o.Service == nil || o.Live == nil || o.Store == nil || o.Auth == nil || o.Audit == nil || o.Bus == nil || o.DB == nil {
		return nil, fault.New(fault.Internal, "web_options", "程序配置不完整：网页服务缺少必要的部件。")
	}
	s := &Server{
		service: o.Service, live: o.Live, store: o.Store, auth: o.Auth, audit: o.Audit, bus: o.Bus, db: o.DB,
		demo: o.Demo, clock: o.Clock, log: o.Logger, published: o.Published, metrics: newMetrics(),
		sockets: map[*socket]struct{}{}, desks: map[*desk]struct{}{}, looks: map[string]time.Time{}, fresh: map[string]bool{},
		served: make(chan error, 1), drafts: make(chan struct{}, 1), evaluations: make(chan struct{}, 1),
		// A message a second, thirty at once: more than anybody types, less than a script sends.
		messageLimit: limit.New(time.Second, 30),
		personLimit:  limit.New(2*time.Second, 20),
		// A branch, an office tower or a badly configured proxy is one address.
		connectLimit: limit.New(20*time.Millisecond, 1000),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.published == nil {
		s.published = s.live.Swap
	}
	if o.Assets == nil {
		o.Assets = Assets()
	}
	s.files = newFiles(o.Assets)
	var err error
	if s.visitors, err = newVisitors(o.Secret); err != nil {
		return nil, err
	}
	if s.origins, err = checkOrigins(o.Origins); err != nil {
		return nil, err
	}
	s.work, s.endWork = context.WithCancel(context.Background())
	s.metrics.observeService(s)

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.handleError
	if e.IPExtractor, err = addressOf(o.Proxies); err != nil {
		return nil, err
	}
	e.Use(s.observe, s.secureHeaders, sameOrigin, bounded)
	if err := s.mount(e); err != nil {
		return nil, err
	}
	s.unhook, err = s.bus.Subscribe(sessionEnded, func(_ string, id []byte) {
		account := string(id)
		s.open.Go(func() { s.checkDesks(account) }) // reads the database; the bus must not wait
	})
	if err != nil {
		return nil, err
	}
	s.echo = e
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // an import of 64 MB over a slow line
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// checkOrigins accepts scheme://host[:port] only: a wildcard would let any website frame the chat.
func checkOrigins(list []string) ([]string, error) {
	var out []string
	for _, o := range list {
		if o = strings.TrimSuffix(strings.TrimSpace(o), "/"); o == "" {
			continue
		}
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" || strings.ContainsAny(o, "*;, '\"") {
			return nil, fault.New(fault.Invalid, "bad_origin", fmt.Sprintf("origins 中的“%s”不是网站来源，请写成 https://www.bank.example 的形式，不含路径和通配符。", o))
		}
		out = append(out, o)
	}
	return out, nil
}

// Handler is the server without a listener, for tests.
func (s *Server) Handler() http.Handler { return s.echo }

// Listen opens address (host:port) for Serve. A port in use or one that is not ours to use is
// fault.Unavailable, anything else that cannot be listened on fault.Invalid.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.Wrap(err, fault.Unavailable, "port_in_use",
			fmt.Sprintf("地址 %s 已被其他程序占用。请停止占用它的程序，或用 listen 配置项（环境变量 YINDA_LISTEN）换一个端口。", address))
	case errors.Is(err, syscall.EACCES):
		return nil, fault.Wrap(err, fault.Unavailable, "port_forbidden",
			fmt.Sprintf("没有权限监听 %s。1024以下的端口需要管理员权限，请换用8080等端口。", address))
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "bad_listen",
			fmt.Sprintf("配置项 listen 的地址 %s 无法使用，请写成 主机:端口，例如 127.0.0.1:8080。", address))
	}
	return l, nil
}

// Start listens on address and serves in the background; it answers the address it really listens
// on, or the error of Listen.
func (s *Server) Start(address string) (net.Addr, error) {
	l, err := Listen(address)
	if err != nil {
		return nil, err
	}
	go func() { s.served <- s.Serve(l) }()
	return l.Addr(), nil
}

// Serve serves connections of l until Shutdown, and then returns nil.
func (s *Server) Serve(l net.Listener) error {
	if head, err := s.audit.Head(context.Background()); err == nil {
		// Noted outside the database: `yinda audit verify` can be held against it.
		s.log.Info("audit head", "seq", head.Seq, "hash", head.Hash)
	}
	if !s.hasFrontEnd() {
		s.log.Warn("no front end in this program: build web/app (make build), then compile again")
	}
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("web: serve: %w", err)
	}
	return nil
}

// Served delivers the error with which serving after Start ended, nil after Shutdown.
func (s *Server) Served() <-chan error { return s.served }

// Shutdown asks every socket to come back elsewhere (4002), waits for them, and then lets requests
// under way finish, until ctx ends. Connections are accepted until the sockets have gone, but
// refused as sockets: a load balancer learns from /readyz first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.unhook()
	s.drain(ctx)
	s.endWork()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(err, s.http.Close())
	}
	return err
}

// drain closes all sockets and waits for their goroutines.
func (s *Server) drain(ctx context.Context) {
	s.mu.Lock()
	s.draining = true
	for k := range s.sockets {
		k.end(closeDrained, "服务正在更新，正在重新连接")
	}
	s.mu.Unlock()
	gone := make(chan struct{})
	go func() { s.open.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-ctx.Done():
	}
}

// isDraining reports whether the server is about to stop.
func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// adopt upgrades the request to a socket and runs it in a goroutine of its own: the request, its
// headers and its buffers are free as soon as the handler returns. run must return when the socket
// has ended.
func (s *Server) adopt(c echo.Context, kind string, queue int, run func(*socket)) error {
	if s.isDraining() {
		return fault.New(fault.Unavailable, "draining", "服务正在更新，请稍后重试。")
	}
	k, err := openSocket(c.Response().Writer, c.Request(), s.log, queue)
	c.Response().Committed = true // openSocket has answered
	if err != nil {
		c.Response().Status = http.StatusBadRequest
		return nil
	}
	c.Response().Status = http.StatusSwitchingProtocols
	s.mu.Lock()
	s.sockets[k] = struct{}{}
	s.open.Add(1)
	if s.draining {
		k.end(closeDrained, "服务正在更新，正在重新连接")
	}
	s.mu.Unlock()
	gauge := s.metrics.sockets.WithLabelValues(kind)
	gauge.Inc()
	go func() {
		defer s.open.Done()
		defer gauge.Dec()
		defer func() {
			s.mu.Lock()
			delete(s.sockets, k)
			s.mu.Unlock()
		}()
		defer s.survive(k)
		run(k)
	}()
	return nil
}

// survive keeps a panic in one socket from taking the others down.
func (s *Server) survive(k *socket) {
	if p := recover(); p != nil {
		s.metrics.panics.Inc()
		s.log.Error("panic in a socket", "panic", fmt.Sprint(p), "stack", stack())
		k.end(closeGoingAway, "系统故障，正在重新连接")
	}
}

// masked removes private data from a text of staff or customers before it is used in a search.
func masked(text string) string { return vault.Mask(text).Text }

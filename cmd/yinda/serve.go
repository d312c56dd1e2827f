package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/web"
)

type serveCmd struct {
	Demo bool `help:"On an empty database, create demo accounts and print them; this machine only."`
}

// Help is shown by `yinda serve --help`.
func (serveCmd) Help() string {
	return `Examples:
  yinda serve --demo                   http://127.0.0.1:8080, everything in ./data
  yinda serve --config yinda.yaml      see docs/manual.zh.md for the settings
  YINDA_DATABASE=postgres://yinda@db/yinda YINDA_BUS=nats://nats:4222 yinda serve`
}

// Run serves until the process is told to end.
func (c *serveCmd) Run(env *environment) error {
	s, err := startServer(env, c.Demo)
	if err != nil {
		return err
	}
	s.welcome(env)
	select {
	case <-env.ctx.Done():
		fmt.Fprintln(env.err, "正在停止：通知各连接到别处重连……")
	case err = <-s.served:
	}
	return errors.Join(err, s.stop(env.config.ShutdownLimit))
}

// server is the running program: every part, in the order in which they stop.
type server struct {
	address net.Addr
	served  <-chan error // why serving ended
	demo    []demoAccount
	closers []func(context.Context) error // run last to first
}

// startServer brings up every part and listens. On an error, what was started is stopped again.
func startServer(env *environment, demo bool) (_ *server, err error) {
	ctx, cfg := env.ctx, env.config
	log := slog.New(slog.NewTextHandler(env.err, nil))
	s := &server{}
	defer func() {
		if err != nil {
			_ = s.stop(time.Second)
		}
	}()
	if demo && !fromHere(cfg.Listen) {
		return nil, fault.New(fault.Invalid, "demo_public", "演示账号的密码是公开的，--demo 只能监听本机地址（如 127.0.0.1:8080）。")
	}
	// The port first: a taken one is the commonest mistake, and nothing has been touched yet. Who
	// connects while the rest comes up waits a moment.
	listener, err := web.Listen(cfg.Listen)
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr()
	s.closers = append(s.closers, func(context.Context) error { listener.Close(); return nil })
	if err = makeDataFolder(cfg.Database); err != nil {
		return nil, err
	}
	unlock, err := soleServer(cfg.Database)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func(context.Context) error { unlock(); return nil })
	database, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func(context.Context) error { return database.Close() })
	keys, err := openKeyring(ctx, cfg.KeyFile, database)
	if err != nil {
		return nil, err
	}
	store := content.NewStore(database, time.Now)
	set, err := seeded(env, store)
	if err != nil {
		return nil, err
	}
	edition, err := content.NewEdition(ctx, set, time.Now())
	if err != nil {
		return nil, err
	}
	if edition.ModelFault != nil {
		log.Warn("the model of understanding is not the one that was published", "error", edition.ModelFault)
	}
	live := content.NewLive(edition)
	s.closers = append(s.closers, func(context.Context) error { live.Close(); return nil })
	news, err := bus.Open(ctx, bus.Options{URL: cfg.Bus})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func(context.Context) error { news.Close(); return nil })
	accounts, err := auth.New(auth.Options{DB: database, Clock: time.Now, InsecureCookie: cfg.InsecureCookie, RequireAgreement: cfg.RequireAgreement})
	if err != nil {
		return nil, err
	}
	if demo {
		if s.demo, err = createDemoAccounts(ctx, accounts); err != nil {
			return nil, err
		}
	}
	publisher := &content.Publisher{Store: store, Live: live, Bus: news, Log: log, Clock: time.Now}
	s.background(log, publisher.Follow)
	conversations, err := handoff.New(handoff.Options{
		DB: database, Bus: news, Decider: live, Privacy: handoff.Vault(keys), Script: live.Script,
		Inspect: func(text string) bot.Verdict { return live.Check(text, bot.SpeakerAgent) },
		Logger:  log, Debounce: cfg.Debounce, AgentLease: cfg.AgentLease, QueueLimit: cfg.QueueLimit,
		TicketPromise: cfg.TicketPromise, MaxText: maxMessage,
	})
	if err != nil {
		return nil, err
	}
	if err = conversations.Start(ctx); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func(context.Context) error { conversations.Close(); return nil })
	front, err := web.New(web.Options{
		Service: conversations, Live: live, Store: store, Auth: accounts,
		Audit: audit.New(database, time.Now), DB: database, Bus: news, Secret: keys.Derive("visitor-token"),
		Origins: cfg.Origins, Proxies: cfg.Proxies, Logger: log, Demo: demo, Published: publisher.Published,
	})
	if err != nil {
		return nil, err
	}
	served := make(chan error, 1)
	s.served = served
	go func() { served <- front.Serve(listener) }() // ends with Shutdown
	s.closers = append(s.closers, front.Shutdown)
	return s, nil
}

// maxMessage is the longest message of a customer in characters.
const maxMessage = 20_000

// background runs f until the server stops, and waits for it then.
func (s *server) background(log *slog.Logger, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := f(ctx); err != nil && ctx.Err() == nil {
			log.Error("a part of the server ended", "error", err)
		}
	})
	s.closers = append(s.closers, func(context.Context) error { cancel(); done.Wait(); return nil })
}

// stop ends the parts in reverse order, within the limit.
func (s *server) stop(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i](ctx))
	}
	return errors.Join(errs...)
}

// soleServer keeps a second server off an embedded database: its news would not reach this one's
// customers. The lock ends with the process, however it ends.
func soleServer(database string) (unlock func(), err error) {
	path, embedded := strings.CutPrefix(database, "sqlite:")
	if !embedded {
		return func() {}, nil
	}
	f, err := os.OpenFile(path+".serve", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return func() {}, nil // a folder that cannot be written: opening the database says so better
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.New(fault.Unavailable, "already_serving",
			fmt.Sprintf("另一个 yinda serve 正在使用 %s。请先停止它；多个实例请改用 PostgreSQL 和 NATS。", path))
	}
	return func() { f.Close() }, nil
}

// fromHere reports whether only this machine can reach host:port. What is no address at all passes:
// listening says what is wrong with it.
func fromHere(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err != nil || host == "localhost" || ip != nil && ip.IsLoopback()
}

// welcome prints where to go.
func (s *server) welcome(env *environment) {
	at := "http://" + s.address.String()
	var b strings.Builder
	fmt.Fprintf(&b, "\n银答已启动\n\n  客户（示例银行网站）  %s/\n  客服工作台            %s/desk\n  内容控制台            %s/console\n", at, at, at)
	if len(s.demo) > 0 {
		b.WriteString("\n演示账号（仅限本机）\n\n")
		for _, a := range s.demo {
			fmt.Fprintf(&b, "  %-11s %s  %s\n", a.username, a.password, a.duty)
		}
	}
	b.WriteString("\n按 Ctrl+C 停止。\n\n")
	fmt.Fprint(env.out, b.String())
}

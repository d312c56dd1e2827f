package handoff

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"yinda/bot"
	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// Decider decides what the bot does with a turn. bot.Bot is one; tests have others.
type Decider interface {
	Decide(ctx context.Context, course bot.Course, turn bot.Turn) bot.Decision
}

// Options of a Service. DB, Bus and Decider must be given; zero values of the others mean what is said.
type Options struct {
	DB      *db.DB
	Bus     *bus.Bus
	Decider Decider
	Privacy Privacy // Vault in production; nil: nothing is masked or encrypted (tests only)
	// Script answers the published script id with its placeholders filled in, or "" when there is
	// none; nil: short built-in sentences (script.go).
	Script func(id string, values map[string]string) string
	// Inspect checks every message of an agent before it is stored; nil: everything passes.
	Inspect func(text string) bot.Verdict
	// NextOpen answers the beginning of the next service hours of people: t itself when t is inside
	// them; nil: always open.
	NextOpen func(t time.Time) time.Time
	// Group answers the group of agents that a decision belongs to; nil: DefaultGroup.
	Group  func(bot.Decision) string
	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default()

	Debounce       time.Duration // bubbles within it are one turn (BL-12); 0: 600 ms
	DebounceMax    time.Duration // a customer who never stops typing is answered after it; 0: 4 s
	DecideTimeout  time.Duration // the bot counts as broken after it; 0: 5 s
	TurnLease      time.Duration // other nodes take over a turn that is overdue by it; 0: 8 s
	AgentLease     time.Duration // silence after which an agent's chats go back to the queue; 0: 60 s
	QueueLimit     int           // longest queue; beyond it tickets are written; 0: 200
	QueuePatience  time.Duration // longest wait for agents who are all busy, then a ticket; 0: 15 min
	TicketPromise  time.Duration // promised call-back, from the next service hours on; 0: 2 h
	UrgentResponse time.Duration // first human answer to priority 0 (SLA-01); 0: 15 min
	FirstResponse  time.Duration // first human answer otherwise (SLA-03); 0: 10 min
	IdleClose      time.Duration // a conversation with the bot ends after this silence; 0: 30 min
	Reconcile      time.Duration // how often cursors are compared with the database; 0: 2 s
	Sweep          time.Duration // how often overdue work is looked for; 0: 1 s
	CommitPatience time.Duration // how long a change waits for a database that is away; 0: 15 s
	CommitTimeout  time.Duration // a transaction on a PostgreSQL that went silent is given up after it; 0: 5 s
	MaxText        int           // longest message in characters; 0: 4000
	DefaultGroup   string        // "": general
}

func (o *Options) defaults() {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&o.Debounce, 600*time.Millisecond)
	set(&o.DebounceMax, 4*time.Second)
	set(&o.DecideTimeout, 5*time.Second)
	set(&o.TurnLease, 8*time.Second)
	set(&o.AgentLease, time.Minute)
	set(&o.QueuePatience, 15*time.Minute)
	set(&o.TicketPromise, 2*time.Hour)
	set(&o.UrgentResponse, 15*time.Minute)
	set(&o.FirstResponse, 10*time.Minute)
	set(&o.IdleClose, 30*time.Minute)
	set(&o.Reconcile, 2*time.Second)
	set(&o.Sweep, time.Second)
	set(&o.CommitPatience, 15*time.Second)
	set(&o.CommitTimeout, 5*time.Second)
	if o.QueueLimit <= 0 {
		o.QueueLimit = 200
	}
	if o.MaxText <= 0 {
		o.MaxText = 4000
	}
	if o.DefaultGroup == "" {
		o.DefaultGroup = "general"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Privacy == nil {
		o.Privacy = plain{}
	}
}

// Service is the conversations of one node. It is safe for concurrent use.
type Service struct {
	o         Options
	db        *db.DB
	bus       *bus.Bus
	privacy   Privacy
	now       func() time.Time
	log       *slog.Logger
	node      string // of this run: a restarted node is a new one
	committer *committer
	hub       *hub
	turns     *turns
	pace      pace
	recent    recent
	assign    chan struct{} // capacity 1: the assigner has something to look at

	cancel  context.CancelFunc
	working sync.WaitGroup
	closing sync.Once
	unhook  []func()
}

// New prepares a service; Start begins the work. The schema must be migrated (db.Open).
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Bus == nil || o.Decider == nil {
		return nil, fault.New(fault.Internal, "handoff_options", "程序配置不完整：缺少数据库、消息总线或机器人。")
	}
	o.defaults()
	s := &Service{
		o: o, db: o.DB, bus: o.Bus, privacy: o.Privacy, now: o.Clock, log: o.Logger,
		node: uuid.NewString(), assign: make(chan struct{}, 1),
		recent: recent{bubbles: map[string][]recentBubble{}},
	}
	var st store
	if o.DB.Dialect() == db.Postgres {
		st = newPostgresStore(o.DB, o.CommitTimeout)
	} else {
		sqlite, err := newSQLiteStore(o.DB)
		if err != nil {
			return nil, err
		}
		st = sqlite
	}
	s.committer = newCommitter(s, st)
	s.hub = newHub(s)
	s.turns = newTurns(s)
	return s, nil
}

// Start begins to commit, deliver, answer and assign, and picks up what an earlier run left undone.
// The work ends with Close; ctx only bounds the start.
func (s *Service) Start(ctx context.Context) error {
	if err := s.refreshPace(ctx); err != nil {
		return err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	for subject, handle := range map[string]func(string, []byte){
		"conv.*":       s.hub.heard,
		"typing.*":     s.hub.heardTyping,
		"desk.changed": s.hub.heardDesk,
	} {
		stop, err := s.bus.Subscribe(subject, handle)
		if err != nil {
			cancel()
			return fault.Wrap(err, fault.Unavailable, "bus", "消息总线不可用，请稍后重试。")
		}
		s.unhook = append(s.unhook, stop)
	}
	s.unhook = append(s.unhook, s.bus.OnReconnect(s.hub.kickReconcile))
	go s.committer.run()
	for _, loop := range []func(context.Context){s.hub.run, s.turns.run, s.sweep, s.assignLoop} {
		s.working.Go(func() { loop(work) })
	}
	return nil
}

// Close finishes the turns under way, writes what was accepted, ends all subscriptions and waits for
// every goroutine. What could not be finished is picked up by another node or the next start.
// Calling it again, or without a Start, does nothing.
func (s *Service) Close() {
	if s.cancel != nil {
		s.closing.Do(s.close)
	}
}

func (s *Service) close() {
	for _, stop := range s.unhook {
		stop()
	}
	s.cancel()
	s.working.Wait()
	s.committer.close()
	s.hub.closeAll()
}

// Stats are counters since the start of this node, for metrics.
type Stats struct {
	Changes       int64 // committed, repeated and refused ones included
	Batches       int64 // transactions that committed them
	Retries       int64 // attempts that failed because the database was away
	Waiting       int   // changes that wait for the committer now
	Subscriptions int   // open now
}

// Stats answers the counters of this node.
func (s *Service) Stats() Stats {
	k := s.committer
	st := Stats{Changes: k.changes.Load(), Batches: k.batches.Load(), Retries: k.retries.Load(), Waiting: len(k.in)}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, m := range s.hub.members {
		st.Subscriptions += len(m)
	}
	return st
}

// every calls f at once and then at the given interval, until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		f()
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

package handoff

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"yinda/internal/db"
	"yinda/internal/fault"
)

const (
	// batchSize bounds a transaction. With 64 writers on SQLite, commits of one message reached
	// 3 085/s and batches 10 308/s; larger batches only lengthen the wait of the first.
	batchSize = 512
	// backlog is how many changes may wait for the committer before new ones are refused.
	backlog = 16384
)

// committer turns changes into transactions: one goroutine per node takes whatever waits, up to
// batchSize, and commits it together. The batch forms by itself while the previous one is being
// written, so a lone message does not wait for company.
type committer struct {
	s        *Service
	store    store
	in       chan *change
	size     int // of a batch
	patience time.Duration
	log      *slog.Logger
	stop     chan struct{}
	stopped  chan struct{} // run has ended
	gone     chan struct{} // nothing will be answered any more

	changes, batches, retries atomic.Int64
}

func newCommitter(s *Service, st store) *committer {
	return &committer{
		s: s, store: st, in: make(chan *change, backlog), size: batchSize, patience: s.o.CommitPatience, log: s.log,
		stop: make(chan struct{}), stopped: make(chan struct{}), gone: make(chan struct{}),
	}
}

func (k *committer) submit(c *change) error {
	select {
	case <-k.stop:
		return errStopping()
	default:
	}
	select {
	case k.in <- c:
		return nil
	default:
		return fault.New(fault.Unavailable, "overloaded", "系统繁忙，请稍候，消息会自动重发。")
	}
}

// run commits until close.
func (k *committer) run() {
	defer close(k.stopped)
	for {
		select {
		case c := <-k.in:
			k.flush(k.drain(c))
		case <-k.stop:
			// What was accepted before the stop is still written.
			for {
				select {
				case c := <-k.in:
					k.flush(k.drain(c))
				default:
					return
				}
			}
		}
	}
}

func (k *committer) close() {
	close(k.stop)
	<-k.stopped
	close(k.gone) // for a submit that raced with the stop
}

func errStopping() error {
	return fault.New(fault.Unavailable, "stopping", "系统正在重启，请稍候，消息会自动重发。")
}

func (k *committer) drain(first *change) []*change {
	batch := append(make([]*change, 0, 16), first)
	for len(batch) < k.size {
		select {
		case c := <-k.in:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// flush commits batch. While the database is away it is tried again, each change for at most the
// committer's patience. When the database refuses the batch for another reason, one of its changes
// is poisoned: they are then committed one by one, and only that one fails.
func (k *committer) flush(batch []*change) {
	wait := 20 * time.Millisecond
	for len(batch) > 0 {
		err := k.attempt(batch)
		if err == nil {
			return
		}
		if !db.Temporary(err) {
			if len(batch) > 1 {
				k.log.Warn("batch refused, trying its changes one by one", "changes", len(batch), "err", err)
				for _, c := range batch {
					k.flush([]*change{c})
				}
				return
			}
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				err = fault.Wrap(err, fault.Internal, "not_stored", "这条消息无法保存，请修改后重试。")
			}
			batch[0].done <- outcome{err: err}
			return
		}
		k.retries.Add(1)
		k.log.Warn("database away, trying again", "changes", len(batch), "err", err)
		batch = slices.DeleteFunc(batch, func(c *change) bool {
			if time.Since(c.since)+wait < k.patience {
				return false
			}
			c.done <- outcome{err: db.Explain(err)}
			return true
		})
		// After the stop there is one last attempt for each.
		select {
		case <-time.After(wait):
		case <-k.stop:
			for _, c := range batch {
				c.since = time.Time{}
			}
		}
		wait = min(2*wait, 500*time.Millisecond)
	}
}

// attempt runs batch in one transaction, and after the commit acknowledges and publishes. An error
// means that nothing was committed, or, when the connection broke during COMMIT, that it is unknown:
// the references tell then on the next attempt.
func (k *committer) attempt(batch []*change) error {
	tx, err := k.store.begin()
	if err != nil {
		return err
	}
	defer tx.rollback()

	born := map[string]*record{}
	ids, agentIDs := make([]string, 0, len(batch)), []string(nil)
	known := make(map[string]bool, len(batch))
	refs := make([]reference, 0, len(batch))
	for _, c := range batch {
		if !known[c.conversation] {
			known[c.conversation] = true
			ids = append(ids, c.conversation)
		}
		if c.born != nil {
			born[c.conversation] = c.born
		}
		agentIDs = append(agentIDs, c.agents...)
		refs = append(refs, reference{c.conversation, c.ref})
	}
	// One order of locking for all nodes: new rows, conversations, agents, each by id.
	slices.Sort(ids)
	for _, id := range ids {
		if r := born[id]; r != nil {
			if err := tx.insertConversation(r); err != nil {
				return err
			}
		}
	}
	records, err := tx.lockConversations(ids)
	if err != nil {
		return err
	}
	agents := map[string]*agentRecord{}
	if len(agentIDs) > 0 {
		slices.Sort(agentIDs)
		if agents, err = tx.lockAgents(slices.Compact(agentIDs)); err != nil {
			return err
		}
	}
	seen, err := tx.seen(refs)
	if err != nil {
		return err
	}

	now := db.Micros(k.s.now())
	results := make([]outcome, len(batch))
	var events []*stored
	var news [][]Event
	var after []func()
	desk := false
	for i, c := range batch {
		r := records[c.conversation]
		if r == nil {
			results[i].err = fault.New(fault.NotFound, "no_conversation", "找不到这个会话，请刷新页面。")
			continue
		}
		if seq, ok := seen[reference{c.conversation, c.ref}]; ok {
			results[i] = outcome{seq: seq, duplicate: true, record: *r}
			continue
		}
		saved := *r
		m := &room{record: r, s: k.s, tx: tx, now: now, agents: agents, ref: c.ref, batch: events}
		if err := apply(c, m); err != nil {
			if b, ok := errors.AsType[broken](err); ok {
				return b.error
			}
			if m.wrote {
				return err // undone by rolling everything back; the others are tried again without it
			}
			*r = saved
			results[i] = outcome{err: err, seq: saved.lastSeq, record: saved}
			continue
		}
		results[i].seq = r.lastSeq
		if len(m.events) > 0 {
			results[i].seq = m.events[0].seq
			events = append(events, m.events...)
			news = append(news, m.news)
			seen[reference{c.conversation, c.ref}] = results[i].seq
		}
		results[i].record = *r
		desk = desk || m.desk
		after = append(after, m.after...)
	}
	changed := make([]*record, 0, len(records))
	for _, id := range ids {
		if r := records[id]; r != nil && (r.hot || r.cold) {
			changed = append(changed, r)
		}
	}
	if err := tx.finish(events, changed); err != nil {
		return err
	}
	k.batches.Add(1)
	k.changes.Add(int64(len(batch)))
	for i, c := range batch {
		if errors.Is(results[i].err, errNothing) {
			results[i].err = nil
		}
		c.done <- results[i]
	}
	for _, f := range after {
		f()
	}
	k.s.publish(news, desk)
	return nil
}

// apply runs a change; a panic in it fails that change alone.
func apply(c *change, m *room) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v", p), fault.Internal, "change_failed", "操作失败，请重试；若仍失败，请联系技术支持。")
		}
	}()
	return c.apply(m)
}

// reference is a sender's reference in a conversation.
type reference struct{ conversation, ref string }

// store begins transactions on one kind of database.
type store interface{ begin() (txn, error) }

// txn is one transaction of the committer. Two implementations: txn_sqlite.go, txn_postgres.go.
type txn interface {
	// insertConversation inserts r unless the id exists.
	insertConversation(r *record) error
	// lockConversations reads the records of ids, which are sorted, and locks them.
	lockConversations(ids []string) (map[string]*record, error)
	// lockAgents reads the agents of ids, which are sorted, with their loads, and locks them.
	lockAgents(ids []string) (map[string]*agentRecord, error)
	// seen answers the sequence numbers of the references that are already stored.
	seen(refs []reference) (map[reference]int64, error)
	exec(query string, args ...any) error
	// row reads one row into dest; found is false when there is none.
	row(query string, args, dest []any) (found bool, err error)
	// finish writes events and changed records, and commits.
	finish(events []*stored, changed []*record) error
	rollback()
}

package handoff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yinda/internal/db"
	"yinda/internal/db/dbtest"
)

// BenchmarkAppend compares ways of taking a customer's message until its sender has the
// acknowledgement, with 64 senders that each wait for theirs:
//
//	relay         decode, hand to a reader, acknowledge; nothing is stored
//	relay+insert  the same with one INSERT a message, committed in groups; no sequence, no reference
//	log           the conversation log: reference, sequence, hash chain, group commit, publish
//	log,vault     the same with private data looked for and bodies encrypted
//	log,single    the log with one commit a message
//
// go test -run '^$' -bench Append -benchtime 20000x ./handoff
func BenchmarkAppend(b *testing.B) {
	b.Run("relay", func(b *testing.B) {
		r := newRelay(nil)
		defer r.close()
		senders(b, func(sender, i int) error { return r.say(sender, i) })
	})
	for _, one := range []struct {
		name string
		open func(testing.TB) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(one.name+"/relay+insert", func(b *testing.B) {
			r := newRelay(one.open(b))
			defer r.close()
			senders(b, func(sender, i int) error { return r.say(sender, i) })
		})
		for _, way := range []struct {
			name  string
			size  int
			vault bool
		}{{"log", batchSize, false}, {"log,vault", batchSize, true}, {"log,single", 1, false}} {
			b.Run(one.name+"/"+way.name, func(b *testing.B) {
				s := start(b, one.open(b), silent, func(o *Options) {
					o.Sweep, o.Reconcile = time.Hour, time.Hour
					if way.vault {
						o.Privacy = newVault(b)
					}
				})
				s.committer.size = way.size
				guests := make([]*guest, benchSenders)
				for i := range guests {
					guests[i] = enter(b, s)
				}
				senders(b, func(sender, i int) error {
					g := guests[sender]
					_, err := s.Say(context.Background(), g.id, g.visitor, Message{Ref: fmt.Sprintf("%d-%d", sender, i), Text: benchText})
					return err
				})
			})
		}
	}
}

const (
	benchSenders = 64
	benchText    = "你好，我的信用卡昨天在超市刷卡之后一直显示处理中，请问什么时候可以到账？"
)

// senders sends b.N messages and reports messages a second and the latency until the acknowledgement.
func senders(b *testing.B, say func(sender, i int) error) {
	b.Helper()
	waits := make([][]time.Duration, benchSenders)
	var all sync.WaitGroup
	b.ResetTimer()
	for n := range benchSenders {
		all.Go(func() {
			for i := n; i < b.N; i += benchSenders {
				at := time.Now()
				if err := say(n, i); err != nil {
					b.Error(err)
					return
				}
				waits[n] = append(waits[n], time.Since(at))
			}
		})
	}
	all.Wait()
	took := b.Elapsed()
	b.StopTimer()
	list := slices.Sorted(slices.Values(slices.Concat(waits...)))
	if len(list) == 0 {
		return
	}
	ms := func(q float64) float64 { return float64(list[int(q*float64(len(list)-1))].Microseconds()) / 1000 }
	b.ReportMetric(float64(len(list))/took.Seconds(), "msg/s")
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
}

// relay is the least that a chat server could do.
type relay struct {
	db   *db.DB
	in   chan relayed
	out  chan []byte
	done sync.WaitGroup
}

type relayed struct {
	frame []byte
	ack   chan error
}

func newRelay(d *db.DB) *relay {
	r := &relay{db: d, in: make(chan relayed, 1024), out: make(chan []byte, 1024)}
	if d != nil {
		if _, err := d.Exec(context.Background(), `CREATE TABLE relay (sender BIGINT, body TEXT)`); err != nil {
			panic(err)
		}
	}
	r.done.Go(r.run)
	r.done.Go(func() {
		for range r.out {
		}
	})
	return r
}

func (r *relay) close() { close(r.in); r.done.Wait() }

func (r *relay) say(sender, i int) error {
	frame, err := json.Marshal(map[string]any{"type": "say", "ref": fmt.Sprintf("%d-%d", sender, i), "text": benchText})
	if err != nil {
		return err
	}
	ack := make(chan error, 1)
	r.in <- relayed{frame, ack}
	return <-ack
}

func (r *relay) run() {
	defer close(r.out)
	for first := range r.in {
		batch := []relayed{first}
	more:
		for len(batch) < batchSize {
			select {
			case one, ok := <-r.in:
				if !ok {
					break more
				}
				batch = append(batch, one)
			default:
				break more
			}
		}
		var err error
		if r.db != nil {
			err = r.db.Write(context.Background(), func(tx *db.Tx) error {
				for i, one := range batch {
					if _, err := tx.Exec(`INSERT INTO relay (sender, body) VALUES (?, ?)`, i, string(one.frame)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		for _, one := range batch {
			var m struct{ Ref, Text string }
			if e := json.Unmarshal(one.frame, &m); e != nil {
				err = e
			}
			r.out <- one.frame
			one.ack <- err
		}
	}
}

package handoff

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/internal/bus"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
)

// The kill test runs this test binary again as a node under load and kills it with SIGKILL.
//
// A stream is one customer's browser: it sends messages 0, 1, 2 … of its own, each under its
// reference, the next one only when the last is acknowledged; after a crash it repeats the last one
// that it knows to be acknowledged and goes on. Two streams share a conversation. Whatever was
// acknowledged must be there afterwards: once, in order, at its sequence number.
const (
	killStreams       = 16
	killConversations = 8
	killRounds        = 5
	killAcks          = 150 // acknowledgements between two kills
)

func killConversation(stream int) string { return fmt.Sprintf("kill-%d", stream%killConversations) }

func killText(stream, i int) string { return fmt.Sprintf("s%d-%d", stream, i) }

func TestMain(m *testing.M) {
	if dsn := os.Getenv("YINDA_KILL_DSN"); dsn != "" {
		if err := killNode(dsn, os.Getenv("YINDA_KILL_STREAMS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killNode is the process that is killed. streams is "stream:next" for each stream, with commas.
func killNode(dsn, streams string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, dsn)
	if err != nil {
		return err
	}
	b, err := bus.Open(ctx, bus.Options{Logger: quiet()})
	if err != nil {
		return err
	}
	s, err := New(Options{DB: d, Bus: b, Decider: brain(simple), Logger: quiet(), Debounce: time.Millisecond, TurnLease: 500 * time.Millisecond, Sweep: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	var out sync.Mutex
	var all sync.WaitGroup
	for one := range strings.SplitSeq(streams, ",") {
		name, next, _ := strings.Cut(one, ":")
		stream, _ := strconv.Atoi(name)
		i, _ := strconv.Atoi(next)
		all.Go(func() {
			id := killConversation(stream)
			if _, err := s.create(ctx, id, Visitor{ID: "v", Channel: "test"}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			for ; ; i++ {
				text := killText(stream, i)
				a, err := s.Say(ctx, id, "v", Message{Ref: text, Text: text})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				out.Lock()
				fmt.Printf("%d %d %d\n", stream, i, a.Seq) // one write: not torn by the kill
				out.Unlock()
			}
		})
	}
	all.Wait()
	return errors.New("all streams ended")
}

// prey is a running killNode.
type prey struct {
	t       *testing.T
	dsn     string
	streams []int
	acks    *acks
	cmd     *exec.Cmd
	read    chan struct{} // closed when its output has ended
}

// acks is what the customers know.
type acks struct {
	mu   sync.Mutex
	seq  map[string]int64 // text → sequence number
	next map[int]int      // stream → first message that is not acknowledged
	more chan struct{}
}

func (p *prey) start() {
	p.t.Helper()
	var list []string
	p.acks.mu.Lock()
	for _, s := range p.streams {
		list = append(list, fmt.Sprintf("%d:%d", s, max(0, p.acks.next[s]-1)))
	}
	p.acks.mu.Unlock()
	p.cmd = exec.Command(os.Args[0], "-test.run=^$")
	p.cmd.Env = append(os.Environ(), "YINDA_KILL_DSN="+p.dsn, "YINDA_KILL_STREAMS="+strings.Join(list, ","))
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.read = make(chan struct{})
	go p.listen(out)
}

func (p *prey) listen(out io.Reader) {
	defer close(p.read)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var stream, i int
		var seq int64
		if n, _ := fmt.Sscanf(lines.Text(), "%d %d %d", &stream, &i, &seq); n != 3 {
			continue
		}
		a := p.acks
		a.mu.Lock()
		text := killText(stream, i)
		if old, ok := a.seq[text]; ok && old != seq {
			p.t.Errorf("%s was acknowledged as %d, then as %d", text, old, seq)
		}
		a.seq[text] = seq
		a.next[stream] = max(a.next[stream], i+1)
		a.mu.Unlock()
		select {
		case a.more <- struct{}{}:
		default:
		}
	}
}

// kill ends the process as a power cut would, and waits for its last words.
func (p *prey) kill() {
	p.cmd.Process.Kill()
	<-p.read
	p.cmd.Wait()
}

// until waits for n more acknowledgements.
func (a *acks) until(t *testing.T, n int) {
	t.Helper()
	a.mu.Lock()
	want := len(a.seq) + n
	a.mu.Unlock()
	end := time.After(30 * time.Second)
	for {
		a.mu.Lock()
		got := len(a.seq)
		a.mu.Unlock()
		if got >= want {
			return
		}
		select {
		case <-a.more:
		case <-end:
			t.Fatalf("%d acknowledged, want %d", got, want)
		}
	}
}

func TestKilledNodesLoseNothing(t *testing.T) {
	streams := make([]int, killStreams)
	for i := range streams {
		streams[i] = i
	}
	for name, run := range map[string]struct {
		dsn   func(testing.TB) string
		nodes [][]int
	}{
		"sqlite":   {dbtest.SQLiteDSN, [][]int{streams}},
		"postgres": {dbtest.PostgresDSN, [][]int{streams[:killStreams/2], streams[killStreams/2:]}},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := run.dsn(t)
			known := &acks{seq: map[string]int64{}, next: map[int]int{}, more: make(chan struct{}, 1)}
			var nodes []*prey
			for _, s := range run.nodes {
				p := &prey{t: t, dsn: dsn, streams: s, acks: known}
				p.start()
				nodes = append(nodes, p)
			}
			for round := range killRounds {
				known.until(t, killAcks)
				p := nodes[round%len(nodes)]
				p.kill()
				if round < killRounds-1 {
					p.start()
				}
			}
			for _, p := range nodes {
				p.kill()
			}
			d, err := db.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			s := start(t, d)
			for c := range killConversations {
				id := killConversation(c)
				mine := map[string]int64{}
				for _, stream := range []int{c, c + killConversations} {
					for i := range known.next[stream] {
						text := killText(stream, i)
						if known.seq[text] == 0 {
							t.Errorf("%s was skipped", text)
						}
						if i > 0 && known.seq[text] <= known.seq[killText(stream, i-1)] {
							t.Errorf("%s is before its predecessor", text)
						}
						mine[text] = known.seq[text]
					}
				}
				check(t, s, id, mine)
				// The turns that the dead nodes owed are answered now.
				eventually(t, func() string {
					r, err := s.load(t.Context(), id)
					if err != nil {
						return err.Error()
					}
					if r.turnFrom != 0 {
						return fmt.Sprintf("turn from %d is still owed", r.turnFrom)
					}
					return ""
				})
				if _, err := Verify(t.Context(), d, id); err != nil {
					t.Error(err)
				}
			}
			t.Logf("%d kills, %d messages acknowledged, none lost, doubled or out of order", killRounds+len(nodes)-1, len(known.seq))
		})
	}
}

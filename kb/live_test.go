package kb

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLiveSwapsUnderLoad(t *testing.T) {
	b := loadShop(t)
	b.Untrained = true
	b.Entries = b.Entries[:10]
	next := func(g int64) *Index {
		b.Generation = g
		x, err := Build(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	live := NewLive(nil)
	if _, err := live.Search(t.Context(), "退款", SearchOptions{}); !errors.Is(err, ErrNoIndex) {
		t.Errorf("without an index: %v", err)
	}
	live.Swap(next(1))
	var stop atomic.Bool
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last := int64(0)
			for !stop.Load() {
				r, err := live.Search(t.Context(), "怎么取消订单", SearchOptions{})
				if err != nil || len(r.Candidates) == 0 || r.Candidates[0].ID != "S04" {
					t.Errorf("%+v %v", r, err)
					return
				}
				if r.Generation < last {
					t.Errorf("generation went back from %d to %d", last, r.Generation)
				}
				last = r.Generation
				searches.Add(1)
			}
		})
	}
	for g := int64(2); g <= 6; g++ {
		x := next(g)
		before := searches.Load()
		closed := live.Swap(x)
		<-closed // every reader of the old one has left it
		for searches.Load() == before && !t.Failed() {
		} // readers go on
		if live.Generation() != g {
			t.Errorf("generation %d is in force, want %d", live.Generation(), g)
		}
	}
	stop.Store(true)
	wg.Wait()
	if err := live.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if live.Similar("a", "a") != 0 || live.Generation() != 0 {
		t.Error("a closed Live still answers")
	}
}

func TestLiveKeepsAnIndexForItsReaders(t *testing.T) {
	b := Base{Entries: []Entry{{ID: "a", Title: "怎么退款"}}}
	live := NewLive(mustBuild(t, b))
	index, release := live.Acquire()
	closed := live.Swap(nil)
	select {
	case <-closed:
		t.Fatal("closed under its reader")
	default:
	}
	if r := search(t, index, "怎么退款"); len(r.Candidates) != 1 {
		t.Errorf("%+v", r.Candidates)
	}
	release()
	<-closed
}

// TestSoak swaps indexes under load for KB_SOAK (a duration, e.g. 30m) and watches the memory. It
// is skipped otherwise.
func TestSoak(t *testing.T) {
	limit, err := time.ParseDuration(os.Getenv("KB_SOAK"))
	if err != nil {
		t.Skip("set KB_SOAK=30m to run")
	}
	x, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	b := loadShop(t)
	live := NewLive(mustBuild(t, b))
	var stop atomic.Bool
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !stop.Load() {
				if r, err := live.Search(t.Context(), "怎么取消订单", SearchOptions{}); err != nil || len(r.Candidates) == 0 {
					t.Errorf("%+v %v", r, err)
					return
				}
				searches.Add(1)
			}
		})
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	swaps, settled := 0, uint64(0)
	for end := time.Now().Add(limit); time.Now().Before(end); swaps++ {
		b.Generation++
		next, err := Rebuild(t.Context(), b, x)
		if err != nil {
			t.Fatal(err)
		}
		<-live.Swap(next)
		if swaps == 10 {
			settled = heap() // pools and caches are warm
		}
	}
	stop.Store(true)
	wg.Wait()
	now := heap()
	t.Logf("%d swaps, %d searches, heap %d → %d KiB", swaps, searches.Load(), settled/1024, now/1024)
	if settled > 0 && now > settled*5/4 {
		t.Errorf("memory grew from %d to %d bytes", settled, now)
	}
}

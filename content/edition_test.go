package content_test

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yinda/content"
	"yinda/kb"
)

// smallEdition is an edition of a few entries without learning: these tests are about swapping.
func smallEdition(t *testing.T, generation int64) *content.Edition {
	t.Helper()
	index, err := kb.Build(t.Context(), kb.Base{
		Generation: generation,
		Untrained:  true,
		Entries: []kb.Entry{
			{ID: "cancel", Title: "怎么取消订单?", Similar: []string{"不想要了怎么退订"}},
			{ID: "refund", Title: "退款多久到账?"},
			{ID: "invoice", Title: "发票怎么开?"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &content.Edition{Set: &content.Set{Generation: generation}, Index: index}
}

func asksRight(live *content.Live) (generation int64, ok bool) {
	r, err := live.Search(context.Background(), "怎么取消订单", kb.SearchOptions{})
	return r.Generation, err == nil && len(r.Candidates) > 0 && r.Candidates[0].ID == "cancel"
}

func TestSwapUnderLoad(t *testing.T) {
	live := content.NewLive(smallEdition(t, 1))
	defer live.Close()
	var stop atomic.Bool
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last := int64(0)
			for !stop.Load() {
				g, ok := asksRight(live)
				if !ok {
					t.Error("a search failed while editions were swapped")
					return
				}
				if g < last {
					t.Errorf("generation went back from %d to %d", last, g)
				}
				last = g
				searches.Add(1)
			}
		})
	}
	for g := int64(2); g <= 6; g++ {
		before := searches.Load()
		live.Swap(smallEdition(t, g))
		for searches.Load() == before && !t.Failed() {
			runtime.Gosched() // readers go on
		}
		if live.Generation() != g {
			t.Errorf("generation %d is in force, want %d", live.Generation(), g)
		}
	}
	stop.Store(true)
	wg.Wait()
}

// TestEditionStaysOpenForItsReaders swaps while a reader is inside: the reader must end on the
// edition that it began on, and others must already see the next.
func TestEditionStaysOpenForItsReaders(t *testing.T) {
	live := content.NewLive(smallEdition(t, 1))
	defer live.Close()
	live.Use(func(old *content.Edition) {
		live.Swap(smallEdition(t, 2))
		if g, ok := asksRight(live); g != 2 || !ok {
			t.Errorf("generation %d answers beside the reader (%v), want 2", g, ok)
		}
		r, err := old.Index.Search(t.Context(), "怎么取消订单", kb.SearchOptions{})
		if err != nil || len(r.Candidates) == 0 || r.Generation != 1 {
			t.Errorf("closed under its reader: %+v %v", r, err)
		}
	})
}

// TestSoak swaps editions under load for KB_SOAK (a duration, e.g. 30m) and watches the memory. It
// is skipped otherwise.
func TestSoak(t *testing.T) {
	limit, err := time.ParseDuration(os.Getenv("KB_SOAK"))
	if err != nil {
		t.Skip("set KB_SOAK=30m to run")
	}
	live := content.NewLive(smallEdition(t, 0))
	defer live.Close()
	var stop atomic.Bool
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !stop.Load() {
				if _, ok := asksRight(live); !ok {
					t.Error("a search failed while editions were swapped")
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
	swaps, settled := int64(0), uint64(0)
	for end := time.Now().Add(limit); time.Now().Before(end); {
		swaps++
		live.Swap(smallEdition(t, swaps))
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

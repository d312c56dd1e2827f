package kb

import (
	"context"
	"errors"
	"sync/atomic"
)

// Live holds the index in force and swaps it under load: a search finishes on the index it began
// with, and an index is closed when its last search has ended. A search never waits for a swap, nor
// a swap for a search.
//
//	  Swap(next)            last reader leaves
//	current ──────► retired ───────────────────► closed
//
// The zero Live has no index: its searches fail with ErrNoIndex.
type Live struct {
	current atomic.Pointer[held]
}

// ErrNoIndex is returned while no index has been published.
var ErrNoIndex = errors.New("kb: no index is published yet")

// held counts the users of an index: its readers, and Live itself while it is current.
type held struct {
	index  *Index
	users  atomic.Int64
	closed chan struct{}
}

func (h *held) release() {
	if h.users.Add(-1) == 0 {
		h.index.Close() // in memory: nothing can be lost by an error
		close(h.closed)
	}
}

// NewLive returns a Live that serves index; nil means none yet.
func NewLive(index *Index) *Live {
	l := &Live{}
	if index != nil {
		l.Swap(index)
	}
	return l
}

// Swap puts next in force at once; nil takes the current one out of force. The returned channel is
// closed when the previous index has lost its last reader and is closed.
func (l *Live) Swap(next *Index) <-chan struct{} {
	var h *held
	if next != nil {
		h = &held{index: next, closed: make(chan struct{})}
		h.users.Store(1)
	}
	old := l.current.Swap(h)
	if old == nil {
		done := make(chan struct{})
		close(done)
		return done
	}
	old.release()
	return old.closed
}

// Acquire returns the index in force and a function that must be called once when done with it. The
// index is nil if there is none.
func (l *Live) Acquire() (*Index, func()) {
	for {
		h := l.current.Load()
		if h == nil {
			return nil, func() {}
		}
		// An index whose users fell to 0 between Load and here is being closed: take the next one.
		if n := h.users.Load(); n > 0 && h.users.CompareAndSwap(n, n+1) {
			return h.index, h.release
		}
	}
}

// Search searches the index in force.
func (l *Live) Search(ctx context.Context, query string, opt SearchOptions) (Result, error) {
	index, release := l.Acquire()
	defer release()
	if index == nil {
		return Result{Query: query, Verdict: Decline, Candidates: []Candidate{}}, ErrNoIndex
	}
	return index.Search(ctx, query, opt)
}

// Similar compares two questions with the index in force; 0 if there is none.
func (l *Live) Similar(a, b string) float64 {
	index, release := l.Acquire()
	defer release()
	if index == nil {
		return 0
	}
	return index.Similar(a, b)
}

// Generation returns the generation in force; 0 if there is none.
func (l *Live) Generation() int64 {
	index, release := l.Acquire()
	defer release()
	if index == nil {
		return 0
	}
	return index.Generation()
}

// Close takes the index out of force and waits until it is closed or ctx ends.
func (l *Live) Close(ctx context.Context) error {
	select {
	case <-l.Swap(nil):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package content

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"yinda/bot"
	"yinda/kb"
)

// Edition is a set made ready to serve at one moment: compiled into a bot and an index.
type Edition struct {
	Set      *Set
	Playbook bot.Playbook
	Bot      *bot.Bot
	Index    *kb.Index
	MadeAt   time.Time

	// ModelFault is why the shipped model of understanding reads turns although one was taught the
	// bank's own examples; nil when all is as published. It belongs into the log.
	ModelFault error

	mu     sync.RWMutex // held for reading while in use; taken for writing to close
	closed bool
}

// NewEdition compiles a set as it is valid at the given time. It fails with an Invalid fault when a
// list or the index cannot be built; the edition that serves stays untouched then.
func NewEdition(ctx context.Context, set *Set, at time.Time) (*Edition, error) {
	index, err := kb.Build(ctx, set.Base(at))
	if err != nil {
		return nil, err
	}
	playbook := set.Playbook(at)
	model, fault := set.UnderstandingModel()
	b, err := bot.NewWith(playbook, index, model)
	if err != nil {
		index.Close()
		return nil, err
	}
	return &Edition{Set: set, Playbook: playbook, Bot: b, Index: index, MadeAt: at, ModelFault: fault}, nil
}

// Close frees the index once nobody uses the edition any more.
func (e *Edition) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		e.Index.Close()
	}
}

// Live holds the edition that serves. Swapping is atomic: a turn that has begun on the old edition
// ends on it, and the old one is closed after its last reader.
type Live struct {
	current atomic.Pointer[Edition]
}

// NewLive starts with an edition.
func NewLive(e *Edition) *Live {
	l := &Live{}
	l.current.Store(e)
	return l
}

// Use runs f on the current edition and keeps it open meanwhile.
func (l *Live) Use(f func(*Edition)) {
	for {
		e := l.current.Load()
		if !e.mu.TryRLock() { // swapped since Load, and closing behind its readers: take the new one
			continue
		}
		if e.closed {
			e.mu.RUnlock()
			continue
		}
		defer e.mu.RUnlock()
		f(e)
		return
	}
}

// Swap makes e the current edition and closes the old one behind its readers.
func (l *Live) Swap(e *Edition) {
	old := l.current.Swap(e)
	go old.Close() // waits for turns that still use it
}

// Generation is the number of the generation that serves.
func (l *Live) Generation() int64 { return l.current.Load().Set.Generation }

// Decide lets the current edition's bot decide a turn.
func (l *Live) Decide(ctx context.Context, course bot.Course, turn bot.Turn) (d bot.Decision) {
	l.Use(func(e *Edition) { d = e.Bot.Decide(ctx, course, turn) })
	return d
}

// Search finds entries in the current edition; agents' suggestions and the test bench use it.
func (l *Live) Search(ctx context.Context, query string, opt kb.SearchOptions) (r kb.Result, err error) {
	l.Use(func(e *Edition) { r, err = e.Index.Search(ctx, query, opt) })
	return r, err
}

// Answer returns the answer of an entry as the current edition says it.
func (l *Live) Answer(id string) (a bot.Answer, ok bool) {
	l.Use(func(e *Edition) { a, ok = e.Playbook.Answers[id] })
	return a, ok
}

// Close closes the current edition behind its readers; Live must not be used afterwards.
func (l *Live) Close() { l.current.Load().Close() }

// Check lets the current edition's guard judge a text.
func (l *Live) Check(text string, as bot.Speaker) (v bot.Verdict) {
	l.Use(func(e *Edition) { v = e.Bot.Guard().Check(text, as) })
	return v
}

// Script returns a published script as the queue says it, with facts and the given values filled
// in, "" when there is none. Texts with a value missing are not said.
func (l *Live) Script(id string, values map[string]string) (text string) {
	l.Use(func(e *Edition) {
		for _, t := range e.Playbook.Scripts[id].Texts {
			t, _ = Fill(t, values)
			filled, missing := Fill(t, e.Playbook.Facts)
			if len(missing) == 0 {
				text = filled
				return
			}
		}
	})
	return text
}

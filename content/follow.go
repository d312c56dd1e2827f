package content

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

// generationSubject carries the number of a new generation to the other nodes.
const generationSubject = "content.generation"

// Announcer is the bus as content sees it.
type Announcer interface {
	Publish(subject string, data []byte) error
	Subscribe(subject string, handle func(subject string, data []byte)) (stop func(), err error)
}

// Publisher puts new generations in service on this node and follows what other nodes publish.
type Publisher struct {
	Store *Store
	Live  *Live
	Bus   Announcer
	Log   *slog.Logger
	Clock func() time.Time
	Every time.Duration // how often the database is asked for a newer generation; 0: 5 s
}

// Published swaps a new generation in here and announces it to the other nodes.
func (p *Publisher) Published(edition *Edition) {
	generation := edition.Set.Generation
	p.Live.Swap(edition)
	if err := p.Bus.Publish(generationSubject, []byte(strconv.FormatInt(generation, 10))); err != nil {
		p.Log.Warn("a new generation was not announced; other nodes find it at their next check", "generation", generation, "error", err)
	}
}

// Follow keeps Live at the newest generation and at today's validity dates until ctx ends. A node
// that missed the announcement sees the number at its next check.
func (p *Publisher) Follow(ctx context.Context) error {
	news := make(chan struct{}, 1)
	stop, err := p.Bus.Subscribe(generationSubject, func(string, []byte) {
		select {
		case news <- struct{}{}:
		default: // one is waiting already
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	every := p.Every
	if every == 0 {
		every = 5 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-tick.C:
		}
		if err := p.catchUp(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("the newest content could not be loaded; the old generation goes on serving", "error", err)
		}
	}
}

// catchUp swaps a new edition in when there is a newer generation, or when a validity date has
// passed since the current edition was made.
func (p *Publisher) catchUp(ctx context.Context) error {
	newest, err := p.Store.Current(ctx)
	if err != nil {
		return err
	}
	now := p.Clock()
	var due bool
	p.Live.Use(func(e *Edition) {
		change := e.Set.NextChange(e.MadeAt)
		due = newest > e.Set.Generation || !change.IsZero() && !now.Before(change)
	})
	if !due {
		return nil
	}
	set, err := p.Store.Load(ctx, newest)
	if err != nil {
		return err
	}
	edition, err := NewEdition(ctx, set, now)
	if err != nil {
		return err
	}
	p.Live.Swap(edition)
	if edition.ModelFault != nil {
		p.Log.Warn("the model of understanding is not the one that was published", "error", edition.ModelFault)
	}
	p.Log.Info("content swapped", "generation", newest, "entries", len(edition.Playbook.Answers))
	return nil
}

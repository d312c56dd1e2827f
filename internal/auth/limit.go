package auth

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits counts attempts by key (an account name, an address). Keys that have been quiet for as
// long as it takes to refill them are forgotten. It counts per node: with n nodes an attacker has n
// times the attempts, which the strength of argon2id bears.
type limits struct {
	every time.Duration
	burst int
	mu    sync.Mutex
	keys  map[string]*rate.Limiter
	swept time.Time
}

func newLimits(every time.Duration, burst int) *limits {
	return &limits{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// take uses up one attempt of key. When none is left it answers how long to wait.
func (l *limits) take(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	refill := l.every * time.Duration(l.burst)
	if now.Sub(l.swept) > refill {
		for k, v := range l.keys {
			if v.TokensAt(now) >= float64(l.burst) {
				delete(l.keys, k)
			}
		}
		l.swept = now
	}
	lim := l.keys[key]
	if lim == nil {
		lim = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = lim
	}
	r := lim.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// forget gives key all its attempts back, after a success.
func (l *limits) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, key)
}

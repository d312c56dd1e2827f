// Package limit counts attempts by key: sign-ins by account and address, messages by visitor.
//
//	perAccount := limit.New(20*time.Second, 5) // five at once, then one every 20 s
//	if wait := perAccount.Take(name, now); wait > 0 { … }
//
// It counts per node: with n nodes a key has n times the attempts.
package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Keys is a token bucket for every key. Keys that have been quiet long enough to be full again are
// forgotten. It is safe for concurrent use.
type Keys struct {
	every time.Duration
	burst int
	mu    sync.Mutex
	keys  map[string]*rate.Limiter
	swept time.Time
}

// New allows burst attempts of a key at once, and then one every so often.
func New(every time.Duration, burst int) *Keys {
	return &Keys{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// Take uses up one attempt of key. When none is left it uses up nothing and answers how long to wait.
func (l *Keys) Take(key string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
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

// Allow is Take for callers who do not tell anybody how long to wait.
func (l *Keys) Allow(key string, now time.Time) bool { return l.Take(key, now) == 0 }

// Forget gives key all its attempts back, after a success.
func (l *Keys) Forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, key)
}

// sweep forgets full buckets, at most once in the time that a bucket takes to fill, and a second.
func (l *Keys) sweep(now time.Time) {
	if now.Sub(l.swept) < max(time.Second, l.every*time.Duration(l.burst)) {
		return
	}
	l.swept = now
	for key, lim := range l.keys {
		if lim.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
}

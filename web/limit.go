package web

import (
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"
)

// limits counts by key: a visitor, an address. Keys quiet long enough to be full again are forgotten.
type limits struct {
	perSecond rate.Limit
	burst     int
	mu        sync.Mutex
	keys      map[string]*rate.Limiter
	swept     time.Time
}

func newLimits(perSecond float64, burst int) *limits {
	return &limits{perSecond: rate.Limit(perSecond), burst: burst, keys: map[string]*rate.Limiter{}}
}

// allow uses up one turn of key.
func (l *limits) allow(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		for k, v := range l.keys {
			if v.TokensAt(now) >= float64(l.burst) {
				delete(l.keys, k)
			}
		}
		l.swept = now
	}
	lim := l.keys[key]
	if lim == nil {
		lim = rate.NewLimiter(l.perSecond, l.burst)
		l.keys[key] = lim
	}
	return lim.AllowN(now, 1)
}

// personWords is a wide net: what might be a request for a person is never limited away, at the
// price of letting a few other messages through. Whether it is one, the bot decides.
var personWords = regexp.MustCompile(`(?i)人工|真人|活人|客服|客服務|坐席|座席|专员|專員|转人|轉人|找人|人啊|人呢|ren\s*gong|zhen\s*ren|human|agent|person|operator|representative|help`)

// mayAskForPerson reports whether a text might ask for a person. Long texts are not searched.
func mayAskForPerson(text string) bool {
	return utf8.RuneCountInString(text) <= 200 && personWords.MatchString(text)
}

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/internal/fault"
)

// A long piece of work answers in lines of JSON (NDJSON): {"step","done","of"} while it runs, and at
// last {"result"} or {"error":{code,message}}. It belongs to its request: it needs no node to remember
// it, and ends when the browser leaves.

// progressJSON says how far the work is. Of 0: nobody knows how much it is.
type progressJSON struct {
	Step string `json:"step"` // in Chinese
	Done int    `json:"done"`
	Of   int    `json:"of"`
}

// report tells how far the work is; it may be called as often as one likes.
type report func(step string, done, of int)

const (
	// progressEvery is how often a line is written: often enough for a bar that moves, and for a proxy
	// not to think that the connection is dead.
	progressEvery = 250 * time.Millisecond
	// lineWait is how long a browser may take to read a line.
	lineWait = 30 * time.Second
)

// stream runs work and answers its progress and its result. What must be refused with a status of its
// own is refused before.
func (s *Server) stream(c echo.Context, work func(ctx context.Context, say report) (any, error)) error {
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "application/x-ndjson; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep the lines back
	control := http.NewResponseController(w)
	var mu sync.Mutex
	now := progressJSON{Step: "正在准备"}
	line := func(v any) {
		// The work may take longer than http.Server.WriteTimeout allows from the beginning of the request.
		// A connection that cannot be written to has ended its context as well.
		_ = control.SetWriteDeadline(time.Now().Add(lineWait))
		_ = json.NewEncoder(w).Encode(v)
		_ = control.Flush()
	}
	line(now)
	ctx, cancel := context.WithCancel(c.Request().Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				mu.Lock()
				p := now
				mu.Unlock()
				line(p)
			}
		}
	})
	result, err := func() (any, error) {
		defer writer.Wait() // the result is the last line, and a panic leaves nobody behind
		defer cancel()
		return work(ctx, func(step string, done, of int) {
			mu.Lock()
			now = progressJSON{step, done, of}
			mu.Unlock()
		})
	}()
	switch {
	case c.Request().Context().Err() != nil: // nobody reads any more
	case err != nil:
		kind, code, message := said(err)
		if kind == fault.Internal {
			s.log.Error("streamed work failed", "route", c.Path(), "request_id", requestID(c), "err", err)
		}
		var body errorBody
		body.Error.Code, body.Error.Message, body.Error.RequestID = code, message, requestID(c)
		line(body)
	default:
		line(map[string]any{"result": result})
	}
	return nil
}

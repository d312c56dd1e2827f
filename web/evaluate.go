package web

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"yinda/content"
	"yinda/internal/fault"
	"yinda/kb"
)

// sideJSON is one of two generations that are compared.
type sideJSON struct {
	Generation int64         `json:"generation"`
	Stats      kb.Stats      `json:"stats"` // what learning brought on questions held out from it
	Thresholds kb.Thresholds `json:"thresholds"`
	Pairs      kb.Measures   `json:"pairs"` // on the confirmed questions of the newer generation
}

// evaluationJSON compares a generation with the one before.
type evaluationJSON struct {
	Next   bool     `json:"next"` // the newer one is not published yet
	Before sideJSON `json:"before"`
	After  sideJSON `json:"after"`
	*kb.Comparison
}

// evaluate: POST /api/console/evaluate {generation} → progress, then evaluationJSON: the generation
// against the one before. 0 is what a publication would put in service now, against what serves. Both
// indexes are built beside the one that serves; the newer one learns as it would for a publication.
func (s *Server) evaluate(c echo.Context) error {
	var in struct{ Generation int64 }
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	load := func(g int64) (*content.Set, error) { return s.store.Load(ctx, g) }
	if in.Generation < 0 || in.Generation == 1 {
		return fault.New(fault.Invalid, "no_earlier", "第1代之前没有可以比较的内容，请选择第2代及以后的版次。")
	}
	var after *content.Set
	var err error
	if in.Generation == 0 {
		after, err = s.store.Next(ctx)
	} else {
		after, err = load(in.Generation)
	}
	if err != nil {
		return err
	}
	before, err := load(after.Generation - 1)
	if err != nil {
		return err
	}
	done, err := turnOf(ctx, s.evaluations)
	if err != nil {
		return err
	}
	defer done()
	s.record(c, "content.evaluate", fmt.Sprint(after.Generation), map[string]int64{"against": before.Generation})
	return s.stream(c, func(ctx context.Context, say report) (any, error) {
		out := evaluationJSON{Next: in.Generation == 0}
		now := s.clock()
		base := after.Base(now)
		build := func(b kb.Base) (*kb.Index, error) {
			say(fmt.Sprintf("正在建立第%d代索引并学习排序", b.Generation), 0, 0)
			return kb.Build(ctx, b)
		}
		old, err := build(before.Base(now))
		if err != nil {
			return nil, err
		}
		defer old.Close()
		fresh, err := build(base)
		if err != nil {
			return nil, err
		}
		defer fresh.Close()
		cases := kb.TrialCases(base, nil, mostTrials)
		var confirmed []kb.Case
		for _, one := range cases {
			if one.Slice == kb.FromPair {
				confirmed = append(confirmed, one)
			}
		}
		for _, side := range []struct {
			index *kb.Index
			out   *sideJSON
		}{{old, &out.Before}, {fresh, &out.After}} {
			*side.out = sideJSON{Generation: side.index.Generation(), Stats: side.index.Stats(), Thresholds: side.index.Thresholds()}
			if len(confirmed) == 0 {
				continue
			}
			step := fmt.Sprintf("正在用已确认的提问评测第%d代", side.index.Generation())
			r, err := kb.Evaluate(ctx, &counted{side.index, step, len(confirmed), 0, say}, confirmed)
			if err != nil {
				return nil, err
			}
			side.out.Pairs = r.All
		}
		out.Comparison, err = kb.Try(ctx, old, fresh, cases, func(n int) { say(stepAsking, n, len(cases)) })
		return out, err
	})
}

// counted reports every search.
type counted struct {
	kb.Searcher
	step   string
	of, at int
	say    report
}

// Search searches and reports.
func (s *counted) Search(ctx context.Context, query string, opt kb.SearchOptions) (kb.Result, error) {
	s.at++
	s.say(s.step, s.at, s.of)
	return s.Searcher.Search(ctx, query, opt)
}

package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/fault"
	"yinda/kb"
)

// Limits of a trial of words. 500 questions asked twice take half a second.
const (
	mostTrials   = 500
	typedTrials  = 20 // questions that an editor types
	stepIndexing = "正在建立试算索引"
	stepAsking   = "正在逐句试问"
)

// previewJSON is what a change of the dictionary or of the synonyms does.
type previewJSON struct {
	Words      []string `json:"words"`   // added, removed or regrouped
	Skipped    []string `json:"skipped"` // what the index cannot use, in Chinese
	Generation int64    `json:"generation"`
	*kb.Comparison
}

// previewWords: POST /api/console/preview {body,questions} → progress, then previewJSON. body is a
// lexicon of the dictionary or of synonyms, as it would be saved; it is tried on the published content,
// beside what serves.
func (s *Server) previewWords(c echo.Context) error {
	var in struct {
		Body      json.RawMessage
		Questions []string
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	var l bot.Lexicon
	if json.Unmarshal(in.Body, &l) != nil || !content.ForIndex(l.Kind) {
		return fault.New(fault.Invalid, "not_words", "只有词典和同义词可以试算，请先选择类型并填写词语。")
	}
	if len(in.Questions) > typedTrials {
		return fault.New(fault.Invalid, "many_questions", fmt.Sprintf("一次最多试%d个问题。", typedTrials))
	}
	var typed []kb.Case
	for _, q := range in.Questions {
		if utf8.RuneCountInString(q) > maxQuestion {
			return fault.New(fault.Invalid, "bad_question", fmt.Sprintf("问题最多%d字。", maxQuestion))
		}
		typed = append(typed, kb.Case{Question: masked(q), Slice: kb.FromTyped})
	}
	ctx := c.Request().Context()
	done, err := turnOf(ctx, s.drafts)
	if err != nil {
		return err
	}
	defer done()
	s.live.Use(func(e *content.Edition) { err = s.tryWords(c, e, l, in.Body, typed) })
	return err
}

func (s *Server) tryWords(c echo.Context, e *content.Edition, l bot.Lexicon, body json.RawMessage, typed []kb.Case) error {
	findings := e.Set.Check(content.KindLexicon, body, nil)
	if i := slices.IndexFunc(findings, func(f content.Finding) bool { return f.Level == "error" }); i >= 0 {
		return withFindings{fault.New(fault.Invalid, "content_invalid", "词表未通过检查："+findings[i].Message), findings}
	}
	before, after := e.Set.Base(e.MadeAt), e.Set.WithLexicon(l).Base(e.MadeAt)
	words := kb.ChangedWords(before, after)
	if len(words) == 0 {
		return fault.New(fault.Invalid, "nothing_changed", "词语与已发布的版本相同，没有可以试算的变化。")
	}
	return s.stream(c, func(ctx context.Context, say report) (any, error) {
		say(stepIndexing, 0, 0)
		changed, err := kb.Rebuild(ctx, after, e.Index)
		if err != nil {
			return nil, err
		}
		defer changed.Close()
		cases := append(typed, kb.TrialCases(after, words, mostTrials)...)
		compared, err := kb.Try(ctx, e.Index, changed, cases, func(n int) { say(stepAsking, n, len(cases)) })
		if err != nil {
			return nil, err
		}
		skipped := slices.DeleteFunc(changed.Stats().Skipped, func(note string) bool { return slices.Contains(e.Index.Stats().Skipped, note) })
		return previewJSON{words, append([]string{}, skipped...), e.Set.Generation, compared}, nil
	})
}

package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/fault"
	"yinda/internal/vault"
	"yinda/kb"
)

// askJSON is what `yinda ask --json --explain` prints (design §8): the test bench shows exactly what
// the live bot would do.
type askJSON struct {
	Text              string         `json:"text"`
	Kind              bot.Kind       `json:"kind"`
	EntryID           string         `json:"entry_id"`
	Title             string         `json:"title"`
	Reply             string         `json:"reply"`
	Candidates        []kb.Candidate `json:"candidates"`
	Emotion           string         `json:"emotion"`
	EmotionLevel      int            `json:"emotion_level"`
	Complaint         bool           `json:"complaint"`
	ComplaintCategory string         `json:"complaint_category"`
	Urgent            string         `json:"urgent"`
	WantsPerson       bool           `json:"wants_person"`
	Escalate          bool           `json:"escalate"`
	Reason            string         `json:"reason"`
	Evidence          []bot.Evidence `json:"evidence"`
	Ms                float64        `json:"ms"`
	Explanation       *kb.Result     `json:"explanation,omitempty"`
}

// maxQuestion bounds a test question, in characters: a megabyte takes the segmenter 0.2 s.
const maxQuestion = 2000

// ask: POST /api/console/ask {text,draft?:{kind,body}} → askJSON. With a draft the question is asked
// of the published content with the draft over it.
func (s *Server) ask(c echo.Context) error {
	var in struct {
		Text  string
		Draft *struct {
			Kind content.Kind
			Body json.RawMessage
		}
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(in.Text); n == 0 || n > maxQuestion {
		return fault.New(fault.Invalid, "bad_question", fmt.Sprintf("请输入1—%d字的问题。", maxQuestion))
	}
	ctx := c.Request().Context()
	if in.Draft == nil {
		var out askJSON
		s.live.Use(func(e *content.Edition) { out = askEdition(ctx, e, in.Text) })
		return c.JSON(http.StatusOK, out)
	}
	done, err := turnOf(ctx, s.drafts)
	if err != nil {
		return err
	}
	defer done()
	edition, err := s.store.Draft(ctx, in.Draft.Kind, in.Draft.Body)
	if err != nil {
		return explainCheck(err)
	}
	defer edition.Close()
	return c.JSON(http.StatusOK, askEdition(ctx, edition, in.Text))
}

// turnOf waits until an index may be built: one at a time, so that serving keeps a processor.
func turnOf(ctx context.Context, one chan struct{}) (done func(), err error) {
	select {
	case one <- struct{}{}:
		return func() { <-one }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(20 * time.Second):
		return nil, fault.New(fault.TooMany, "drafts_busy", "同事正在试答或试算，请稍后再试。")
	}
}

func askEdition(ctx context.Context, e *content.Edition, text string) askJSON {
	safe := vault.Mask(text)
	turn := bot.Turn{Text: safe.Text, At: time.Now(), Masked: len(safe.Found) > 0}
	for _, f := range safe.Found {
		turn.Secret = turn.Secret || f.Level == vault.C3
	}
	d := e.Bot.Decide(ctx, bot.Course{}, turn)
	out := askJSON{
		Text: safe.Text, Kind: d.Kind, EntryID: d.EntryID, Title: d.Title, Reply: d.Reply.Text(), Candidates: d.Candidates,
		Emotion: d.Emotion, EmotionLevel: d.EmotionLevel, Complaint: d.Complaint, ComplaintCategory: d.ComplaintCategory,
		Urgent: d.Urgent, WantsPerson: d.WantsPerson, Escalate: d.Escalate, Reason: d.Reason, Evidence: d.Evidence,
		Ms: float64(d.Took.Microseconds()) / 1000,
	}
	if out.Candidates == nil {
		out.Candidates = []kb.Candidate{}
	}
	if out.Evidence == nil {
		out.Evidence = []bot.Evidence{}
	}
	if r, err := e.Index.Search(ctx, safe.Text, kb.SearchOptions{Explain: true}); err == nil {
		out.Explanation = &r
	}
	return out
}

// exportItems: GET /api/console/export?kind=entry|example&format=xlsx|tsv|yaml: the published ones.
func (s *Server) exportItems(c echo.Context) error {
	kind, err := tableKind(c)
	if err != nil {
		return err
	}
	format := c.QueryParam("format")
	if format == "" {
		format = "xlsx"
	}
	kinds := map[string]string{
		"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"tsv":  "text/tab-separated-values; charset=utf-8",
		"yaml": "application/yaml; charset=utf-8",
	}
	if kinds[format] == "" {
		return fault.New(fault.Invalid, "format", "不支持的格式，请使用 xlsx、tsv 或 yaml。")
	}
	set, err := s.store.Load(c.Request().Context(), 0)
	if err != nil {
		return err
	}
	name, count := "entries", len(set.Entries)
	if kind == content.KindExample {
		name, count = "examples", len(set.Examples)
	}
	s.record(c, "content.export", string(kind), map[string]any{"format": format, name: count, "generation": set.Generation})
	name = fmt.Sprintf("yinda-%s-g%d.%s", name, set.Generation, format)
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().Header().Set(echo.HeaderContentType, kinds[format])
	c.Response().WriteHeader(http.StatusOK)
	if kind == content.KindExample {
		return content.WriteExamples(c.Response(), set.Examples, format)
	}
	return content.WriteEntries(c.Response(), set.Entries, format)
}

// tableKind is the kind of content that is exported or imported: entries unless the query says examples.
func tableKind(c echo.Context) (content.Kind, error) {
	switch kind := content.Kind(c.QueryParam("kind")); kind {
	case "", content.KindEntry:
		return content.KindEntry, nil
	case content.KindExample:
		return kind, nil
	}
	return "", fault.New(fault.Invalid, "export_kind", "只能导入、导出知识条目（kind=entry）和例句（kind=example）。")
}

// importItems: POST /api/console/import?kind=entry|example (multipart "file") →
// {added,changed,unchanged,findings}: what is in the file becomes drafts, all or none.
func (s *Server) importItems(c echo.Context) error {
	kind, err := tableKind(c)
	if err != nil {
		return err
	}
	header, err := c.FormFile("file")
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "body_too_large", fmt.Sprintf("文件超过%d MB，请拆分后导入。", maxUpload>>20))
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "no_file", "请选择要导入的文件（xlsx、tsv、csv 或 yaml）。")
	}
	f, err := header.Open()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "no_file", "文件没有传完，请重新选择。")
	}
	defer f.Close()
	name := filepath.Base(header.Filename)
	var done content.Imported
	if kind == content.KindExample {
		var examples []content.Example
		if examples, err = content.ReadExamples(name, f); err == nil {
			done, err = s.store.ImportExamples(c.Request().Context(), account(c).Username, examples)
		}
	} else {
		var entries []content.Entry
		if entries, err = content.ReadEntries(name, f); err == nil {
			done, err = s.store.Import(c.Request().Context(), account(c).Username, entries, s.lintDraft)
		}
	}
	if err != nil {
		return explainCheck(err)
	}
	s.record(c, "content.import", name, map[string]int{"added": done.Added, "changed": done.Changed, "unchanged": done.Unchanged})
	return c.JSON(http.StatusOK, done)
}

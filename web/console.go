package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/auth"
	"yinda/internal/fault"
)

// Content records its authors and reviewers by user name, which nobody can change, so that maker and
// checker stay two people; screens show the names behind them.

// names maps user names to the names that are shown.
type names map[string]string

func (n names) of(username string) string {
	if name, ok := n[username]; ok {
		return name
	}
	return username // the starter content's authors are no accounts
}

func (s *Server) names(ctx context.Context) (names, error) {
	all, err := s.auth.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	n := names{}
	for _, a := range all {
		n[a.Username] = a.Name
	}
	return n, nil
}

// itemJSON is an item with the names of people. Mine: the signed-in editor wrote it, so somebody
// else must review it.
type itemJSON struct {
	content.Item
	Mine bool `json:"mine"`
}

func (n names) item(i content.Item, a auth.Account) itemJSON {
	mine := i.Author == a.Username
	i.Author, i.Reviewer = n.of(i.Author), n.of(i.Reviewer)
	return itemJSON{i, mine}
}

// lint is the guard of the content that serves, as drafts are held to it.
func (s *Server) lint(text string, as bot.Speaker) (v bot.Verdict) {
	v = s.live.Check(text, as)
	if v.Findings == nil {
		v.Findings = []bot.Finding{}
	}
	return v
}

func (s *Server) lintDraft(text string) bot.Verdict { return s.lint(text, bot.SpeakerDraft) }

func kindOf(c echo.Context, name string) (content.Kind, error) {
	text := c.Param("kind")
	if name != "" {
		if text = c.QueryParam(name); text == "" {
			return "", nil
		}
	}
	for _, k := range content.Kinds {
		if string(k) == text {
			return k, nil
		}
	}
	return "", fault.New(fault.NotFound, "no_kind", "没有这种内容类型，可用：entry、fact、notice、script、lexicon、policy、example。")
}

// explainCheck passes the findings of a refused draft on to the editor.
func explainCheck(err error) error {
	if check, ok := errors.AsType[*content.CheckError](err); ok {
		return withFindings{err, check.Findings}
	}
	return err
}

// items: GET /api/console/items?kind=&state=&q= → {items,generation}.
func (s *Server) items(c echo.Context) error {
	ctx := c.Request().Context()
	kind, err := kindOf(c, "kind")
	if err != nil {
		return err
	}
	list, err := s.store.List(ctx, kind, content.State(c.QueryParam("state")), c.QueryParam("q"))
	if err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	out := make([]itemJSON, len(list))
	for i, item := range list {
		out[i] = n.item(item, account(c))
	}
	return c.JSON(http.StatusOK, map[string]any{"items": out, "generation": s.live.Generation()})
}

// item: GET /api/console/items/:kind/:id → {item,versions}.
func (s *Server) item(c echo.Context) error {
	kind, err := kindOf(c, "")
	if err != nil {
		return err
	}
	return s.answerItem(c, http.StatusOK, kind, c.Param("id"), nil)
}

func (s *Server) answerItem(c echo.Context, status int, kind content.Kind, id string, findings []content.Finding) error {
	ctx := c.Request().Context()
	item, versions, err := s.store.Get(ctx, kind, id)
	if err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	for i := range versions {
		versions[i].Author, versions[i].Reviewer = n.of(versions[i].Author), n.of(versions[i].Reviewer)
	}
	if findings == nil {
		findings = []content.Finding{}
	}
	return c.JSON(status, map[string]any{"item": n.item(item, account(c)), "versions": versions, "findings": findings})
}

// newItem: POST /api/console/items/:kind {body} → {item,versions,findings}.
func (s *Server) newItem(c echo.Context) error { return s.save(c, true) }

// saveItem: PUT /api/console/items/:kind/:id {body,base_version} → {item,versions,findings}.
func (s *Server) saveItem(c echo.Context) error { return s.save(c, false) }

func (s *Server) save(c echo.Context, born bool) error {
	kind, err := kindOf(c, "")
	if err != nil {
		return err
	}
	var in struct {
		Body        json.RawMessage `json:"body"`
		BaseVersion int             `json:"base_version"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if len(in.Body) == 0 || in.Body[0] != '{' {
		return fault.New(fault.Invalid, "bad_body", "缺少内容（body）。")
	}
	status := http.StatusOK
	switch {
	case born && kind == content.KindPolicy:
		return fault.New(fault.Invalid, "one_policy", "策略阈值只有一份，请直接修改。")
	case born:
		in.BaseVersion, status = 0, http.StatusCreated
	case in.BaseVersion < 1:
		return fault.New(fault.Invalid, "base_version", "缺少修改所依据的版本号（base_version），请刷新后重试。")
	default:
		var body struct{ ID string }
		if json.Unmarshal(in.Body, &body) == nil && kind != content.KindPolicy && body.ID != c.Param("id") {
			return fault.New(fault.Invalid, "id_changed", "编号不能修改。需要新编号时，请新建一条。")
		}
	}
	item, findings, err := s.store.SaveDraft(c.Request().Context(), account(c).Username, kind, in.Body, in.BaseVersion, s.lintDraft)
	if err != nil {
		return explainCheck(err)
	}
	s.record(c, "content.save", object(kind, item.ID), map[string]any{"version": item.Version})
	return s.answerItem(c, status, kind, item.ID, findings)
}

func object(kind content.Kind, id string) string { return string(kind) + "/" + id }

// step does one step of a review and answers the item as it is then.
func (s *Server) step(c echo.Context, action string, do func(ctx context.Context, kind content.Kind, id string) error, detail any) error {
	kind, err := kindOf(c, "")
	if err != nil {
		return err
	}
	id := c.Param("id")
	if err := do(c.Request().Context(), kind, id); err != nil {
		if fault.KindOf(err) == fault.Forbidden {
			s.record(c, action+"_refused", object(kind, id), detail)
		}
		return explainCheck(err)
	}
	s.record(c, action, object(kind, id), detail)
	return s.answerItem(c, http.StatusOK, kind, id, nil)
}

// submitItem: POST …/submit.
func (s *Server) submitItem(c echo.Context) error {
	return s.step(c, "content.submit", func(ctx context.Context, kind content.Kind, id string) error {
		return s.store.Submit(ctx, kind, id, s.lintDraft)
	}, nil)
}

// approveItem: POST …/approve. 403 for the author.
func (s *Server) approveItem(c echo.Context) error {
	return s.step(c, "content.approve", func(ctx context.Context, kind content.Kind, id string) error {
		return s.store.Approve(ctx, account(c).Username, kind, id)
	}, nil)
}

// reasonIn reads {reason}; a rejection without a reason helps nobody.
func reasonIn(c echo.Context) (string, error) {
	var in struct{ Reason string }
	if err := decode(c, &in); err != nil {
		return "", err
	}
	if in.Reason == "" {
		return "", fault.New(fault.Invalid, "no_reason", "请写明原因，方便同事处理。")
	}
	if len([]rune(in.Reason)) > 500 {
		return "", fault.New(fault.Invalid, "long_reason", "原因最多500字。")
	}
	return in.Reason, nil
}

// rejectItem: POST …/reject {reason}.
func (s *Server) rejectItem(c echo.Context) error {
	reason, err := reasonIn(c)
	if err != nil {
		return err
	}
	return s.step(c, "content.reject", func(ctx context.Context, kind content.Kind, id string) error {
		return s.store.Reject(ctx, account(c).Username, kind, id, reason)
	}, map[string]string{"reason": reason})
}

// withdrawItem: POST …/withdraw {reason}.
func (s *Server) withdrawItem(c echo.Context) error {
	reason, err := reasonIn(c)
	if err != nil {
		return err
	}
	return s.step(c, "content.withdraw", func(ctx context.Context, kind content.Kind, id string) error {
		return s.store.Withdraw(ctx, account(c).Username, kind, id, reason)
	}, map[string]string{"reason": reason})
}

// rollbackItem: POST …/rollback {version}.
func (s *Server) rollbackItem(c echo.Context) error {
	var in struct{ Version int }
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Version < 1 {
		return fault.New(fault.Invalid, "no_version", "请选择要恢复的版本。")
	}
	return s.step(c, "content.rollback", func(ctx context.Context, kind content.Kind, id string) error {
		return s.store.Rollback(ctx, account(c).Username, kind, id, in.Version)
	}, map[string]int{"version": in.Version})
}

// publish: POST /api/console/publish {note} → {generation}. The bot answers with it at once here, and
// on other nodes as soon as they hear of it.
func (s *Server) publish(c echo.Context) error {
	var in struct{ Note string }
	if err := decode(c, &in); err != nil {
		return err
	}
	edition, err := s.store.Publish(c.Request().Context(), account(c).Username, in.Note)
	if err != nil {
		return explainCheck(err)
	}
	generation := edition.Set.Generation
	s.published(edition)
	s.record(c, "content.publish", strconv.FormatInt(generation, 10), map[string]string{"note": in.Note})
	return c.JSON(http.StatusOK, map[string]int64{"generation": generation})
}

// generations: GET /api/console/generations → {items,current}.
func (s *Server) generations(c echo.Context) error {
	ctx := c.Request().Context()
	list, err := s.store.Generations(ctx)
	if err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].By = n.of(list[i].By)
	}
	return c.JSON(http.StatusOK, map[string]any{"items": list, "current": s.live.Generation()})
}

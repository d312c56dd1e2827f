package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/handoff"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// escalatedJSON is an escalation with the names of people.
type escalatedJSON struct {
	handoff.Escalated
	DoneBy string `json:"done_by"`
}

// china is the bank's wall clock: days in filters are days there.
var china = time.FixedZone("CST", 8*3600)

// dayIn reads a day of a query (2006-01-02) as the moment of its beginning in China, moved by days; 0
// when there is none.
func dayIn(c echo.Context, name string, days int) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, china)
	if err != nil {
		return 0, fault.New(fault.Invalid, "bad_day", "日期请写成2026-11-23的形式。")
	}
	return db.Micros(t.AddDate(0, 0, days)), nil
}

// escalations: GET /api/console/escalations?verdict=&reason=&from=&to=&open=1&offset= → {items,more}:
// what agents thought of escalations (升级复盘). The look is recorded before anything is shown.
func (s *Server) escalations(c echo.Context) error {
	f := handoff.EscalatedFilter{Verdict: c.QueryParam("verdict"), Reason: c.QueryParam("reason"), Open: c.QueryParam("open") == "1"}
	var err error
	if f.From, err = dayIn(c, "from", 0); err != nil {
		return err
	}
	if f.To, err = dayIn(c, "to", 1); err != nil { // the last day counts whole
		return err
	}
	if o := c.QueryParam("offset"); o != "" {
		if f.Offset, err = strconv.Atoi(o); err != nil || f.Offset < 0 {
			return fault.New(fault.Invalid, "bad_offset", "页码不正确，请刷新后重试。")
		}
	}
	ctx := c.Request().Context()
	list, more, err := s.service.Escalated(ctx, f)
	if err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	items := make([]escalatedJSON, len(list))
	for i, e := range list {
		items[i] = escalatedJSON{e, n.of(e.DoneBy)}
	}
	if err := s.look(c, account(c), "escalation.view", "", map[string]any{"escalations": len(items), "filter": c.QueryString()}); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items, "more": more})
}

// debrief: POST /api/console/escalations/:id/done {done}: an editor has worked it off, or takes that back.
func (s *Server) debrief(c echo.Context) error {
	var in struct{ Done *bool }
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Done == nil {
		return fault.New(fault.Invalid, "no_done", "缺少处理状态（done）。")
	}
	id := c.Param("id")
	if err := s.service.Debrief(c.Request().Context(), id, account(c).Username, *in.Done); err != nil {
		return err
	}
	s.record(c, "escalation.debrief", id, map[string]bool{"done": *in.Done})
	return c.NoContent(http.StatusNoContent)
}

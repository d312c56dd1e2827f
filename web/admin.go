package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// accountJSON is an account as administrators see it.
type accountJSON struct {
	userJSON
	Groups      []string `json:"groups"`
	Capacity    int      `json:"capacity"`
	AgreementOn string   `json:"agreement_on"`
	Disabled    bool     `json:"disabled"`
	CreatedAt   int64    `json:"created_at"`
	SignedInAt  int64    `json:"signed_in_at"`
}

func newAccountJSON(a auth.Account) accountJSON {
	return accountJSON{userJSON: newUserJSON(a), Groups: a.Groups, Capacity: a.Capacity, AgreementOn: a.AgreementOn,
		Disabled: a.Disabled, CreatedAt: db.Micros(a.CreatedAt), SignedInAt: db.Micros(a.SignedInAt)}
}

// users: GET /api/admin/users → {items}.
func (s *Server) users(c echo.Context) error {
	all, err := s.auth.ListUsers(c.Request().Context())
	if err != nil {
		return err
	}
	items := make([]accountJSON, len(all))
	for i, a := range all {
		items[i] = newAccountJSON(a)
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}

// createUser: POST /api/admin/users {username,name,password,roles,groups,capacity,agreement_on}.
func (s *Server) createUser(c echo.Context) error {
	var in struct {
		Username, Name, Password string
		Roles                    []auth.Role
		Groups                   []string
		Capacity                 int
		AgreementOn              string `json:"agreement_on"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	a, err := s.auth.CreateUser(c.Request().Context(), auth.NewUser(in))
	if err != nil {
		return err
	}
	s.record(c, "account.create", a.Username, map[string]any{"roles": a.Roles})
	return c.JSON(http.StatusCreated, newAccountJSON(a))
}

// updateUser: POST /api/admin/users/:username {name?,roles?,groups?,capacity?,agreement_on?,disabled?}.
func (s *Server) updateUser(c echo.Context) error {
	var in struct {
		Name        *string
		Roles       []auth.Role
		Groups      []string
		Capacity    *int
		AgreementOn *string `json:"agreement_on"`
		Disabled    *bool
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	a, err := s.auth.UpdateUser(c.Request().Context(), c.Param("username"), auth.Change(in))
	if err != nil {
		return err
	}
	s.record(c, "account.update", a.Username, map[string]any{"roles": a.Roles, "groups": a.Groups, "capacity": a.Capacity, "disabled": a.Disabled})
	if a.Disabled {
		s.endSessions(a.ID)
	}
	return c.JSON(http.StatusOK, newAccountJSON(a))
}

// resetPassword: POST /api/admin/users/:username/password {password}. All sessions of the account end.
func (s *Server) resetPassword(c echo.Context) error {
	var in struct{ Password string }
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := s.auth.Find(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	if err := s.auth.SetPassword(ctx, a.Username, in.Password); err != nil {
		return err
	}
	s.record(c, "account.password", a.Username, map[string]bool{"own": false})
	s.endSessions(a.ID)
	return c.NoContent(http.StatusNoContent)
}

// auditRows: GET /api/admin/audit?after=&before=&actor=&action=&object=&limit= → {items,head}. With
// after the rows come in order, without it the newest first. The look is recorded itself.
func (s *Server) auditRows(c echo.Context) error {
	f := audit.Filter{Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), Object: c.QueryParam("object")}
	for name, into := range map[string]*int64{"after": &f.After, "before": &f.Before} {
		if err := number(c, name, into); err != nil {
			return err
		}
	}
	limit := int64(200)
	if err := number(c, "limit", &limit); err != nil {
		return err
	}
	f.Limit, f.Newest = int(min(limit, 500)), c.QueryParam("after") == ""
	ctx := c.Request().Context()
	if err := s.look(c, account(c), "audit.view", "audit", map[string]any{"after": f.After, "before": f.Before, "action": f.Action}); err != nil {
		return err
	}
	rows, err := s.audit.List(ctx, f)
	if err != nil {
		return err
	}
	head, err := s.audit.Head(ctx)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"items": rows, "head": head})
}

// auditVerify: GET /api/admin/audit/verify → {ok,message,report}.
func (s *Server) auditVerify(c echo.Context) error {
	if err := s.look(c, account(c), "audit.verify", "audit", nil); err != nil {
		return err
	}
	report, err := s.audit.Verify(c.Request().Context())
	if err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	out := map[string]any{"ok": err == nil, "report": report, "message": "审计记录完整，没有被改动过。"}
	if err != nil {
		_, _, out["message"] = said(err)
	}
	return c.JSON(http.StatusOK, out)
}

// number reads a whole number of the query into v; absent or empty leaves it.
func number(c echo.Context, name string, v *int64) error {
	text := c.QueryParam(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fault.New(fault.Invalid, "bad_number", "参数“"+name+"”须为不小于0的整数。")
	}
	*v = n
	return nil
}

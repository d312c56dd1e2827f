package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/fault"
)

// userJSON is an account as its owner and colleagues see it.
type userJSON struct {
	ID       string      `json:"id"`
	Username string      `json:"username"`
	Name     string      `json:"name"`
	Roles    []auth.Role `json:"roles"`
}

func newUserJSON(a auth.Account) userJSON {
	return userJSON{ID: a.ID, Username: a.Username, Name: a.Name, Roles: slices.Clone(a.Roles)}
}

// record writes to the audit log what the account of the request did. A change that has happened is
// not taken back when its record fails: the failure is logged and counted, and somebody is called.
func (s *Server) record(c echo.Context, action, object string, detail any) {
	s.recordAs(c, account(c), action, object, detail)
}

func (s *Server) recordAs(c echo.Context, a auth.Account, action, object string, detail any) {
	if err := s.look(c, a, action, object, detail); err != nil {
		s.metrics.auditFailures.Inc()
		s.log.Error("audit record lost", "action", action, "object", object, "actor", a.ID, "err", err)
	}
}

// look writes the record of a look at customers' data, before anything is shown: without a record
// there is no look.
func (s *Server) look(c echo.Context, a auth.Account, action, object string, detail any) error {
	if a.ID == "" {
		a.ID = "-"
	}
	return s.audit.Append(c.Request().Context(), audit.Record{Actor: a.ID, ActorName: a.Name, Action: action, Object: object, Detail: detail})
}

// login: POST /api/login {username,password} → user.
func (s *Server) login(c echo.Context) error {
	var in struct{ Username, Password string }
	if err := decode(c, &in); err != nil {
		return err
	}
	a, err := s.auth.SignIn(c.Response(), c.Request(), c.RealIP(), in.Username, in.Password)
	if err != nil {
		if kind := fault.KindOf(err); kind == fault.Unauthorized || kind == fault.Forbidden {
			s.recordAs(c, auth.Account{}, "session.refuse", short(in.Username), map[string]string{"ip": c.RealIP()})
		}
		return err
	}
	s.recordAs(c, a, "session.open", a.ID, map[string]string{"ip": c.RealIP()})
	s.cameToWork(a.ID, true)
	return c.JSON(http.StatusOK, newUserJSON(a))
}

// short bounds what somebody typed as a user name; by mistake it may be a password, so that only its
// beginning is kept.
func short(name string) string {
	r := []rune(name)
	if len(r) > 3 {
		return string(r[:3]) + "…"
	}
	return string(r)
}

// logout: POST /api/logout. Without a session it answers the same.
func (s *Server) logout(c echo.Context) error {
	a, err := s.auth.Who(c.Request())
	if err == nil {
		s.leaveWork(c, a)
	}
	if err := s.auth.SignOut(c.Response(), c.Request()); err != nil {
		return err
	}
	if err == nil {
		s.recordAs(c, a, "session.close", a.ID, nil)
		s.endSessions(a.ID)
	}
	return c.NoContent(http.StatusNoContent)
}

// logoutEverywhere: POST /api/logout/everywhere ends all sessions of the account.
func (s *Server) logoutEverywhere(c echo.Context) error {
	a := account(c)
	n, err := s.auth.SignOutEverywhere(c.Request().Context(), a.ID)
	if err != nil {
		return err
	}
	s.record(c, "session.close_all", a.ID, map[string]int64{"sessions": n})
	s.endSessions(a.ID)
	return c.JSON(http.StatusOK, map[string]int64{"sessions": n})
}

// me: GET /api/me → user.
func (s *Server) me(c echo.Context) error {
	return c.JSON(http.StatusOK, newUserJSON(account(c)))
}

// changePassword: POST /api/me/password {old,new}. All sessions end; the browser signs in again.
func (s *Server) changePassword(c echo.Context) error {
	var in struct{ Old, New string }
	if err := decode(c, &in); err != nil {
		return err
	}
	a := account(c)
	if err := s.auth.ChangePassword(c.Request().Context(), a.ID, in.Old, in.New); err != nil {
		return err
	}
	s.record(c, "account.password", a.Username, map[string]bool{"own": true})
	s.endSessions(a.ID)
	return c.NoContent(http.StatusNoContent)
}

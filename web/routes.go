package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"yinda/internal/auth"
	"yinda/internal/fault"
)

// access is the decision who may use a route. Its zero value is no decision, and New refuses it.
type access struct {
	anyone   bool              // no session needed
	inside   bool              // only from machines of the own network
	signedIn bool              // any account
	may      []auth.Permission // accounts with one of these
}

var (
	anyone   = access{anyone: true}
	inside   = access{inside: true}
	signedIn = access{signedIn: true}
)

func may(p ...auth.Permission) access { return access{may: p} }

// route is one line of the table.
type route struct {
	method, path string
	access       access
	handler      echo.HandlerFunc
}

// routes is every way into the server.
func (s *Server) routes() []route {
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	serve, supervise := may(auth.Serve), may(auth.Supervise)
	read, edit, review := may(auth.ReadContent), may(auth.EditContent), may(auth.ReviewContent)
	return []route{
		{get, "/ws/chat", anyone, s.chatSocket},
		{get, "/ws/desk", serve, s.deskSocket},

		{post, "/api/login", anyone, s.login},
		{post, "/api/logout", anyone, s.logout},
		{post, "/api/logout/everywhere", signedIn, s.logoutEverywhere},
		{get, "/api/me", signedIn, s.me},
		{post, "/api/me/password", signedIn, s.changePassword},
		{get, "/api/public/config", anyone, s.publicConfig},

		{get, "/api/desk/conversations", serve, s.deskList},
		{get, "/api/desk/conversations/:id", serve, s.deskConversation},
		{post, "/api/desk/conversations/:id/claim", serve, s.claim},
		{post, "/api/desk/conversations/:id/transfer", serve, s.transfer},
		{post, "/api/desk/conversations/:id/close", serve, s.closeConversation},
		{post, "/api/desk/conversations/:id/verdict", serve, s.verdict},
		{post, "/api/desk/conversations/:id/reveal", serve, s.reveal},
		{post, "/api/desk/conversations/:id/pair", serve, s.proposePair},
		{post, "/api/desk/conversations/:id/pair/back", serve, s.takeBackPair},
		{get, "/api/desk/suggest", serve, s.suggest},
		{post, "/api/desk/lint", serve, s.lintText},
		{post, "/api/desk/presence", serve, s.setPresence},
		{get, "/api/desk/agents", serve, s.agents},
		{get, "/api/desk/macros", serve, s.macros},

		{get, "/api/team/overview", supervise, s.overview},

		{get, "/api/console/items", read, s.items},
		{get, "/api/console/items/:kind/:id", read, s.item},
		{post, "/api/console/items/:kind", edit, s.newItem},
		{put, "/api/console/items/:kind/:id", edit, s.saveItem},
		{post, "/api/console/items/:kind/:id/submit", edit, s.submitItem},
		{post, "/api/console/items/:kind/:id/withdraw", edit, s.withdrawItem},
		{post, "/api/console/items/:kind/:id/rollback", edit, s.rollbackItem},
		{post, "/api/console/items/:kind/:id/approve", review, s.approveItem},
		{post, "/api/console/items/:kind/:id/reject", review, s.rejectItem},
		{post, "/api/console/publish", review, s.publish},
		{get, "/api/console/generations", read, s.generations},
		{post, "/api/console/ask", read, s.ask},
		{get, "/api/console/unanswered", edit, s.unanswered},
		{get, "/api/console/pairs", read, s.pairs},
		{post, "/api/console/pairs", edit, s.confirmPair},
		{post, "/api/console/pairs/:id/approve", edit, s.approvePair},
		{post, "/api/console/pairs/:id/remove", edit, s.removePair},
		{post, "/api/console/pairs/:id/restore", edit, s.restorePair},
		{post, "/api/console/preview", edit, s.previewWords},
		{post, "/api/console/evaluate", read, s.evaluate},
		{get, "/api/console/escalations", edit, s.escalations},
		{post, "/api/console/escalations/:id/done", edit, s.debrief},
		{get, "/api/console/export", edit, s.exportItems},
		{post, "/api/console/import", edit, s.importItems},

		{get, "/api/admin/users", may(auth.ManageUsers), s.users},
		{post, "/api/admin/users", may(auth.ManageUsers), s.createUser},
		{post, "/api/admin/users/:username", may(auth.ManageUsers), s.updateUser},
		{post, "/api/admin/users/:username/password", may(auth.ManageUsers), s.resetPassword},
		{get, "/api/admin/audit", may(auth.ReadAudit), s.auditRows},
		{get, "/api/admin/audit/verify", may(auth.ReadAudit), s.auditVerify},

		{get, "/healthz", anyone, s.healthz},
		{get, "/readyz", anyone, s.readyz},
		{get, "/metrics", inside, s.metricsPage},

		{get, "/api/*", anyone, noSuchPath},
		{get, "/", anyone, s.page("index.html")},
		{get, widgetPath, anyone, s.page("widget.html")},
		{get, "/desk", anyone, s.page("desk.html")},
		{get, "/desk/*", anyone, s.page("desk.html")},
		{get, "/console", anyone, s.page("console.html")},
		{get, "/console/*", anyone, s.page("console.html")},
		{get, "/assets/*", anyone, s.asset},
		{get, "/*", anyone, s.otherFile},
	}
}

func noSuchPath(echo.Context) error { return echo.ErrNotFound }

// mount puts the table into echo. Pages and files answer HEAD as well.
func (s *Server) mount(e *echo.Echo) error {
	for _, r := range s.routes() {
		guard, err := s.guard(r.access)
		if err != nil {
			return fmt.Errorf("web: %s %s: %w", r.method, r.path, err)
		}
		e.Add(r.method, r.path, r.handler, guard)
		if r.method == http.MethodGet && r.access.anyone && !strings.HasPrefix(r.path, "/ws/") {
			e.Add(http.MethodHead, r.path, r.handler, guard)
		}
	}
	return nil
}

const accountKey = "account"

// account is who made the request; the route's guard has put it there.
func account(c echo.Context) auth.Account {
	a, _ := c.Get(accountKey).(auth.Account)
	return a
}

// guard lets requests through as the route's access says.
func (s *Server) guard(a access) (echo.MiddlewareFunc, error) {
	decisions := 0
	for _, decided := range []bool{a.anyone, a.inside, a.signedIn, len(a.may) > 0} {
		if decided {
			decisions++
		}
	}
	if decisions != 1 {
		return nil, fmt.Errorf("%d decisions about who may use it, want 1", decisions)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			switch {
			case a.anyone:
				return next(c)
			case a.inside:
				if !fromInside(c.Request()) {
					return echo.ErrNotFound
				}
				return next(c)
			}
			who, err := s.auth.Who(c.Request())
			if err == nil && len(a.may) > 0 && !slices.ContainsFunc(a.may, who.May) {
				err = fault.New(fault.Forbidden, "role", "您的角色没有这项权限。如需使用，请联系管理员。")
			}
			if err != nil {
				if kind, _, message := said(err); wantsSocket(c.Request()) && (kind == fault.Unauthorized || kind == fault.Forbidden) {
					return s.turnAway(c, closeSignedOut, message)
				}
				return err
			}
			c.Set(accountKey, who)
			return next(c)
		}
	}, nil
}

package web

import (
	"github.com/labstack/echo/v4"

	"yinda/handoff"
	"yinda/internal/auth"
	"yinda/internal/fault"
)

// sessionEnded is the bus subject on which nodes tell each other whose session ended.
const sessionEnded = "session.ended"

func (s *Server) addDesk(d *desk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.desks[d] = struct{}{}
}

func (s *Server) removeDesk(d *desk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.desks, d)
}

// endSessions closes the desks of an account, here and on other nodes, whose session has ended: by
// signing out, a new password, or an administrator.
func (s *Server) endSessions(accountID string) {
	s.checkDesks(accountID)
	if err := s.bus.Publish(sessionEnded, []byte(accountID)); err != nil {
		s.log.Warn("other nodes find the ended session at their next check", "err", err)
	}
}

func (s *Server) checkDesks(accountID string) {
	s.mu.Lock()
	var open []*desk
	for d := range s.desks {
		if d.account.ID == accountID {
			open = append(open, d)
		}
	}
	s.mu.Unlock()
	for _, d := range open {
		d.checkSession(s.work)
	}
}

// cameToWork remembers that an agent has just come to work: the desk that opens next is online, even
// when the agent went offline at the end of the last shift.
func (s *Server) cameToWork(accountID string, came bool) (before bool) {
	s.lookMu.Lock()
	defer s.lookMu.Unlock()
	before = s.fresh[accountID]
	delete(s.fresh, accountID)
	if came {
		s.fresh[accountID] = true
	}
	return before
}

// leaveWork takes an agent who signs out off the list at once, so that customers do not wait for the
// lease to run out. Another browser in which the agent is signed in keeps the agent there.
func (s *Server) leaveWork(c echo.Context, a auth.Account) {
	if !a.May(auth.Serve) {
		return
	}
	s.mu.Lock()
	elsewhere := false
	for d := range s.desks {
		if cookie, err := c.Request().Cookie(auth.CookieName); err == nil && d.account.ID == a.ID && d.cookie != cookie.Value {
			elsewhere = true
		}
	}
	s.mu.Unlock()
	if elsewhere {
		return
	}
	ctx := c.Request().Context()
	if fault.KindOf(s.service.Heartbeat(ctx, a.ID)) == fault.NotFound {
		return // was not at work
	}
	if err := s.service.SetPresence(ctx, agentOf(a), handoff.Offline); err != nil {
		s.log.Warn("agent stays on the list until the lease runs out", "agent", a.ID, "err", err)
	}
}

// refuseOrigin answers a socket that a foreign website tried to open.
func (s *Server) refuseOrigin(c echo.Context) error {
	if !wantsSocket(c.Request()) {
		return fault.New(fault.Forbidden, "origin", "这个网站没有接入本客服，不能连接。请联系银行管理员在 origins 中登记。")
	}
	s.metrics.refused.WithLabelValues("origin").Inc()
	return s.turnAway(c, closeOrigin, "来源网站未登记")
}

// turnAway opens a socket only to close it with a code: browsers tell a page nothing about a
// handshake that failed.
func (s *Server) turnAway(c echo.Context, code int, reason string) error {
	return s.adopt(c, "refused", 1, func(k *socket) {
		k.end(code, reason)
		k.serve(func(clientFrame) {})
	})
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// healthz says that the process runs.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether this node should be given customers: the database answers and it is not about
// to stop. The bus may be away: nodes then hear of each other through the database.
func (s *Server) readyz(c echo.Context) error {
	checks := map[string]string{"database": "ok", "bus": "ok", "server": "ok"}
	status := http.StatusOK
	if s.db.Ping(c.Request().Context()) != nil {
		checks["database"], status = "unavailable", http.StatusServiceUnavailable
	}
	if !s.bus.Connected() {
		checks["bus"] = "unavailable"
	}
	if s.isDraining() {
		checks["server"], status = "draining", http.StatusServiceUnavailable
	}
	return c.JSON(status, map[string]any{"checks": checks, "generation": s.live.Generation()})
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// overview: GET /api/team/overview → {queue,agents,today}.
func (s *Server) overview(c echo.Context) error {
	v, err := s.service.Overview(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}

package web

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/internal/fault"
)

const requestIDKey = "request_id"

func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// observe wraps every request: an id, the log line, the metrics, and a net below a panicking handler.
// The log names the route and never the query: `/api/desk/suggest?q=` carries a customer's words.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		id := rand.Text()[:16]
		c.Set(requestIDKey, id)
		c.Response().Header().Set("X-Request-Id", id)
		start := time.Now()
		func() {
			defer func() {
				if p := recover(); p != nil {
					s.metrics.panics.Inc()
					s.log.Error("panic in a handler", "route", c.Path(), "request_id", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
					err = fault.New(fault.Internal, "panic", "")
				}
			}()
			err = next(c)
		}()
		if err != nil {
			c.Error(err) // handleError; the status is known from here on
		}
		status, took := c.Response().Status, time.Since(start)
		s.metrics.requests.WithLabelValues(c.Path(), strconv.Itoa(status)).Inc()
		if c.Response().Size >= 0 && status != http.StatusSwitchingProtocols {
			s.metrics.requestSeconds.WithLabelValues(c.Path()).Observe(took.Seconds())
		}
		s.log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request", slog.String("method", c.Request().Method),
			slog.String("route", c.Path()), slog.Int("status", status), slog.Duration("took", took),
			slog.String("ip", c.RealIP()), slog.String("request_id", id))
		return nil
	}
}

// The policy for pages. ws: and wss: stand beside 'self' because Safari before 15.4 does not count a
// socket to the own origin as 'self'.
const contentPolicy = "default-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "

// secureHeaders tells the browser what a page of ours may do, and who may frame it: nobody, except
// that the bank's own websites embed the widget.
func (s *Server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	framable := contentPolicy + strings.Join(append([]string{"'self'"}, s.origins...), " ")
	return func(c echo.Context) error {
		h, r := c.Response().Header(), c.Request()
		if r.URL.Path == widgetPath {
			h.Set("Content-Security-Policy", framable)
		} else {
			h.Set("Content-Security-Policy", contentPolicy+"'none'")
			h.Set("X-Frame-Options", "DENY")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		return next(c)
	}
}

// sameOrigin refuses requests that other websites make with the visitor's cookies.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	var protection http.CrossOriginProtection
	return func(c echo.Context) error {
		if err := protection.Check(c.Request()); err != nil {
			return fault.New(fault.Forbidden, "cross_origin", "出于安全考虑，不接受来自其他网站的请求。")
		}
		return next(c)
	}
}

// bounded caps every body; decode and the upload set their own limits below it.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > maxUpload {
			return fault.New(fault.TooLarge, "body_too_large", fmt.Sprintf("提交的内容超过%d MB，请拆分后重试。", maxUpload>>20))
		}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, maxUpload)
		}
		return next(c)
	}
}

// addressOf says how a client's address is found: from the connection, or from X-Forwarded-For when
// the connection comes from a configured proxy. Nobody else's header is believed.
func addressOf(proxies []string) (echo.IPExtractor, error) {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect(), nil
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = strings.TrimSpace(p)
		if !strings.Contains(p, "/") {
			if a, err := netip.ParseAddr(p); err == nil {
				p = netip.PrefixFrom(a, a.BitLen()).String()
			}
		}
		_, network, err := net.ParseCIDR(p)
		if err != nil {
			return nil, fault.New(fault.Invalid, "bad_proxy", fmt.Sprintf("trusted_proxies 中的“%s”不是IP地址段，请写成 10.0.0.0/8 的形式。", p))
		}
		options = append(options, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(options...), nil
}

// fromInside reports whether the request was made directly by a machine of the own network, not
// passed on by a proxy.
func fromInside(r *http.Request) bool {
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := a.Addr().Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"yinda/internal/fault"
)

// errorBody is how the JSON API says no.
type errorBody struct {
	Error struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Findings  any    `json:"findings,omitempty"`
		RequestID string `json:"request_id,omitempty"` // for internal errors: what support asks for
	} `json:"error"`
}

// withFindings is an error that lists what is wrong, one by one.
type withFindings struct {
	error
	findings any
}

func (e withFindings) Unwrap() error { return e.error }

// said is a fault as the person in front of the screen may read it: an internal error keeps its
// cause to itself.
func said(err error) (kind fault.Kind, code, message string) {
	kind = fault.KindOf(err)
	if f, ok := errors.AsType[*fault.Error](err); ok && kind != fault.Internal {
		return kind, f.Code, f.Message
	}
	return fault.Internal, "internal", "系统出现故障，请稍后再试。如果一直如此，请把页面上的编号告诉技术支持。"
}

// httpFault turns what echo itself refuses into a fault.
func httpFault(err error) error {
	e, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return err
	}
	switch e.Code {
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "no_such_path", "没有这个地址，请检查链接是否正确。")
	case http.StatusMethodNotAllowed:
		return fault.New(fault.NotFound, "no_such_method", "这个地址不支持该操作。")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "body_too_large", "提交的内容太大，请拆分后重试。")
	}
	return fault.Wrap(err, fault.Invalid, "bad_request", "请求格式不正确。")
}

// handleError is the last step of every request that failed. Only internal errors are logged, with
// their cause; the others are the caller's business.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	err = httpFault(err)
	kind, code, message := said(err)
	var body errorBody
	body.Error.Code, body.Error.Message = code, message
	if f, ok := errors.AsType[withFindings](err); ok {
		body.Error.Findings = f.findings
	}
	if kind == fault.Internal || kind == fault.Unavailable {
		body.Error.RequestID = requestID(c)
		s.log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("route", c.Path()),
			slog.String("method", c.Request().Method), slog.String("request_id", requestID(c)), slog.Any("err", err))
	}
	status := fault.HTTPStatus(kind)
	if kind == fault.TooMany {
		c.Response().Header().Set("Retry-After", "10")
	}
	if c.Request().Method == http.MethodHead {
		err = c.NoContent(status)
	} else {
		err = c.JSON(status, body)
	}
	if err != nil {
		s.log.Debug("error answer not written", "err", err)
	}
}

// Limits of request bodies, in bytes. A console item with 5 000 similar questions is about 400 KB;
// 64 MiB is the limit of content.ReadEntries.
const (
	maxBody   = 1 << 20
	maxUpload = 64<<20 + 1<<16
)

// decode reads the JSON body of a request into v. Unknown fields are ignored, as the protocol says.
func decode(c echo.Context, v any) error {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		// A form of another website cannot send this type: a second fence beside CrossOriginProtection.
		return fault.New(fault.Invalid, "not_json", "请以JSON格式提交（Content-Type: application/json）。")
	}
	dec := json.NewDecoder(http.MaxBytesReader(c.Response(), r.Body, maxBody))
	err := dec.Decode(v)
	if err == nil {
		if _, rest := dec.Token(); !errors.Is(rest, io.EOF) {
			return fault.New(fault.Invalid, "bad_json", "请求里只能有一个JSON对象。")
		}
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "body_too_large", fmt.Sprintf("提交的内容超过%d KB，请拆分后重试。", maxBody>>10))
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.New(fault.Invalid, "bad_json", fmt.Sprintf("字段“%s”的类型不正确。", strings.ToValidUTF8(t.Field, "")))
	}
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fault.New(fault.Invalid, "bad_json", fmt.Sprintf("请求不是有效的JSON（第%d个字节处）。", s.Offset))
	}
	return fault.Wrap(err, fault.Invalid, "bad_json", "请求不是有效的JSON，或没有传完。")
}

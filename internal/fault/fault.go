// Package fault gives errors a kind, so that the edge (HTTP, socket, command line) can turn any
// error into the right status and a sentence that its reader understands.
//
//	return fault.New(fault.Conflict, "already_claimed", "这位客户已由其他同事接待。")
//
// Only Internal errors are logged with their cause; the others are the caller's business.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says whose fault an error is and what may be done about it.
type Kind string

// The kinds. HTTPStatus maps each to a status code.
const (
	Invalid      Kind = "invalid"      // the input cannot be used: say what is wrong with it
	Unauthorized Kind = "unauthorized" // not signed in
	Forbidden    Kind = "forbidden"    // signed in, but the role may not do this
	NotFound     Kind = "not_found"
	Conflict     Kind = "conflict"    // somebody else was faster, or the state does not allow it
	TooLarge     Kind = "too_large"   // over a documented limit
	TooMany      Kind = "too_many"    // rate limit
	Unavailable  Kind = "unavailable" // a part is down for the moment: try again
	Internal     Kind = "internal"
)

// Error is an error with a kind, a stable machine-readable code, and a message in Chinese for the
// person in front of the screen. Cause, if any, is for operators only.
type Error struct {
	Kind    Kind
	Code    string
	Message string
	Cause   error
}

// Error joins the parts for operators' logs; it is never shown to customers.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of the given kind. message is Chinese, complete, and says what to do next.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Wrap makes an error of the given kind that keeps its cause for the log.
func Wrap(cause error, kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message, Cause: cause}
}

// KindOf returns the kind of err: Internal when err is none of ours, "" when err is nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// HTTPStatus is the status code that answers an error of this kind.
func HTTPStatus(k Kind) int {
	switch k {
	case Invalid:
		return http.StatusUnprocessableEntity
	case Unauthorized:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case Conflict:
		return http.StatusConflict
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

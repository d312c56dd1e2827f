package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"yinda/internal/fault"
)

// Temporary reports whether err is about the state of the database at the moment, so that the same
// transaction may succeed later: server away, file locked, disk full, deadlock, too many connections.
// Everything else (a constraint, invalid text) will fail again.
func Temporary(err error) bool {
	if err == nil {
		return false
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		switch e.Code {
		case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrFull, sqlite3.ErrIoErr:
			return true
		}
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:2] {
		case "08", "40", "53", "57": // connection, rollback (deadlock), resources, operator intervention
			return true
		}
		return e.Code == "25006" // read-only: a standby that is being promoted
	}
	return Lost(err)
}

// Lost reports whether err says that the connection to the server is gone or never came about, so
// that it is unknown what the server did last.
func Lost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "08") || strings.HasPrefix(e.Code, "57P")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, e := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNREFUSED, context.DeadlineExceeded,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

// Explain turns a temporary database error into fault.Unavailable with a message for whoever waits
// in front of the screen, and leaves every other error alone.
func Explain(err error) error {
	if err == nil || !Temporary(err) {
		return err
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "database_unavailable", "系统暂时繁忙，数据库没有响应。请稍后再试，您的内容不会丢失。")
}

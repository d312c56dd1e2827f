package db

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"yinda/internal/fault"
)

// openPostgres connects to the server of dsn. A server that refuses or does not answer is tried for
// five seconds: at boot it often starts a moment later than we do.
func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The parser's message may quote the password: only its kind is passed on.
		return nil, fault.New(fault.Invalid, "bad_database_url",
			"PostgreSQL 地址无法解析。请写成 postgres://用户:密码@主机:5432/库名，密码中的特殊字符要用 %XX 转义。")
	}
	conn := cfg.ConnConfig
	place := fmt.Sprintf("%s:%d/%s", conn.Host, conn.Port, conn.Database)
	conn.RuntimeParams["application_name"] = "yinda"
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = 3 * time.Second
	}
	if cfg.MaxConns < 8 {
		cfg.MaxConns = int32(max(8, 4*runtime.GOMAXPROCS(0)))
	}
	cfg.HealthCheckPeriod = 5 * time.Second
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, postgresFault(err, place)
	}
	end := time.Now().Add(5 * time.Second)
	for {
		err = pool.Ping(ctx)
		if err == nil || !Lost(err) || refusedForGood(err) || time.Now().After(end) || !sleep(ctx, 200*time.Millisecond) {
			break
		}
	}
	if err != nil {
		pool.Close()
		return nil, postgresFault(err, place)
	}
	handle := stdlib.OpenDBFromPool(pool)
	// The pool keeps connections; database/sql must not keep a second set of them idle.
	handle.SetMaxIdleConns(0)
	h := fnv.New64a()
	fmt.Fprintf(h, "yinda migrations %s", conn.RuntimeParams["search_path"])
	return &DB{dialect: Postgres, place: place, writer: handle, reader: handle, pool: pool, lockKey: int64(h.Sum64() >> 1)}, nil
}

// refusedForGood reports an answer of the server that waiting will not change.
func refusedForGood(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code[:2] == "28" || e.Code == "3D000")
}

func postgresFault(err error, place string) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case e.Code[:2] == "28":
			return fault.Wrap(err, fault.Unavailable, "database_auth",
				fmt.Sprintf("PostgreSQL（%s）拒绝登录。请检查数据库地址中的用户名和密码，以及服务器的 pg_hba.conf。", place))
		case e.Code == "3D000":
			return fault.Wrap(err, fault.Unavailable, "database_missing",
				fmt.Sprintf("PostgreSQL 上没有这个库（%s）。请先执行 createdb 建库，再重试。", place))
		case e.Code == "53300":
			return fault.Wrap(err, fault.Unavailable, "database_full",
				fmt.Sprintf("PostgreSQL（%s）连接数已满。请调大 max_connections 或减少其他程序的连接。", place))
		}
	}
	return fault.Wrap(err, fault.Unavailable, "database_unreachable",
		fmt.Sprintf("连接不上 PostgreSQL（%s）。请确认服务器已启动、地址和端口正确、网络可达，再重试。", place))
}

package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"yinda/internal/fault"
)

// The migrations are numbered in one sequence over both folders; each number exists in both.
//
//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// Versions answers the schema version of the database (0 when it is empty) and that of this program.
func (d *DB) Versions(ctx context.Context) (current, program int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	current, program, err = p.GetVersions(ctx)
	return current, program, Explain(err)
}

// Migrate brings the schema to this program's version and answers the versions before and after.
// Nodes that start together wait for each other. A database of a newer program is left untouched:
// fault.Conflict with code "database_newer".
func (d *DB) Migrate(ctx context.Context) (from, to int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	// Both locks only work when the version is read under them: goose does so in Up. Reading it
	// here first is for the message.
	if d.dialect == SQLite {
		unlock, err := lockFolder(ctx, filepath.Dir(d.place))
		if err != nil {
			return 0, 0, err
		}
		defer unlock()
	}
	from, to, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, d.migrateFault(err)
	}
	if from > to {
		return from, to, fault.New(fault.Conflict, "database_newer",
			fmt.Sprintf("数据库 %s 由更新版本的银答创建（结构版本 %d，本程序只到 %d）。请换用新版程序，或恢复升级前的备份；数据没有被改动。", d.place, from, to))
	}
	if from == to {
		return from, to, nil
	}
	if _, err := p.Up(ctx); err != nil {
		return from, to, d.migrateFault(err)
	}
	return from, to, nil
}

func (d *DB) provider() (*goose.Provider, error) {
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d.dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(d.lockKey), lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, fmt.Errorf("db: migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	folder, err := fs.Sub(migrations, "migrations/"+string(d.dialect))
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	p, err := goose.NewProvider(dialect, d.writer, folder, options...)
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	return p, nil
}

func (d *DB) migrateFault(err error) error {
	if d.dialect == SQLite && Temporary(err) {
		if e, ok := errors.AsType[*fault.Error](sqliteFault(err, d.place)); ok {
			return e
		}
	}
	if Temporary(err) {
		return Explain(err)
	}
	return fault.Wrap(err, fault.Internal, "migration_failed",
		fmt.Sprintf("数据库 %s 升级失败，已回到升级前的状态。请保留日志并联系技术支持。", d.place))
}

// lockFolder makes processes that migrate SQLite files of one folder take turns; goose has no
// session locker for SQLite. The folder is locked and not the file: closing any descriptor of the
// file would drop SQLite's own POSIX locks on it.
func lockFolder(ctx context.Context, folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, folderFault(err, folder)
	}
	end := time.Now().Add(time.Minute)
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS) {
			f.Close()
			return func() {}, nil // a network file system: SQLite's own write lock remains
		}
		if time.Now().After(end) || !sleep(ctx, 20*time.Millisecond) {
			f.Close()
			return nil, fault.Wrap(err, fault.Unavailable, "migration_locked",
				fmt.Sprintf("另一个程序正在升级 %s 中的数据库。请等它完成后再启动。", folder))
		}
	}
}

package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"yinda/internal/fault"
)

// openSQLite opens the file at path, made if there is none.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	if path == "" {
		return nil, fault.New(fault.Invalid, "bad_database_url", "数据库地址缺少文件路径。请写成 sqlite:/路径/yinda.db。")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	folder := filepath.Dir(abs)
	// 0700: the file holds customers' conversations.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, folderFault(err, folder)
	}
	// SQLite says only "unable to open database file"; a file of our own tells why.
	probe, err := os.CreateTemp(folder, ".yinda-probe-*")
	if err != nil {
		return nil, folderFault(err, folder)
	}
	probe.Close()
	os.Remove(probe.Name())

	const common = "&_busy_timeout=5000&_foreign_keys=1"
	file := "file:" + (&url.URL{Path: abs}).EscapedPath()
	// secure_delete FAST overwrites what was replaced (handoff withdraws messages) in the pages that are
	// written anyway.
	writer, err := sql.Open("sqlite3", file+"?mode=rwc&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_secure_delete=FAST"+common)
	if err != nil {
		return nil, sqliteFault(err, abs)
	}
	writer.SetMaxOpenConns(1)
	// The write lock is taken and given back: a file that is read-only, locked, or no database at
	// all is found here and not at the first customer's message.
	err = retryBusy(ctx, 3*time.Second, func() error {
		tx, err := writer.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return err
		}
		return tx.Rollback()
	})
	if err != nil {
		writer.Close()
		return nil, sqliteFault(err, abs)
	}
	reader, err := sql.Open("sqlite3", file+"?mode=ro&_query_only=1"+common)
	if err != nil {
		writer.Close()
		return nil, sqliteFault(err, abs)
	}
	conns := max(4, runtime.GOMAXPROCS(0))
	reader.SetMaxOpenConns(conns)
	reader.SetMaxIdleConns(conns)
	return &DB{dialect: SQLite, place: abs, writer: writer, reader: reader}, nil
}

// retryBusy runs f again while another process holds the lock, for up to limit after the driver's
// own busy timeout.
func retryBusy(ctx context.Context, limit time.Duration, f func() error) error {
	end := time.Now().Add(limit)
	for {
		err := f()
		e, ok := errors.AsType[sqlite3.Error](err)
		if !ok || e.Code != sqlite3.ErrBusy || time.Now().After(end) || !sleep(ctx, 50*time.Millisecond) {
			return err
		}
	}
}

func folderFault(err error, folder string) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.Wrap(err, fault.Unavailable, "disk_full", fmt.Sprintf("磁盘已满，无法在 %s 写入数据。请清理空间后重试。", folder))
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fault.Wrap(err, fault.Unavailable, "data_folder_readonly",
			fmt.Sprintf("数据目录 %s 不可写。请用 chown/chmod 给当前用户写权限，或在配置中换一个目录。", folder))
	}
	return fault.Wrap(err, fault.Unavailable, "data_folder_unusable",
		fmt.Sprintf("数据目录 %s 无法使用（%v）。请检查路径是否正确，或在配置中换一个目录。", folder, errors.Unwrap(err)))
}

func sqliteFault(err error, path string) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return fault.Wrap(err, fault.Unavailable, "database_unusable", fmt.Sprintf("数据库文件 %s 无法打开：%v。", path, err))
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fault.Wrap(err, fault.Unavailable, "database_locked",
			fmt.Sprintf("数据库文件 %s 正被另一个程序锁定。请先停止占用它的程序（例如另一个 yinda 或 sqlite3），再重试。", path))
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return fault.Wrap(err, fault.Unavailable, "database_readonly",
			fmt.Sprintf("数据库文件 %s 不可写。请检查该文件及其 -wal、-shm 文件的属主和权限。", path))
	case sqlite3.ErrNotADB:
		return fault.Wrap(err, fault.Invalid, "not_a_database",
			fmt.Sprintf("文件 %s 不是银答的数据库。请检查配置中的路径；程序没有改动它。", path))
	case sqlite3.ErrCorrupt:
		return fault.Wrap(err, fault.Internal, "database_corrupt",
			fmt.Sprintf("数据库文件 %s 已损坏。请停止服务，用最近的备份恢复（yinda restore）。", path))
	case sqlite3.ErrFull, sqlite3.ErrIoErr:
		return fault.Wrap(err, fault.Unavailable, "disk_full", fmt.Sprintf("写入 %s 失败，磁盘可能已满或有故障。请检查磁盘后重试。", path))
	}
	return fault.Wrap(err, fault.Unavailable, "database_unusable", fmt.Sprintf("数据库文件 %s 无法打开：%v。", path, err))
}

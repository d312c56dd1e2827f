package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/internal/vault"
)

// masterKeyVariable may hold the master keys instead of the key file.
const masterKeyVariable = "YINDA_MASTER_KEY"

// openKeyring loads the master keys; the first start makes one, readable by nobody else. With
// conversations in the database a missing key is a mistake: a new one could not read them.
func openKeyring(ctx context.Context, path string, d *db.DB) (*vault.Keyring, error) {
	keys, err := vault.LoadKeyring(path, masterKeyVariable)
	if fault.KindOf(err) != fault.NotFound {
		return keys, err
	}
	var used bool
	if err := d.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM conversations)`).Scan(&used); err != nil {
		return nil, db.Explain(err)
	}
	if used {
		return nil, fault.New(fault.NotFound, "master_key_missing", fmt.Sprintf(
			"找不到主密钥文件 %s，而数据库中已有会话，没有原来的主密钥无法读取。请从备份恢复该文件，或设置环境变量 %s。", path, masterKeyVariable))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "data_folder", fmt.Sprintf("不能建立文件夹 %s，请检查权限。", filepath.Dir(path)))
	}
	// Exclusive: of two programs that start at once, one makes the key and both use it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(vault.NewMasterKey() + "\n")
		if e := f.Sync(); err == nil {
			err = e
		}
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil && !os.IsExist(err) {
		return nil, fault.Wrap(err, fault.Invalid, "master_key_not_writable", fmt.Sprintf("不能写入主密钥文件 %s，请检查文件夹权限。", path))
	}
	return vault.LoadKeyring(path, masterKeyVariable)
}

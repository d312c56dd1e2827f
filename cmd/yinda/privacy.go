package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"yinda/handoff"
	"yinda/internal/fault"
	"yinda/internal/vault"
)

// masterKeyVariable may hold the master keys instead of the key file.
const masterKeyVariable = "YINDA_MASTER_KEY"

// openKeyring loads the master keys; the first start makes one, readable by nobody else.
func openKeyring(path string) (*vault.Keyring, error) {
	keys, err := vault.LoadKeyring(path, masterKeyVariable)
	if fault.KindOf(err) != fault.NotFound {
		return keys, err
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

// privacy is the vault as the conversation log sees it.
type privacy struct {
	keys *vault.Keyring

	mu     sync.Mutex
	opened map[string]*vault.DataKey // by wrapped form: unwrapping costs more than sealing
}

// maxOpened bounds the data keys kept open; an idle conversation's key is unwrapped again.
const maxOpened = 20_000

func newPrivacy(keys *vault.Keyring) *privacy {
	return &privacy{keys: keys, opened: map[string]*vault.DataKey{}}
}

// Protect destroys C3 data and masks C2 data of one message.
func (*privacy) Protect(text string) handoff.Protected {
	kept, destroyed := vault.Destroy(text)
	shown := vault.Mask(kept)
	p := handoff.Protected{Kept: kept, Shown: shown.Text, Secret: len(destroyed) > 0}
	seen := map[string]bool{}
	for _, f := range append(destroyed, shown.Found...) {
		if !seen[f.Type] {
			seen[f.Type] = true
			p.Found = append(p.Found, f.Type)
		}
	}
	return p
}

// NewKey makes the data key of a conversation and returns its wrapped form.
func (p *privacy) NewKey(conversation string) ([]byte, error) {
	key, wrapped, err := p.keys.NewDataKey(conversation)
	if err != nil {
		return nil, err
	}
	p.keep(conversation, wrapped, key)
	return wrapped, nil
}

// Seal encrypts a field of a conversation for its row.
func (p *privacy) Seal(conversation string, wrapped []byte, row string, plain []byte) ([]byte, error) {
	key, err := p.key(conversation, wrapped)
	if err != nil {
		return nil, err
	}
	return key.Seal(plain, row)
}

// Open decrypts what Seal made.
func (p *privacy) Open(conversation string, wrapped []byte, row string, sealed []byte) ([]byte, error) {
	key, err := p.key(conversation, wrapped)
	if err != nil {
		return nil, err
	}
	return key.Open(sealed, row)
}

func (p *privacy) key(conversation string, wrapped []byte) (*vault.DataKey, error) {
	p.mu.Lock()
	key := p.opened[conversation+"\x00"+string(wrapped)]
	p.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := p.keys.OpenDataKey(wrapped, conversation)
	if err != nil {
		return nil, err
	}
	p.keep(conversation, wrapped, key)
	return key, nil
}

func (p *privacy) keep(conversation string, wrapped []byte, key *vault.DataKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.opened) >= maxOpened {
		clear(p.opened) // rare, and cheaper than keeping an order
	}
	p.opened[conversation+"\x00"+string(wrapped)] = key
}

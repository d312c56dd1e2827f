package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"yinda/internal/fault"
)

// keySize is that of AES-256 (requirements PS-02).
const keySize = 32

// Keyring holds the master keys. They come from a file or the environment, never from the database
// (design §4). The first key wraps; the others only unwrap what was wrapped before a rotation.
// A Keyring is immutable and safe for concurrent use.
type Keyring struct {
	current *masterKey
	byID    map[string]*masterKey
}

type masterKey struct {
	id   string // first 8 hex digits of the key's SHA-256: tells keys apart, gives nothing away
	aead *subtle.AESGCM
	seed []byte // what other secrets of the installation are derived from
}

// NewMasterKey makes a master key, as one line for the key file.
func NewMasterKey() string {
	key := make([]byte, keySize)
	rand.Read(key) //nolint:errcheck // never fails since Go 1.24
	return base64.StdEncoding.EncodeToString(key)
}

// ParseKeyring reads master keys: one base64 key of 32 bytes a line, the current one first; empty
// lines and lines that begin with # are skipped. To rotate, put a new key on top, start the
// program, let it Rewrap, then delete the old line.
func ParseKeyring(lines string) (*Keyring, error) {
	k := &Keyring{byID: map[string]*masterKey{}}
	n := 0
	for line := range strings.Lines(lines) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(key) != keySize {
			return nil, fault.New(fault.Invalid, "master_key", fmt.Sprintf("主密钥第%d行不是32字节的Base64密钥；可用 head -c 32 /dev/urandom | base64 生成。", n))
		}
		aead, err := subtle.NewAESGCM(key)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "master_key", "主密钥无法使用。")
		}
		sum := sha256.Sum256(key)
		seed := hmac.New(sha256.New, key)
		seed.Write([]byte("yinda/derive"))
		m := &masterKey{hex.EncodeToString(sum[:4]), aead, seed.Sum(nil)}
		if k.current == nil {
			k.current = m
		}
		k.byID[m.id] = m
	}
	if k.current == nil {
		return nil, fault.New(fault.Invalid, "master_key", "没有找到主密钥；可用 head -c 32 /dev/urandom | base64 生成，并放入密钥文件或环境变量。")
	}
	return k, nil
}

// LoadKeyring reads the master keys from the environment variable env when it is set, else from
// the file at path. A file that everybody may read is refused.
func LoadKeyring(path, env string) (*Keyring, error) {
	if value := os.Getenv(env); env != "" && value != "" {
		return ParseKeyring(value)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "master_key_missing", fmt.Sprintf("找不到主密钥文件 %s；请创建该文件或设置环境变量 %s。", path, env))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "master_key", fmt.Sprintf("无法读取主密钥文件 %s。", path))
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fault.New(fault.Forbidden, "master_key_open", fmt.Sprintf("主密钥文件 %s 对所有用户开放；请执行 chmod 600 %s。", path, path))
	}
	lines, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "master_key", fmt.Sprintf("无法读取主密钥文件 %s，请检查权限。", path))
	}
	return ParseKeyring(string(lines))
}

// CurrentID names the master key that wraps now.
func (k *Keyring) CurrentID() string { return k.current.id }

// Derive makes a secret of 32 bytes for another purpose from the current master key: the same on
// every node, different for every purpose. It changes when the master key is rotated.
func (k *Keyring) Derive(purpose string) []byte {
	mac := hmac.New(sha256.New, k.current.seed)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// Version of the wrapped format: version, length of the key id, key id, ciphertext.
const wrapVersion = 1

// NewDataKey makes the data key of one conversation (or other owner) and returns it with its wrapped
// form for the database. Erasing the owner is deleting the wrapped form: backups forget as well.
func (k *Keyring) NewDataKey(owner string) (*DataKey, []byte, error) {
	raw := make([]byte, keySize)
	rand.Read(raw) //nolint:errcheck // never fails since Go 1.24
	wrapped, err := k.wrap(raw, owner)
	if err != nil {
		return nil, nil, err
	}
	d, err := newDataKey(raw, owner)
	return d, wrapped, err
}

// OpenDataKey unwraps the data key of owner. It returns a fault "master_key_unknown" when the master
// key that wrapped it is not in the ring, "data_key_damaged" when the bytes were altered or belong
// to another owner.
func (k *Keyring) OpenDataKey(wrapped []byte, owner string) (*DataKey, error) {
	raw, _, err := k.unwrap(wrapped, owner)
	if err != nil {
		return nil, err
	}
	return newDataKey(raw, owner)
}

// Rewrap wraps a data key with the current master key. changed is false when it already is. The
// data itself stays as it is.
func (k *Keyring) Rewrap(wrapped []byte, owner string) (renewed []byte, changed bool, err error) {
	raw, by, err := k.unwrap(wrapped, owner)
	if err != nil {
		return nil, false, err
	}
	if by == k.current {
		return wrapped, false, nil
	}
	renewed, err = k.wrap(raw, owner)
	return renewed, err == nil, err
}

func (k *Keyring) wrap(raw []byte, owner string) ([]byte, error) {
	head := append([]byte{wrapVersion, byte(len(k.current.id))}, k.current.id...)
	sealed, err := k.current.aead.Encrypt(raw, bind("data key", owner))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "encrypt", "加密失败。")
	}
	return append(head, sealed...), nil
}

func (k *Keyring) unwrap(wrapped []byte, owner string) ([]byte, *masterKey, error) {
	damaged := func(err error) error {
		return fault.Wrap(err, fault.Internal, "data_key_damaged", "会话密钥损坏或不属于该会话，请从备份恢复。")
	}
	if len(wrapped) < 2 || wrapped[0] != wrapVersion || len(wrapped) < 2+int(wrapped[1]) {
		return nil, nil, damaged(errors.New("not a wrapped key"))
	}
	n := 2 + int(wrapped[1])
	id := string(wrapped[2:n])
	m, ok := k.byID[id]
	if !ok {
		return nil, nil, fault.New(fault.Unavailable, "master_key_unknown", fmt.Sprintf("缺少编号为 %q 的主密钥；请把轮换前的主密钥加回密钥文件。", id))
	}
	raw, err := m.aead.Decrypt(wrapped[n:], bind("data key", owner))
	if err != nil {
		return nil, nil, damaged(err)
	}
	return raw, m, nil
}

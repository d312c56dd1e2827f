package vault

import (
	"encoding/binary"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"yinda/internal/fault"
)

// DataKey encrypts the fields of one owner with AES-256-GCM. It is safe for concurrent use and lives
// in memory only.
type DataKey struct {
	owner string
	aead  *subtle.AESGCM
}

func newDataKey(raw []byte, owner string) (*DataKey, error) {
	aead, err := subtle.NewAESGCM(raw)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "data_key_damaged", "会话密钥无法使用。")
	}
	return &DataKey{owner, aead}, nil
}

// Seal encrypts a field. row names the place it is stored in, for example table, column and
// sequence number: what was copied to another place does not open there.
func (d *DataKey) Seal(plain []byte, row ...string) ([]byte, error) {
	sealed, err := d.aead.Encrypt(plain, bind("field", append([]string{d.owner}, row...)...))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "encrypt", "加密失败。")
	}
	return sealed, nil
}

// Open decrypts what Seal made for the same owner and row. It returns a fault "data_damaged" when
// the bytes were altered, or moved from another row.
func (d *DataKey) Open(sealed []byte, row ...string) ([]byte, error) {
	plain, err := d.aead.Decrypt(sealed, bind("field", append([]string{d.owner}, row...)...))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "data_damaged", "数据已损坏或被移动，无法解密。")
	}
	return plain, nil
}

// bind makes associated data of names, each with its length before it, so that ("a", "bc") and
// ("ab", "c") differ.
func bind(purpose string, names ...string) []byte {
	out := append([]byte("yinda/"), purpose...)
	for _, n := range names {
		out = binary.AppendUvarint(out, uint64(len(n)))
		out = append(out, n...)
	}
	return out
}

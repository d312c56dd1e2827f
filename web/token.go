package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"yinda/internal/fault"
)

// A visitor token is "v1.<id>.<mac>": a random id and its HMAC. The id names the visitor in the
// database; the token is the secret that proves it, kept by the browser and sent in the first frame
// only, never in an address, where logs would keep it.
const tokenVersion = "v1"

// visitors makes and checks visitor tokens.
type visitors struct{ key []byte }

// newVisitors derives the token key from the installation's secret, so that tokens outlive a restart
// and all nodes accept each other's.
func newVisitors(secret []byte) (*visitors, error) {
	if len(secret) < 32 {
		return nil, fault.New(fault.Invalid, "short_key", "主密钥太短：至少32字节。")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "yinda visitor token", 32)
	if err != nil {
		return nil, err
	}
	return &visitors{key}, nil
}

// create answers a new visitor and its token.
func (v *visitors) create() (id, token string) {
	id = "v-" + strings.ToLower(rand.Text())
	return id, v.token(id)
}

func (v *visitors) token(id string) string {
	return tokenVersion + "." + id + "." + base64.RawURLEncoding.EncodeToString(v.mac(id))
}

func (v *visitors) mac(id string) []byte {
	h := hmac.New(sha256.New, v.key)
	h.Write([]byte(tokenVersion + "." + id))
	return h.Sum(nil)
}

// check answers the visitor of a token, or false when we did not make it.
func (v *visitors) check(token string) (id string, ok bool) {
	if len(token) > 200 {
		return "", false
	}
	rest, ok := strings.CutPrefix(token, tokenVersion+".")
	if !ok {
		return "", false
	}
	id, mac, ok := strings.Cut(rest, ".")
	if !ok {
		return "", false
	}
	given, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(given, v.mac(id)) {
		return "", false
	}
	return id, true
}

package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"yinda/internal/db"
)

// accountKey is where a session keeps its account's id.
const accountKey = "account"

// sessionCodec writes session values as JSON: they are a few strings, and gob would tie stored
// sessions to Go types.
type sessionCodec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode implements scs.Codec.
func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	err := json.Unmarshal(b, &d)
	return d.Deadline, d.Values, err
}

// sessionStore keeps sessions in the database (scs.CtxStore), by the hash of their token.
type sessionStore struct {
	db    *db.DB
	clock func() time.Time
}

// hashToken is what is stored of a token. Tokens are 256 random bits: one round of SHA-256 is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var b []byte
	err := s.db.QueryRow(ctx, `SELECT data FROM account_session WHERE token_hash = ? AND expires_at > ?`, hashToken(token), db.Micros(s.clock())).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return b, err == nil, db.Explain(err)
}

// CommitCtx implements scs.CtxStore. Expired sessions are cleared on the way: sign-ins are rare.
func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	_, values, err := sessionCodec{}.Decode(b)
	if err != nil {
		return err
	}
	account, _ := values[accountKey].(string)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM account_session WHERE expires_at <= ?`, db.Micros(s.clock())); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO account_session (token_hash, account_id, data, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (token_hash) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`,
			hashToken(token), account, b, db.Micros(expiry))
		return err
	})
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM account_session WHERE token_hash = ?`, hashToken(token))
	return err
}

// Find implements scs.Store; scs calls the variant with a context instead.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store; scs calls the variant with a context instead.
func (s sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete implements scs.Store; scs calls the variant with a context instead.
func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

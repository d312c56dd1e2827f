-- +goose Up
-- Everyone who signs in: agents, supervisors, editors, reviewers, administrators, auditors.
-- roles and groups are JSON arrays of names; the roles themselves are a table in code.
CREATE TABLE account (
    id            TEXT    NOT NULL PRIMARY KEY,
    username      TEXT    NOT NULL UNIQUE, -- lower case
    name          TEXT    NOT NULL,
    roles         TEXT    NOT NULL,
    groups        TEXT    NOT NULL,
    capacity      INTEGER NOT NULL,
    password_hash TEXT    NOT NULL, -- argon2id
    agreement_on  TEXT    NOT NULL DEFAULT '', -- day the confidentiality agreement was signed (PS-17)
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    signed_in_at  INTEGER NOT NULL DEFAULT 0
);

-- Only a hash of the token is kept: whoever reads the table cannot sign in with it.
CREATE TABLE account_session (
    token_hash TEXT    NOT NULL PRIMARY KEY,
    account_id TEXT    NOT NULL REFERENCES account (id),
    data       BLOB NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_expiry ON account_session (expires_at);

-- Append-only, hash-chained: hash covers the row and the hash of the row before it.
CREATE TABLE audit (
    seq       INTEGER NOT NULL PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL, -- account id, or 'system'
    actor_name TEXT   NOT NULL,
    action    TEXT    NOT NULL,
    object    TEXT    NOT NULL,
    detail    TEXT    NOT NULL, -- JSON, exactly as hashed
    hash      TEXT    NOT NULL
);

-- The newest link. Rows cut off at the end are noticed here, and appending locks this row.
CREATE TABLE audit_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash TEXT    NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- +goose StatementBegin
CREATE TRIGGER audit_keep_row BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keep_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit;
DROP TABLE account_session;
DROP TABLE account;

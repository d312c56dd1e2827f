-- +goose Up
-- Every version of every content item. body is the item as JSON. A version serves in the
-- generations from_generation <= g < to_generation; NULL means "not yet" and "still".
CREATE TABLE content_version (
    kind            TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    state           TEXT    NOT NULL, -- draft, in_review, approved, published, superseded, rejected
    withdrawn       INTEGER NOT NULL DEFAULT 0, -- 1: this version takes the item out of service
    title           TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    review_due      TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    author          TEXT    NOT NULL,
    reviewer        TEXT    NOT NULL DEFAULT '',
    note            TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    approved_at     INTEGER,
    from_generation INTEGER,
    to_generation   INTEGER,
    PRIMARY KEY (kind, id, version)
);
CREATE INDEX content_version_serving ON content_version (from_generation, to_generation);
CREATE INDEX content_version_state ON content_version (state);

CREATE TABLE content_generation (
    generation   INTEGER NOT NULL PRIMARY KEY,
    published_at INTEGER NOT NULL,
    published_by TEXT    NOT NULL,
    note         TEXT    NOT NULL DEFAULT '',
    changes      INTEGER NOT NULL,
    model        BLOB -- what the ranking learned from this generation (kb.Index.Model); a cache
);

-- Questions of real customers that agents and editors confirmed (entry_id = '' : no answer here).
CREATE TABLE content_pair (
    question     TEXT    NOT NULL PRIMARY KEY,
    entry_id     TEXT    NOT NULL,
    confirmed_by TEXT    NOT NULL,
    confirmed_at INTEGER NOT NULL
);

-- +goose Down
DROP TABLE content_pair;
DROP TABLE content_generation;
DROP TABLE content_version;

-- +goose Up
-- Questions of real customers that agents and editors confirmed (entry_id = '' : no answer here).
-- An agent's waits for an editor (pending); accepted ones are learned from in the generations
-- from_generation ≤ g < to_generation, like the versions of content_version.
ALTER TABLE content_pair RENAME TO content_pair_before;
CREATE TABLE content_pair (
    id              TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
    question        TEXT    NOT NULL, -- masked
    entry_id        TEXT    NOT NULL,
    state           TEXT    NOT NULL, -- pending, approved, published, leaving, superseded
    confirmed_by    TEXT    NOT NULL,
    confirmed_at    BIGINT  NOT NULL,
    approved_by     TEXT    NOT NULL DEFAULT '',
    approved_at     BIGINT ,
    from_generation BIGINT ,
    to_generation   BIGINT 
);
INSERT INTO content_pair (id, question, entry_id, state, confirmed_by, confirmed_at, approved_by, approved_at, from_generation)
SELECT gen_random_uuid()::text, question, entry_id, 'published', confirmed_by, confirmed_at, confirmed_by, confirmed_at, 1 FROM content_pair_before;
DROP TABLE content_pair_before;
-- One question has one pair of each state that still matters; what has been replaced is history.
CREATE UNIQUE INDEX content_pair_question ON content_pair (question, state) WHERE state <> 'superseded';
CREATE INDEX content_pair_serving ON content_pair (from_generation, to_generation);

-- +goose Down
ALTER TABLE content_pair RENAME TO content_pair_after;
CREATE TABLE content_pair (
    question     TEXT    NOT NULL PRIMARY KEY,
    entry_id     TEXT    NOT NULL,
    confirmed_by TEXT    NOT NULL,
    confirmed_at BIGINT  NOT NULL
);
INSERT INTO content_pair (question, entry_id, confirmed_by, confirmed_at)
SELECT question, entry_id, confirmed_by, confirmed_at FROM content_pair_after WHERE state = 'published';
DROP TABLE content_pair_after;

-- +goose Up

-- A conversation. last_seq and last_hash are the head of its event log; everything below them is
-- what the latest events say, kept here so that lists and queues need not read the log.
-- Times are microseconds UTC, 0 = never. preview, course and data_key are encrypted.
CREATE TABLE conversations (
    id                  TEXT PRIMARY KEY,
    visitor             TEXT   NOT NULL,
    channel             TEXT   NOT NULL,
    data_key            BYTEA,              -- wrapped by the master key; NULL = erased, or no vault
    created_at          BIGINT NOT NULL,

    last_seq            BIGINT NOT NULL DEFAULT 0,
    last_hash           BYTEA  NOT NULL,
    last_at             BIGINT NOT NULL,
    last_actor          TEXT   NOT NULL DEFAULT '',
    preview             BYTEA,              -- text of the last message
    customer_at         BIGINT NOT NULL DEFAULT 0, -- last message of the customer
    read_customer       BIGINT NOT NULL DEFAULT 0, -- seq
    read_agent          BIGINT NOT NULL DEFAULT 0, -- seq
    -- The turn that the bot owes an answer: turn_from is the seq of its first bubble, 0 = none.
    turn_from           BIGINT NOT NULL DEFAULT 0,
    turn_since          BIGINT NOT NULL DEFAULT 0, -- when the first bubble came
    turn_due            BIGINT NOT NULL DEFAULT 0, -- when the debounce ends
    turn_version        BIGINT NOT NULL DEFAULT 0, -- counts bubbles and take-overs: compare-and-set
    turn_node           TEXT   NOT NULL DEFAULT '',
    turn_lease          BIGINT NOT NULL DEFAULT 0, -- until then other nodes leave it alone

    state               TEXT   NOT NULL DEFAULT 'bot' CHECK (state IN ('bot', 'queued', 'agent', 'ticket', 'closed', 'rated')),
    elder               BIGINT NOT NULL DEFAULT 0,
    lang                TEXT   NOT NULL DEFAULT '',
    course              BYTEA,              -- bot.Course as JSON
    agent               TEXT   NOT NULL DEFAULT '',
    agent_name          TEXT   NOT NULL DEFAULT '',
    grp                 TEXT   NOT NULL DEFAULT '',
    priority            BIGINT NOT NULL DEFAULT 3 CHECK (priority BETWEEN 0 AND 3),
    reason              TEXT   NOT NULL DEFAULT '',
    emotion             TEXT   NOT NULL DEFAULT '',
    emotion_level       BIGINT NOT NULL DEFAULT 0,
    trend               BIGINT NOT NULL DEFAULT 0,
    urgent              TEXT   NOT NULL DEFAULT '',
    complaint_category  TEXT   NOT NULL DEFAULT '',
    ticket              TEXT   NOT NULL DEFAULT '',
    escalated_at        BIGINT NOT NULL DEFAULT 0,
    queued_at           BIGINT NOT NULL DEFAULT 0, -- kept when a chat comes back to the queue
    queue_since         BIGINT NOT NULL DEFAULT 0, -- start of this stay in the queue
    wait_p50            BIGINT NOT NULL DEFAULT -1, -- seconds, as promised on entering the queue
    wait_p90            BIGINT NOT NULL DEFAULT -1,
    accepted_at         BIGINT NOT NULL DEFAULT 0,
    first_response_due  BIGINT NOT NULL DEFAULT 0,
    first_response_at   BIGINT NOT NULL DEFAULT 0,
    closed_at           BIGINT NOT NULL DEFAULT 0,
    close_reason        TEXT   NOT NULL DEFAULT '',
    wrap_category       TEXT   NOT NULL DEFAULT '',
    wrap_result         TEXT   NOT NULL DEFAULT '',
    stars               BIGINT NOT NULL DEFAULT 0,
    verdict             TEXT   NOT NULL DEFAULT '',
    verdict_by          TEXT   NOT NULL DEFAULT ''
) WITH (fillfactor = 80);
CREATE INDEX conversations_visitor ON conversations (visitor, created_at);
CREATE INDEX conversations_created ON conversations (created_at);
CREATE INDEX conversations_escalated ON conversations (escalated_at) WHERE escalated_at > 0;
CREATE INDEX conversations_closed ON conversations (closed_at) WHERE closed_at > 0;
CREATE INDEX conversations_queue ON conversations (priority, queued_at, id) WHERE state = 'queued';
CREATE INDEX conversations_tickets ON conversations (escalated_at) WHERE state = 'ticket';
CREATE INDEX conversations_agent ON conversations (agent) WHERE state = 'agent';
CREATE INDEX conversations_bot ON conversations (id) WHERE state = 'bot';
CREATE INDEX conversations_turn ON conversations (turn_from) WHERE turn_from > 0;

-- What happened, in order and without gaps. Append-only: corrections are new events.
CREATE TABLE events (
    conversation TEXT   NOT NULL REFERENCES conversations (id),
    seq          BIGINT NOT NULL CHECK (seq > 0),
    ref          TEXT,                      -- the sender's reference; NULL for what follows from another event
    at           BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT   NOT NULL,
    actor_name   TEXT   NOT NULL,
    body         BYTEA  NOT NULL,           -- JSON, encrypted with the conversation's data key
    original     BYTEA,                     -- text before masking, encrypted; NULL when nothing was masked
    hash         BYTEA  NOT NULL,           -- SHA-256 over the previous hash and this row
    PRIMARY KEY (conversation, seq),
    UNIQUE (conversation, ref)
);

-- An agent at work. lease_until is moved on by heartbeats: presence is worth nothing after it.
CREATE TABLE agents (
    id            TEXT PRIMARY KEY,
    name          TEXT   NOT NULL,
    presence      TEXT   NOT NULL CHECK (presence IN ('online', 'busy', 'offline')),
    capacity      BIGINT NOT NULL CHECK (capacity >= 0),
    serves        TEXT   NOT NULL,           -- JSON array; empty = every group
    lease_until   BIGINT NOT NULL,
    last_assigned BIGINT NOT NULL DEFAULT 0
);

-- A promise to come back to the customer. Both owner and due time are demanded (CP-03).
CREATE TABLE tickets (
    number       TEXT PRIMARY KEY,           -- T20261123-0001, day in China
    conversation TEXT   NOT NULL REFERENCES conversations (id),
    kind         TEXT   NOT NULL CHECK (kind IN ('handoff', 'followup')),
    reason       TEXT   NOT NULL,
    priority     BIGINT NOT NULL,
    owner        TEXT   NOT NULL CHECK (owner <> ''), -- agent, or group until somebody takes it
    created_at   BIGINT NOT NULL,
    promised_at  BIGINT NOT NULL CHECK (promised_at > 0),
    resolve_due  BIGINT NOT NULL CHECK (resolve_due > 0),
    answered_at  BIGINT NOT NULL DEFAULT 0,
    closed_at    BIGINT NOT NULL DEFAULT 0,
    result       TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX tickets_conversation ON tickets (conversation);
CREATE INDEX tickets_open ON tickets (promised_at) WHERE closed_at = 0;

-- The last number given on a day.
CREATE TABLE ticket_days (
    day  TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Every explicit request for a person and what it ended in, written in the transaction that decided.
-- An outcome other than queued, agent or ticket is an ignored request: there must be none.
CREATE TABLE person_requests (
    conversation TEXT   NOT NULL REFERENCES conversations (id),
    seq          BIGINT NOT NULL,            -- the event that answered it
    how          TEXT   NOT NULL CHECK (how IN ('button', 'words')),
    asked_at     BIGINT NOT NULL,
    answered_at  BIGINT NOT NULL,
    outcome      TEXT   NOT NULL,
    PRIMARY KEY (conversation, seq, how)
);
CREATE INDEX person_requests_asked ON person_requests (asked_at);

-- Surveys; the bot and the person are rated apart (SV-02).
CREATE TABLE ratings (
    conversation TEXT   NOT NULL REFERENCES conversations (id),
    subject      TEXT   NOT NULL CHECK (subject IN ('bot', 'agent')),
    agent        TEXT   NOT NULL,
    stars        BIGINT NOT NULL CHECK (stars BETWEEN 1 AND 5),
    resolved     BIGINT NOT NULL,
    seq          BIGINT NOT NULL,            -- the event with the comment
    at           BIGINT NOT NULL,
    PRIMARY KEY (conversation, subject)
);
CREATE INDEX ratings_at ON ratings (at);

-- +goose Down
DROP TABLE ratings;
DROP TABLE person_requests;
DROP TABLE ticket_days;
DROP TABLE tickets;
DROP TABLE agents;
DROP TABLE events;
DROP TABLE conversations;

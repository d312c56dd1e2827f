-- +goose Up
-- What understanding learned from the generation's own examples (bot.Teach): the model, NULL when
-- there are none or it was not adopted, and the outcome as JSON (bot.Lesson), '' when nothing was taught.
ALTER TABLE content_generation ADD COLUMN understanding BYTEA;
ALTER TABLE content_generation ADD COLUMN lesson TEXT NOT NULL DEFAULT '';

-- Escalations that an editor has worked off (升级复盘); undoing it deletes the row.
CREATE TABLE debriefs (
    conversation TEXT   PRIMARY KEY REFERENCES conversations (id),
    done_by      TEXT   NOT NULL, -- user name
    done_at      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE debriefs;
ALTER TABLE content_generation DROP COLUMN lesson;
ALTER TABLE content_generation DROP COLUMN understanding;

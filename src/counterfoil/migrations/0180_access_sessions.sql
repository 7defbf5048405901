-- Whoever has signed in with a token in a browser, by the SHA-256 of the session's secret, which is kept nowhere. A
-- session ends with its token, by signing out, when nobody has used it for a while, and in any case after a day's work.
CREATE TABLE access.session (
    id         uuid PRIMARY KEY,
    sha256     bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    token_id   uuid NOT NULL REFERENCES access.token (id),
    opened_at  timestamptz NOT NULL,
    used_at    timestamptz NOT NULL CHECK (used_at >= opened_at),
    closed_at  timestamptz CHECK (closed_at >= opened_at)
);
CREATE INDEX session_of_token ON access.session (token_id) WHERE closed_at IS NULL;

-- Sessions that have ended, without what they were known by: who was signed in when is never forgotten.
CREATE TABLE access.past_session (
    id         uuid PRIMARY KEY,
    token_id   uuid NOT NULL,
    opened_at  timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL CHECK (ended_at >= opened_at),
    signed_out boolean NOT NULL
);
CREATE TRIGGER past_session_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.past_session
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Failed sign-ins by address, for all processes together. A crash may forget it.
CREATE UNLOGGED TABLE access.attempt (
    address  text PRIMARY KEY,
    failures integer NOT NULL CHECK (failures > 0),
    last_at  timestamptz NOT NULL
);
CREATE INDEX attempt_by_time ON access.attempt (last_at);

-- What was refused to whom: sign-ins by address, and acts by who tried. The same within an hour is one row that counts;
-- beyond so many rows an hour the rest is counted without its address or its act, so that nobody fills the disk.
CREATE TABLE access.refusal (
    id      uuid PRIMARY KEY,
    hour    timestamptz NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('sign_in_failed', 'act_refused')),
    source  text NOT NULL CHECK (length(source) <= 200),
    subject text NOT NULL CHECK (length(subject) <= 200),
    code    text NOT NULL,
    at      timestamptz NOT NULL,
    last_at timestamptz NOT NULL CHECK (last_at >= at),
    times   bigint NOT NULL CHECK (times > 0),
    CONSTRAINT refusal_once_an_hour UNIQUE (hour, kind, source, subject, code)
);
CREATE TRIGGER refusal_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id, hour, kind, source, subject, code, at
    ON access.refusal FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

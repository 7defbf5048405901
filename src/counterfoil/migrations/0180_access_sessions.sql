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

-- Tokens by their SHA-256; the token itself is shown once and kept nowhere.
CREATE SCHEMA access;

CREATE TABLE access.token (
    id         uuid PRIMARY KEY,
    sha256     bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 140),
    lei        text,
    roles      text[] NOT NULL CHECK (cardinality(roles) > 0),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

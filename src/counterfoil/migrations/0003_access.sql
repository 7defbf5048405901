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
    revoked_at timestamptz,
    approved_by text,
    CONSTRAINT token_made_by_two CHECK (approved_by <> created_by),
    -- Whoever makes tokens, approves, draws models or confirms values decides for others: one person alone makes none.
    CONSTRAINT token_approved CHECK (
        approved_by IS NOT NULL OR created_by = 'bootstrap'
        OR NOT roles && ARRAY['operator', 'approver', 'modeller', 'fixing_agent']
    )
);
-- What a token may do never changes: another is made, and this one revoked.
CREATE TRIGGER token_kept
    BEFORE UPDATE OF id, sha256, name, lei, roles, created_at, created_by, expires_at, approved_by OR DELETE
    ON access.token FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What was asked for under an idempotency key, by its SHA-256, and what that has made.
CREATE TABLE access.token_key (
    creator text NOT NULL,
    key     text NOT NULL,
    said    bytea NOT NULL CHECK (length(said) = 32),
    made    uuid NOT NULL,
    PRIMARY KEY (creator, key)
);

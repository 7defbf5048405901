CREATE SCHEMA core;

-- Attached to every append-only table: history is added to, never changed.
CREATE FUNCTION core.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the table is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END
$$;

-- What happened and is still to be told: written with the change itself, taken out by whoever tells it.
CREATE TABLE core.outbox (
    id      bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    topic   text NOT NULL,
    subject text NOT NULL
);

-- A name as the words to look for. Signs divide words, but for the point in a number or in E.ON: left to itself the
-- parser would take a hyphen for a minus and an angle bracket for a tag.
CREATE FUNCTION core.words(name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('simple'::regconfig, translate(name, '-/_<>&''"()[]{}:;,+*|!?#%=\@', repeat(' ', 30)));

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

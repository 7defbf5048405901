-- Facts for the world outside, written in the same transaction as what they tell of. Dispatchers read them in
-- order of `sequence` and deliver at least once; the id is the idempotency key.
CREATE SCHEMA core;

CREATE TABLE core.outbox (
    sequence   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid NOT NULL,
    topic      text NOT NULL,
    subject    text NOT NULL,
    body       jsonb NOT NULL,
    written_at timestamptz NOT NULL
);

-- Attached to every append-only table: history is added to, never changed.
CREATE FUNCTION core.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the table is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END
$$;

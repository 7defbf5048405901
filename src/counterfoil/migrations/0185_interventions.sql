-- What persons have done to running instances, and why. A retry, a mended variable and a cancellation change what the
-- models decide by themselves, so each leaves a line that nobody can take away.
CREATE TABLE orchestration.intervention (
    id          uuid PRIMARY KEY,
    instance_id uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('retried', 'mended', 'cancelled', 'migrated')),
    details     jsonb NOT NULL,
    reason      text NOT NULL,
    actor       text NOT NULL,
    made_at     timestamptz NOT NULL
);
COMMENT ON COLUMN orchestration.intervention.reason IS 'Empty where the face did not ask for one';
CREATE INDEX intervention_of ON orchestration.intervention (instance_id);
CREATE TRIGGER intervention_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orchestration.intervention
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

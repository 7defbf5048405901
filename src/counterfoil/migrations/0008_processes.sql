-- Batches of issue requests: what came in, and what became of each item.
CREATE SCHEMA processes;

CREATE TABLE processes.batch (
    id              uuid PRIMARY KEY,
    submitter       text NOT NULL,
    submitted_by    text NOT NULL,
    principals      text[],
    idempotency_key text,
    body_sha256     bytea NOT NULL CHECK (length(body_sha256) = 32),
    policy          text NOT NULL CHECK (policy IN ('ATOMIC', 'CONTINUE', 'STOP', 'GROUPED')),
    business_date   date NOT NULL,
    item_count      integer NOT NULL CHECK (item_count > 0),
    state           text NOT NULL CHECK (state IN ('RUNNING', 'DONE', 'DONE_WITH_ERRORS', 'ABORTED')),
    received_at     timestamptz NOT NULL,
    sealed_at       timestamptz NOT NULL CHECK (sealed_at >= received_at),
    decided_at      timestamptz,
    finished_at     timestamptz,
    CHECK ((state = 'RUNNING') = (finished_at IS NULL)),
    UNIQUE (submitter, idempotency_key)
);
COMMENT ON COLUMN processes.batch.submitter IS 'The party, or the id of the depository''s own token';
COMMENT ON COLUMN processes.batch.principals IS 'LEIs of the issuers that it may act for; NULL: all';
CREATE INDEX batch_running ON processes.batch (id) WHERE state = 'RUNNING';

-- The payload is kept as it was received, byte for byte. `request_id` is the process instance of the item.
CREATE TABLE processes.item (
    batch_id   uuid NOT NULL,
    position   integer NOT NULL CHECK (position > 0),
    request_id uuid NOT NULL,
    payload    bytea NOT NULL,
    PRIMARY KEY (batch_id, position)
);
ALTER TABLE processes.item ALTER COLUMN payload SET STORAGE EXTERNAL;

-- Items that have passed validation and approval in a batch whose policy needs a decision over all of them.
CREATE TABLE processes.item_ready (
    batch_id  uuid NOT NULL,
    position  integer NOT NULL,
    group_key text NOT NULL,
    isin      text,
    reference text,
    PRIMARY KEY (batch_id, position)
);

-- The end of an item. The primary key is the promise that an item ends exactly once.
CREATE TABLE processes.item_outcome (
    batch_id   uuid NOT NULL,
    position   integer NOT NULL,
    outcome    text NOT NULL CHECK (outcome IN ('done', 'rejected')),
    submitter  text NOT NULL,
    kind       text,
    reference  text,
    group_key  text,
    isin       text,
    entry_no   integer,
    refusals   jsonb,
    warnings   jsonb,
    ended_at   timestamptz NOT NULL,
    PRIMARY KEY (batch_id, position),
    CHECK ((outcome = 'done') = (isin IS NOT NULL AND entry_no IS NOT NULL AND refusals IS NULL))
);
CREATE UNIQUE INDEX reference_once ON processes.item_outcome (submitter, reference)
    WHERE outcome = 'done' AND reference IS NOT NULL;

-- What each stretch of work has ended: the sum tells how far a batch is without counting its items again and again.
CREATE TABLE processes.tally (
    batch_id uuid NOT NULL,
    done     integer NOT NULL,
    rejected integer NOT NULL,
    ended_at timestamptz NOT NULL
);
CREATE INDEX tally_of_batch ON processes.tally (batch_id);

CREATE TRIGGER tally_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.tally
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_ready_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item_ready
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_outcome_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

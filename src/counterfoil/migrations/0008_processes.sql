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
CREATE INDEX batch_of_submitter ON processes.batch (submitter, id);
CREATE INDEX batch_by_size ON processes.batch (item_count, id);
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
CREATE INDEX item_rejected ON processes.item_outcome (batch_id, position) WHERE outcome = 'rejected';
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
CREATE INDEX tally_by_time ON processes.tally USING brin (ended_at) WITH (autosummarize = on);

-- To whom an issue is sold, one line a buyer, as it will be settled: written with the registration. The ids are those
-- of the instructions; without `receive_id` the buyer instructs its side itself.
CREATE TABLE processes.placement (
    batch_id         uuid NOT NULL,
    position         integer NOT NULL,
    line             smallint NOT NULL CHECK (line > 0),
    deliver_id       uuid NOT NULL UNIQUE,
    receive_id       uuid UNIQUE,
    reference        text NOT NULL,
    isin             text NOT NULL,
    seller_lei       text NOT NULL,
    seller_account   text NOT NULL,
    proceeds_account text NOT NULL,
    buyer_lei        text NOT NULL CHECK (buyer_lei <> seller_lei),
    buyer_account    text,
    quantity         numeric NOT NULL CHECK (quantity > 0),
    currency         text NOT NULL,
    amount           numeric NOT NULL CHECK (amount > 0),
    intended_date    date NOT NULL,
    common_reference text NOT NULL,
    PRIMARY KEY (batch_id, position, line),
    CHECK (receive_id IS NULL OR buyer_account IS NOT NULL)
);

-- Lines that settlement did not accept, with its reasons.
CREATE TABLE processes.placement_refusal (
    batch_id uuid NOT NULL,
    position integer NOT NULL,
    line     smallint NOT NULL,
    refusals jsonb NOT NULL,
    PRIMARY KEY (batch_id, position, line)
);

-- Working set: items that are registered and not yet placed. A row leaves when the placement has ended.
CREATE TABLE processes.placement_open (
    batch_id      uuid NOT NULL,
    position      integer NOT NULL,
    request_id    uuid NOT NULL,
    instructed_at timestamptz,
    told_at       timestamptz,
    PRIMARY KEY (batch_id, position),
    CHECK (told_at IS NULL OR instructed_at IS NOT NULL)
);
COMMENT ON COLUMN processes.placement_open.told_at IS 'When the process was told that its instructions have ended';

-- The end of a placement. The primary key is the promise that it ends exactly once.
CREATE TABLE processes.placement_end (
    batch_id uuid NOT NULL,
    position integer NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('placed', 'incomplete')),
    quantity numeric NOT NULL CHECK (quantity >= 0),
    proceeds numeric NOT NULL CHECK (proceeds >= 0),
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (batch_id, position)
);

-- Changes of how many items of a batch stand where in their placement: the sums tell it without counting the items.
CREATE TABLE processes.placement_tally (
    batch_id   uuid NOT NULL,
    to_place   integer NOT NULL,
    waiting    integer NOT NULL,
    placed     integer NOT NULL,
    incomplete integer NOT NULL
);
CREATE INDEX placement_tally_of_batch ON processes.placement_tally (batch_id);

CREATE TRIGGER tally_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.tally
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_ready_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item_ready
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER item_outcome_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.item_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER placement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.placement
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER placement_refusal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.placement_refusal
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER placement_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.placement_end
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER placement_tally_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON processes.placement_tally
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

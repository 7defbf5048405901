-- What becomes of a security between issue and deletion: events from terms, what was observed, what was paid to whom.
CREATE SCHEMA servicing;

-- An event as the terms lay it out, or as somebody called for it: never changed. `pointer` says which part of the terms
-- it comes from (of one that was called for: the request); `particulars` what a request says beside.
CREATE TABLE servicing.event (
    id            uuid PRIMARY KEY,
    isin          text NOT NULL,
    terms_version integer NOT NULL CHECK (terms_version > 0),
    kind          text NOT NULL CHECK (kind IN (
        'issue', 'initial_fixing', 'exercise_start', 'barrier_start', 'rate_fixing', 'observation', 'barrier_end',
        'final_fixing', 'exercise_end', 'expiry', 'coupon', 'issuer_call', 'holder_put', 'redemption',
        'early_redemption', 'partial_redemption', 'exercise', 'knock_out'
    )),
    day           date NOT NULL,
    payment       date,
    record_date   date,
    pointer       text NOT NULL,
    issuer_lei    text NOT NULL,
    currency      text NOT NULL,
    particulars   jsonb,
    scheduled_at  timestamptz NOT NULL,
    CONSTRAINT laid_out_once UNIQUE (isin, kind, pointer, terms_version),
    CONSTRAINT record_before_payment CHECK (record_date <= payment),
    CONSTRAINT payment_has_record CHECK ((payment IS NULL) = (record_date IS NULL))
);
CREATE INDEX event_by_day ON servicing.event (day);
CREATE INDEX event_by_payment ON servicing.event (payment) WHERE payment IS NOT NULL;

-- Events that something must be done about, until it is done. `starts_on`: the first day on which there is something to do.
CREATE TABLE servicing.pending (
    event_id  uuid PRIMARY KEY,
    isin      text NOT NULL,
    process   text NOT NULL CHECK (process IN (
        'coupon', 'autocall', 'redemption', 'early-redemption', 'exercise', 'knock-out'
    )),
    starts_on date NOT NULL,
    started   boolean NOT NULL DEFAULT false
);
CREATE INDEX pending_to_start ON servicing.pending (starts_on) WHERE NOT started;
CREATE INDEX pending_of_issue ON servicing.pending (isin);

-- How an event ended; one that other terms have replaced ends as superseded.
CREATE TABLE servicing.ended (
    event_id uuid PRIMARY KEY,
    outcome  text NOT NULL CHECK (outcome IN ('paid', 'nothing', 'lapsed', 'superseded', 'withdrawn')),
    reason   text NOT NULL DEFAULT '',
    ended_at timestamptz NOT NULL
);

-- The terms by which the events of an issue stand, and how far the register's entries have been read.
CREATE TABLE servicing.laid_out (
    isin          text PRIMARY KEY,
    terms_version integer NOT NULL CHECK (terms_version > 0),
    laid_out_at   timestamptz NOT NULL
);
CREATE TABLE servicing.progress (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    block_sequence bigint NOT NULL
);
INSERT INTO servicing.progress (block_sequence) VALUES (0);

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.event
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER ended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.ended
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER progress_kept BEFORE INSERT OR DELETE OR TRUNCATE ON servicing.progress
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

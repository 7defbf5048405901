-- Corporate actions on underlyings. From `ex_day` on, prices of the underlying are `factor` times what they were.
CREATE TABLE servicing.adjustment (
    id           uuid PRIMARY KEY,
    underlying   text NOT NULL CHECK (length(underlying) BETWEEN 1 AND 120),
    factor       numeric NOT NULL CHECK (factor > 0 AND factor <> 1 AND scale(factor) <= 8),
    ex_day       date NOT NULL,
    reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    UNIQUE (id, requested_by)
);
CREATE INDEX adjustment_of_underlying ON servicing.adjustment (underlying, ex_day);
CREATE TRIGGER adjustment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What another person decided about it.
CREATE TABLE servicing.adjustment_decision (
    adjustment_id uuid PRIMARY KEY,
    requested_by  text NOT NULL,
    approved      boolean NOT NULL,
    decided_by    text NOT NULL,
    decided_at    timestamptz NOT NULL,
    FOREIGN KEY (adjustment_id, requested_by) REFERENCES servicing.adjustment (id, requested_by),
    CONSTRAINT adjustment_four_eyes CHECK (NOT approved OR decided_by <> requested_by)
);
CREATE TRIGGER adjustment_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.adjustment_decision
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Whose terms it has moved, and to which version: the one before where nothing in them depends on the level. Prices of
-- days before the action are moved likewise when what such a security pays is worked out.
CREATE TABLE servicing.adjusted (
    adjustment_id uuid NOT NULL REFERENCES servicing.adjustment_decision (adjustment_id),
    isin          text NOT NULL,
    terms_version integer NOT NULL CHECK (terms_version > 0),
    terms_hash    bytea NOT NULL CHECK (length(terms_hash) = 32),
    adjusted_at   timestamptz NOT NULL,
    PRIMARY KEY (isin, adjustment_id)
);
CREATE INDEX adjusted_by ON servicing.adjusted (adjustment_id, isin);
CREATE TRIGGER adjusted_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.adjusted
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- On what the terms of live securities rest, by ISIN and by symbol, as far as they have been laid out.
CREATE TABLE servicing.rests_on (
    underlying text NOT NULL,
    isin       text NOT NULL,
    PRIMARY KEY (underlying, isin)
);
CREATE INDEX rests_on_of_issue ON servicing.rests_on (isin);

-- The event of each security by which an approved adjustment is announced and shown until it has been applied.
CREATE TABLE servicing.adjustment_event (
    adjustment_id uuid NOT NULL REFERENCES servicing.adjustment_decision (adjustment_id),
    isin          text NOT NULL,
    event_id      uuid NOT NULL UNIQUE REFERENCES servicing.event (id),
    PRIMARY KEY (adjustment_id, isin)
);
CREATE TRIGGER adjustment_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.adjustment_event
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

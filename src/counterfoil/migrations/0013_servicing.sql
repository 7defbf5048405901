-- What becomes of a security between issue and deletion: events from terms, what was observed, what was paid to whom.
CREATE SCHEMA servicing;

-- An event as the terms lay it out, or as somebody called for it: never changed. `pointer` says which part of the terms
-- it comes from (of one that was called for: the request); `particulars` what a request says beside; `attempt` is 2 and on
-- where a person has refused the one before.
CREATE TABLE servicing.event (
    id            uuid PRIMARY KEY,
    isin          text NOT NULL,
    terms_version integer NOT NULL CHECK (terms_version > 0),
    kind          text NOT NULL CHECK (kind IN (
        'issue', 'initial_fixing', 'exercise_start', 'barrier_start', 'rate_fixing', 'observation', 'barrier_end',
        'final_fixing', 'exercise_end', 'expiry', 'coupon', 'issuer_call', 'holder_put', 'redemption',
        'early_redemption', 'partial_redemption', 'exercise', 'knock_out', 'adjustment'
    )),
    day           date NOT NULL,
    payment       date,
    record_date   date,
    pointer       text NOT NULL,
    issuer_lei    text NOT NULL,
    currency      text NOT NULL,
    particulars   jsonb,
    scheduled_at  timestamptz NOT NULL,
    attempt       integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
    CONSTRAINT laid_out_once UNIQUE (isin, kind, pointer, terms_version, attempt),
    CONSTRAINT record_before_payment CHECK (record_date <= payment),
    CONSTRAINT payment_has_record CHECK ((payment IS NULL) = (record_date IS NULL))
);
CREATE INDEX event_by_day ON servicing.event (day);
CREATE INDEX event_by_payment ON servicing.event (payment) WHERE payment IS NOT NULL;

-- Events that something must be done about, until it is done. `starts_on`: the first day on which there is something to do.
-- `announced`: holders have been told of it beforehand.
CREATE TABLE servicing.pending (
    event_id  uuid PRIMARY KEY,
    isin      text NOT NULL,
    process   text NOT NULL CHECK (process IN (
        'coupon', 'autocall', 'redemption', 'early-redemption', 'exercise', 'knock-out'
    )),
    starts_on date NOT NULL,
    started   boolean NOT NULL DEFAULT false,
    announced boolean NOT NULL DEFAULT false
);
CREATE INDEX pending_to_announce ON servicing.pending (starts_on) WHERE NOT announced;
CREATE INDEX pending_to_start ON servicing.pending (starts_on) WHERE NOT started;
CREATE INDEX pending_of_issue ON servicing.pending (isin);

-- How an event ended; one that other terms have replaced ends as superseded.
CREATE TABLE servicing.ended (
    event_id uuid PRIMARY KEY,
    outcome  text NOT NULL CHECK (outcome IN ('paid', 'nothing', 'applied', 'lapsed', 'superseded', 'withdrawn')),
    reason   text NOT NULL DEFAULT '',
    ended_at timestamptz NOT NULL,
    CONSTRAINT ended_as UNIQUE (event_id, outcome)
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

-- Who observes. Between the second confirmation and the first use lies `dispute_window`.
CREATE TABLE servicing.source (
    name           text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 35),
    dispute_window interval NOT NULL CHECK (dispute_window >= '0' AND dispute_window <= '30 days'),
    added_at       timestamptz NOT NULL,
    added_by       text NOT NULL
);

-- What a source has observed of a subject on a day; a correction is a further version with its reason. What the columns
-- hold by kind: price (an underlying: value, low, high), rate (an index: per cent a year), fx ("EUR/USD": euros for a
-- dollar), barrier ("ISIN/barrier": hit_on, or null if it was not hit until that day), credit_event (an entity: the
-- recovery in per cent, if known), strike and unwinding (an ISIN: value), choice (an ISIN: cash or physical).
CREATE TABLE servicing.observation (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN (
        'price', 'rate', 'fx', 'barrier', 'credit_event', 'strike', 'unwinding', 'choice'
    )),
    subject     text NOT NULL CHECK (length(subject) BETWEEN 1 AND 120),
    day         date NOT NULL,
    source      text NOT NULL REFERENCES servicing.source (name),
    version     integer NOT NULL CHECK (version > 0),
    value       numeric CHECK (value > '-Infinity' AND value < 'Infinity'),
    low         numeric CHECK (low >= 0),
    high        numeric CHECK (high < 'Infinity'),
    hit_on      date,
    choice      text CHECK (choice IN ('cash', 'physical')),
    observed_at timestamptz NOT NULL,
    entered_at  timestamptz NOT NULL,
    entered_by  text NOT NULL,
    reason      text,
    CONSTRAINT observed_once UNIQUE (kind, subject, day, source, version),
    UNIQUE (id, entered_by),
    CONSTRAINT value_by_kind CHECK (
        CASE kind
            WHEN 'barrier' THEN num_nonnulls(value, low, high, choice) = 0 AND (hit_on IS NULL OR hit_on <= day)
            WHEN 'choice' THEN num_nonnulls(value, low, high, hit_on) = 0 AND choice IS NOT NULL
            WHEN 'price' THEN value >= 0 AND num_nonnulls(hit_on, choice) = 0
            WHEN 'credit_event' THEN num_nonnulls(low, high, hit_on, choice) = 0
            ELSE value IS NOT NULL AND num_nonnulls(low, high, hit_on, choice) = 0
        END
    ),
    CONSTRAINT price_within_its_day CHECK (low IS NULL OR high IS NULL OR low <= high),
    CONSTRAINT correction_has_reason CHECK ((version = 1) = (reason IS NULL))
);

-- A second person's word. The copy of `entered_by` lets the database see that it is another's.
CREATE TABLE servicing.confirmation (
    observation_id uuid NOT NULL,
    entered_by     text NOT NULL,
    confirmed_by   text NOT NULL,
    confirmed_at   timestamptz NOT NULL,
    PRIMARY KEY (observation_id, confirmed_by),
    FOREIGN KEY (observation_id, entered_by) REFERENCES servicing.observation (id, entered_by),
    CONSTRAINT four_eyes CHECK (confirmed_by <> entered_by)
);

-- A dispute bars its observation until it is dismissed; upheld, it bars it for good.
CREATE TABLE servicing.dispute (
    id             uuid PRIMARY KEY,
    observation_id uuid NOT NULL REFERENCES servicing.observation (id),
    reason         text NOT NULL CHECK (reason <> ''),
    raised_at      timestamptz NOT NULL,
    raised_by      text NOT NULL
);
CREATE INDEX dispute_of ON servicing.dispute (observation_id);
CREATE TABLE servicing.dispute_end (
    dispute_id uuid PRIMARY KEY REFERENCES servicing.dispute (id),
    upheld     boolean NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    ended_at   timestamptz NOT NULL,
    ended_by   text NOT NULL
);
CREATE TRIGGER observation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.observation
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER confirmation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER dispute_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.dispute
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER dispute_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.dispute_end
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What the paying agent says that an event pays for one unit or denomination, in all.
CREATE TABLE servicing.declaration (
    id          uuid PRIMARY KEY,
    event_id    uuid NOT NULL REFERENCES servicing.event (id),
    amount      numeric NOT NULL CHECK (amount >= 0 AND amount < 'Infinity'),
    declared_at timestamptz NOT NULL,
    declared_by text NOT NULL
);
CREATE INDEX declaration_of ON servicing.declaration (event_id, id);

-- What an event pays for one `basis` (1 unit, or a denomination), how it was found and from what: enough for anybody to
-- work it out again. A further version corrects the one before.
CREATE TABLE servicing.determination (
    event_id      uuid NOT NULL REFERENCES servicing.event (id),
    version       integer NOT NULL CHECK (version > 0),
    terms_version integer NOT NULL,
    terms_hash    bytea NOT NULL,
    origin        text NOT NULL CHECK (origin IN ('computed', 'declared')),
    redeems       boolean NOT NULL,
    currency      text NOT NULL,
    basis         numeric NOT NULL CHECK (basis > 0),
    interest      numeric NOT NULL CHECK (interest >= 0),
    principal     numeric NOT NULL CHECK (principal >= 0),
    deliveries    jsonb NOT NULL,
    declared      numeric,
    as_of         date,
    observations  jsonb NOT NULL,
    sources       jsonb NOT NULL,
    steps         jsonb NOT NULL,
    determined_at timestamptz NOT NULL,
    determined_by text NOT NULL,
    reason        text,
    PRIMARY KEY (event_id, version),
    CONSTRAINT correction_has_reason CHECK ((version = 1) = (reason IS NULL))
);
CREATE TRIGGER declaration_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.declaration
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER determination_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.determination
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What is withheld from the interest of an owner's accounts, in per cent, from a payment date on.
CREATE TABLE servicing.withholding (
    owner_lei    text NOT NULL,
    valid_from   date NOT NULL,
    rate_percent numeric NOT NULL CHECK (rate_percent BETWEEN 0 AND 100),
    PRIMARY KEY (owner_lei, valid_from)
);

-- Where holdings and rates stand while a record is made of them: filled, read and emptied by one transaction, one at a
-- time.
CREATE UNLOGGED TABLE servicing.holding (
    event_id    uuid NOT NULL,
    account_id  uuid NOT NULL,
    sub_balance text NOT NULL,
    units       numeric NOT NULL
);
CREATE UNLOGGED TABLE servicing.withheld (
    event_id     uuid NOT NULL,
    account_id   uuid NOT NULL,
    rate_percent numeric NOT NULL CHECK (rate_percent BETWEEN 0 AND 100)
);

-- Who held what at a moment, and what is due to them by a determination. `no` counts: a correction records anew, and so
-- does a redemption whose units moved meanwhile. `own_units` are the issuer's own: nothing is paid on them.
CREATE TABLE servicing.record (
    event_id  uuid NOT NULL,
    no        integer NOT NULL CHECK (no > 0),
    version   integer NOT NULL,
    held_at   timestamptz NOT NULL,
    made_at   timestamptz NOT NULL,
    holders   integer NOT NULL CHECK (holders >= 0),
    lines     integer NOT NULL CHECK (lines >= holders),
    units     numeric NOT NULL CHECK (units >= 0),
    own_units numeric NOT NULL CHECK (own_units >= 0),
    interest  numeric NOT NULL CHECK (interest >= 0),
    principal numeric NOT NULL CHECK (principal >= 0),
    tax       numeric NOT NULL CHECK (tax >= 0 AND tax <= interest),
    payer     uuid NOT NULL,
    PRIMARY KEY (event_id, no),
    FOREIGN KEY (event_id, version) REFERENCES servicing.determination (event_id, version)
);

-- One row a holder and sub-balance (for interest all sub-balances together, as available). `line` numbers them.
CREATE TABLE servicing.entitlement (
    event_id    uuid NOT NULL,
    record_no   integer NOT NULL,
    account_id  uuid NOT NULL,
    sub_balance text NOT NULL,
    line        integer NOT NULL CHECK (line > 0),
    units       numeric NOT NULL CHECK (units > 0),
    interest    numeric NOT NULL CHECK (interest >= 0),
    principal   numeric NOT NULL CHECK (principal >= 0),
    tax         numeric NOT NULL CHECK (tax >= 0 AND tax <= interest),
    CONSTRAINT entitled_once PRIMARY KEY (event_id, record_no, account_id, sub_balance)
);

-- Everybody of a record is paid, in one transaction with this row; `no` 2 and on re-pays what was reversed. So an event
-- pays an account once.
CREATE TABLE servicing.payment (
    event_id  uuid NOT NULL,
    no        integer NOT NULL CHECK (no > 0),
    record_no integer NOT NULL,
    paid_at   timestamptz NOT NULL,
    paid_by   text NOT NULL,
    after     integer GENERATED ALWAYS AS (CASE WHEN no > 1 THEN no - 1 END) STORED,
    CONSTRAINT paid_once PRIMARY KEY (event_id, no),
    CONSTRAINT record_paid_once UNIQUE (event_id, record_no),
    FOREIGN KEY (event_id, record_no) REFERENCES servicing.record (event_id, no)
);
CREATE TABLE servicing.reversal (
    event_id    uuid NOT NULL,
    no          integer NOT NULL,
    reversed_at timestamptz NOT NULL,
    reversed_by text NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (event_id, no),
    FOREIGN KEY (event_id, no) REFERENCES servicing.payment (event_id, no)
);
ALTER TABLE servicing.payment ADD CONSTRAINT paid_again_after_reversal
    FOREIGN KEY (event_id, after) REFERENCES servicing.reversal (event_id, no);

-- The bookings of a payment (+1) or its reversal (-1): lines 1 to 5,000 by the first, and so on.
CREATE TABLE servicing.paid_by (
    booking_id uuid PRIMARY KEY,
    event_id   uuid NOT NULL,
    payment_no integer NOT NULL,
    sign       smallint NOT NULL CHECK (sign IN (-1, 1)),
    chunk      integer NOT NULL CHECK (chunk >= 0),
    CONSTRAINT booked_once UNIQUE (event_id, payment_no, sign, chunk)
);
CREATE TRIGGER record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.record
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER entitlement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.entitlement
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.payment
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER reversal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.reversal
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER paid_by_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.paid_by
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Issuers that have agreed beforehand to the deletion of their issues once these are redeemed (eWpG section 14(1)).
CREATE TABLE servicing.deletion_consent (
    issuer_lei text PRIMARY KEY,
    given_at   timestamptz NOT NULL,
    given_by   text NOT NULL
);

CREATE VIEW servicing.v_entitlement AS
SELECT event_id, record_no, account_id, sub_balance, units, interest, principal, tax FROM servicing.entitlement;
-- Payments (+1) and their reversals (-1).
CREATE VIEW servicing.v_run AS
SELECT event_id, no, 1 AS sign, record_no FROM servicing.payment
UNION ALL
SELECT r.event_id, r.no, -1, p.record_no
FROM servicing.reversal AS r JOIN servicing.payment AS p ON p.event_id = r.event_id AND p.no = r.no;

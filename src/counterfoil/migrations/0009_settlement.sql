-- What is to be settled, what is matched, what is settled. Facts are append-only; `unmatched` and `pending` are the
-- working sets: a row leaves them when its matter has ended, so they stay as small as what is open.
CREATE SCHEMA settlement;

-- An instruction as accepted; `accepted_at` is SF I.
CREATE TABLE settlement.instruction (
    id                   uuid PRIMARY KEY,
    party_lei            text NOT NULL,
    reference            text NOT NULL,
    movement             text NOT NULL CHECK (movement IN ('DELI', 'RECE')),
    payment              text NOT NULL CHECK (payment IN ('APMT', 'FREE')),
    isin                 text NOT NULL,
    quantity             numeric NOT NULL CHECK (quantity >= 0 AND quantity < 'Infinity'),
    account_id           uuid NOT NULL,
    counterparty_lei     text NOT NULL,
    counterparty_account text,
    currency             text,
    amount               numeric CHECK (amount > 0 AND amount < 'Infinity'),
    cash_direction       text CHECK (cash_direction IN ('CRDT', 'DBIT')),
    cash_account_id      uuid,
    trade_date           date NOT NULL,
    intended_date        date NOT NULL,
    transaction_type     text NOT NULL,
    common_reference     text,
    client               text,
    counterparty_client  text,
    opt_out              boolean NOT NULL DEFAULT false,
    ex_cum               text CHECK (ex_cum IN ('CCPN', 'XCPN')),
    match_key            uuid NOT NULL,
    accepted_at          timestamptz NOT NULL,
    actor                text NOT NULL,
    CONSTRAINT reference_once UNIQUE (party_lei, reference),
    CONSTRAINT payment_complete CHECK (
        num_nonnulls(currency, amount, cash_direction, cash_account_id) = CASE payment WHEN 'FREE' THEN 0 ELSE 4 END
    ),
    CONSTRAINT something_moves CHECK (quantity > 0 OR payment = 'APMT')
);

CREATE INDEX instruction_of_party ON settlement.instruction (party_lei, id);
CREATE INDEX instruction_of_isin ON settlement.instruction (isin, id);
CREATE INDEX instruction_of_account ON settlement.instruction (account_id, id);
-- The orders in which instructions are read besides that of their coming; one free of payment counts as nothing.
CREATE INDEX instruction_by_intended ON settlement.instruction (intended_date, id);
CREATE INDEX instruction_by_amount ON settlement.instruction (coalesce(amount, 0), id);

-- Whether an instruction is among those asked for; null asks for all. As one expression it becomes part of a statement.
CREATE FUNCTION settlement.fits(
    i settlement.instruction, party text, reference text, isin text, account uuid, intended_from date,
    intended_until date, amount_from numeric, amount_until numeric
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT (party IS NULL OR i.party_lei = party)
    AND (reference IS NULL OR i.reference = reference)
    AND (isin IS NULL OR i.isin = isin)
    AND (account IS NULL OR i.account_id = account)
    AND (intended_from IS NULL OR i.intended_date >= intended_from)
    AND (intended_until IS NULL OR i.intended_date <= intended_until)
    AND (amount_from IS NULL OR coalesce(i.amount, 0) >= amount_from)
    AND (amount_until IS NULL OR coalesce(i.amount, 0) <= amount_until)
$$;

-- Accepted and waiting for its counterpart. `holds`: 1 party, 2 CSD, 4 CSD validation, 8 CoSD. What happens to it is
-- announced where one of its parties is to be `advised` by messages.
CREATE TABLE settlement.unmatched (
    instruction_id       uuid PRIMARY KEY,
    match_key            uuid NOT NULL,
    movement             text NOT NULL,
    currency             text,
    amount               numeric,
    account              text NOT NULL,
    counterparty_account text,
    common_reference     text,
    client               text,
    counterparty_client  text,
    holds                smallint NOT NULL DEFAULT 0 CHECK (holds BETWEEN 0 AND 15),
    priority             smallint NOT NULL DEFAULT 4 CHECK (priority BETWEEN 1 AND 4),
    partial              text NOT NULL DEFAULT 'PART' CHECK (partial IN ('PART', 'NPAR', 'PARQ', 'PARC')),
    linked               boolean NOT NULL DEFAULT false,
    advised              boolean NOT NULL DEFAULT false,
    changed_at           timestamptz NOT NULL
);
CREATE INDEX unmatched_by_key ON settlement.unmatched (match_key);
CREATE INDEX unmatched_advised ON settlement.unmatched (instruction_id) WHERE advised;

-- Two instructions that are one matter. `matched_at` is SF II; `quantity` and `amount` are the deliverer's. Each
-- instruction once.
CREATE TABLE settlement.transaction (
    id         uuid PRIMARY KEY,
    deliver_id uuid NOT NULL,
    receive_id uuid NOT NULL,
    quantity   numeric NOT NULL,
    amount     numeric,
    matched_at timestamptz NOT NULL,
    CONSTRAINT delivered_once UNIQUE (deliver_id),
    CONSTRAINT received_once UNIQUE (receive_id)
);

-- Matched and not settled in full. `quantity` and `amount` are what is left to settle.
CREATE TABLE settlement.pending (
    transaction_id   uuid PRIMARY KEY,
    isin             text NOT NULL,
    quantity         numeric NOT NULL CHECK (quantity >= 0),
    from_account     uuid NOT NULL,
    to_account       uuid NOT NULL,
    currency         text,
    amount           numeric CHECK (amount >= 0),
    payer_account    uuid,
    payee_account    uuid,
    intended_date    date NOT NULL,
    deliver_holds    smallint NOT NULL CHECK (deliver_holds BETWEEN 0 AND 15),
    receive_holds    smallint NOT NULL CHECK (receive_holds BETWEEN 0 AND 15),
    priority         smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    deliver_partial  text NOT NULL,
    receive_partial  text NOT NULL,
    released         numeric,
    linked           boolean NOT NULL,
    advised          boolean NOT NULL DEFAULT false,
    part_no          smallint NOT NULL DEFAULT 1 CHECK (part_no > 0),
    matched_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    reason           text,
    blocked          jsonb,
    tried_at         timestamptz,
    CONSTRAINT released_in_part CHECK (
        released IS NULL OR (released > 0 AND released < quantity AND deliver_holds % 2 = 1)
    )
);
COMMENT ON COLUMN settlement.pending.released IS 'What the deliverer lets go although its hold stands; null: nothing';
-- What waits for a resource is found by it when it arrives.
CREATE INDEX pending_for_securities ON settlement.pending (isin, from_account);
CREATE INDEX pending_for_cash ON settlement.pending (payer_account, currency) WHERE reason IS NOT NULL;
-- Whoever looks for what waits for a reason, or settles in parts, reads the last matched first.
CREATE INDEX pending_by_reason ON settlement.pending (reason, transaction_id) WHERE reason IS NOT NULL;
CREATE INDEX pending_in_parts ON settlement.pending (transaction_id) WHERE part_no > 1;
-- The orders in which what waits is read besides that of its matching.
CREATE INDEX pending_by_intended ON settlement.pending (intended_date, transaction_id);
CREATE INDEX pending_by_amount ON settlement.pending (coalesce(amount, 0), transaction_id);
CREATE INDEX pending_by_priority ON settlement.pending (priority, transaction_id);
CREATE INDEX pending_released ON settlement.pending (intended_date) WHERE released IS NOT NULL;

-- What has settled, part by part. `settled_at` is SF III; `remaining` is what was left after it.
CREATE TABLE settlement.settled (
    transaction_id uuid NOT NULL,
    part_no        smallint NOT NULL CHECK (part_no > 0),
    quantity       numeric NOT NULL CHECK (quantity >= 0),
    amount         numeric CHECK (amount >= 0),
    remaining      numeric NOT NULL CHECK (remaining >= 0),
    booking_id     uuid NOT NULL,
    settled_at     timestamptz NOT NULL,
    PRIMARY KEY (transaction_id, part_no)
);
CREATE INDEX settled_by_time ON settlement.settled USING brin (settled_at) WITH (autosummarize = on);

-- What has been delivered on an instruction, part by part.
CREATE VIEW settlement.v_settled AS
SELECT t.deliver_id AS instruction_id, s.quantity, s.amount, s.settled_at
FROM settlement.settled AS s JOIN settlement.transaction AS t ON t.id = s.transaction_id;

CREATE TABLE settlement.cancellation_request (
    instruction_id uuid PRIMARY KEY,
    code           text NOT NULL,
    requested_at   timestamptz NOT NULL,
    actor          text NOT NULL
);

CREATE TABLE settlement.cancelled (
    instruction_id uuid PRIMARY KEY,
    code           text NOT NULL,
    cancelled_at   timestamptz NOT NULL,
    actor          text NOT NULL
);

-- What was done to an instruction besides matching and settling: holds, priorities, links, allegements, failing.
CREATE TABLE settlement.event (
    id             uuid PRIMARY KEY,
    instruction_id uuid NOT NULL,
    kind           text NOT NULL,
    detail         jsonb NOT NULL,
    at             timestamptz NOT NULL,
    actor          text NOT NULL
);
CREATE INDEX event_of_instruction ON settlement.event (instruction_id, id);
CREATE INDEX event_failing ON settlement.event ((detail ->> 'business_date')) WHERE kind = 'FAILING';

-- Both sides of what waits matched, as those that look for it ask; null asks for all. What fails is past its intended
-- date, or past the cut-off on it, or was noted to fail; the conditions on dates and parts before that say nothing more,
-- but can be found by an index, as can a list of `transactions` among which to look. OFFSET keeps the sides from being
-- looked up before what is pending. Who selects from it with an order and a limit reads an index of `pending`.
CREATE FUNCTION settlement.waiting(
    state text, reason text, due date, intended_from date, amount_from numeric, amount_until numeric, business_date date,
    ended text[], party text, reference text, isin text, transactions uuid[]
) RETURNS TABLE (id uuid, transaction_id uuid, intended_date date, amount numeric, priority smallint)
LANGUAGE sql STABLE AS $$
SELECT i.id, p.transaction_id, p.intended_date, coalesce(p.amount, 0), p.priority
FROM settlement.pending AS p
CROSS JOIN LATERAL (
    SELECT j.id, j.party_lei, j.reference, j.payment
    FROM settlement.transaction AS t
    JOIN settlement.instruction AS j ON j.id = ANY(ARRAY[t.deliver_id, t.receive_id])
    WHERE t.id = p.transaction_id
    OFFSET 0
) AS i
WHERE (transactions IS NULL OR p.transaction_id = ANY(transactions))
    AND (waiting.isin IS NULL OR p.isin = waiting.isin)
    AND (waiting.reason IS NULL OR p.reason = waiting.reason)
    AND (due IS NULL OR p.intended_date <= due)
    AND (intended_from IS NULL OR p.intended_date >= intended_from)
    AND (amount_from IS NULL OR coalesce(p.amount, 0) >= amount_from)
    AND (amount_until IS NULL OR coalesce(p.amount, 0) <= amount_until)
    AND (state IS DISTINCT FROM 'pending' OR p.intended_date >= business_date)
    AND (state IS DISTINCT FROM 'partial' OR p.part_no > 1)
    AND (state IS NULL OR CASE
        WHEN p.part_no > 1 THEN state = 'partial'
        WHEN p.intended_date < business_date OR (p.intended_date = business_date AND i.payment = ANY(ended))
            OR EXISTS (SELECT FROM settlement.event AS e WHERE e.instruction_id = i.id AND e.kind = 'FAILING')
            THEN state = 'failing'
        ELSE state = 'pending'
    END)
    AND (party IS NULL OR i.party_lei = party)
    AND (waiting.reference IS NULL OR i.reference = waiting.reference)
$$;

-- What is linked now: a link that was taken out leaves this table, and stays known as an event of its instruction.
-- `reference` is the party's own reference of the other instruction.
CREATE TABLE settlement.link (
    instruction_id uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('BEFO', 'AFTE', 'WITH', 'INFO')),
    party_lei      text NOT NULL,
    reference      text NOT NULL,
    PRIMARY KEY (instruction_id, kind, reference)
);
CREATE INDEX link_to ON settlement.link (party_lei, reference);

-- All or none: a pool settles when `size` of its instructions are there.
CREATE TABLE settlement.pool_member (
    instruction_id uuid PRIMARY KEY,
    party_lei      text NOT NULL,
    pool           text NOT NULL,
    size           smallint NOT NULL CHECK (size > 1)
);
CREATE INDEX pool_of ON settlement.pool_member (party_lei, pool);

-- Cash tolerance: up to `cash_limit` (inclusive; null is above all limits) the amounts may differ by `tolerance`.
CREATE TABLE settlement.tolerance (
    currency   text NOT NULL,
    valid_from date NOT NULL,
    cash_limit numeric,
    tolerance  numeric NOT NULL CHECK (tolerance >= 0),
    UNIQUE NULLS NOT DISTINCT (currency, valid_from, cash_limit)
);
INSERT INTO settlement.tolerance VALUES ('EUR', '2015-06-22', 100000, 2), ('EUR', '2015-06-22', NULL, 25);

-- What each instruction depends on, seen from it: links in both directions, and the members of its pool.
CREATE VIEW settlement.v_dependency AS
SELECT l.instruction_id, l.kind, o.id AS other_id, l.reference
FROM settlement.link AS l LEFT JOIN settlement.instruction AS o USING (party_lei, reference)
UNION ALL
SELECT o.id, CASE l.kind WHEN 'BEFO' THEN 'AFTE' WHEN 'AFTE' THEN 'BEFO' ELSE l.kind END, l.instruction_id, i.reference
FROM settlement.link AS l
JOIN settlement.instruction AS o USING (party_lei, reference)
JOIN settlement.instruction AS i ON i.id = l.instruction_id
UNION ALL
SELECT a.instruction_id, 'POOL', b.instruction_id, b.pool
FROM settlement.pool_member AS a JOIN settlement.pool_member AS b USING (party_lei, pool)
WHERE a.instruction_id <> b.instruction_id;

-- Whether an instruction is still open, and if not, how it ended.
CREATE VIEW settlement.v_place AS
SELECT i.id, i.party_lei, i.reference,
    CASE
        WHEN EXISTS (SELECT FROM settlement.cancelled AS c WHERE c.instruction_id = i.id) THEN 'cancelled'
        WHEN EXISTS (SELECT FROM settlement.unmatched AS u WHERE u.instruction_id = i.id) OR EXISTS (
            SELECT FROM settlement.transaction AS t JOIN settlement.pending AS p ON p.transaction_id = t.id
            WHERE t.deliver_id = i.id OR t.receive_id = i.id
        ) THEN 'open'
        ELSE 'settled'
    END AS state
FROM settlement.instruction AS i;

-- What one unit of a currency is worth in EUR, from a date on: a cycle weighs values of several currencies by it.
CREATE TABLE settlement.exchange_rate (
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$' AND currency <> 'EUR'),
    valid_from date NOT NULL,
    rate       numeric NOT NULL CHECK (rate > 0 AND rate < 'Infinity'),
    PRIMARY KEY (currency, valid_from)
);

-- What each cycle did; `chosen_value` and `bound` of its contended part, in EUR. Currencies without a rate counted as EUR.
CREATE TABLE settlement.cycle (
    id            uuid PRIMARY KEY,
    business_date date NOT NULL,
    started_at    timestamptz NOT NULL,
    considered    integer NOT NULL,
    contended     integer NOT NULL,
    settled       integer NOT NULL,
    in_parts      integer NOT NULL,
    bound         numeric NOT NULL,
    chosen_value  numeric NOT NULL,
    unrated       text[] NOT NULL DEFAULT '{}',
    seconds       numeric NOT NULL,
    actor         text NOT NULL
);
CREATE TRIGGER cycle_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.cycle
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Instructions handed in as a file. They are taken in from the first to the last, some at a time, by whoever has the
-- batch's row; how far that has come stands in it. `parties` are those it may instruct for; null: all. `stuck_at` says
-- since when it is left alone because its next rows fail by `failure`.
CREATE TABLE settlement.batch (
    id              uuid PRIMARY KEY,
    submitter       text NOT NULL,
    submitted_by    text NOT NULL,
    parties         text[],
    default_party   text,
    idempotency_key text NOT NULL,
    body_sha256     bytea NOT NULL CHECK (length(body_sha256) = 32),
    item_count      integer NOT NULL CHECK (item_count > 0),
    received_at     timestamptz NOT NULL,
    taken           integer NOT NULL DEFAULT 0,
    rejected        integer NOT NULL DEFAULT 0 CHECK (rejected >= 0 AND rejected <= taken),
    finished_at     timestamptz,
    stuck_at        timestamptz,
    failure         text,
    CONSTRAINT stuck_with_reason CHECK ((stuck_at IS NULL) = (failure IS NULL)),
    CONSTRAINT batch_once UNIQUE (submitter, idempotency_key),
    CONSTRAINT finished_when_taken CHECK (taken <= item_count AND (taken = item_count) = (finished_at IS NOT NULL))
);
CREATE INDEX batch_of_submitter ON settlement.batch (submitter, id);
CREATE INDEX batch_by_size ON settlement.batch (item_count, id);
CREATE INDEX batch_unfinished ON settlement.batch (id) WHERE finished_at IS NULL AND stuck_at IS NULL;
CREATE TRIGGER batch_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id, submitter, submitted_by, parties, default_party,
    idempotency_key, body_sha256, item_count, received_at ON settlement.batch
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- As received, byte for byte; `line` is where it stands in the file.
CREATE TABLE settlement.batch_item (
    batch_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    line     integer NOT NULL,
    payload  bytea NOT NULL,
    PRIMARY KEY (batch_id, position)
);
CREATE TRIGGER batch_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.batch_item
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What became of each: an instruction, or the reasons why there is none. The key is the promise that it is one of them.
CREATE TABLE settlement.batch_outcome (
    batch_id       uuid NOT NULL,
    position       integer NOT NULL,
    line           integer NOT NULL,
    reference      text,
    instruction_id uuid,
    refusals       jsonb,
    PRIMARY KEY (batch_id, position),
    CONSTRAINT accepted_or_refused CHECK ((instruction_id IS NULL) = (refusals IS NOT NULL))
);
CREATE INDEX batch_outcome_rejected ON settlement.batch_outcome (batch_id, position) WHERE refusals IS NOT NULL;
CREATE TRIGGER batch_outcome_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.batch_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

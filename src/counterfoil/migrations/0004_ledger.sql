-- Double entry for securities and cash. Positions are read often and netted once a batch; postings are for ever.
CREATE SCHEMA ledger;

-- `blocks` says who has blocked what: 1 debits and 2 credits by the party, 4 debits and 8 credits by the depository.
-- `event_no` is the last of the account's events.
CREATE TABLE ledger.account (
    id              uuid PRIMARY KEY,
    number          text NOT NULL UNIQUE CHECK (length(number) BETWEEN 1 AND 35),
    kind            text NOT NULL CHECK (kind IN (
        'issue_control', 'issuer', 'own', 'client_omnibus', 'client_segregated', 'dealer', 'paying_agent', 'central_bank'
    )),
    owner_lei       text NOT NULL,
    may_be_negative boolean NOT NULL GENERATED ALWAYS AS (kind IN ('issue_control', 'central_bank')) STORED,
    opened_at       timestamptz NOT NULL,
    opened_by       text NOT NULL,
    blocks          smallint NOT NULL DEFAULT 0 CHECK (blocks BETWEEN 0 AND 15),
    closed_at       timestamptz,
    event_no        integer NOT NULL DEFAULT 0,
    blocked_debit   boolean NOT NULL GENERATED ALWAYS AS ((blocks & 5) <> 0 OR closed_at IS NOT NULL) STORED,
    blocked_credit  boolean NOT NULL GENERATED ALWAYS AS ((blocks & 10) <> 0 OR closed_at IS NOT NULL) STORED,
    CONSTRAINT closed_for_good CHECK (
        closed_at IS NULL OR (blocks = 0 AND kind NOT IN ('issue_control', 'central_bank'))
    )
);
CREATE INDEX account_by_owner ON ledger.account (owner_lei, kind);
CREATE INDEX account_of_control ON ledger.account (id) WHERE kind = 'issue_control';
CREATE INDEX account_barred ON ledger.account (id) WHERE blocked_debit OR blocked_credit;

-- One row a call of `book`, the ticket that its postings and positions name.
CREATE TABLE ledger.batch (
    id        uuid PRIMARY KEY,
    actor     text NOT NULL,
    booked_at timestamptz NOT NULL,
    xact      xid8 NOT NULL DEFAULT pg_current_xact_id()
);

CREATE TABLE ledger.booking (
    id        uuid PRIMARY KEY,
    batch_id  uuid NOT NULL,
    kind      text NOT NULL,
    reference uuid NOT NULL
);

-- Key order: a batch is read whole by its checks, an asset by its statements. No foreign keys: checked once a
-- statement they cost a tenth of what they cost once a row.
CREATE TABLE ledger.posting (
    batch_id    uuid NOT NULL,
    booking_id  uuid NOT NULL,
    leg         smallint NOT NULL,
    account_id  uuid NOT NULL,
    asset       text NOT NULL,
    sub_balance text NOT NULL CHECK (sub_balance IN ('available', 'earmarked', 'blocked', 'pledged')),
    amount      numeric NOT NULL CHECK (amount <> 0),
    booked_at   timestamptz NOT NULL,
    PRIMARY KEY (batch_id, booking_id, leg)
);
CREATE INDEX posting_by_asset ON ledger.posting (asset, account_id);

-- A delivery that was booked in a set: its booking (whose id is what caused it) and its postings as one row, up to four
-- legs that add up to zero by their form. A set of a million is written once instead of five times, with one entry in
-- each index.
CREATE TABLE ledger.delivery (
    batch_id      uuid NOT NULL,
    booking_id    uuid NOT NULL,
    kind          text NOT NULL,
    isin          text NOT NULL,
    quantity      numeric NOT NULL CHECK (quantity >= 0 AND quantity < 'Infinity'),
    from_account  uuid NOT NULL,
    to_account    uuid NOT NULL,
    currency      text,
    amount        numeric CHECK (amount >= 0 AND amount < 'Infinity'),
    payer_account uuid,
    payee_account uuid,
    booked_at     timestamptz NOT NULL,
    PRIMARY KEY (batch_id, booking_id),
    CONSTRAINT payment_complete CHECK (num_nonnulls(currency, amount, payer_account, payee_account) IN (0, 4)),
    CONSTRAINT something_moves CHECK (quantity > 0 OR amount > 0 IS TRUE)
);

-- What a delivery touches, each asset and account as its 64-bit hash; what is found by them is compared itself. A set is
-- found by any of them through one index, whose entries come in thousands: four indexes in order cost a set three times that.
CREATE FUNCTION ledger.touched(
    isin text, currency text, from_account uuid, to_account uuid, payer_account uuid, payee_account uuid
) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    hashtextextended(isin, 0), hashtextextended(currency, 0), uuid_hash_extended(from_account, 0),
    uuid_hash_extended(to_account, 0), uuid_hash_extended(payer_account, 0), uuid_hash_extended(payee_account, 0)
];
CREATE INDEX delivery_touching ON ledger.delivery
    USING gin (ledger.touched(isin, currency, from_account, to_account, payer_account, payee_account));

-- Every posting, by itself or a leg of a delivery.
CREATE VIEW ledger.every_posting AS
SELECT batch_id, booking_id, leg, account_id, asset, sub_balance, amount, booked_at FROM ledger.posting
UNION ALL
SELECT batch_id, booking_id, 0::smallint, from_account, isin, 'available', -quantity, booked_at
FROM ledger.delivery WHERE quantity > 0
UNION ALL
SELECT batch_id, booking_id, 1::smallint, to_account, isin, 'available', quantity, booked_at
FROM ledger.delivery WHERE quantity > 0
UNION ALL
SELECT batch_id, booking_id, 2::smallint, payer_account, currency, 'available', -amount, booked_at
FROM ledger.delivery WHERE amount > 0
UNION ALL
SELECT batch_id, booking_id, 3::smallint, payee_account, currency, 'available', amount, booked_at
FROM ledger.delivery WHERE amount > 0;

-- The legs of the deliveries that touch all that the hashes stand for.
CREATE FUNCTION ledger.legs_touching(hashes bigint[]) RETURNS SETOF ledger.posting
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.batch_id, d.booking_id, l.leg, l.account_id, l.asset, 'available', l.amount, d.booked_at
    FROM ledger.delivery AS d
    CROSS JOIN LATERAL (VALUES
        (0::smallint, d.from_account, d.isin, -d.quantity), (1::smallint, d.to_account, d.isin, d.quantity),
        (2::smallint, d.payer_account, d.currency, -d.amount), (3::smallint, d.payee_account, d.currency, d.amount)
    ) AS l (leg, account_id, asset, amount)
    WHERE l.amount <> 0
      AND ledger.touched(d.isin, d.currency, d.from_account, d.to_account, d.payer_account, d.payee_account) @> hashes;
END;

-- The postings on an asset, and those of one account on it: as in `every_posting`, each found by an index.
CREATE FUNCTION ledger.postings_on(asset text) RETURNS SETOF ledger.posting
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT * FROM ledger.posting AS p WHERE p.asset = postings_on.asset
    UNION ALL
    SELECT * FROM ledger.legs_touching(ARRAY[hashtextextended(postings_on.asset, 0)]) AS l
    WHERE l.asset = postings_on.asset;
END;
CREATE FUNCTION ledger.postings_on(asset text, account_id uuid) RETURNS SETOF ledger.posting
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT * FROM ledger.posting AS p WHERE p.asset = postings_on.asset AND p.account_id = postings_on.account_id
    UNION ALL
    SELECT *
    FROM ledger.legs_touching(
        ARRAY[hashtextextended(postings_on.asset, 0), uuid_hash_extended(postings_on.account_id, 0)]
    ) AS l
    WHERE l.asset = postings_on.asset AND l.account_id = postings_on.account_id;
END;

-- Every booking, by itself or with its delivery.
CREATE VIEW ledger.every_booking AS
SELECT id, batch_id, kind, reference FROM ledger.booking
UNION ALL
SELECT booking_id, batch_id, kind, booking_id FROM ledger.delivery;

-- What a person has given with a booking of its own: its reference, and why.
CREATE TABLE ledger.booking_note (
    booking_id uuid PRIMARY KEY,
    reference  text NOT NULL CHECK (length(reference) BETWEEN 1 AND 35),
    reason     text
);

-- A number for each position, as good as drawn by lot: changes of several positions, each multiplied by its number, add
-- up to the same only where they are the same changes (or once in 2^64).
CREATE FUNCTION ledger.lot(asset text, account uuid, sub_balance text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(asset, uuid_hash_extended(account, hashtextextended(sub_balance, 0)))::numeric;

-- What a transaction has posted, and by how much it has moved positions, both as sums of amounts by lot: its commit
-- compares the two. `no` is the order of postings and of what becomes of accounts.
CREATE SEQUENCE ledger.act;
CREATE TABLE ledger.posted (
    batch_id uuid PRIMARY KEY,
    no       bigint NOT NULL DEFAULT nextval('ledger.act'),
    by_lot   numeric NOT NULL,
    xact     xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX posted_by_transaction ON ledger.posted (xact);
CREATE TABLE ledger.moved (
    no     bigint PRIMARY KEY DEFAULT nextval('ledger.act'),
    by_lot numeric NOT NULL,
    xact   xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX moved_by_transaction ON ledger.moved (xact);

-- What becomes of an account, with the blocks that stand from then on. `act` is its place in the order of postings: what
-- was posted before a block has a lower one.
CREATE TABLE ledger.account_event (
    account_id  uuid NOT NULL,
    no          integer NOT NULL CHECK (no > 0),
    kind        text NOT NULL CHECK (kind IN ('BLOCKED', 'UNBLOCKED', 'CLOSED')),
    blocks      smallint NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    actor       text NOT NULL,
    happened_at timestamptz NOT NULL,
    act         bigint NOT NULL DEFAULT nextval('ledger.act'),
    PRIMARY KEY (account_id, no)
);

-- `batch_id` moved it last. Pages keep room for new versions of their rows, so that moving a position touches no index.
CREATE TABLE ledger.position (
    asset           text NOT NULL,
    account_id      uuid NOT NULL,
    sub_balance     text NOT NULL CHECK (sub_balance IN ('available', 'earmarked', 'blocked', 'pledged')),
    quantity        numeric NOT NULL,
    may_be_negative boolean NOT NULL,
    batch_id        uuid NOT NULL,
    PRIMARY KEY (asset, account_id, sub_balance),
    CONSTRAINT no_overdraft CHECK (quantity >= 0 OR may_be_negative)
) WITH (fillfactor = 60);
CREATE INDEX position_by_account ON ledger.position (account_id, asset);

CREATE VIEW ledger.v_account AS SELECT id, number, kind, owner_lei FROM ledger.account;

-- Accounts that may not give, or not take.
CREATE VIEW ledger.v_barred AS
SELECT id AS account_id, blocked_debit, blocked_credit FROM ledger.account WHERE blocked_debit OR blocked_credit;

CREATE VIEW ledger.v_position AS
SELECT p.asset, p.account_id, a.number AS account, a.kind, a.owner_lei, p.sub_balance, p.quantity
FROM ledger.position AS p JOIN ledger.account AS a ON a.id = p.account_id;

-- Postings with the transaction that made them, which its index finds them by.
CREATE VIEW ledger.v_posting AS
SELECT o.xact, p.batch_id, p.booking_id, p.account_id, p.asset, p.sub_balance, p.amount, p.booked_at
FROM ledger.posted AS o JOIN ledger.every_posting AS p ON p.batch_id = o.batch_id;

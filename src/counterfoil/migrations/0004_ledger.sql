-- Double entry for securities and cash. Positions are read often and netted once a batch; postings are for ever.
CREATE SCHEMA ledger;

CREATE TABLE ledger.account (
    id              uuid PRIMARY KEY,
    number          text NOT NULL UNIQUE,
    kind            text NOT NULL CHECK (kind IN (
        'issue_control', 'issuer', 'own', 'client_omnibus', 'client_segregated', 'dealer', 'paying_agent', 'central_bank'
    )),
    owner_lei       text NOT NULL,
    may_be_negative boolean NOT NULL GENERATED ALWAYS AS (kind IN ('issue_control', 'central_bank')) STORED,
    opened_at       timestamptz NOT NULL
);
CREATE INDEX account_by_owner ON ledger.account (owner_lei, kind);

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

-- Key order: a batch is read whole by its checks, an account by its statement.
CREATE TABLE ledger.posting (
    batch_id    uuid NOT NULL,
    booking_id  uuid NOT NULL,
    leg         smallint NOT NULL,
    account_id  uuid NOT NULL,
    asset       text NOT NULL,
    sub_balance text NOT NULL,
    amount      numeric NOT NULL CHECK (amount <> 0),
    booked_at   timestamptz NOT NULL,
    PRIMARY KEY (batch_id, booking_id, leg)
);
CREATE INDEX posting_by_asset ON ledger.posting (asset, account_id, batch_id);

CREATE TABLE ledger.position (
    asset           text NOT NULL,
    account_id      uuid NOT NULL REFERENCES ledger.account,
    sub_balance     text NOT NULL CHECK (sub_balance IN ('available', 'earmarked', 'blocked', 'pledged')),
    quantity        numeric NOT NULL,
    may_be_negative boolean NOT NULL,
    batch_id        uuid NOT NULL,
    PRIMARY KEY (asset, account_id, sub_balance),
    CONSTRAINT no_overdraft CHECK (quantity >= 0 OR may_be_negative)
);
CREATE INDEX position_by_account ON ledger.position (account_id, asset);

CREATE TRIGGER batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.batch
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER booking_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.booking
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.posting
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER position_kept BEFORE DELETE OR TRUNCATE ON ledger.position
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- The guards below run once a statement over all its rows: a check for each row would cost nine tenths of the speed.
CREATE FUNCTION ledger.check_postings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added GROUP BY booking_id, asset HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the postings of a booking do not add up to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_balances';
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT batch_id FROM added) AS a
        LEFT JOIN ledger.batch AS b ON b.id = a.batch_id AND b.xact = pg_current_xact_id()
        WHERE b.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a posting names a batch of another transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_in_its_batch';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER posting_checked AFTER INSERT ON ledger.posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_postings();

CREATE FUNCTION ledger.check_opened_positions() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added AS n
        JOIN ledger.account AS a ON a.id = n.account_id
        LEFT JOIN (
            SELECT p.batch_id, p.asset, p.account_id, p.sub_balance, sum(p.amount) AS amount
            FROM ledger.posting AS p
            WHERE p.batch_id IN (SELECT batch_id FROM added)
            GROUP BY 1, 2, 3, 4
        ) AS s USING (batch_id, asset, account_id, sub_balance)
        WHERE n.quantity IS DISTINCT FROM s.amount OR n.may_be_negative <> a.may_be_negative
    ) THEN
        RAISE EXCEPTION 'a position opens with another quantity than its batch has posted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_follows_postings';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER position_opened AFTER INSERT ON ledger.position
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_opened_positions();

CREATE FUNCTION ledger.check_moved_positions() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM moved AS n
        LEFT JOIN stood AS o USING (asset, account_id, sub_balance)
        LEFT JOIN (
            SELECT p.batch_id, p.asset, p.account_id, p.sub_balance, sum(p.amount) AS amount
            FROM ledger.posting AS p
            WHERE p.batch_id IN (SELECT batch_id FROM moved)
            GROUP BY 1, 2, 3, 4
        ) AS s ON (s.batch_id, s.asset, s.account_id, s.sub_balance)
            = (n.batch_id, n.asset, n.account_id, n.sub_balance)
        LEFT JOIN ledger.batch AS b ON b.id = n.batch_id AND b.xact = pg_current_xact_id()
        WHERE n.quantity - o.quantity IS DISTINCT FROM s.amount
           OR n.may_be_negative IS DISTINCT FROM o.may_be_negative
           OR n.batch_id = o.batch_id
           OR b.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a position changes by another quantity than its batch has posted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_follows_postings';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER position_moved AFTER UPDATE ON ledger.position
    REFERENCING OLD TABLE AS stood NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_moved_positions();

-- A posting that no position took up would hide units: at commit, every posted key stands in a position of the batch.
CREATE FUNCTION ledger.check_batch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT asset, account_id, sub_balance FROM ledger.posting
            WHERE batch_id = NEW.id GROUP BY 1, 2, 3 HAVING sum(amount) <> 0
        ) AS s
        LEFT JOIN ledger.position AS p USING (asset, account_id, sub_balance)
        LEFT JOIN ledger.batch AS later ON later.id = p.batch_id AND later.xact = pg_current_xact_id()
        WHERE later.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a posting has not reached its position'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_reaches_position';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER batch_complete AFTER INSERT ON ledger.batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_batch();

CREATE VIEW ledger.v_position AS
SELECT p.asset, p.account_id, a.number AS account, a.kind, a.owner_lei, p.sub_balance, p.quantity
FROM ledger.position AS p JOIN ledger.account AS a ON a.id = p.account_id;

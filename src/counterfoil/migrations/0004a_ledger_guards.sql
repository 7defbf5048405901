-- What the ledger's tables refuse, whoever asks: any SQL, not only ours.
-- What an account is and whose it is never changes: its positions were judged by it.
CREATE TRIGGER account_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id, number, kind, owner_lei, opened_at, opened_by
    ON ledger.account FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
-- It is opened free of blocks.
CREATE TRIGGER account_opened_free AFTER INSERT ON ledger.account FOR EACH ROW
    WHEN (NEW.blocks <> 0 OR NEW.closed_at IS NOT NULL OR NEW.event_no <> 0) EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER account_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.account_event
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER booking_note_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.booking_note
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.batch
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER booking_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.booking
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.posting
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.delivery
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER posted_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.posted
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER moved_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.moved
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER position_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF asset, account_id, sub_balance, may_be_negative
    ON ledger.position
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- The guards below run once a statement over all its rows. A plan is kept for the session and was made for whatever
-- its first call brought, so they are written to be fast under any estimate: one grouping or sum over all rows in place
-- of a join, and lookups by key as scalar subqueries, which are never turned into a scan of the whole table.
-- A guard sees what others have committed only in a transaction that looks anew with every statement.
CREATE FUNCTION ledger.require_read_committed() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the ledger is written in read-committed transactions only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'read_committed';
    END IF;
END
$$;

CREATE FUNCTION ledger.require_own_batch(batch uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT b.xact = pg_current_xact_id() AND b.booked_at = at FROM ledger.batch AS b WHERE b.id = batch
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a posting names a batch of another transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_in_its_batch';
    END IF;
END
$$;

CREATE FUNCTION ledger.check_postings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.require_read_committed();
    IF EXISTS (
        SELECT FROM added GROUP BY booking_id, asset HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the postings of a booking do not add up to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_balances';
    END IF;
    PERFORM ledger.require_own_batch(batch_id, booked_at) FROM (SELECT DISTINCT batch_id, booked_at FROM added) AS a;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT booking_id, batch_id FROM added) AS a
        WHERE (SELECT b.batch_id FROM ledger.booking AS b WHERE b.id = a.booking_id) IS DISTINCT FROM a.batch_id
    ) OR EXISTS (
        SELECT FROM (SELECT DISTINCT account_id FROM added) AS a
        WHERE (SELECT c.id FROM ledger.account AS c WHERE c.id = a.account_id) IS NULL
    ) THEN
        RAISE EXCEPTION 'a posting names a booking or an account that is not there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_has_booking_and_account';
    END IF;
    -- Asked of all postings only where there is an account that may not move at all.
    IF EXISTS (SELECT FROM ledger.account WHERE blocked_debit OR blocked_credit) AND EXISTS (
        SELECT FROM (
            SELECT account_id, bool_or(amount < 0) AS gives, bool_or(amount > 0) AS takes FROM added GROUP BY account_id
        ) AS a
        WHERE (
            SELECT a.gives AND c.blocked_debit OR a.takes AND c.blocked_credit
            FROM ledger.account AS c WHERE c.id = a.account_id
        )
    ) THEN
        RAISE EXCEPTION 'an account that gives or takes is blocked or closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_barred';
    END IF;
    INSERT INTO ledger.posted (batch_id, by_lot)
    SELECT batch_id, sum(amount * ledger.lot(asset, account_id, sub_balance)) FROM added GROUP BY batch_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER posting_checked AFTER INSERT ON ledger.posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_postings();

-- The same for deliveries, whose legs add up as they are.
CREATE FUNCTION ledger.check_deliveries() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.require_read_committed();
    PERFORM ledger.require_own_batch(batch_id, booked_at) FROM (SELECT DISTINCT batch_id, booked_at FROM added) AS a;
    IF EXISTS (
        SELECT FROM (
            SELECT from_account AS account_id FROM added UNION SELECT to_account FROM added
            UNION SELECT payer_account FROM added WHERE amount IS NOT NULL
            UNION SELECT payee_account FROM added WHERE amount IS NOT NULL
        ) AS a
        WHERE (SELECT c.id FROM ledger.account AS c WHERE c.id = a.account_id) IS NULL
    ) THEN
        RAISE EXCEPTION 'a delivery names an account that is not there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_has_booking_and_account';
    END IF;
    IF EXISTS (SELECT FROM ledger.account WHERE blocked_debit OR blocked_credit) AND EXISTS (
        SELECT FROM (
            SELECT from_account AS account_id, true AS gives FROM added WHERE quantity > 0
            UNION SELECT to_account, false FROM added WHERE quantity > 0
            UNION SELECT payer_account, true FROM added WHERE amount > 0
            UNION SELECT payee_account, false FROM added WHERE amount > 0
        ) AS a
        WHERE (
            SELECT CASE WHEN a.gives THEN c.blocked_debit ELSE c.blocked_credit END
            FROM ledger.account AS c WHERE c.id = a.account_id
        )
    ) THEN
        RAISE EXCEPTION 'an account that gives or takes is blocked or closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_barred';
    END IF;
    INSERT INTO ledger.posted (batch_id, by_lot)
    SELECT batch_id, sum(
        quantity * (ledger.lot(isin, to_account, 'available') - ledger.lot(isin, from_account, 'available'))
        + CASE WHEN amount IS NULL THEN 0 ELSE amount * (
            ledger.lot(currency, payee_account, 'available') - ledger.lot(currency, payer_account, 'available')
        ) END
    )
    FROM added GROUP BY batch_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER delivery_checked AFTER INSERT ON ledger.delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_deliveries();

-- Whoever writes deliveries is among the writers of postings, whom a block waits for and who wait for a block.
CREATE FUNCTION ledger.join_posting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE ledger.posting IN ROW EXCLUSIVE MODE;
    RETURN NULL;
END
$$;
CREATE TRIGGER delivery_among_postings BEFORE INSERT ON ledger.delivery
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.join_posting();

CREATE FUNCTION ledger.check_opened_positions() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    batches uuid[] := ARRAY(SELECT batch_id FROM ledger.posted WHERE xact = pg_current_xact_id());
BEGIN
    IF EXISTS (
        SELECT FROM added AS n
        WHERE n.batch_id <> ALL (batches) OR n.may_be_negative IS DISTINCT FROM (
            SELECT a.may_be_negative FROM ledger.account AS a WHERE a.id = n.account_id
        )
    ) THEN
        RAISE EXCEPTION 'a position opens without a posted batch, or as another account''s'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_follows_postings';
    END IF;
    INSERT INTO ledger.moved (by_lot)
    SELECT sum(quantity * ledger.lot(asset, account_id, sub_balance)) FROM added HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER position_opened AFTER INSERT ON ledger.position
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_opened_positions();

CREATE FUNCTION ledger.check_moved_positions() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    batches uuid[] := ARRAY(SELECT batch_id FROM ledger.posted WHERE xact = pg_current_xact_id());
BEGIN
    IF EXISTS (SELECT FROM stands AS n WHERE n.batch_id <> ALL (batches)) THEN
        RAISE EXCEPTION 'a position moves without a posted batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_follows_postings';
    END IF;
    INSERT INTO ledger.moved (by_lot)
    SELECT sum(quantity * ledger.lot(asset, account_id, sub_balance))
    FROM (
        SELECT asset, account_id, sub_balance, quantity FROM stands
        UNION ALL
        SELECT asset, account_id, sub_balance, -quantity FROM stood
    ) AS changes
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER position_moved AFTER UPDATE ON ledger.position
    REFERENCING OLD TABLE AS stood NEW TABLE AS stands
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_moved_positions();

-- At commit: positions have moved by what the transaction has posted on them, each by its own and no other at all.
CREATE FUNCTION ledger.check_act() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(by_lot), 0) FROM ledger.posted WHERE xact = pg_current_xact_id())
       <> (SELECT coalesce(sum(by_lot), 0) FROM ledger.moved WHERE xact = pg_current_xact_id())
    THEN
        RAISE EXCEPTION 'positions have not moved by what was posted on them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_follows_postings';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER posted_complete AFTER INSERT ON ledger.posted
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_act();
CREATE CONSTRAINT TRIGGER moved_complete AFTER INSERT ON ledger.moved
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_act();

-- A batch that claimed a transaction to come could be posted to behind the back of the checks.
CREATE FUNCTION ledger.check_transaction() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.xact <> pg_current_xact_id() THEN
        RAISE EXCEPTION '%.% names another transaction', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'own_transaction';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER batch_of_transaction AFTER INSERT ON ledger.batch
    FOR EACH ROW EXECUTE FUNCTION ledger.check_transaction();

-- What the guards note for the commit, they alone note.
CREATE FUNCTION ledger.check_note() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '%.% is written by the guards alone', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'noted_by_guards';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER posted_by_guards AFTER INSERT ON ledger.posted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_note();
CREATE TRIGGER moved_by_guards AFTER INSERT ON ledger.moved
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_note();

-- A block takes effect between two bookings: it waits for those under way, which hold a lock on the postings as every
-- writer of a table does, and those to come wait for it. So it costs a booking nothing.
CREATE FUNCTION ledger.await_postings() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.require_read_committed();
    LOCK TABLE ledger.posting IN SHARE MODE;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_event_after_postings BEFORE INSERT ON ledger.account_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.await_postings();

-- An account stands as its last event says, and each event follows from the one before. A closed account holds nothing.
CREATE FUNCTION ledger.check_account_events() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added AS e
        WHERE (
            SELECT a.event_no = e.no AND a.blocks = e.blocks AND (a.closed_at IS NOT NULL) = (e.kind = 'CLOSED')
            FROM ledger.account AS a WHERE a.id = e.account_id
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'an account does not stand as its event says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_follows_events';
    END IF;
    IF EXISTS (
        SELECT FROM added AS e JOIN ledger.position AS p ON p.account_id = e.account_id
        WHERE e.kind = 'CLOSED' AND p.quantity <> 0
    ) THEN
        RAISE EXCEPTION 'an account that holds something is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_empty';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_event_applied AFTER INSERT ON ledger.account_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_account_events();

CREATE FUNCTION ledger.check_account_states() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM stands AS n JOIN stood AS s ON s.id = n.id
        WHERE s.closed_at IS NOT NULL OR n.event_no <> s.event_no + 1 OR (
            SELECT CASE e.kind
                WHEN 'BLOCKED' THEN n.blocks <> s.blocks AND n.blocks & s.blocks = s.blocks
                WHEN 'UNBLOCKED' THEN n.blocks <> s.blocks AND n.blocks & s.blocks = n.blocks
                ELSE s.blocks = 0
            END
            FROM ledger.account_event AS e
            WHERE e.account_id = n.id AND e.no = n.event_no AND e.blocks = n.blocks
              AND (e.kind = 'CLOSED') = (n.closed_at IS NOT NULL)
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'an account changes without an event that says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_follows_events';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_changed AFTER UPDATE ON ledger.account
    REFERENCING OLD TABLE AS stood NEW TABLE AS stands
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_account_states();

-- Accounts with where they stand, as people ask for it.
CREATE VIEW ledger.v_account_state AS
SELECT id, number, kind, owner_lei, blocks, opened_at, opened_by, closed_at,
    CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN blocks <> 0 THEN 'blocked' ELSE 'open' END AS state
FROM ledger.account;

-- What the tables of instructions and their settlement refuse, whoever asks: any SQL, not only ours.
CREATE TRIGGER instruction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.instruction
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER transaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.transaction
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER settled_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.settled
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER cancelled_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.cancelled
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.event
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER pending_kept BEFORE TRUNCATE OR UPDATE OF isin, from_account, to_account, currency, payer_account,
    payee_account, intended_date, matched_at ON settlement.pending
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What is settled is measured by its transaction alone, so that has to say what was instructed.
CREATE FUNCTION settlement.check_transactions() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added AS a
        WHERE a.quantity IS DISTINCT FROM (
            SELECT i.quantity FROM settlement.instruction AS i WHERE i.id = a.deliver_id
        )
    ) THEN
        RAISE EXCEPTION 'a transaction is not of the quantity that its deliverer instructed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_as_instructed';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER transaction_checked AFTER INSERT ON settlement.transaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION settlement.check_transactions();

-- A part leaves what the part before left, less itself: so no transaction settles twice or beyond its quantity. What a
-- part is compared with is looked up by its key whatever joins the planner is told to avoid.
CREATE FUNCTION settlement.check_settled() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added AS a
        WHERE a.quantity + a.remaining <> coalesce((
            SELECT CASE WHEN a.part_no > 1 THEN (
                SELECT b.remaining FROM settlement.settled AS b
                WHERE b.transaction_id = a.transaction_id AND b.part_no = a.part_no - 1
            ) ELSE (
                SELECT t.quantity FROM settlement.transaction AS t WHERE t.id = a.transaction_id
            ) END
        ), 'NaN')
    ) THEN
        RAISE EXCEPTION 'a part does not follow from what was left to settle'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settled_once';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER settled_checked AFTER INSERT ON settlement.settled
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION settlement.check_settled();

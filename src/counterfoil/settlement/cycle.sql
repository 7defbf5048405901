-- name: due
SELECT p.transaction_id, p.isin, p.quantity, p.from_account, p.to_account, p.currency, p.amount, p.payer_account,
    p.payee_account
FROM settlement.pending AS p
JOIN register.v_issue AS i ON i.isin = p.isin AND (i.state = 'active' OR p.quantity = 0)
WHERE p.intended_date <= %(business_date)s::date AND p.deliver_holds = 0 AND p.receive_holds = 0
  AND (NOT p.linked OR p.transaction_id = ANY(%(linked)s::uuid[]))
  AND (p.quantity = 0 OR (
      p.from_account NOT IN (SELECT b.account_id FROM ledger.v_barred AS b WHERE b.blocked_debit)
      AND p.to_account NOT IN (SELECT b.account_id FROM ledger.v_barred AS b WHERE b.blocked_credit)
  ))
  AND (p.payer_account IS NULL OR (
      p.payer_account NOT IN (SELECT b.account_id FROM ledger.v_barred AS b WHERE b.blocked_debit)
      AND p.payee_account NOT IN (SELECT b.account_id FROM ledger.v_barred AS b WHERE b.blocked_credit)
  ));

-- name: linked
SELECT transaction_id FROM settlement.pending
WHERE linked AND intended_date <= %(business_date)s::date AND deliver_holds = 0 AND receive_holds = 0;

-- name: settle_staged
WITH gone AS (
    DELETE FROM settlement.pending AS p USING ledger.v_staged AS s WHERE p.transaction_id = s.booking_id
    RETURNING p.transaction_id, p.part_no, p.quantity, p.amount, p.matched_at, p.advised
), announced AS (
    INSERT INTO core.outbox (topic, subject)
    SELECT 'settlement.transaction', transaction_id::text FROM gone WHERE advised
)
INSERT INTO settlement.settled (transaction_id, part_no, quantity, amount, remaining, booking_id, settled_at)
SELECT transaction_id, part_no, quantity, amount, 0, transaction_id, greatest(%(now)s::timestamptz, matched_at) FROM gone;

-- name: add
INSERT INTO settlement.cycle (
    id, business_date, started_at, considered, contended, settled, in_parts, bound, chosen_value, seconds, actor,
    unrated
)
VALUES (
    %(id)s::uuid, %(business_date)s::date, %(now)s::timestamptz, %(considered)s::integer, %(contended)s::integer,
    %(settled)s::integer, %(in_parts)s::integer, %(bound)s::numeric, %(value)s::numeric, %(seconds)s::numeric,
    %(actor)s::text, %(unrated)s::text[]
);

-- name: page
SELECT id, business_date, started_at, considered, contended, settled, in_parts, bound, chosen_value, seconds, actor,
    unrated
FROM settlement.cycle
WHERE %(before)s::uuid IS NULL OR id < %(before)s::uuid
ORDER BY id DESC LIMIT %(limit)s::integer;

-- name: priorities
SELECT transaction_id, priority FROM settlement.pending WHERE transaction_id = ANY(%(ids)s::uuid[]);

-- name: day_count
SELECT count(*) FROM settlement.day;

-- name: closing_count
SELECT count(*) FROM settlement.closing_balance;

-- name: penalty_count
SELECT count(*) FROM settlement.penalty;

-- name: unfinished
-- A day that has ended has done every event, in order and none before it was due, and has its figures and its report.
-- Only the last day may be open.
SELECT d.business_date::text
FROM settlement.day AS d
LEFT JOIN settlement.end_of_day AS e USING (business_date)
LEFT JOIN settlement.integrity_report AS r USING (business_date)
LEFT JOIN LATERAL (
    SELECT count(*) AS events, count(done_at) AS done, bool_and(done_at >= at) IS NOT FALSE AS is_due,
        bool_and(done_at >= before) IS NOT FALSE AS in_order, bool_or(kind = 'end' AND done_at IS NOT NULL) AS ended
    FROM (
        SELECT kind, at, done_at, lag(done_at, 1, '-infinity') OVER (ORDER BY ordinal) AS before
        FROM settlement.day_event WHERE business_date = d.business_date
    ) AS v
) AS v ON true
WHERE (
    v.is_due AND v.in_order
    AND CASE d.state
        WHEN 'closed' THEN v.done = v.events AND v.ended AND e.business_date IS NOT NULL AND r.business_date IS NOT NULL
        ELSE NOT v.ended AND e.business_date IS NULL AND d.business_date = (SELECT max(business_date) FROM settlement.day)
    END
) IS NOT TRUE
LIMIT 5;

-- name: unchained
-- What an account held at its last end of day, and all that was booked since the last report, is what it holds. A
-- restored database numbers its transactions anew: there the next report counts from zero, and nothing is said here.
WITH last AS MATERIALIZED (
    SELECT snapshot, xact, own_batches FROM settlement.integrity_report ORDER BY business_date DESC LIMIT 1
), closing AS MATERIALIZED (
    SELECT DISTINCT ON (asset, account_id) asset, account_id, quantity
    FROM settlement.closing_balance ORDER BY asset, account_id, business_date DESC
)
SELECT asset || ' ' || account_id
FROM (
    SELECT asset, account_id, quantity FROM closing
    UNION ALL
    SELECT p.asset, p.account_id, p.amount FROM ledger.v_posting AS p
    WHERE (
        SELECT CASE WHEN p.xact = l.xact THEN p.batch_id = ANY (l.own_batches)
            ELSE pg_visible_in_snapshot(p.xact, l.snapshot) END
        FROM last AS l
    ) IS NOT TRUE
    UNION ALL
    SELECT asset, account_id, -quantity FROM ledger.v_position
) AS m
WHERE EXISTS (SELECT FROM last WHERE pg_snapshot_xmax(snapshot) <= pg_snapshot_xmax(pg_current_snapshot()))
GROUP BY asset, account_id HAVING sum(quantity) <> 0
LIMIT 5;

-- name: unbalanced
-- What all accounts held of an asset at their last end of day adds up to nothing.
SELECT asset
FROM (
    SELECT DISTINCT ON (asset, account_id) asset, quantity
    FROM settlement.closing_balance ORDER BY asset, account_id, business_date DESC
) AS c
GROUP BY asset HAVING sum(quantity) <> 0
LIMIT 5;

-- name: mischarged
-- The amount is the product; the parties are those of the transaction; the day is one on which it can have failed.
SELECT p.transaction_id || ' ' || p.business_date || ' ' || p.kind
FROM settlement.penalty AS p
LEFT JOIN settlement.transaction AS t ON t.id = p.transaction_id
LEFT JOIN settlement.instruction AS d ON d.id = t.deliver_id
LEFT JOIN settlement.instruction AS r ON r.id = t.receive_id
WHERE (
    p.amount = round(p.quantity * p.price * p.rate, scale(p.amount))
    AND (p.debtor_lei, p.creditor_lei) IN ((d.party_lei, r.party_lei), (r.party_lei, d.party_lei))
    AND p.business_date BETWEEN d.intended_date AND p.charged_on
    AND (p.kind = 'LMFP' OR p.business_date = p.charged_on)
) IS NOT TRUE
LIMIT 5;

-- name: miscounted
-- Each end of day says how many penalties it has charged, and nobody else charges any.
SELECT coalesce(e.business_date, p.charged_on)::text
FROM settlement.end_of_day AS e
FULL JOIN (
    SELECT charged_on, count(*) AS penalties FROM settlement.penalty GROUP BY charged_on
) AS p ON p.charged_on = e.business_date
WHERE e.business_date IS NULL OR e.penalties <> coalesce(p.penalties, 0)
LIMIT 5;

-- name: told_twice
SELECT instruction_id::text FROM settlement.event WHERE kind = 'FAILING' GROUP BY instruction_id HAVING count(*) > 1
LIMIT 5;

-- name: unbalanced
SELECT booking_id::text || ' ' || asset FROM ledger.every_posting GROUP BY booking_id, asset HAVING sum(amount) <> 0 LIMIT 5;

-- name: postings
SELECT count(*) FROM ledger.every_posting;

-- name: overdrawn
SELECT asset || ' ' || account || ' ' || quantity FROM ledger.v_position AS p
WHERE quantity < 0 AND kind NOT IN ('issue_control', 'central_bank') LIMIT 5;

-- name: positions
SELECT count(*) FROM ledger.position;

-- name: parted
SELECT coalesce(p.asset, s.asset) || ' ' || coalesce(p.account_id, s.account_id)::text
    || ' position ' || coalesce(p.quantity, 0) || ' postings ' || coalesce(s.amount, 0)
FROM ledger.position AS p
FULL JOIN (
    SELECT asset, account_id, sub_balance, sum(amount) AS amount FROM ledger.every_posting GROUP BY 1, 2, 3
) AS s USING (asset, account_id, sub_balance)
WHERE coalesce(p.quantity, 0) <> coalesce(s.amount, 0) LIMIT 5;

-- name: orphans
SELECT p.booking_id::text FROM ledger.every_posting AS p
LEFT JOIN ledger.every_booking AS b ON b.id = p.booking_id AND b.batch_id = p.batch_id
WHERE b.id IS NULL LIMIT 5;

-- name: doubled
SELECT id::text FROM ledger.every_booking GROUP BY id HAVING count(*) > 1 LIMIT 5;

-- name: accounts
SELECT count(*) FROM ledger.account;

-- name: misled
SELECT a.number || ' event ' || a.event_no || ' of ' || coalesce(e.there, 0)
FROM ledger.account AS a
LEFT JOIN (
    SELECT account_id, count(*) AS there, max(no) AS last, (array_agg(blocks ORDER BY no DESC))[1] AS blocks,
        (array_agg(kind ORDER BY no DESC))[1] AS kind
    FROM ledger.account_event GROUP BY account_id
) AS e ON e.account_id = a.id
WHERE (a.event_no, a.blocks, a.closed_at IS NOT NULL)
        IS DISTINCT FROM (coalesce(e.last, 0), coalesce(e.blocks, 0::smallint), coalesce(e.kind = 'CLOSED', false))
   OR a.event_no <> coalesce(e.there, 0)
LIMIT 5;

-- name: trespasses
-- From one event to the next, in the order in which the database has done them.
SELECT p.booking_id || ' on ' || a.number || ' after event ' || e.no
FROM (
    SELECT account_id, no, kind, blocks, act, lead(act) OVER (PARTITION BY account_id ORDER BY no) AS until
    FROM ledger.account_event
) AS e
JOIN ledger.account AS a ON a.id = e.account_id
JOIN ledger.position AS h ON h.account_id = e.account_id
CROSS JOIN LATERAL ledger.postings_on(h.asset, h.account_id) AS p
JOIN ledger.posted AS o ON o.batch_id = p.batch_id
WHERE p.sub_balance = h.sub_balance AND (e.blocks <> 0 OR e.kind = 'CLOSED') AND o.no > e.act AND (e.until IS NULL OR o.no < e.until)
  AND (e.kind = 'CLOSED' OR (e.blocks & CASE WHEN p.amount < 0 THEN 5 ELSE 10 END) <> 0)
LIMIT 5;

-- name: left_behind
SELECT a.number || ' ' || p.asset || ' ' || p.quantity
FROM ledger.account AS a JOIN ledger.position AS p ON p.account_id = a.id
WHERE a.closed_at IS NOT NULL AND p.quantity <> 0 LIMIT 5;

-- name: unbalanced
SELECT booking_id::text || ' ' || asset FROM ledger.posting GROUP BY booking_id, asset HAVING sum(amount) <> 0 LIMIT 5;

-- name: postings
SELECT count(*) FROM ledger.posting;

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
    SELECT asset, account_id, sub_balance, sum(amount) AS amount FROM ledger.posting GROUP BY 1, 2, 3
) AS s USING (asset, account_id, sub_balance)
WHERE coalesce(p.quantity, 0) <> coalesce(s.amount, 0) LIMIT 5;

-- name: orphans
SELECT p.booking_id::text FROM ledger.posting AS p
LEFT JOIN ledger.booking AS b ON b.id = p.booking_id AND b.batch_id = p.batch_id
WHERE b.id IS NULL LIMIT 5;

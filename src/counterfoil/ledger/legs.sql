-- name: net
-- Sorted before it is grouped: what comes out is in order then, and legs come nearly so.
INSERT INTO ledger.staged_leg_net (asset, account_id, sub_balance, amount)
SELECT asset, account_id, sub_balance, sum(amount) FROM (
    SELECT asset, account_id, sub_balance, amount FROM ledger.staged_leg
    ORDER BY asset, account_id, sub_balance OFFSET 0
) AS sorted
GROUP BY asset, account_id, sub_balance ORDER BY asset, account_id, sub_balance;

-- name: lock
SELECT count(*) FROM (
    SELECT p.asset
    FROM ledger.staged_leg_net AS n
    JOIN ledger.position AS p USING (asset, account_id, sub_balance)
    ORDER BY p.asset, p.account_id, p.sub_balance
    FOR UPDATE OF p
) AS locked;

-- name: short
SELECT a.number, n.asset, n.sub_balance, coalesce(p.quantity, 0), -n.amount
FROM ledger.staged_leg_net AS n
LEFT JOIN ledger.position AS p USING (asset, account_id, sub_balance)
JOIN ledger.account AS a ON a.id = n.account_id
WHERE n.amount < 0 AND coalesce(p.quantity, 0) + n.amount < 0 AND NOT a.may_be_negative
ORDER BY n.asset, a.number, n.sub_balance;

-- name: add_batch
INSERT INTO ledger.batch (id, actor, booked_at)
VALUES (%(id)s::uuid, %(actor)s::text, %(booked_at)s::timestamptz);

-- name: add_bookings
INSERT INTO ledger.booking (id, batch_id, kind, reference)
SELECT booking_id, %(batch)s::uuid, %(kind)s::text, min(reference::text)::uuid FROM ledger.staged_leg
WHERE amount <> 0 GROUP BY booking_id;

-- name: add_postings
INSERT INTO ledger.posting (batch_id, booking_id, leg, account_id, asset, sub_balance, amount, booked_at)
SELECT %(batch)s::uuid, booking_id, (row_number() OVER (PARTITION BY booking_id) - 1)::smallint, account_id, asset,
    sub_balance, amount, %(booked_at)s::timestamptz
FROM ledger.staged_leg WHERE amount <> 0;

-- name: move_positions
UPDATE ledger.position AS p
SET quantity = p.quantity + n.amount, batch_id = %(batch)s::uuid
FROM ledger.staged_leg_net AS n
WHERE n.amount <> 0 AND p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = n.sub_balance;

-- name: moving
SELECT count(*) FROM ledger.staged_leg_net WHERE amount <> 0;

-- name: open_positions
INSERT INTO ledger.position (asset, account_id, sub_balance, quantity, may_be_negative, batch_id)
SELECT n.asset, n.account_id, n.sub_balance, n.amount, a.may_be_negative, %(batch)s::uuid
FROM ledger.staged_leg_net AS n JOIN ledger.account AS a ON a.id = n.account_id
WHERE n.amount <> 0 AND NOT EXISTS (
    SELECT FROM ledger.position AS p
    WHERE p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = n.sub_balance
);

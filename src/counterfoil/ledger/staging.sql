-- name: net
INSERT INTO ledger.staged_net (asset, account_id, amount)
SELECT asset, account_id, sum(amount)
FROM (
    SELECT isin AS asset, from_account AS account_id, -quantity AS amount FROM ledger.staged WHERE quantity > 0
    UNION ALL
    SELECT isin, to_account, quantity FROM ledger.staged WHERE quantity > 0
    UNION ALL
    SELECT currency, payer_account, -amount FROM ledger.staged WHERE amount > 0
    UNION ALL
    SELECT currency, payee_account, amount FROM ledger.staged WHERE amount > 0
) AS leg
GROUP BY asset, account_id
ORDER BY asset, account_id;

-- name: lock
SELECT count(*) FROM (
    SELECT p.asset
    FROM ledger.staged_net AS n
    JOIN ledger.position AS p ON p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = 'available'
    ORDER BY p.asset, p.account_id
    FOR UPDATE OF p
) AS locked;

-- name: shortages
SELECT n.asset, n.account_id, coalesce(p.quantity, 0), -n.amount
FROM ledger.staged_net AS n
LEFT JOIN ledger.position AS p
    ON p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = 'available'
JOIN ledger.account AS a ON a.id = n.account_id
WHERE coalesce(p.quantity, 0) + n.amount < 0 AND NOT a.may_be_negative
ORDER BY n.asset, n.account_id;

-- name: add_batch
INSERT INTO ledger.batch (id, actor, booked_at)
VALUES (%(id)s::uuid, %(actor)s::text, %(booked_at)s::timestamptz);

-- name: add_deliveries
INSERT INTO ledger.delivery (
    batch_id, booking_id, kind, isin, quantity, from_account, to_account, currency, amount, payer_account,
    payee_account, booked_at
)
SELECT %(batch)s::uuid, booking_id, %(kind)s::text, isin, quantity, from_account, to_account, currency, amount,
    payer_account, payee_account, %(booked_at)s::timestamptz
FROM ledger.staged;

-- name: file_deliveries
-- What the index of deliveries has put off; whoever reads it would have to search that from end to end.
SELECT gin_clean_pending_list('ledger.delivery_touching'::regclass);

-- name: move_positions
UPDATE ledger.position AS p
SET quantity = p.quantity + n.amount, batch_id = %(batch)s::uuid
FROM ledger.staged_net AS n
WHERE n.amount <> 0 AND p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = 'available';

-- name: open_positions
INSERT INTO ledger.position (asset, account_id, sub_balance, quantity, may_be_negative, batch_id)
SELECT n.asset, n.account_id, 'available', n.amount, a.may_be_negative, %(batch)s::uuid
FROM ledger.staged_net AS n JOIN ledger.account AS a ON a.id = n.account_id
WHERE n.amount <> 0 AND NOT EXISTS (
    SELECT FROM ledger.position AS p
    WHERE p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = 'available'
);

-- name: drop_net
UPDATE ledger.staged_net AS n SET amount = n.amount - d.amount
FROM (
    SELECT asset, account_id, sum(amount) AS amount
    FROM (
        SELECT isin AS asset, from_account AS account_id, -quantity AS amount FROM ledger.staged
        WHERE booking_id = ANY(%(ids)s::uuid[])
        UNION ALL
        SELECT isin, to_account, quantity FROM ledger.staged WHERE booking_id = ANY(%(ids)s::uuid[])
        UNION ALL
        SELECT currency, payer_account, -amount FROM ledger.staged
        WHERE amount > 0 AND booking_id = ANY(%(ids)s::uuid[])
        UNION ALL
        SELECT currency, payee_account, amount FROM ledger.staged
        WHERE amount > 0 AND booking_id = ANY(%(ids)s::uuid[])
    ) AS leg
    GROUP BY asset, account_id
) AS d
WHERE n.asset = d.asset AND n.account_id = d.account_id;

-- name: drop_staged
DELETE FROM ledger.staged WHERE booking_id = ANY(%(ids)s::uuid[]);

-- name: debits
-- The staged deliveries that take from the given positions, with what each takes and gives.
SELECT s.booking_id, s.isin, s.quantity, s.from_account, s.to_account, s.currency, s.amount, s.payer_account,
    s.payee_account
FROM ledger.staged AS s
JOIN unnest(%(assets)s::text[], %(accounts)s::uuid[]) AS k (asset, account_id)
    ON (s.isin = k.asset AND s.from_account = k.account_id)
    OR (s.currency = k.asset AND s.payer_account = k.account_id AND s.amount > 0);

-- name: nets
SELECT n.asset, n.account_id, coalesce(p.quantity, 0), n.amount, a.may_be_negative
FROM ledger.staged_net AS n
JOIN unnest(%(assets)s::text[], %(accounts)s::uuid[]) AS k (asset, account_id)
    ON n.asset = k.asset AND n.account_id = k.account_id
LEFT JOIN ledger.position AS p
    ON p.asset = n.asset AND p.account_id = n.account_id AND p.sub_balance = 'available'
JOIN ledger.account AS a ON a.id = n.account_id;

-- name: deliveries
SELECT booking_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account
FROM ledger.staged WHERE booking_id = ANY(%(ids)s::uuid[]);

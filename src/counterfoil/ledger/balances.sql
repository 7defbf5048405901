-- name: positions
SELECT asset, account, kind, owner_lei, sub_balance, quantity
FROM ledger.v_position
WHERE (%(asset)s::text IS NULL OR asset = %(asset)s::text)
  AND (%(account)s::text IS NULL OR account = %(account)s::text)
ORDER BY asset, account, sub_balance
LIMIT %(limit)s::integer;

-- name: restricted
SELECT p.asset, p.account_id, p.sub_balance, p.quantity
FROM unnest(%(assets)s::text[], %(accounts)s::uuid[]) AS k (asset, account_id)
JOIN ledger.position AS p USING (asset, account_id)
WHERE p.sub_balance <> 'available' AND p.quantity > 0;

-- name: as_of
SELECT p.asset, a.number, a.kind, a.owner_lei, p.sub_balance, sum(p.amount)
FROM ledger.postings_on(%(asset)s::text) AS p JOIN ledger.account AS a ON a.id = p.account_id
WHERE p.booked_at <= %(at)s::timestamptz
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 5;

-- name: holdings
SELECT p.asset, p.sub_balance, p.quantity
FROM ledger.position AS p
WHERE p.account_id = (SELECT a.id FROM ledger.account AS a WHERE a.number = %(account)s::text) AND p.quantity <> 0
  AND (p.asset, p.sub_balance) > (%(asset)s::text, %(sub_balance)s::text)
ORDER BY p.asset, p.sub_balance LIMIT %(limit)s::integer;

-- name: holdings_as_of
-- A position is never deleted, so the account's positions name all that it has ever held.
SELECT p.asset, p.sub_balance, h.quantity
FROM ledger.position AS p
CROSS JOIN LATERAL (
    SELECT sum(o.amount) AS quantity FROM ledger.postings_on(p.asset, p.account_id) AS o
    WHERE o.sub_balance = p.sub_balance AND o.booked_at <= %(at)s::timestamptz
) AS h
WHERE p.account_id = (SELECT a.id FROM ledger.account AS a WHERE a.number = %(account)s::text) AND h.quantity <> 0
  AND (p.asset, p.sub_balance) > (%(asset)s::text, %(sub_balance)s::text)
ORDER BY p.asset, p.sub_balance LIMIT %(limit)s::integer;

-- name: holders
SELECT p.asset, a.number, a.kind, a.owner_lei, p.sub_balance, p.quantity
FROM ledger.position AS p JOIN ledger.account AS a ON a.id = p.account_id
WHERE p.asset = %(asset)s::text AND p.quantity <> 0 AND a.kind <> 'issue_control'
  AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text)
  AND (a.number, p.sub_balance) > (%(account)s::text, %(sub_balance)s::text)
ORDER BY a.number, p.sub_balance LIMIT %(limit)s::integer;

-- name: holders_as_of
SELECT p.asset, a.number, a.kind, a.owner_lei, p.sub_balance, sum(p.amount)
FROM ledger.postings_on(%(asset)s::text) AS p JOIN ledger.account AS a ON a.id = p.account_id
WHERE p.booked_at <= %(at)s::timestamptz AND a.kind <> 'issue_control'
  AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text)
  AND (a.number, p.sub_balance) > (%(account)s::text, %(sub_balance)s::text)
GROUP BY 1, 2, 3, 4, 5 HAVING sum(p.amount) <> 0
ORDER BY 2, 5 LIMIT %(limit)s::integer;

-- name: statement
-- One statement, so that both balances and the movements see the same bookings. The balances come first.
WITH posting AS (
    SELECT p.booked_at, p.batch_id, p.booking_id, p.leg, p.sub_balance, p.amount
    FROM ledger.account AS a CROSS JOIN LATERAL ledger.postings_on(%(asset)s::text, a.id) AS p
    WHERE a.number = %(account)s::text AND p.booked_at < %(until)s::timestamptz
      AND (%(sub_balance)s::text IS NULL OR p.sub_balance = %(sub_balance)s::text)
)
SELECT NULL::timestamptz AS booked_at, NULL::text, NULL::uuid, NULL::text, NULL::text, NULL::text,
    coalesce(sum(amount) FILTER (WHERE booked_at < %(start)s::timestamptz), 0), NULL::uuid, NULL::smallint,
    NULL::uuid, coalesce(sum(amount), 0)
FROM posting
UNION ALL
SELECT m.booked_at, b.kind, b.reference, n.reference, n.reason, m.sub_balance, m.amount, m.booking_id, m.leg, m.batch_id, NULL
FROM (
    SELECT * FROM posting
    WHERE booked_at >= %(start)s::timestamptz
      AND (%(after_at)s::timestamptz IS NULL OR (booked_at, booking_id, leg)
          > (%(after_at)s::timestamptz, %(after_booking)s::uuid, %(after_leg)s::smallint))
    ORDER BY booked_at, booking_id, leg LIMIT %(limit)s::integer
) AS m
JOIN ledger.every_booking AS b ON b.id = m.booking_id AND b.batch_id = m.batch_id
LEFT JOIN ledger.booking_note AS n ON n.booking_id = m.booking_id
ORDER BY booked_at NULLS FIRST, 8, 9;

-- name: quantities
SELECT k.n, p.quantity
FROM unnest(%(numbers)s::integer[], %(assets)s::text[], %(accounts)s::uuid[]) AS k (n, asset, account_id)
JOIN ledger.position AS p
    ON p.asset = k.asset AND p.account_id = k.account_id AND p.sub_balance = 'available';

-- name: booking
SELECT b.id, b.batch_id, b.kind, b.reference, n.reference, n.reason, t.booked_at, t.actor
FROM ledger.every_booking AS b
JOIN ledger.batch AS t ON t.id = b.batch_id
LEFT JOIN ledger.booking_note AS n ON n.booking_id = b.id
WHERE b.batch_id = %(batch)s::uuid AND b.id = %(booking)s::uuid;

-- name: batch_of
-- A delivery is filed in its batch; without it, it is looked for among what its account has got or given of an asset.
SELECT batch_id FROM ledger.booking WHERE id = %(booking)s::uuid
UNION ALL
SELECT l.batch_id
FROM ledger.account AS a
CROSS JOIN LATERAL ledger.legs_touching(
    ARRAY[hashtextextended(%(asset)s::text, 0), uuid_hash_extended(a.id, 0)]
) AS l
WHERE a.number = %(account)s::text AND l.booking_id = %(booking)s::uuid
LIMIT 1;

-- name: legs
SELECT p.leg, a.number, a.owner_lei, p.asset, p.sub_balance, p.amount
FROM ledger.every_posting AS p
JOIN ledger.account AS a ON a.id = p.account_id
WHERE p.batch_id = %(batch)s::uuid AND p.booking_id = %(booking)s::uuid AND p.leg > %(after)s::smallint
  AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text)
ORDER BY p.leg LIMIT %(limit)s::integer;

-- name: positions
SELECT asset, account, kind, owner_lei, sub_balance, quantity
FROM ledger.v_position
WHERE (%(asset)s::text IS NULL OR asset = %(asset)s::text)
  AND (%(account)s::text IS NULL OR account = %(account)s::text)
ORDER BY asset, account, sub_balance
LIMIT %(limit)s::integer;

-- name: as_of
SELECT p.asset, a.number, a.kind, a.owner_lei, p.sub_balance, sum(p.amount)
FROM ledger.posting AS p JOIN ledger.account AS a ON a.id = p.account_id
WHERE p.asset = %(asset)s::text AND p.booked_at <= %(at)s::timestamptz
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 5;

-- name: statement
-- One statement, so that the opening balance and the movements see the same bookings.
SELECT NULL::timestamptz AS booked_at, NULL::text AS kind, NULL::uuid AS reference, NULL::text AS sub_balance,
    coalesce(sum(p.amount), 0) AS amount, NULL::uuid AS booking_id, NULL::smallint AS leg
FROM ledger.posting AS p JOIN ledger.account AS a ON a.id = p.account_id
WHERE a.number = %(account)s::text AND p.asset = %(asset)s::text AND p.booked_at < %(start)s::timestamptz
UNION ALL
SELECT p.booked_at, b.kind, b.reference, p.sub_balance, p.amount, p.booking_id, p.leg
FROM ledger.posting AS p
JOIN ledger.account AS a ON a.id = p.account_id
JOIN ledger.booking AS b ON b.id = p.booking_id
WHERE a.number = %(account)s::text AND p.asset = %(asset)s::text
  AND p.booked_at >= %(start)s::timestamptz AND p.booked_at < %(until)s::timestamptz
ORDER BY booked_at NULLS FIRST, booking_id, leg;

-- name: quantities
SELECT k.n, p.quantity
FROM unnest(%(numbers)s::integer[], %(assets)s::text[], %(accounts)s::uuid[]) AS k (n, asset, account_id)
JOIN ledger.position AS p
    ON p.asset = k.asset AND p.account_id = k.account_id AND p.sub_balance = 'available';

-- name: movements
-- An account's positions name all that it has ever held; the postings of each are found by asset and account.
WITH moved AS MATERIALIZED (
    SELECT a.number, p.asset, p.batch_id, p.booking_id, p.leg, p.sub_balance, p.amount, p.booked_at
    FROM ledger.account AS a
    CROSS JOIN LATERAL (SELECT DISTINCT o.asset FROM ledger.position AS o WHERE o.account_id = a.id) AS k
    CROSS JOIN LATERAL ledger.postings_on(k.asset, a.id) AS p
    WHERE a.number = ANY(%(accounts)s::text[]) AND p.booked_at < %(until)s::timestamptz
), opening AS (
    SELECT number, asset, coalesce(sum(amount) FILTER (WHERE booked_at < %(start)s::timestamptz), 0) AS amount
    FROM moved GROUP BY number, asset
)
SELECT m.number, m.asset, o.amount, m.booking_id, m.leg, b.kind, b.reference, n.reference, m.sub_balance, m.amount,
    m.booked_at
FROM moved AS m
JOIN opening AS o USING (number, asset)
JOIN ledger.every_booking AS b ON b.id = m.booking_id AND b.batch_id = m.batch_id
LEFT JOIN ledger.booking_note AS n ON n.booking_id = m.booking_id
WHERE m.booked_at >= %(start)s::timestamptz
ORDER BY m.number, m.asset, m.booked_at, m.booking_id, m.leg;

-- name: holdings
SELECT a.number, p.asset, p.sub_balance, h.quantity
FROM ledger.account AS a
JOIN ledger.position AS p ON p.account_id = a.id
CROSS JOIN LATERAL (
    SELECT sum(o.amount) AS quantity FROM ledger.postings_on(p.asset, p.account_id) AS o
    WHERE o.sub_balance = p.sub_balance AND o.booked_at < %(at)s::timestamptz
) AS h
WHERE a.number = ANY(%(accounts)s::text[]) AND h.quantity <> 0
ORDER BY a.number, p.asset, p.sub_balance;

-- name: booked_before
SELECT b.id, p.account_id, p.asset, p.sub_balance, p.amount
FROM ledger.booking AS b
JOIN ledger.every_posting AS p ON p.batch_id = b.batch_id AND p.booking_id = b.id
WHERE b.id = ANY(%(ids)s::uuid[]);

-- name: instruction_count
SELECT count(*) FROM settlement.instruction;

-- name: transaction_count
SELECT count(*) FROM settlement.transaction;

-- name: settled_count
SELECT count(*) FROM settlement.settled;

-- name: misplaced
-- An instruction waits, is a side of one transaction, or was cancelled while it waited.
SELECT i.id::text
FROM settlement.instruction AS i
LEFT JOIN (
    SELECT deliver_id AS id FROM settlement.transaction UNION ALL SELECT receive_id FROM settlement.transaction
) AS t ON t.id = i.id
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = i.id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = i.id
WHERE num_nonnulls(t.id, u.instruction_id, CASE WHEN t.id IS NULL THEN c.instruction_id END) <> 1
LIMIT 5;

-- name: unsettled
-- What was matched has settled, is left, or was cancelled on both sides.
SELECT t.id::text
FROM settlement.transaction AS t
JOIN settlement.instruction AS i ON i.id = t.deliver_id
LEFT JOIN settlement.pending AS p ON p.transaction_id = t.id
LEFT JOIN (
    SELECT transaction_id, sum(quantity) AS quantity, sum(coalesce(amount, 0)) AS amount
    FROM settlement.settled GROUP BY transaction_id
) AS s ON s.transaction_id = t.id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = t.deliver_id
WHERE c.instruction_id IS NULL AND (
    i.quantity <> coalesce(p.quantity, 0) + coalesce(s.quantity, 0)
    OR coalesce(t.amount, 0) <> coalesce(p.amount, 0) + coalesce(s.amount, 0)
)
LIMIT 5;

-- name: unbooked
SELECT s.transaction_id || '/' || s.part_no
FROM settlement.settled AS s
LEFT JOIN ledger.v_booking AS b ON b.id = s.booking_id AND b.kind = 'settlement'
WHERE b.id IS NULL
LIMIT 5;

-- name: unexplained
SELECT b.id::text
FROM ledger.v_booking AS b
LEFT JOIN settlement.settled AS s ON s.booking_id = b.id
WHERE b.kind = 'settlement' AND s.booking_id IS NULL
LIMIT 5;

-- name: instruction_count
SELECT count(*) FROM settlement.instruction;

-- name: transaction_count
SELECT count(*) FROM settlement.transaction;

-- name: settled_count
SELECT count(*) FROM settlement.settled;

-- name: unmatched_count
SELECT count(*) FROM settlement.unmatched;

-- name: pending_count
SELECT count(*) FROM settlement.pending;

-- name: cancelled_count
SELECT count(*) FROM settlement.cancelled;

-- name: link_count
SELECT count(*) FROM settlement.link;

-- name: pool_count
SELECT count(*) FROM settlement.pool_member;

-- name: cycle_count
SELECT count(*) FROM settlement.cycle;

-- name: misplaced
-- An instruction waits, is a side of one transaction, or was cancelled while it waited.
SELECT i.id::text
FROM settlement.instruction AS i
LEFT JOIN (
    SELECT id, count(*) AS times FROM (
        SELECT deliver_id AS id FROM settlement.transaction UNION ALL SELECT receive_id FROM settlement.transaction
    ) AS side GROUP BY id
) AS t ON t.id = i.id
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = i.id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = i.id
WHERE num_nonnulls(t.id, u.instruction_id, CASE WHEN t.id IS NULL THEN c.instruction_id END) <> 1 OR t.times > 1
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

-- name: changed_while_waiting
SELECT u.instruction_id::text
FROM settlement.unmatched AS u LEFT JOIN settlement.instruction AS i ON i.id = u.instruction_id
LEFT JOIN ledger.v_account AS a ON a.id = i.account_id
WHERE (
    u.movement = i.movement AND u.match_key = i.match_key AND u.account = a.number
    AND (u.currency, u.amount, u.counterparty_account, u.common_reference, u.client, u.counterparty_client)
        IS NOT DISTINCT FROM
        (i.currency, i.amount, i.counterparty_account, i.common_reference, i.client, i.counterparty_client)
) IS NOT TRUE
LIMIT 5;

-- name: unlike_sides
-- Every field that must agree, from the instructions themselves; amounts within the widest tolerance there ever was.
SELECT t.id::text
FROM settlement.transaction AS t
LEFT JOIN settlement.instruction AS d ON d.id = t.deliver_id
LEFT JOIN settlement.instruction AS r ON r.id = t.receive_id
WHERE (
    d.movement = 'DELI' AND r.movement = 'RECE'
    AND (d.payment, d.isin, d.quantity, d.trade_date, d.intended_date, d.party_lei, d.counterparty_lei, d.opt_out)
        = (r.payment, r.isin, r.quantity, r.trade_date, r.intended_date, r.counterparty_lei, r.party_lei, r.opt_out)
    AND (d.currency, d.ex_cum) IS NOT DISTINCT FROM (r.currency, r.ex_cum)
    AND (d.cash_direction <> r.cash_direction) IS NOT FALSE
    AND t.quantity = d.quantity AND t.amount IS NOT DISTINCT FROM d.amount
    AND (d.common_reference = r.common_reference) IS NOT FALSE
    AND (d.client = r.counterparty_client) IS NOT FALSE
    AND (d.counterparty_client = r.client) IS NOT FALSE
    AND abs(coalesce(d.amount, 0) - coalesce(r.amount, 0)) <= coalesce((
        SELECT max(l.tolerance) FROM settlement.tolerance AS l WHERE l.currency = d.currency
    ), 0)
) IS NOT TRUE
LIMIT 5;

-- name: changed_while_pending
SELECT p.transaction_id::text
FROM settlement.pending AS p
LEFT JOIN settlement.transaction AS t ON t.id = p.transaction_id
LEFT JOIN settlement.instruction AS d ON d.id = t.deliver_id
LEFT JOIN settlement.instruction AS r ON r.id = t.receive_id
LEFT JOIN (
    SELECT transaction_id, count(*) AS parts, sum(quantity) AS quantity, sum(amount) AS amount
    FROM settlement.settled GROUP BY transaction_id
) AS s ON s.transaction_id = t.id
WHERE (
    (p.isin, p.from_account, p.to_account, p.intended_date, p.matched_at)
        = (d.isin, d.account_id, r.account_id, d.intended_date, t.matched_at)
    AND p.part_no = 1 + coalesce(s.parts, 0)
    AND p.quantity = d.quantity - coalesce(s.quantity, 0)
    AND (p.currency, p.amount) IS NOT DISTINCT FROM (d.currency, t.amount - coalesce(s.amount, 0))
    AND (p.payer_account, p.payee_account) IS NOT DISTINCT FROM (
        CASE d.cash_direction WHEN 'CRDT' THEN r.cash_account_id WHEN 'DBIT' THEN d.cash_account_id END,
        CASE d.cash_direction WHEN 'CRDT' THEN d.cash_account_id WHEN 'DBIT' THEN r.cash_account_id END
    )
) IS NOT TRUE
LIMIT 5;

-- name: unreasonable
-- What settles together with others may wait for a position of theirs; it must be there all the same.
SELECT p.transaction_id::text
FROM settlement.pending AS p
LEFT JOIN ledger.v_account AS a ON a.number = p.blocked ->> 'account'
WHERE (
    p.reason IS NOT DISTINCT FROM p.blocked ->> 'code'
    AND (p.blocked ->> 'account' IS NULL OR (
        a.id IS NOT NULL
        AND (p.linked OR a.id IN (p.from_account, p.to_account, p.payer_account, p.payee_account))
    ))
    AND (p.blocked ->> 'asset' IS NULL OR p.linked OR p.blocked ->> 'asset' IN (p.isin, p.currency))
    AND (p.blocked ->> 'held' IS NULL OR (p.blocked ->> 'held')::numeric < (p.blocked ->> 'needed')::numeric)
) IS NOT TRUE
LIMIT 5;

-- name: out_of_order
SELECT s.transaction_id || '/' || s.part_no
FROM (
    SELECT transaction_id, part_no, quantity, remaining, row_number() OVER part AS n, lag(remaining) OVER part AS before,
        part_no = max(part_no) OVER (PARTITION BY transaction_id) AS is_last
    FROM settlement.settled WINDOW part AS (PARTITION BY transaction_id ORDER BY part_no)
) AS s
LEFT JOIN settlement.transaction AS t ON t.id = s.transaction_id
LEFT JOIN settlement.instruction AS d ON d.id = t.deliver_id
LEFT JOIN settlement.pending AS p ON p.transaction_id = s.transaction_id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = t.deliver_id
WHERE (
    s.part_no = s.n AND s.quantity + s.remaining = coalesce(s.before, d.quantity)
    AND (NOT s.is_last OR c.instruction_id IS NOT NULL OR s.remaining = coalesce(p.quantity, 0))
) IS NOT TRUE
LIMIT 5;

-- name: out_of_time
SELECT t.id::text
FROM settlement.transaction AS t
JOIN settlement.instruction AS d ON d.id = t.deliver_id
JOIN settlement.instruction AS r ON r.id = t.receive_id
LEFT JOIN settlement.settled AS s ON s.transaction_id = t.id
WHERE t.matched_at < greatest(d.accepted_at, r.accepted_at) OR s.settled_at < t.matched_at
LIMIT 5;

-- name: alive
-- Both sides of what was matched, and neither of what has settled in full.
SELECT c.instruction_id::text
FROM settlement.cancelled AS c
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = c.instruction_id
LEFT JOIN settlement.transaction AS t ON t.id = (
    SELECT d.id FROM settlement.transaction AS d WHERE d.deliver_id = c.instruction_id
    UNION ALL
    SELECT r.id FROM settlement.transaction AS r WHERE r.receive_id = c.instruction_id
)
LEFT JOIN settlement.pending AS p ON p.transaction_id = t.id
WHERE u.instruction_id IS NOT NULL OR p.transaction_id IS NOT NULL
   OR EXISTS (SELECT FROM settlement.settled AS s WHERE s.transaction_id = t.id AND s.remaining = 0)
   OR (t.id IS NOT NULL AND 2 > (
       SELECT count(*) FROM settlement.cancelled AS b WHERE b.instruction_id IN (t.deliver_id, t.receive_id)
   ))
LIMIT 5;

-- name: ahead_of_link
-- Only what an instruction asked for itself: the other end may have settled before the link was made.
WITH ended AS MATERIALIZED (
    SELECT t.deliver_id, t.receive_id FROM settlement.settled AS s
    JOIN settlement.transaction AS t ON t.id = s.transaction_id WHERE s.remaining = 0
), settled AS MATERIALIZED (
    SELECT deliver_id AS id FROM ended UNION ALL SELECT receive_id FROM ended
)
SELECT l.instruction_id::text || ' ' || l.kind || ' ' || l.reference
FROM settlement.link AS l
LEFT JOIN settlement.instruction AS i ON i.id = l.instruction_id
LEFT JOIN settlement.instruction AS o ON o.party_lei = l.party_lei AND o.reference = l.reference
WHERE i.party_lei IS DISTINCT FROM l.party_lei OR o.id = l.instruction_id OR (
    l.kind IN ('AFTE', 'WITH') AND l.instruction_id IN (SELECT id FROM settled)
    AND (o.id IN (SELECT id FROM settled)) IS NOT TRUE
)
LIMIT 5;

-- name: without_pool
SELECT m.instruction_id::text || ' ' || m.pool
FROM (
    SELECT m.instruction_id, m.party_lei, m.pool, m.size, i.party_lei AS instructed_by, s.transaction_id,
        count(s.transaction_id) OVER (PARTITION BY m.party_lei, m.pool) AS settled
    FROM settlement.pool_member AS m
    LEFT JOIN settlement.instruction AS i ON i.id = m.instruction_id
    LEFT JOIN settlement.transaction AS t ON t.id = (
        SELECT d.id FROM settlement.transaction AS d WHERE d.deliver_id = m.instruction_id
        UNION ALL
        SELECT r.id FROM settlement.transaction AS r WHERE r.receive_id = m.instruction_id
    )
    LEFT JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
) AS m
WHERE m.instructed_by IS DISTINCT FROM m.party_lei OR (m.transaction_id IS NOT NULL AND m.settled < m.size)
LIMIT 5;

-- name: misbooked
-- What the parts that a booking stands for move, from the instructions themselves, less what was posted.
SELECT m.booking_id::text || ' ' || m.asset
FROM (
    SELECT s.booking_id, l.asset, l.account_id, l.amount
    FROM settlement.settled AS s
    JOIN settlement.transaction AS t ON t.id = s.transaction_id
    JOIN settlement.instruction AS d ON d.id = t.deliver_id
    JOIN settlement.instruction AS r ON r.id = t.receive_id
    CROSS JOIN LATERAL (VALUES
        (d.isin, d.account_id, -s.quantity), (d.isin, r.account_id, s.quantity),
        (d.currency, d.cash_account_id, CASE d.cash_direction WHEN 'CRDT' THEN s.amount ELSE -s.amount END),
        (d.currency, r.cash_account_id, CASE d.cash_direction WHEN 'CRDT' THEN -s.amount ELSE s.amount END)
    ) AS l (asset, account_id, amount)
    WHERE l.amount IS NOT NULL
    UNION ALL
    SELECT p.booking_id, p.asset, p.account_id, -p.amount
    FROM ledger.v_posting AS p JOIN ledger.v_booking AS b ON b.id = p.booking_id
    WHERE b.kind = 'settlement' AND p.sub_balance = 'available'
) AS m
GROUP BY m.booking_id, m.asset, m.account_id
HAVING sum(m.amount) <> 0
LIMIT 5;

-- name: misreported
-- The batch that a cycle books bears the cycle's id.
SELECT c.id::text
FROM settlement.cycle AS c
LEFT JOIN (
    SELECT b.batch_id, count(*) AS bookings FROM ledger.v_booking AS b WHERE b.kind = 'settlement' GROUP BY b.batch_id
) AS b ON b.batch_id = c.id
WHERE c.settled <> coalesce(b.bookings, 0) OR c.settled > c.considered OR c.contended > c.considered
   OR c.chosen_value > c.bound
LIMIT 5;

-- name: batch_count
SELECT count(*) FROM settlement.batch;

-- name: uncounted
SELECT b.id::text
FROM settlement.batch AS b
CROSS JOIN LATERAL (
    SELECT count(*) AS ended, count(o.refusals) AS rejected, count(o.instruction_id) AS accepted, count(i.id) AS stored,
        coalesce(max(o.position), 0) AS last
    FROM settlement.batch_outcome AS o LEFT JOIN settlement.instruction AS i ON i.id = o.instruction_id
    WHERE o.batch_id = b.id
) AS o
WHERE (b.taken, b.taken, b.rejected, o.accepted) <> (o.ended, o.last, o.rejected, o.stored)
   OR b.item_count <> (SELECT count(*) FROM settlement.batch_item AS i WHERE i.batch_id = b.id)
LIMIT 5;

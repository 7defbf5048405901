-- name: take_turn
SELECT pg_advisory_xact_lock(7203502);

-- name: lock
SELECT transaction_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account,
    intended_date, deliver_holds, receive_holds, priority, deliver_partial, receive_partial, released, linked, part_no,
    matched_at, advised
FROM settlement.pending
WHERE transaction_id = ANY(%(ids)s::uuid[])
ORDER BY transaction_id
FOR UPDATE;

-- name: read
SELECT transaction_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account,
    intended_date, deliver_holds, receive_holds, priority, deliver_partial, receive_partial, released, linked, part_no,
    matched_at, advised
FROM settlement.pending
WHERE transaction_id = ANY(%(ids)s::uuid[]);

-- name: members
-- The transactions given, and all that must settle together with them.
WITH RECURSIVE leg AS NOT MATERIALIZED (
    SELECT id AS transaction_id, deliver_id AS instruction_id FROM settlement.transaction
    UNION ALL
    SELECT id, receive_id FROM settlement.transaction
), member AS (
    SELECT id AS transaction_id FROM unnest(%(ids)s::uuid[]) AS t (id)
    UNION
    SELECT o.transaction_id
    FROM member AS m
    JOIN leg AS l ON l.transaction_id = m.transaction_id
    JOIN settlement.v_dependency AS d ON d.instruction_id = l.instruction_id AND d.kind IN ('WITH', 'POOL')
    JOIN leg AS o ON o.instruction_id = d.other_id
)
SELECT transaction_id FROM member;

-- name: dependencies
SELECT t.id, d.kind, d.reference, o.id,
    EXISTS (SELECT FROM settlement.pending AS p WHERE p.transaction_id = o.id),
    EXISTS (SELECT FROM settlement.cancelled AS c WHERE c.instruction_id = d.other_id),
    d.instruction_id = t.deliver_id
FROM settlement.transaction AS t
JOIN settlement.v_dependency AS d ON d.instruction_id IN (t.deliver_id, t.receive_id)
LEFT JOIN settlement.transaction AS o ON o.deliver_id = d.other_id OR o.receive_id = d.other_id
WHERE t.id = ANY(%(ids)s::uuid[]) AND d.kind <> 'INFO';

-- name: pools
SELECT t.id, m.pool, m.size, (
    SELECT count(*) FROM settlement.pool_member AS o WHERE o.party_lei = m.party_lei AND o.pool = m.pool
), m.instruction_id = t.deliver_id
FROM settlement.transaction AS t
JOIN settlement.pool_member AS m ON m.instruction_id IN (t.deliver_id, t.receive_id)
WHERE t.id = ANY(%(ids)s::uuid[]);

-- name: waiting_for
-- What failed for lack of a position that has grown, or waited for a transaction that has settled.
SELECT p.transaction_id FROM settlement.pending AS p
JOIN unnest(%(assets)s::text[], %(accounts)s::uuid[]) AS k (asset, account_id)
    ON p.isin = k.asset AND p.from_account = k.account_id
WHERE p.reason IS NOT NULL
UNION
SELECT p.transaction_id FROM settlement.pending AS p
JOIN unnest(%(assets)s::text[], %(accounts)s::uuid[]) AS k (asset, account_id)
    ON p.payer_account = k.account_id AND p.currency = k.asset
WHERE p.reason IS NOT NULL
UNION
SELECT o.id
FROM settlement.transaction AS t
JOIN settlement.v_dependency AS d ON d.instruction_id IN (t.deliver_id, t.receive_id) AND d.kind <> 'INFO'
JOIN settlement.transaction AS o ON o.deliver_id = d.other_id OR o.receive_id = d.other_id
JOIN settlement.pending AS p ON p.transaction_id = o.id
WHERE t.id = ANY(%(settled)s::uuid[]);

-- name: released_in_part
SELECT transaction_id FROM settlement.pending
WHERE released IS NOT NULL AND intended_date <= %(business_date)s::date;

-- name: waiting_for_accounts
-- Whatever its reason: a cycle leaves out what is blocked without a try.
SELECT p.transaction_id FROM settlement.pending AS p
WHERE p.intended_date <= %(business_date)s::date
  AND (
      p.from_account = ANY(%(accounts)s::uuid[]) OR p.to_account = ANY(%(accounts)s::uuid[])
      OR p.payer_account = ANY(%(accounts)s::uuid[]) OR p.payee_account = ANY(%(accounts)s::uuid[])
  )
ORDER BY p.priority, p.intended_date, p.transaction_id LIMIT %(limit)s::integer;

-- name: delete
DELETE FROM settlement.pending WHERE transaction_id = ANY(%(ids)s::uuid[]);

-- name: keep_rest
UPDATE settlement.pending AS p
SET quantity = p.quantity - n.quantity, amount = p.amount - n.amount, part_no = p.part_no + 1,
    released = nullif(p.released - n.quantity, 0), changed_at = %(now)s::timestamptz
FROM unnest(%(ids)s::uuid[], %(quantities)s::numeric[], %(amounts)s::numeric[]) AS n (id, quantity, amount)
WHERE p.transaction_id = n.id;

-- name: keep_reasons
UPDATE settlement.pending AS p
SET reason = n.reason, blocked = n.blocked::jsonb, tried_at = %(now)s::timestamptz
FROM unnest(%(ids)s::uuid[], %(reasons)s::text[], %(blocked)s::text[]) AS n (id, reason, blocked)
WHERE p.transaction_id = n.id;

-- name: keep_first_reasons
UPDATE settlement.pending AS p
SET reason = n.reason, blocked = n.blocked::jsonb, tried_at = %(now)s::timestamptz
FROM unnest(%(ids)s::uuid[], %(reasons)s::text[], %(blocked)s::text[]) AS n (id, reason, blocked)
WHERE p.transaction_id = n.id AND coalesce(p.reason, 'FUTU') IN ('FUTU', 'OTHR', 'CYCL', 'LATE');

-- name: mark_linked
WITH named AS (
    SELECT d.other_id AS id FROM settlement.v_dependency AS d
    WHERE d.instruction_id = ANY(%(ids)s::uuid[]) AND d.kind <> 'INFO'
    UNION
    SELECT d.instruction_id FROM settlement.v_dependency AS d
    WHERE d.instruction_id = ANY(%(ids)s::uuid[]) AND d.kind <> 'INFO'
), waiting AS (
    UPDATE settlement.unmatched SET linked = true WHERE instruction_id IN (SELECT id FROM named) AND NOT linked
)
UPDATE settlement.pending AS p SET linked = true
FROM settlement.transaction AS t
WHERE t.id = p.transaction_id AND NOT p.linked
  AND (t.deliver_id IN (SELECT id FROM named) OR t.receive_id IN (SELECT id FROM named));

-- name: lock
-- The instruction, what has become of it, and the transaction that it is a side of.
SELECT i.id, i.party_lei, i.reference, t.id, t.deliver_id = i.id, p.transaction_id IS NOT NULL, p.quantity, p.part_no,
    u.instruction_id IS NOT NULL,
    CASE WHEN u.instruction_id IS NOT NULL THEN u.holds WHEN t.deliver_id = i.id THEN p.deliver_holds
        ELSE p.receive_holds END,
    EXISTS (SELECT FROM settlement.cancelled AS c WHERE c.instruction_id = i.id)
FROM settlement.instruction AS i
LEFT JOIN LATERAL (
    SELECT d.id, d.deliver_id FROM settlement.transaction AS d WHERE d.deliver_id = i.id
    UNION ALL
    SELECT r.id, r.deliver_id FROM settlement.transaction AS r WHERE r.receive_id = i.id
) AS t ON true
LEFT JOIN settlement.pending AS p ON p.transaction_id = t.id
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = i.id
WHERE i.id = %(id)s::uuid;

-- name: change_unmatched
UPDATE settlement.unmatched
SET holds = %(holds)s::smallint, priority = coalesce(%(priority)s::smallint, priority),
    partial = coalesce(%(partial)s::text, partial), changed_at = %(now)s::timestamptz
WHERE instruction_id = %(id)s::uuid;

-- name: change_pending
-- The more urgent of the two sides is the transaction's; a side can raise it only.
UPDATE settlement.pending
SET deliver_holds = CASE WHEN %(delivers)s::boolean THEN %(holds)s::smallint ELSE deliver_holds END,
    receive_holds = CASE WHEN %(delivers)s::boolean THEN receive_holds ELSE %(holds)s::smallint END,
    priority = least(priority, coalesce(%(priority)s::smallint, priority)),
    deliver_partial = CASE WHEN %(delivers)s::boolean THEN coalesce(%(partial)s::text, deliver_partial)
        ELSE deliver_partial END,
    receive_partial = CASE WHEN %(delivers)s::boolean THEN receive_partial
        ELSE coalesce(%(partial)s::text, receive_partial) END,
    released = CASE WHEN %(keeps)s::boolean OR NOT %(delivers)s::boolean THEN released ELSE %(released)s::numeric END,
    changed_at = %(now)s::timestamptz
WHERE transaction_id = %(transaction)s::uuid;

-- name: add_event
INSERT INTO settlement.event (id, instruction_id, kind, detail, at, actor)
VALUES (%(id)s::uuid, %(instruction)s::uuid, %(kind)s::text, %(detail)s::jsonb, %(now)s::timestamptz, %(actor)s::text);

-- name: events
SELECT kind, detail, at, actor FROM settlement.event WHERE instruction_id = %(id)s::uuid ORDER BY id;

-- name: lock_key
SELECT pg_advisory_xact_lock_shared(7203501), pg_advisory_xact_lock(hashtextextended(match_key::text, 0))
FROM settlement.instruction WHERE id = %(id)s::uuid;

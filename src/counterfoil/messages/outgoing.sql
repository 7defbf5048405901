-- name: lock
SELECT pg_try_advisory_xact_lock(7203503);

-- name: told
SELECT instruction_id, status, is_matched, parts, is_alleged
FROM messages.advised WHERE instruction_id = ANY(%(ids)s::uuid[]);

-- name: keep
INSERT INTO messages.advised (instruction_id, status, is_matched, parts, is_alleged)
SELECT * FROM unnest(
    %(ids)s::uuid[], %(statuses)s::text[], %(matched)s::boolean[], %(parts)s::smallint[], %(alleged)s::boolean[]
)
ON CONFLICT (instruction_id) DO UPDATE
SET status = excluded.status, is_matched = excluded.is_matched, parts = excluded.parts, is_alleged = excluded.is_alleged;

-- name: end_cancellations
WITH ended AS (
    DELETE FROM messages.open_cancellation WHERE instruction_id = ANY(%(ids)s::uuid[])
    RETURNING received_id, instruction_id
)
SELECT r.id, r.sender_lei, r.business_id, e.instruction_id
FROM ended AS e JOIN messages.received AS r ON r.id = e.received_id ORDER BY r.id;

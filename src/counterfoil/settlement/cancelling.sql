-- name: lock_keys
SELECT pg_advisory_xact_lock_shared(7203501), (
    SELECT count(pg_advisory_xact_lock(key)) FROM (
        SELECT DISTINCT hashtextextended(i.match_key::text, 0) AS key
        FROM settlement.instruction AS i WHERE i.id = ANY(%(ids)s::uuid[]) ORDER BY key
    ) AS ordered
);

-- name: transactions
SELECT id FROM settlement.transaction
WHERE deliver_id = ANY(%(ids)s::uuid[]) OR receive_id = ANY(%(ids)s::uuid[]);

-- name: request
INSERT INTO settlement.cancellation_request (instruction_id, code, requested_at, actor)
SELECT id, code, %(now)s::timestamptz, %(actor)s::text
FROM unnest(%(ids)s::uuid[], %(codes)s::text[]) AS t (id, code)
ON CONFLICT DO NOTHING;

-- name: cancel
WITH waiting AS (
    DELETE FROM settlement.unmatched WHERE instruction_id = ANY(%(ids)s::uuid[])
), matched AS (
    DELETE FROM settlement.pending WHERE transaction_id = ANY(%(transactions)s::uuid[])
)
INSERT INTO settlement.cancelled (instruction_id, code, cancelled_at, actor)
SELECT id, code, %(now)s::timestamptz, %(actor)s::text
FROM unnest(%(ids)s::uuid[], %(codes)s::text[]) AS t (id, code);

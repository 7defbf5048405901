-- name: lock
SELECT a.number, a.id, a.kind, a.blocks, a.closed_at IS NOT NULL, a.event_no,
    (SELECT count(*) FROM ledger.position AS p WHERE p.account_id = a.id AND p.quantity <> 0)
FROM ledger.account AS a
WHERE a.number = ANY(%(numbers)s::text[])
ORDER BY a.number
FOR UPDATE OF a;

-- name: change
WITH change AS (
    SELECT * FROM unnest(
        %(ids)s::uuid[], %(nos)s::integer[], %(kinds)s::text[], %(blocks)s::smallint[], %(reasons)s::text[]
    ) AS c (account_id, no, kind, blocks, reason)
), changed AS (
    UPDATE ledger.account AS a
    SET blocks = c.blocks, event_no = c.no, closed_at = CASE WHEN c.kind = 'CLOSED' THEN %(at)s::timestamptz END
    FROM change AS c WHERE a.id = c.account_id
)
INSERT INTO ledger.account_event (account_id, no, kind, blocks, reason, actor, happened_at)
SELECT account_id, no, kind, blocks, reason, %(actor)s::text, %(at)s::timestamptz FROM change;

-- name: events
SELECT e.no, e.kind, e.blocks, e.reason, e.actor, e.happened_at
FROM ledger.account_event AS e JOIN ledger.account AS a ON a.id = e.account_id
WHERE a.number = %(number)s::text
ORDER BY e.no;

-- name: look_alone
SELECT pg_try_advisory_xact_lock(7203801);

-- name: awaited
SELECT o.batch_id, o.position, o.request_id, p.deliver_id
FROM processes.placement_open AS o
JOIN processes.placement AS p USING (batch_id, position)
WHERE o.instructed_at IS NOT NULL AND o.told_at IS NULL;

-- name: note_told
UPDATE processes.placement_open AS o SET told_at = %(now)s::timestamptz
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
WHERE o.batch_id = k.batch_id AND o.position = k.position;

-- name: abandoned
SELECT o.batch_id, o.position FROM processes.placement_open AS o
JOIN orchestration.v_instance AS i ON i.id = o.request_id
WHERE i.state = 'cancelled';

-- name: states
SELECT k.batch_id, k.position, o.instructed_at, e.outcome, e.ended_at
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
LEFT JOIN processes.placement_open AS o USING (batch_id, position)
LEFT JOIN processes.placement_end AS e USING (batch_id, position)
WHERE o.batch_id IS NOT NULL OR e.batch_id IS NOT NULL;

-- name: refusals
SELECT r.batch_id, r.position, r.line, r.refusals
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
JOIN processes.placement_refusal AS r USING (batch_id, position);

-- name: totals
SELECT p.seller_lei, p.currency, count(DISTINCT p.position), count(*), sum(p.quantity), coalesce(sum(s.quantity), 0),
    sum(p.amount), coalesce(sum(s.amount), 0), count(*) FILTER (WHERE s.quantity = p.quantity)
FROM processes.placement AS p
LEFT JOIN LATERAL (
    SELECT sum(v.quantity) AS quantity, sum(v.amount) AS amount
    FROM settlement.v_settled AS v WHERE v.instruction_id = p.deliver_id
) AS s ON true
WHERE p.batch_id = %(batch)s::uuid
GROUP BY p.seller_lei, p.currency
ORDER BY 8 DESC, 1, 2;

-- name: backlog
SELECT (
    SELECT b.recorded_at FROM register.v_block AS b
    WHERE b.sequence > p.block_sequence ORDER BY b.sequence LIMIT 1
), (SELECT b.recorded_at FROM register.v_block AS b ORDER BY b.sequence DESC LIMIT 1)
FROM servicing.progress AS p;

-- name: lock_progress
SELECT block_sequence FROM servicing.progress FOR UPDATE SKIP LOCKED;

-- name: entries
SELECT sequence, isin, kind FROM register.v_chain
WHERE sequence > %(after)s::bigint AND sequence <= %(after)s::bigint + %(blocks)s::integer
ORDER BY sequence, position;

-- name: advance
UPDATE servicing.progress SET block_sequence = %(sequence)s::bigint;

-- name: standing
-- What was called for has no place in the terms and is left alone.
SELECT e.isin, e.kind, e.pointer, e.id, e.day, e.payment, coalesce(p.started, d.event_id IS NOT NULL)
FROM servicing.event AS e
LEFT JOIN servicing.pending AS p ON p.event_id = e.id
LEFT JOIN servicing.ended AS d ON d.event_id = e.id
WHERE e.isin = ANY(%(isins)s::text[]) AND d.outcome IS DISTINCT FROM 'superseded'
  AND e.kind NOT IN ('early_redemption', 'partial_redemption', 'exercise', 'knock_out', 'adjustment')
  AND NOT EXISTS (SELECT FROM servicing.reopening AS r WHERE r.refused_id = e.id);

-- name: supersede
WITH gone AS (
    DELETE FROM servicing.pending WHERE event_id = ANY(%(ids)s::uuid[]) RETURNING event_id, announced
), ended AS (
    INSERT INTO servicing.ended (event_id, outcome, reason, ended_at)
    SELECT id, 'superseded', 'the terms were amended', %(now)s::timestamptz FROM unnest(%(ids)s::uuid[]) AS i (id)
)
SELECT event_id FROM gone WHERE announced;

-- name: lapse
WITH gone AS (
    DELETE FROM servicing.pending AS p
    USING unnest(%(isins)s::text[], %(days)s::date[]) AS w (isin, day), servicing.event AS e
    WHERE p.isin = w.isin AND e.id = p.event_id AND coalesce(e.payment, e.day) > w.day
    RETURNING p.event_id, p.announced
), ended AS (
    INSERT INTO servicing.ended (event_id, outcome, reason, ended_at)
    SELECT event_id, 'lapsed', %(reason)s::text, %(now)s::timestamptz FROM gone
)
SELECT event_id, announced FROM gone;

-- name: note_laid_out
INSERT INTO servicing.laid_out (isin, terms_version, laid_out_at)
SELECT isin, version, %(now)s::timestamptz FROM unnest(%(isins)s::text[], %(versions)s::integer[]) AS v (isin, version)
ON CONFLICT (isin) DO UPDATE SET terms_version = excluded.terms_version, laid_out_at = excluded.laid_out_at;

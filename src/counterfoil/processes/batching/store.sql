-- name: lock_key
SELECT pg_advisory_xact_lock(hashtextextended(%(submitter)s::text || ' ' || %(key)s::text, 0));

-- name: by_key
SELECT id, body_sha256, policy, item_count FROM processes.batch
WHERE submitter = %(submitter)s::text AND idempotency_key = %(key)s::text;

-- name: add
INSERT INTO processes.batch (
    id, submitter, submitted_by, principals, idempotency_key, body_sha256, policy, business_date, item_count, state,
    received_at, sealed_at
)
VALUES (
    %(id)s::uuid, %(submitter)s::text, %(submitted_by)s::text, %(principals)s::text[], %(key)s::text,
    %(sha256)s::bytea, %(policy)s::text, %(business_date)s::date, %(item_count)s::integer, 'RUNNING',
    %(received_at)s::timestamptz, %(sealed_at)s::timestamptz
);

-- name: batch
SELECT id, submitter, submitted_by, policy, business_date, item_count, state, received_at, sealed_at, decided_at,
    finished_at, encode(body_sha256, 'hex')
FROM processes.batch WHERE id = %(id)s::uuid;

-- name: page
SELECT id, submitter, policy, item_count, state, received_at, finished_at
FROM processes.batch
WHERE (%(id)s::uuid IS NULL OR id < %(id)s::uuid)
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY id DESC LIMIT %(limit)s::integer;

-- name: page_oldest
SELECT id, submitter, policy, item_count, state, received_at, finished_at
FROM processes.batch
WHERE (%(id)s::uuid IS NULL OR id > %(id)s::uuid)
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY id LIMIT %(limit)s::integer;

-- name: page_largest
SELECT id, submitter, policy, item_count, state, received_at, finished_at
FROM processes.batch
WHERE (%(id)s::uuid IS NULL OR (item_count, id) < (%(count)s::integer, %(id)s::uuid))
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY item_count DESC, id DESC LIMIT %(limit)s::integer;

-- name: page_smallest
SELECT id, submitter, policy, item_count, state, received_at, finished_at
FROM processes.batch
WHERE (%(id)s::uuid IS NULL OR (item_count, id) > (%(count)s::integer, %(id)s::uuid))
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY item_count, id LIMIT %(limit)s::integer;

-- name: progress
SELECT
    coalesce(sum(t.done), 0),
    coalesce(sum(t.rejected), 0),
    (SELECT count(*) FROM processes.item_ready AS r WHERE r.batch_id = %(id)s::uuid
        AND NOT EXISTS (SELECT FROM processes.item_outcome AS o
            WHERE o.batch_id = r.batch_id AND o.position = r.position)),
    (SELECT count(DISTINCT w.instance_id) FROM orchestration.v_waiting AS w
        WHERE w.business_key = %(id)s::uuid::text),
    (SELECT ARRAY[coalesce(sum(p.to_place), 0), coalesce(sum(p.waiting), 0), coalesce(sum(p.placed), 0),
        coalesce(sum(p.incomplete), 0)] FROM processes.placement_tally AS p WHERE p.batch_id = %(id)s::uuid)
FROM processes.tally AS t WHERE t.batch_id = %(id)s::uuid;

-- name: items
SELECT i.position, i.request_id, o.outcome, o.kind, o.reference, o.group_key, o.isin, o.entry_no, o.refusals,
    o.warnings, o.ended_at, w.kind, w.id, w.reason
FROM processes.item AS i
LEFT JOIN processes.item_outcome AS o ON o.batch_id = i.batch_id AND o.position = i.position
LEFT JOIN processes.placement_open AS p ON p.batch_id = i.batch_id AND p.position = i.position
LEFT JOIN processes.placement_end AS e ON e.batch_id = i.batch_id AND e.position = i.position
LEFT JOIN orchestration.v_waiting AS w
    ON (o.batch_id IS NULL OR p.batch_id IS NOT NULL) AND w.instance_id = i.request_id
WHERE i.batch_id = %(id)s::uuid AND i.position > %(after)s::integer
  AND (%(outcome)s::text IS NULL OR o.outcome = %(outcome)s::text)
  AND (%(placement)s::text IS NULL OR %(placement)s::text = CASE
      WHEN p.batch_id IS NOT NULL THEN CASE WHEN p.instructed_at IS NULL THEN 'to_place' ELSE 'waiting' END
      ELSE e.outcome END)
ORDER BY i.position
LIMIT %(limit)s::integer;

-- name: payload
SELECT payload FROM processes.item WHERE batch_id = %(id)s::uuid AND position = %(position)s::integer;

-- name: payloads
SELECT position, payload FROM processes.item
WHERE batch_id = %(id)s::uuid AND position = ANY(%(positions)s::integer[]);

-- name: reasons
SELECT r.value ->> 'code', count(*), min(r.value ->> 'detail')
FROM processes.item_outcome AS o CROSS JOIN jsonb_array_elements(o.refusals) AS r (value)
WHERE o.batch_id = %(id)s::uuid AND o.refusals IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC, 1;

-- name: undecided
SELECT b.id, b.policy FROM processes.batch AS b
WHERE b.state = 'RUNNING' AND b.policy <> 'CONTINUE' AND b.decided_at IS NULL
  AND b.item_count = (SELECT count(*) FROM processes.item_ready AS r WHERE r.batch_id = b.id)
      + (SELECT count(*) FROM processes.item_outcome AS o WHERE o.batch_id = b.id)
ORDER BY b.id
FOR UPDATE SKIP LOCKED;

-- name: standing_items
SELECT i.position, i.request_id, r.position IS NOT NULL, coalesce(r.group_key, o.group_key, ''), r.isin, r.reference
FROM processes.item AS i
LEFT JOIN processes.item_ready AS r ON r.batch_id = i.batch_id AND r.position = i.position
LEFT JOIN processes.item_outcome AS o ON o.batch_id = i.batch_id AND o.position = i.position
WHERE i.batch_id = %(id)s::uuid
ORDER BY i.position;

-- name: decide
UPDATE processes.batch SET decided_at = %(now)s::timestamptz WHERE id = %(id)s::uuid;

-- name: end_cancelled
WITH ended AS (
    INSERT INTO processes.item_outcome (batch_id, position, outcome, submitter, refusals, ended_at)
    SELECT i.batch_id, i.position, 'rejected', b.submitter, %(refusals)s::jsonb, %(now)s::timestamptz
    FROM processes.batch AS b
    JOIN orchestration.v_instance AS p ON p.business_key = b.id::text AND p.state = 'cancelled'
    JOIN processes.item AS i ON i.batch_id = b.id AND i.position = (p.variables ->> 'position')::integer
        AND i.request_id = p.id
    WHERE b.state = 'RUNNING'
    ON CONFLICT DO NOTHING
    RETURNING batch_id
)
INSERT INTO processes.tally (batch_id, done, rejected, ended_at)
SELECT batch_id, 0, count(*), %(now)s::timestamptz FROM ended GROUP BY batch_id;

-- name: finish
UPDATE processes.batch AS b
SET state = CASE
        WHEN c.rejected = 0 THEN 'DONE'
        WHEN c.done = 0 AND b.policy <> 'CONTINUE' THEN 'ABORTED'
        ELSE 'DONE_WITH_ERRORS'
    END,
    finished_at = greatest(c.ended_at, b.sealed_at)
FROM (
    SELECT r.id, sum(t.done) AS done, sum(t.rejected) AS rejected, max(t.ended_at) AS ended_at
    FROM (
        SELECT id FROM processes.batch WHERE state = 'RUNNING' ORDER BY id FOR UPDATE SKIP LOCKED
    ) AS r
    JOIN processes.tally AS t ON t.batch_id = r.id
    GROUP BY r.id
) AS c
WHERE b.id = c.id AND c.done + c.rejected = b.item_count
  AND coalesce((SELECT sum(p.to_place) FROM processes.placement_tally AS p WHERE p.batch_id = b.id), 0) = 0;

-- name: running
SELECT count(*) FROM processes.batch WHERE state = 'RUNNING';

-- name: item_count
SELECT count(*) FROM processes.item;

-- name: vanished
SELECT i.batch_id::text || '/' || i.position
FROM processes.item AS i
LEFT JOIN processes.item_outcome AS o ON o.batch_id = i.batch_id AND o.position = i.position
LEFT JOIN orchestration.v_instance AS p ON p.id = i.request_id
LEFT JOIN processes.placement_open AS n ON n.batch_id = i.batch_id AND n.position = i.position
WHERE CASE WHEN o.batch_id IS NULL OR n.batch_id IS NOT NULL THEN coalesce(p.state, '') NOT IN ('active', 'cancelled')
    ELSE p.state = 'active' END
LIMIT 5;

-- name: miscounted
SELECT b.id::text FROM processes.batch AS b
WHERE b.item_count <> (SELECT count(*) FROM processes.item AS i WHERE i.batch_id = b.id)
   OR (b.state <> 'RUNNING'
       AND b.item_count <> (SELECT count(*) FROM processes.item_outcome AS o WHERE o.batch_id = b.id))
   OR (SELECT count(*) FROM processes.item_outcome AS o WHERE o.batch_id = b.id)
       <> (SELECT coalesce(sum(t.done + t.rejected), 0) FROM processes.tally AS t WHERE t.batch_id = b.id) LIMIT 5;

-- name: unregistered
SELECT o.isin || ' ' || o.entry_no FROM processes.item_outcome AS o
LEFT JOIN register.v_entry AS e ON e.isin = o.isin AND e.entry_no = o.entry_no
WHERE o.outcome = 'done' AND e.isin IS NULL LIMIT 5;

-- name: misplaced
-- An item that is reported placed, of which a line has not settled in full.
SELECT e.batch_id::text || '/' || e.position
FROM processes.placement_end AS e
JOIN processes.placement AS p ON p.batch_id = e.batch_id AND p.position = e.position
WHERE e.outcome = 'placed' AND p.quantity <> coalesce((
    SELECT sum(s.quantity) FROM settlement.v_settled AS s WHERE s.instruction_id = p.deliver_id
), 0) LIMIT 5;

-- name: placed_wrongly
-- A placement is open or has ended, never both, never neither; the sums say the same as the rows.
SELECT t.batch_id::text FROM (
    SELECT batch_id, sum(to_place) AS to_place, sum(waiting) AS waiting, sum(placed) AS placed,
        sum(incomplete) AS incomplete
    FROM processes.placement_tally GROUP BY batch_id
) AS t
WHERE (t.to_place, t.waiting) <> (
        SELECT count(*) FILTER (WHERE o.instructed_at IS NULL), count(*) FILTER (WHERE o.instructed_at IS NOT NULL)
        FROM processes.placement_open AS o WHERE o.batch_id = t.batch_id)
   OR (t.placed, t.incomplete) <> (
        SELECT count(*) FILTER (WHERE e.outcome = 'placed'), count(*) FILTER (WHERE e.outcome = 'incomplete')
        FROM processes.placement_end AS e WHERE e.batch_id = t.batch_id)
   OR t.to_place + t.waiting + t.placed + t.incomplete <> (
        SELECT count(DISTINCT p.position) FROM processes.placement AS p WHERE p.batch_id = t.batch_id)
LIMIT 5;

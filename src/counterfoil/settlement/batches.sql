-- name: lock_key
SELECT pg_advisory_xact_lock(hashtextextended('instructions ' || %(submitter)s::text || ' ' || %(key)s::text, 0));

-- name: by_key
SELECT id, body_sha256 FROM settlement.batch
WHERE submitter = %(submitter)s::text AND idempotency_key = %(key)s::text;

-- name: add
INSERT INTO settlement.batch (
    id, submitter, submitted_by, parties, default_party, idempotency_key, body_sha256, item_count, received_at
)
VALUES (
    %(id)s::uuid, %(submitter)s::text, %(submitted_by)s::text, %(parties)s::text[], %(default_party)s::text,
    %(key)s::text, %(sha256)s::bytea, %(item_count)s::integer, %(received_at)s::timestamptz
);

-- name: next
SELECT id, submitted_by, parties, default_party, taken FROM settlement.batch
WHERE finished_at IS NULL AND stuck_at IS NULL
ORDER BY id LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: items
SELECT position, line, payload FROM settlement.batch_item
WHERE batch_id = %(id)s::uuid AND position > %(after)s::integer
ORDER BY position LIMIT %(limit)s::integer;

-- name: advance
UPDATE settlement.batch
SET taken = taken + %(taken)s::integer, rejected = rejected + %(rejected)s::integer,
    finished_at = CASE WHEN taken + %(taken)s::integer = item_count THEN %(now)s::timestamptz END
WHERE id = %(id)s::uuid;

-- name: set_aside
UPDATE settlement.batch SET stuck_at = %(now)s::timestamptz, failure = %(failure)s::text
WHERE id = %(id)s::uuid AND finished_at IS NULL AND taken = %(taken)s::integer;

-- name: resume
UPDATE settlement.batch SET stuck_at = NULL, failure = NULL WHERE id = %(id)s::uuid AND stuck_at IS NOT NULL;

-- name: progress
SELECT id, submitter, submitted_by, item_count, taken - rejected, rejected, item_count - taken,
    CASE WHEN finished_at IS NOT NULL THEN 'done' WHEN stuck_at IS NOT NULL THEN 'stuck' ELSE 'running' END,
    received_at, finished_at, stuck_at, failure
FROM settlement.batch WHERE id = %(id)s::uuid;

-- name: page
SELECT id, submitter, submitted_by, item_count, taken - rejected, rejected, item_count - taken,
    CASE WHEN finished_at IS NOT NULL THEN 'done' WHEN stuck_at IS NOT NULL THEN 'stuck' ELSE 'running' END,
    received_at, finished_at, stuck_at, failure
FROM settlement.batch
WHERE (%(id)s::uuid IS NULL OR id < %(id)s::uuid)
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY id DESC LIMIT %(limit)s::integer;

-- name: page_oldest
SELECT id, submitter, submitted_by, item_count, taken - rejected, rejected, item_count - taken,
    CASE WHEN finished_at IS NOT NULL THEN 'done' WHEN stuck_at IS NOT NULL THEN 'stuck' ELSE 'running' END,
    received_at, finished_at, stuck_at, failure
FROM settlement.batch
WHERE (%(id)s::uuid IS NULL OR id > %(id)s::uuid)
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY id LIMIT %(limit)s::integer;

-- name: page_largest
SELECT id, submitter, submitted_by, item_count, taken - rejected, rejected, item_count - taken,
    CASE WHEN finished_at IS NOT NULL THEN 'done' WHEN stuck_at IS NOT NULL THEN 'stuck' ELSE 'running' END,
    received_at, finished_at, stuck_at, failure
FROM settlement.batch
WHERE (%(id)s::uuid IS NULL OR (item_count, id) < (%(count)s::integer, %(id)s::uuid))
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY item_count DESC, id DESC LIMIT %(limit)s::integer;

-- name: page_smallest
SELECT id, submitter, submitted_by, item_count, taken - rejected, rejected, item_count - taken,
    CASE WHEN finished_at IS NOT NULL THEN 'done' WHEN stuck_at IS NOT NULL THEN 'stuck' ELSE 'running' END,
    received_at, finished_at, stuck_at, failure
FROM settlement.batch
WHERE (%(id)s::uuid IS NULL OR (item_count, id) > (%(count)s::integer, %(id)s::uuid))
  AND (%(submitter)s::text IS NULL OR submitter = %(submitter)s::text)
ORDER BY item_count, id LIMIT %(limit)s::integer;

-- name: payload
SELECT payload FROM settlement.batch_item WHERE batch_id = %(id)s::uuid AND position = %(position)s::integer;

-- name: payloads
SELECT position, payload FROM settlement.batch_item
WHERE batch_id = %(id)s::uuid AND position = ANY(%(positions)s::integer[]);

-- name: results
SELECT position, line, reference, instruction_id, refusals FROM settlement.batch_outcome
WHERE batch_id = %(id)s::uuid AND position > %(after)s::integer
  AND (NOT %(rejected_only)s::boolean OR refusals IS NOT NULL)
ORDER BY position LIMIT %(limit)s::integer;

-- name: reasons
SELECT r.value ->> 'code', r.value ->> 'iso', count(*), min(r.value ->> 'detail')
FROM settlement.batch_outcome AS o CROSS JOIN jsonb_array_elements(o.refusals) AS r (value)
WHERE o.batch_id = %(id)s::uuid AND o.refusals IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1;

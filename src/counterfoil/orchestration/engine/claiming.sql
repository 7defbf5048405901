-- name: claim
SELECT e.id, e.instance_id
FROM orchestration.element_instance AS e
JOIN orchestration.process_instance AS i ON i.id = e.instance_id
WHERE e.state = 'ready' AND e.ready_at <= %(now)s::timestamptz
ORDER BY e.ready_at, e.id
LIMIT %(limit)s::integer
FOR UPDATE OF e, i SKIP LOCKED;

-- name: claim_these
SELECT e.id, e.instance_id
FROM orchestration.element_instance AS e
JOIN orchestration.process_instance AS i ON i.id = e.instance_id
WHERE e.id = ANY(%(ids)s::uuid[]) AND e.state = 'ready'
ORDER BY e.ready_at, e.id
FOR UPDATE OF e, i SKIP LOCKED;

-- name: claim_timers
SELECT s.element_instance_id, s.event_id, s.instance_id, s.repeats, s.every
FROM orchestration.subscription AS s
JOIN orchestration.process_instance AS i ON i.id = s.instance_id
WHERE s.due_at <= %(now)s::timestamptz
ORDER BY s.due_at
LIMIT %(limit)s::integer
FOR UPDATE OF s, i SKIP LOCKED;

-- name: claim_messages
SELECT m.id, m.variables, s.element_instance_id, s.event_id, s.instance_id
FROM orchestration.message AS m
JOIN orchestration.subscription AS s ON s.message_name = m.name AND s.correlation_key = m.correlation_key
JOIN orchestration.process_instance AS i ON i.id = s.instance_id
ORDER BY m.id, s.element_instance_id
LIMIT %(limit)s::integer
FOR UPDATE OF m, s, i SKIP LOCKED;

-- name: claim_starts
SELECT s.definition_id, s.element_id, NULL::uuid AS message_id, NULL::jsonb AS variables, s.repeats, s.every,
    s.process_id
FROM orchestration.start_event AS s
WHERE s.due_at <= %(now)s::timestamptz
FOR UPDATE SKIP LOCKED;

-- name: claim_message_starts
SELECT s.definition_id, s.element_id, m.id, m.variables
FROM orchestration.message AS m
JOIN orchestration.start_event AS s ON s.message_name = m.name
ORDER BY m.id
LIMIT %(limit)s::integer
FOR UPDATE OF m SKIP LOCKED;

-- name: instances
SELECT id, definition_id, business_key, variables, parent_element_id, started_at, asked_by
FROM orchestration.process_instance WHERE id = ANY(%(ids)s::uuid[]);

-- name: tokens
SELECT e.id, e.instance_id, e.element_id, e.scope_id, e.flow_id, e.state, e.variables, e.loop, e.signal, e.attempts,
    e.entered_at, EXISTS (SELECT FROM orchestration.subscription AS s WHERE s.element_instance_id = e.id)
FROM orchestration.element_instance AS e WHERE e.instance_id = ANY(%(ids)s::uuid[]) ORDER BY e.id;

-- name: expire_messages
DELETE FROM orchestration.message WHERE expires_at <= %(now)s::timestamptz;

-- name: next_due
SELECT least(
    (SELECT min(due_at) FROM orchestration.subscription WHERE due_at IS NOT NULL),
    (SELECT min(due_at) FROM orchestration.start_event WHERE due_at IS NOT NULL),
    (SELECT min(ready_at) FROM orchestration.element_instance WHERE state = 'ready')
);

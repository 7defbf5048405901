-- name: delete_tokens
DELETE FROM orchestration.element_instance WHERE id = ANY(%(ids)s::uuid[]);

-- name: delete_subscriptions
DELETE FROM orchestration.subscription WHERE element_instance_id = ANY(%(ids)s::uuid[]);

-- name: end_user_tasks
UPDATE orchestration.user_task SET ended_at = %(now)s::timestamptz WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL;

-- name: resolve_incidents
UPDATE orchestration.incident SET resolved_at = %(now)s::timestamptz
WHERE element_instance_id = ANY(%(ids)s::uuid[]) AND resolved_at IS NULL;

-- name: update_instances
UPDATE orchestration.process_instance AS i
SET state = n.state,
    variables = coalesce(n.variables::jsonb, i.variables),
    ended_at = CASE n.state WHEN 'active' THEN NULL ELSE %(now)s::timestamptz END
FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(variables)s::text[]) AS n (id, state, variables)
WHERE i.id = n.id;

-- name: answer
UPDATE orchestration.element_instance AS e
SET state = 'ready', ready_at = %(now)s::timestamptz, signal = n.signal::jsonb
FROM unnest(%(ids)s::uuid[], %(signals)s::text[]) AS n (id, signal)
WHERE e.id = n.id;

-- name: cancel_calls
WITH RECURSIVE tree AS (
    SELECT i.id FROM orchestration.process_instance AS i
    WHERE i.parent_element_id = ANY(%(ids)s::uuid[]) AND i.state = 'active'
    UNION
    SELECT c.id FROM tree AS t
    JOIN orchestration.element_instance AS e ON e.instance_id = t.id
    JOIN orchestration.process_instance AS c ON c.parent_element_id = e.id AND c.state = 'active'
), ended AS (
    UPDATE orchestration.process_instance SET state = 'cancelled', ended_at = %(now)s::timestamptz
    WHERE id IN (SELECT id FROM tree) RETURNING id
), tokens AS (
    DELETE FROM orchestration.element_instance WHERE instance_id IN (SELECT id FROM tree) RETURNING id
), tasks AS (
    UPDATE orchestration.user_task SET ended_at = %(now)s::timestamptz
    WHERE instance_id IN (SELECT id FROM tree) AND ended_at IS NULL
), incidents AS (
    UPDATE orchestration.incident SET resolved_at = %(now)s::timestamptz
    WHERE instance_id IN (SELECT id FROM tree) AND resolved_at IS NULL
)
DELETE FROM orchestration.subscription WHERE instance_id IN (SELECT id FROM tree);

-- name: delete_messages
DELETE FROM orchestration.message WHERE id = ANY(%(ids)s::uuid[]);

-- name: move_timers
UPDATE orchestration.subscription AS s
SET due_at = s.due_at + s.every, repeats = s.repeats - 1
FROM unnest(%(tokens)s::uuid[], %(events)s::text[]) AS n (element_instance_id, event_id)
WHERE (s.element_instance_id, s.event_id) = (n.element_instance_id, n.event_id);

-- name: delete_timers
DELETE FROM orchestration.subscription AS s
USING unnest(%(tokens)s::uuid[], %(events)s::text[]) AS n (element_instance_id, event_id)
WHERE (s.element_instance_id, s.event_id) = (n.element_instance_id, n.event_id);

-- name: move_starts
UPDATE orchestration.start_event
SET due_at = CASE WHEN every IS NULL OR repeats = 0 THEN NULL ELSE due_at + every END, repeats = repeats - 1
WHERE process_id = ANY(%(processes)s::text[]) AND due_at <= %(now)s::timestamptz;

-- name: lock_open_tasks
SELECT t.id FROM orchestration.user_task AS t
JOIN orchestration.process_instance AS i ON i.id = t.instance_id
WHERE t.id = ANY(%(ids)s::uuid[]) AND t.ended_at IS NULL
ORDER BY i.id, t.id FOR UPDATE OF i, t;

-- name: complete_tasks
WITH completed AS (
    UPDATE orchestration.user_task
    SET ended_at = %(now)s::timestamptz, completed_by = %(actor)s::text, variables = %(variables)s::jsonb
    WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL
    RETURNING id
)
UPDATE orchestration.element_instance AS e
SET state = 'ready', ready_at = %(now)s::timestamptz, signal = jsonb_build_object('variables', %(variables)s::jsonb)
FROM completed WHERE e.id = completed.id;

-- name: assign_tasks
UPDATE orchestration.user_task SET assignee = %(actor)s::text
WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL AND (assignee IS NULL OR assignee = %(actor)s::text);

-- name: release_tasks
UPDATE orchestration.user_task SET assignee = NULL
WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL AND assignee = %(actor)s::text;

-- name: lock_open_incidents
SELECT n.id, n.instance_id, n.element_id FROM orchestration.incident AS n
JOIN orchestration.process_instance AS i ON i.id = n.instance_id
WHERE n.id = ANY(%(ids)s::uuid[]) AND n.resolved_at IS NULL
ORDER BY i.id, n.id FOR UPDATE OF i, n;

-- name: retry
WITH resolved AS (
    UPDATE orchestration.incident SET resolved_at = %(now)s::timestamptz, resolved_by = %(actor)s::text
    WHERE id = ANY(%(ids)s::uuid[]) AND resolved_at IS NULL
    RETURNING element_instance_id
)
UPDATE orchestration.element_instance AS e
SET state = 'ready', ready_at = %(now)s::timestamptz, attempts = 0
FROM resolved WHERE e.id = resolved.element_instance_id AND e.state = 'incident';

-- name: set_variables
UPDATE orchestration.process_instance SET variables = variables || %(variables)s::jsonb
WHERE id = ANY(%(ids)s::uuid[]) AND state = 'active';

-- name: waiting_for_a_person
SELECT DISTINCT instance_id, element_id FROM orchestration.user_task
WHERE instance_id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL ORDER BY instance_id, element_id;

-- name: lock_instances
SELECT id, state, variables, definition_id FROM orchestration.process_instance
WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id FOR UPDATE;

-- name: cancel
WITH RECURSIVE tree AS (
    SELECT i.id FROM orchestration.process_instance AS i WHERE i.id = ANY(%(ids)s::uuid[]) AND i.state = 'active'
    UNION
    SELECT c.id FROM tree AS t
    JOIN orchestration.element_instance AS e ON e.instance_id = t.id
    JOIN orchestration.process_instance AS c ON c.parent_element_id = e.id AND c.state = 'active'
), ended AS (
    UPDATE orchestration.process_instance SET state = 'cancelled', ended_at = %(now)s::timestamptz
    WHERE id IN (SELECT id FROM tree)
), tokens AS (
    DELETE FROM orchestration.element_instance WHERE instance_id IN (SELECT id FROM tree)
), subscriptions AS (
    DELETE FROM orchestration.subscription WHERE instance_id IN (SELECT id FROM tree)
), tasks AS (
    UPDATE orchestration.user_task SET ended_at = %(now)s::timestamptz
    WHERE instance_id IN (SELECT id FROM tree) AND ended_at IS NULL
)
UPDATE orchestration.incident SET resolved_at = %(now)s::timestamptz, resolved_by = %(actor)s::text
WHERE instance_id IN (SELECT id FROM tree) AND resolved_at IS NULL;

-- name: standing
SELECT DISTINCT definition_id, element_id FROM orchestration.element_instance
WHERE instance_id = ANY(%(ids)s::uuid[]) ORDER BY definition_id, element_id;

-- name: migrate
WITH moved AS (
    UPDATE orchestration.process_instance SET definition_id = %(target)s::uuid WHERE id = ANY(%(ids)s::uuid[])
    RETURNING id
), tasks AS (
    UPDATE orchestration.user_task AS t SET definition_id = %(target)s::uuid, element_id = m.new
    FROM unnest(%(old)s::text[], %(new)s::text[]) AS m (old, new)
    WHERE t.instance_id IN (SELECT id FROM moved) AND t.ended_at IS NULL AND t.element_id = m.old
), incidents AS (
    UPDATE orchestration.incident AS n SET definition_id = %(target)s::uuid, element_id = m.new
    FROM unnest(%(old)s::text[], %(new)s::text[]) AS m (old, new)
    WHERE n.instance_id IN (SELECT id FROM moved) AND n.resolved_at IS NULL AND n.element_id = m.old
), subscriptions AS (
    UPDATE orchestration.subscription AS s SET event_id = m.new
    FROM unnest(%(old)s::text[], %(new)s::text[]) AS m (old, new)
    WHERE s.instance_id IN (SELECT id FROM moved) AND s.event_id = m.old
)
UPDATE orchestration.element_instance AS e SET definition_id = %(target)s::uuid, element_id = m.new
FROM unnest(%(old)s::text[], %(new)s::text[]) AS m (old, new)
WHERE e.instance_id IN (SELECT id FROM moved) AND e.element_id = m.old;

-- name: instance_count
SELECT count(*) FROM orchestration.process_instance;

-- name: ended_but_alive
SELECT e.instance_id::text FROM orchestration.element_instance AS e
LEFT JOIN orchestration.process_instance AS i ON i.id = e.instance_id AND i.state = 'active'
WHERE i.id IS NULL LIMIT 5;

-- name: active_but_nowhere
SELECT i.id::text FROM orchestration.process_instance AS i
WHERE i.state = 'active'
  AND NOT EXISTS (SELECT FROM orchestration.element_instance AS e WHERE e.instance_id = i.id) LIMIT 5;

-- name: incident_without_place
SELECT e.id::text FROM orchestration.element_instance AS e
WHERE e.state = 'incident'
  AND NOT EXISTS (
      SELECT FROM orchestration.incident AS n WHERE n.element_instance_id = e.id AND n.resolved_at IS NULL
  ) LIMIT 5;

-- name: decided_by_who_asked
SELECT t.id::text FROM orchestration.user_task AS t
JOIN orchestration.process_instance AS i ON i.id = t.instance_id
WHERE t.asked_by IS DISTINCT FROM i.asked_by OR t.completed_by = i.asked_by LIMIT 5;

-- name: completed_without_path
SELECT i.id::text FROM orchestration.process_instance AS i
WHERE i.state = 'completed'
  AND NOT EXISTS (SELECT FROM orchestration.instance_path AS p WHERE p.instance_id = i.id) LIMIT 5;

-- name: miscounted_paths
SELECT p.id::text FROM orchestration.path AS p
WHERE p.instances <> (SELECT count(*) FROM orchestration.instance_path AS m WHERE m.path_id = p.id) LIMIT 5;

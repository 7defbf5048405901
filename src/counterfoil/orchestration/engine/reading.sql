-- name: instances
-- A state that none is in must not be looked for among all: an order by state and id is only that of the index of both.
SELECT i.id, d.process_id, d.version, i.business_key, i.state, i.started_at, i.ended_at
FROM orchestration.process_definition AS d
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT n.id, n.business_key, n.state, n.started_at, n.ended_at FROM orchestration.process_instance AS n
    WHERE n.definition_id = d.id AND n.state BETWEEN s.state AND s.state AND n.id > %(after)s::uuid
    ORDER BY n.state, n.id LIMIT %(limit)s::integer
) AS i
WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
ORDER BY i.id
LIMIT %(limit)s::integer;

-- name: instances_back
SELECT i.id, d.process_id, d.version, i.business_key, i.state, i.started_at, i.ended_at
FROM orchestration.process_definition AS d
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT n.id, n.business_key, n.state, n.started_at, n.ended_at FROM orchestration.process_instance AS n
    WHERE n.definition_id = d.id AND n.state BETWEEN s.state AND s.state
      AND (%(after)s::uuid = '00000000-0000-0000-0000-000000000000'::uuid OR n.id < %(after)s::uuid)
    ORDER BY n.state DESC, n.id DESC LIMIT %(limit)s::integer
) AS i
WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
ORDER BY i.id DESC
LIMIT %(limit)s::integer;

-- name: instances_by_key
SELECT i.id, d.process_id, d.version, i.business_key, i.state, i.started_at, i.ended_at
FROM orchestration.process_instance AS i
JOIN orchestration.process_definition AS d ON d.id = i.definition_id
WHERE i.business_key = %(business_key)s::text AND i.id > %(after)s::uuid
  AND i.state = ANY(%(states)s::text[])
  AND (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
  AND (%(element)s::text IS NULL OR EXISTS (
      SELECT FROM orchestration.element_instance AS e WHERE e.instance_id = i.id AND e.element_id = %(element)s::text
  ))
ORDER BY i.id LIMIT %(limit)s::integer;

-- name: instances_by_key_back
SELECT i.id, d.process_id, d.version, i.business_key, i.state, i.started_at, i.ended_at
FROM orchestration.process_instance AS i
JOIN orchestration.process_definition AS d ON d.id = i.definition_id
WHERE i.business_key = %(business_key)s::text AND (%(after)s::uuid = '00000000-0000-0000-0000-000000000000'::uuid OR i.id < %(after)s::uuid)
  AND i.state = ANY(%(states)s::text[])
  AND (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
  AND (%(element)s::text IS NULL OR EXISTS (
      SELECT FROM orchestration.element_instance AS e WHERE e.instance_id = i.id AND e.element_id = %(element)s::text
  ))
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: instances_at
-- Those that stand at an element: found by what stands, so it costs the same however many have gone on.
SELECT i.id, f.process_id, f.version, i.business_key, i.state, i.started_at, i.ended_at
FROM (
    SELECT DISTINCT e.instance_id, d.process_id, d.version
    FROM orchestration.process_definition AS d
    CROSS JOIN unnest(%(standing)s::text[]) AS s (state)
    CROSS JOIN LATERAL (
        SELECT DISTINCT n.state, n.instance_id FROM orchestration.element_instance AS n
        WHERE n.definition_id = d.id AND n.element_id = %(element)s::text AND n.state BETWEEN s.state AND s.state
          AND n.instance_id > %(after)s::uuid
        ORDER BY n.state, n.instance_id LIMIT %(limit)s::integer
    ) AS e
    WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
      AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
) AS f
JOIN orchestration.process_instance AS i ON i.id = f.instance_id
ORDER BY i.id
LIMIT %(limit)s::integer;

-- name: instance
SELECT i.id, d.process_id, d.version, i.business_key, i.state, i.started_at, i.ended_at, i.variables, i.parent_element_id,
    i.asked_by, i.definition_id
FROM orchestration.process_instance AS i
JOIN orchestration.process_definition AS d ON d.id = i.definition_id
WHERE i.id = %(id)s::uuid;

-- name: named
SELECT i.id, d.process_id, i.asked_by, i.variables
FROM orchestration.process_instance AS i JOIN orchestration.process_definition AS d ON d.id = i.definition_id
WHERE i.id = ANY(%(ids)s::uuid[]) ORDER BY i.id;

-- name: elements
SELECT id, element_id, state, variables, attempts, entered_at, ready_at
FROM orchestration.element_instance WHERE instance_id = %(id)s::uuid ORDER BY id LIMIT %(limit)s::integer;

-- name: visits
-- In the order in which the elements were left; only the paths of this page are unfolded.
SELECT v.element_id, v.outcome, v.entered_at, v.left_at, v.path_id, v.ordinal
FROM (
    SELECT path_id FROM orchestration.instance_path
    WHERE instance_id = %(id)s::uuid AND path_id >= %(path)s::uuid
    ORDER BY path_id LIMIT %(limit)s::integer + 1
) AS ip
JOIN orchestration.v_element_visit AS v ON v.instance_id = %(id)s::uuid AND v.path_id = ip.path_id
WHERE (v.path_id, v.ordinal) > (%(path)s::uuid, %(ordinal)s::bigint)
ORDER BY v.path_id, v.ordinal LIMIT %(limit)s::integer;

-- name: passed
SELECT DISTINCT element_id FROM orchestration.v_element_visit WHERE instance_id = %(id)s::uuid ORDER BY element_id;

-- name: incidents
SELECT n.id, n.instance_id, d.process_id, d.version, n.element_id, n.kind, n.message, n.raised_at, n.resolved_at,
    n.resolved_by
FROM orchestration.process_definition AS d
CROSS JOIN LATERAL (
    SELECT o.id, o.instance_id, o.element_id, o.kind, o.message, o.raised_at, o.resolved_at, o.resolved_by
    FROM orchestration.incident AS o
    WHERE o.definition_id = d.id AND o.id > %(after)s::uuid
    ORDER BY o.id LIMIT %(limit)s::integer
) AS n
WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
ORDER BY n.id
LIMIT %(limit)s::integer;

-- name: open_incidents
SELECT n.id, n.instance_id, d.process_id, d.version, n.element_id, n.kind, n.message, n.raised_at, n.resolved_at,
    n.resolved_by
FROM orchestration.process_definition AS d
CROSS JOIN LATERAL (
    SELECT o.id, o.instance_id, o.element_id, o.kind, o.message, o.raised_at, o.resolved_at, o.resolved_by
    FROM orchestration.incident AS o
    WHERE o.definition_id = d.id AND o.id > %(after)s::uuid AND o.resolved_at IS NULL
    ORDER BY o.id LIMIT %(limit)s::integer
) AS n
WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
ORDER BY n.id
LIMIT %(limit)s::integer;

-- name: open_incidents_at
SELECT n.id, n.instance_id, d.process_id, d.version, n.element_id, n.kind, n.message, n.raised_at, n.resolved_at,
    n.resolved_by
FROM orchestration.process_definition AS d
CROSS JOIN LATERAL (
    SELECT o.id, o.instance_id, o.element_id, o.kind, o.message, o.raised_at, o.resolved_at, o.resolved_by
    FROM orchestration.incident AS o
    WHERE o.definition_id = d.id AND o.id > %(after)s::uuid AND o.resolved_at IS NULL
      AND o.element_id = %(element)s::text
    ORDER BY o.id LIMIT %(limit)s::integer
) AS n
WHERE (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
  AND (%(version)s::integer IS NULL OR d.version = %(version)s::integer)
ORDER BY n.id
LIMIT %(limit)s::integer;

-- name: incidents_of
SELECT n.id, n.instance_id, d.process_id, d.version, n.element_id, n.kind, n.message, n.raised_at, n.resolved_at,
    n.resolved_by
FROM orchestration.incident AS n
JOIN orchestration.process_definition AS d ON d.id = n.definition_id
WHERE n.instance_id = %(instance)s::uuid AND (NOT %(open)s::boolean OR n.resolved_at IS NULL)
ORDER BY n.id LIMIT %(limit)s::integer;

-- name: interventions
SELECT kind, details, reason, actor, made_at FROM orchestration.intervention
WHERE instance_id = %(id)s::uuid ORDER BY id LIMIT %(limit)s::integer;

-- name: user_task
SELECT t.id, t.instance_id, d.process_id, t.element_id, t.name, t.candidate_groups, t.assignee, t.created_at,
    i.business_key, i.variables, d.version, t.asked_by
FROM orchestration.user_task AS t
JOIN orchestration.process_definition AS d ON d.id = t.definition_id
JOIN orchestration.process_instance AS i ON i.id = t.instance_id
WHERE t.id = %(id)s::uuid AND t.ended_at IS NULL;

-- name: user_tasks
SELECT t.id, t.instance_id, d.process_id, t.element_id, t.name, t.candidate_groups, t.assignee, t.created_at,
    i.business_key, i.variables, d.version, t.asked_by
FROM (
    SELECT o.id, f.process_id, f.version
    FROM orchestration.process_definition AS f
    CROSS JOIN LATERAL (
        SELECT u.id FROM orchestration.user_task AS u
        WHERE u.definition_id = f.id AND u.ended_at IS NULL AND u.id > %(after)s::uuid
        ORDER BY u.id LIMIT %(limit)s::integer
    ) AS o
    WHERE (%(process)s::text IS NULL OR f.process_id = %(process)s::text)
    ORDER BY o.id LIMIT %(limit)s::integer
) AS d
JOIN orchestration.user_task AS t ON t.id = d.id
JOIN orchestration.process_instance AS i ON i.id = t.instance_id
ORDER BY t.id;

-- name: user_tasks_for
SELECT t.id, t.instance_id, d.process_id, t.element_id, t.name, t.candidate_groups, t.assignee, t.created_at,
    i.business_key, i.variables, d.version, t.asked_by
FROM orchestration.user_task AS t
JOIN orchestration.process_definition AS d ON d.id = t.definition_id
JOIN orchestration.process_instance AS i ON i.id = t.instance_id
WHERE t.ended_at IS NULL AND t.candidate_groups && %(groups)s::text[] AND t.id > %(after)s::uuid
  AND (%(process)s::text IS NULL OR d.process_id = %(process)s::text)
ORDER BY t.id LIMIT %(limit)s::integer;

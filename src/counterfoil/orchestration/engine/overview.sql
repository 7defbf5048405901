-- name: in_flight
SELECT d.process_id, max(d.name), sum(e.moving), sum(e.waiting), sum(e.stuck)
FROM (
    SELECT definition_id, count(*) FILTER (WHERE state IN ('ready', 'arrived')) AS moving,
        count(*) FILTER (WHERE state IN ('waiting', 'active')) AS waiting,
        count(*) FILTER (WHERE state = 'incident') AS stuck
    FROM orchestration.element_instance TABLESAMPLE SYSTEM (%(percent)s::real) REPEATABLE (1)
    GROUP BY definition_id
) AS e
JOIN orchestration.process_definition AS d ON d.id = e.definition_id
GROUP BY d.process_id ORDER BY d.process_id;

-- name: open_incidents
SELECT count(*), min(raised_at) FROM (
    SELECT raised_at FROM orchestration.incident WHERE resolved_at IS NULL
    ORDER BY raised_at, id LIMIT %(limit)s::integer
) AS o;

-- name: oldest
SELECT n.process_id, o.what, o.detail, o.since, o.instance_id, o.task_id FROM (
    (
        SELECT definition_id, element_id AS what, message AS detail, raised_at AS since, 1 AS kind, instance_id,
            NULL::uuid AS task_id
        FROM orchestration.incident WHERE resolved_at IS NULL ORDER BY raised_at, id LIMIT %(limit)s::integer
    ) UNION ALL (
        SELECT definition_id, name, array_to_string(candidate_groups, ', '), created_at, 2, instance_id, id
        FROM orchestration.user_task WHERE ended_at IS NULL ORDER BY created_at, id LIMIT %(limit)s::integer
    )
) AS o
JOIN orchestration.process_definition AS n ON n.id = o.definition_id
ORDER BY o.kind, o.since;

-- name: open_user_tasks
SELECT count(*), min(created_at) FROM (
    SELECT created_at FROM orchestration.user_task WHERE ended_at IS NULL
    ORDER BY created_at, id LIMIT %(limit)s::integer
) AS o;

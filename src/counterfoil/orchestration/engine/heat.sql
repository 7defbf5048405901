-- name: visited
-- A path counts for as many instances as took it; only the latest paths are read.
SELECT v.element_id, v.outcome, sum(p.instances)::bigint,
    sum(p.instances * extract(epoch FROM v.left_at - v.entered_at)) / sum(p.instances),
    max(extract(epoch FROM v.left_at - v.entered_at))
FROM (
    SELECT instances, elements, outcomes, entered_at, left_at FROM orchestration.path
    WHERE definition_id = %(id)s::uuid ORDER BY id DESC LIMIT %(paths)s::integer
) AS p
CROSS JOIN LATERAL unnest(p.elements, p.outcomes, p.entered_at, p.left_at)
    AS v (element_id, outcome, entered_at, left_at)
GROUP BY v.element_id, v.outcome ORDER BY v.element_id, v.outcome;

-- name: standing
SELECT e.element_id, s.state, n.count
FROM unnest(%(elements)s::text[]) AS e (element_id)
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM orchestration.element_instance AS o
        WHERE o.definition_id = %(id)s::uuid AND o.element_id = e.element_id AND o.state = s.state
        LIMIT %(limit)s::integer
    ) AS counted
) AS n (count)
WHERE n.count > 0
ORDER BY e.element_id, s.state;

-- name: askers
SELECT id AS event_id, particulars ->> 'called_by' AS label FROM servicing.event
WHERE id = ANY(%(ids)s::uuid[]) AND particulars ? 'called_by'
UNION
SELECT event_id, reopened_by FROM servicing.reopening WHERE event_id = ANY(%(ids)s::uuid[])
UNION
SELECT event_id, declared_by FROM servicing.declaration WHERE event_id = ANY(%(ids)s::uuid[]);

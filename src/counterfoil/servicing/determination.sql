-- name: declare
INSERT INTO servicing.declaration (id, event_id, amount, declared_at, declared_by)
VALUES (%(id)s::uuid, %(event)s::uuid, %(amount)s::numeric, %(now)s::timestamptz, %(actor)s::text);

-- name: declared
SELECT DISTINCT ON (event_id) event_id, amount FROM servicing.declaration
WHERE event_id = ANY(%(ids)s::uuid[]) ORDER BY event_id, id DESC;

-- name: last
SELECT DISTINCT ON (event_id)
    event_id, version, terms_version, origin, redeems, currency, basis, interest, principal, deliveries, declared
FROM servicing.determination WHERE event_id = ANY(%(ids)s::uuid[]) ORDER BY event_id, version DESC;

-- name: versions
SELECT event_id, version, terms_version, origin, redeems, currency, basis, interest, principal, deliveries, declared
FROM servicing.determination WHERE event_id = ANY(%(ids)s::uuid[]);

-- name: announce
INSERT INTO core.outbox (topic, subject) SELECT %(topic)s::text, unnest(%(subjects)s::text[]);

-- name: take
DELETE FROM core.outbox
WHERE id = ANY(ARRAY(
    SELECT id FROM core.outbox WHERE topic = ANY(%(topics)s::text[]) ORDER BY id LIMIT %(limit)s::integer
))
RETURNING id, topic, subject;

-- name: announced
SELECT subject FROM core.outbox WHERE topic = %(topic)s::text;

-- name: known
SELECT id FROM orchestration.process_instance WHERE id = ANY(%(ids)s::uuid[]);

-- name: publish
INSERT INTO orchestration.message (id, name, correlation_key, variables, published_at, expires_at)
SELECT n.id, n.name, n.key, n.variables::jsonb, %(now)s::timestamptz, n.expires_at
FROM unnest(
    %(ids)s::uuid[], %(names)s::text[], %(keys)s::text[], %(variables)s::text[], %(expires)s::timestamptz[]
) AS n (id, name, key, variables, expires_at)
ON CONFLICT (id) DO NOTHING;

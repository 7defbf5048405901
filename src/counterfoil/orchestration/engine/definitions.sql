-- name: latest_for_update
SELECT pg_advisory_xact_lock(hashtext('deploy ' || p))
FROM unnest(%(processes)s::text[]) AS p ORDER BY p;

-- name: latest
SELECT DISTINCT ON (process_id) process_id, id, version, sha256 FROM orchestration.process_definition
WHERE process_id = ANY(%(processes)s::text[]) ORDER BY process_id, version DESC;

-- name: load
SELECT id, process_id, version, xml FROM orchestration.process_definition WHERE id = ANY(%(ids)s::uuid[]);

-- name: forget_starts
DELETE FROM orchestration.start_event WHERE process_id = ANY(%(processes)s::text[]);

-- name: all
SELECT id, process_id, version, name, resource, encode(sha256, 'hex'), deployed_at, deployed_by
FROM orchestration.process_definition ORDER BY process_id, version;

-- name: xml
SELECT xml FROM orchestration.process_definition
WHERE process_id = %(process)s::text AND (%(version)s::integer IS NULL OR version = %(version)s::integer)
ORDER BY version DESC LIMIT 1;

-- name: version_id
SELECT id FROM orchestration.process_definition
WHERE process_id = %(process)s::text AND version = %(version)s::integer;

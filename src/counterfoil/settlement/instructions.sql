-- name: lock_all
-- Whoever settles without taking anything in (`take_turn`) holds the second lock alone.
SELECT pg_advisory_xact_lock(7203501), pg_advisory_xact_lock(7203502);

-- name: lock_shared
SELECT pg_advisory_xact_lock_shared(7203501);

-- name: lock_some
SELECT pg_advisory_xact_lock_shared(7203501), (
    SELECT count(pg_advisory_xact_lock(key)) FROM (
        SELECT DISTINCT hashtextextended(k::text, 0) AS key FROM unnest(%(keys)s::uuid[]) AS t (k) ORDER BY key
    ) AS ordered
);

-- name: used_references
SELECT i.party_lei, i.reference
FROM unnest(%(parties)s::text[], %(references)s::text[]) AS k (party_lei, reference)
JOIN settlement.instruction AS i USING (party_lei, reference);

-- name: linked_to
-- Which of the given instructions another one of the same party was linked to before they came.
SELECT k.id
FROM unnest(%(ids)s::uuid[], %(parties)s::text[], %(references)s::text[]) AS k (id, party_lei, reference)
JOIN settlement.link AS l USING (party_lei, reference)
WHERE l.kind <> 'INFO';

-- name: upsert
WITH sent AS (
    SELECT * FROM unnest(
        %(leis)s::text[], %(names)s::text[], %(countries)s::text[], %(forms)s::text[], %(entity)s::text[],
        %(registration)s::text[], %(renewals)s::date[]
    ) AS n (lei, legal_name, country, legal_form, entity_status, registration_status, next_renewal_on)
), written AS (
    INSERT INTO parties.entity AS e (
        lei, legal_name, country, legal_form, entity_status, registration_status, next_renewal_on, updated_at
    )
    SELECT lei, legal_name, country, legal_form, entity_status, registration_status, next_renewal_on,
        %(now)s::timestamptz
    FROM sent ORDER BY lei
    ON CONFLICT (lei) DO UPDATE
    SET legal_name = excluded.legal_name, country = excluded.country, legal_form = excluded.legal_form,
        entity_status = excluded.entity_status, registration_status = excluded.registration_status,
        next_renewal_on = excluded.next_renewal_on, updated_at = excluded.updated_at
    WHERE (e.legal_name, e.country, e.legal_form, e.entity_status, e.registration_status, e.next_renewal_on)
        IS DISTINCT FROM (excluded.legal_name, excluded.country, excluded.legal_form, excluded.entity_status,
            excluded.registration_status, excluded.next_renewal_on)
    RETURNING (xmax = 0) AS added
)
SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM written;

-- name: upsert_bics
WITH written AS (
    INSERT INTO parties.bic (bic, lei)
    SELECT DISTINCT bic, lei FROM unnest(%(bics)s::text[], %(leis)s::text[]) AS n (bic, lei) ORDER BY bic, lei
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM written;

-- name: entities
SELECT e.lei, e.legal_name, e.country, e.legal_form, e.entity_status, e.registration_status, e.next_renewal_on,
    ARRAY(SELECT b.bic FROM parties.bic AS b WHERE b.lei = e.lei ORDER BY b.bic)
FROM parties.entity AS e WHERE e.lei = ANY(%(leis)s::text[]);

-- name: page
SELECT lei, legal_name, country, registration_status FROM parties.entity
WHERE lei > %(after)s::text AND lei >= %(prefix)s::text AND lei < %(prefix)s::text || U&'\FFFF'
ORDER BY lei LIMIT %(limit)s::integer;

-- name: near
-- The first of some entities that have the words; the last row says how many were looked at.
WITH looked AS MATERIALIZED (
    SELECT lei, legal_name, country, registration_status FROM parties.entity
    WHERE lei > %(after)s::text AND lei >= %(prefix)s::text AND lei < %(prefix)s::text || U&'\FFFF'
    ORDER BY lei LIMIT %(look)s::integer
)
(SELECT lei, legal_name, country, registration_status, NULL::bigint FROM looked
 WHERE core.words(legal_name) @@ to_tsquery('simple'::regconfig, %(words)s::text)
 ORDER BY lei LIMIT %(limit)s::integer)
UNION ALL SELECT NULL, NULL, NULL, NULL, count(*) FROM looked;

-- name: matches
SELECT count(*) FROM (
    SELECT FROM parties.entity
    WHERE core.words(legal_name) @@ to_tsquery('simple'::regconfig, %(words)s::text) AND lei > %(after)s::text
    LIMIT %(most)s::integer
) AS m;

-- name: onwards
SELECT lei, legal_name, country, registration_status FROM parties.entity
WHERE core.words(legal_name) @@ to_tsquery('simple'::regconfig, %(words)s::text) AND lei > %(after)s::text
  AND lei >= %(prefix)s::text AND lei < %(prefix)s::text || U&'\FFFF'
ORDER BY lei LIMIT %(limit)s::integer;

-- name: by_words
-- All that have the words, and then the first of them: for words that are rare.
WITH found AS MATERIALIZED (
    SELECT lei, legal_name, country, registration_status FROM parties.entity
    WHERE core.words(legal_name) @@ to_tsquery('simple'::regconfig, %(words)s::text) AND lei > %(after)s::text
      AND lei >= %(prefix)s::text AND lei < %(prefix)s::text || U&'\FFFF'
)
SELECT lei, legal_name, country, registration_status FROM found ORDER BY lei LIMIT %(limit)s::integer;

-- name: grant
INSERT INTO parties.mandate (lei, role, principal_lei, granted_at, granted_by)
SELECT lei, role, principal, %(now)s::timestamptz, %(actor)s::text
FROM unnest(%(leis)s::text[], %(roles)s::text[], %(principals)s::text[]) AS n (lei, role, principal)
ON CONFLICT (lei, role, principal_lei) DO UPDATE SET revoked_at = NULL;

-- name: in_role
SELECT lei FROM parties.mandate
WHERE role = %(role)s::text AND principal_lei = '' AND revoked_at IS NULL ORDER BY granted_at, lei;

-- name: mandates
SELECT lei, role, principal_lei, granted_at FROM parties.mandate
WHERE lei = ANY(%(leis)s::text[]) AND revoked_at IS NULL ORDER BY lei, role, principal_lei;

-- name: agents
SELECT principal_lei, lei FROM parties.mandate
WHERE principal_lei = ANY(%(principals)s::text[]) AND role = ANY(%(roles)s::text[]) AND revoked_at IS NULL;

-- name: principals
SELECT lei, principal_lei FROM parties.mandate
WHERE lei = ANY(%(leis)s::text[]) AND role = ANY(%(roles)s::text[]) AND principal_lei <> '' AND revoked_at IS NULL;

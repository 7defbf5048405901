-- name: note
-- Beyond `rows` rows of a kind (of a source) in the hour, the rest is counted together.
WITH told AS (
    SELECT CASE WHEN %(by_source)s::boolean OR seen.n < %(rows)s::integer OR known.is_known THEN %(source)s::text
            ELSE %(rest)s::text END AS source,
        CASE WHEN seen.n < %(rows)s::integer OR known.is_known THEN %(subject)s::text ELSE '' END AS subject
    FROM (
        SELECT count(*) AS n FROM access.refusal AS r
        WHERE r.hour = %(hour)s::timestamptz AND r.kind = %(kind)s::text
          AND (NOT %(by_source)s::boolean OR r.source = %(source)s::text)
    ) AS seen CROSS JOIN (
        SELECT EXISTS (
            SELECT FROM access.refusal AS r
            WHERE r.hour = %(hour)s::timestamptz AND r.kind = %(kind)s::text AND r.source = %(source)s::text
              AND r.subject = %(subject)s::text AND r.code = %(code)s::text
        ) AS is_known
    ) AS known
)
INSERT INTO access.refusal AS r (id, hour, kind, source, subject, code, at, last_at, times)
SELECT %(id)s::uuid, %(hour)s::timestamptz, %(kind)s::text, t.source, t.subject, %(code)s::text, %(now)s::timestamptz,
    %(now)s::timestamptz, 1
FROM told AS t
ON CONFLICT ON CONSTRAINT refusal_once_an_hour DO UPDATE
SET times = r.times + 1, last_at = greatest(r.last_at, excluded.last_at);

-- name: holder
SELECT name || ' (' || id || ')' FROM access.token WHERE sha256 = %(sha256)s::bytea;

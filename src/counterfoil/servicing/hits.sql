-- name: counting
-- Touched barriers whose hit counts, each with the first day it counts for: what sources say of the day agrees, a second
-- source or person says so, nobody disputes it, and every source's window has passed (`standing.judge`, for many at once).
-- What was seen before an amendment does not count for what the barrier is since.
WITH candidate AS MATERIALIZED (
    SELECT isin, name, isin || '/' || name AS subject, first_day, last_day FROM servicing.watched
    WHERE touched AND hit_on IS NULL AND ends
), said AS MATERIALIZED (
    SELECT DISTINCT ON (o.subject, o.day, o.source)
        c.isin, o.subject, o.day, o.source, o.id, o.hit_on, o.entered_at, s.dispute_window
    FROM candidate AS c
    JOIN servicing.observation AS o ON o.kind = 'barrier' AND o.subject = c.subject
        AND o.day >= c.first_day AND (c.last_day IS NULL OR o.day <= c.last_day)
    JOIN servicing.source AS s ON s.name = o.source
    ORDER BY o.subject, o.day, o.source, o.version DESC
), judged AS (
    SELECT s.*, (
        SELECT min(n.confirmed_at) FROM servicing.confirmation AS n WHERE n.observation_id = s.id
    ) AS confirmed_at, d.disputed, d.discarded
    FROM said AS s
    LEFT JOIN LATERAL (
        SELECT bool_or(e.dispute_id IS NULL) AS disputed, bool_or(e.upheld) AS discarded
        FROM servicing.dispute AS p LEFT JOIN servicing.dispute_end AS e ON e.dispute_id = p.id
        WHERE p.observation_id = s.id
    ) AS d ON true
)
SELECT isin, min(hit_on)
FROM (
    SELECT isin, min(hit_on) AS hit_on
    FROM judged WHERE discarded IS NOT TRUE
    GROUP BY isin, subject, day
    HAVING count(hit_on) = count(*) AND min(hit_on) = max(hit_on) AND bool_or(disputed) IS NOT TRUE
       AND least(min(confirmed_at), (array_agg(entered_at ORDER BY entered_at))[2]) + max(dispute_window)
           <= %(now)s::timestamptz
) AS counts
GROUP BY isin;

-- name: knock_out
-- Whatever barrier it was: the security has no other any more.
UPDATE servicing.watched AS w SET hit_on = h.hit_on, touched = true
FROM unnest(%(isins)s::text[], %(days)s::date[]) AS h (isin, hit_on)
WHERE w.isin = h.isin AND w.ends AND w.hit_on IS NULL
RETURNING w.isin, w.hit_on, w.terms_version, w.issuer_lei, w.currency, w.calendar, w.payment_lag;

-- name: pending
SELECT isin FROM servicing.pending WHERE isin = ANY(%(isins)s::text[]) AND process = 'knock-out';

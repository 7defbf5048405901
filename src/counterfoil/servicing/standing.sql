-- name: said
-- The last version of each source. A version whose dispute was upheld is discarded, with all before it.
SELECT DISTINCT ON (o.kind, o.subject, o.day, o.source)
    o.kind, o.subject, o.day, o.id, o.source, o.version, o.value, o.low, o.high, o.hit_on, o.choice, o.observed_at,
    o.entered_at, o.entered_by, c.confirmed_by, c.confirmed_at, coalesce(d.disputed, false),
    coalesce(d.discarded, false), s.dispute_window
FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(firsts)s::date[], %(lasts)s::date[])
    AS k (kind, subject, first_day, last_day)
JOIN servicing.observation AS o ON o.kind = k.kind AND o.subject = k.subject AND o.day BETWEEN k.first_day AND k.last_day
JOIN servicing.source AS s ON s.name = o.source
LEFT JOIN LATERAL (
    SELECT n.confirmed_by, n.confirmed_at FROM servicing.confirmation AS n
    WHERE n.observation_id = o.id ORDER BY n.confirmed_at LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT bool_or(e.dispute_id IS NULL) AS disputed, bool_or(e.upheld) AS discarded
    FROM servicing.dispute AS p LEFT JOIN servicing.dispute_end AS e ON e.dispute_id = p.id
    WHERE p.observation_id = o.id
) AS d ON true
ORDER BY o.kind, o.subject, o.day, o.source, o.version DESC;

-- name: over
-- Barriers of these underlyings whose last day has come and that no source has ever seen touched.
SELECT w.isin, w.name, w.underlying, w.exchange, w.begins, w.last_day
FROM servicing.watched AS w
WHERE w.underlying = ANY(%(underlyings)s::text[]) AND w.hit_on IS NULL AND w.last_day <= %(today)s::date
  AND NOT EXISTS (SELECT FROM servicing.touch AS t WHERE t.isin = w.isin AND t.name = w.name)
ORDER BY w.isin, w.name;

-- name: followed
-- Sources that have told the closing price of every one of the days.
WITH wanted AS (
    SELECT * FROM unnest(%(numbers)s::integer[], %(underlyings)s::text[], %(days)s::date[]) AS w (n, underlying, day)
), told AS (
    SELECT w.n, e.source, count(*) AS days
    FROM wanted AS w
    JOIN servicing.extreme AS e ON e.underlying = w.underlying AND e.day = w.day AND e.at_close AND e.side = 1
    GROUP BY w.n, e.source
)
SELECT t.n, t.source
FROM told AS t JOIN (SELECT n, count(*) AS days FROM wanted GROUP BY n) AS a ON a.n = t.n AND a.days = t.days
ORDER BY t.n, t.source;

-- name: state
-- Once: what a source has said of the day before stays as it is.
INSERT INTO servicing.observation (id, kind, subject, day, source, version, observed_at, entered_at, entered_by)
SELECT s.id, %(kind)s::text, s.subject, s.day, s.source, 1, %(now)s::timestamptz, %(now)s::timestamptz, %(actor)s::text
FROM unnest(%(ids)s::uuid[], %(subjects)s::text[], %(days)s::date[], %(sources)s::text[])
    AS s (id, subject, day, source)
WHERE NOT EXISTS (
    SELECT FROM servicing.observation AS o
    WHERE o.kind = %(kind)s::text AND o.subject = s.subject AND o.day = s.day AND o.source = s.source
);

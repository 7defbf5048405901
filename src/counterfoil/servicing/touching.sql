-- name: forget_extremes
DELETE FROM servicing.extreme AS e
USING unnest(%(underlyings)s::text[], %(days)s::date[], %(sources)s::text[]) AS k (underlying, day, source)
WHERE e.underlying = k.underlying AND e.day = k.day AND e.source = k.source;

-- name: unstage
DELETE FROM servicing.staged_tick AS t
USING unnest(%(underlyings)s::text[], %(days)s::date[], %(sources)s::text[]) AS k (underlying, day, source)
WHERE t.underlying = k.underlying AND t.day = k.day AND t.source = k.source;

-- name: stage_anew
-- What each source says now of its day: the last version of each tick.
INSERT INTO servicing.staged_tick (underlying, day, source, at, sequence, version, at_close, price)
SELECT DISTINCT ON (t.underlying, t.day, t.source, t.at, t.sequence)
    t.underlying, t.day, t.source, t.at, t.sequence, t.version, t.at_close, t.price
FROM unnest(%(underlyings)s::text[], %(days)s::date[], %(sources)s::text[]) AS k (underlying, day, source)
JOIN servicing.tick AS t ON t.underlying = k.underlying AND t.day = k.day AND t.source = k.source
ORDER BY t.underlying, t.day, t.source, t.at, t.sequence, t.version DESC;

-- name: step
-- Ticks that go further than all before them, down or up, of all prices and of closing ones.
INSERT INTO servicing.staged_step (
    underlying, day, source, at_close, side, reach, before, at, sequence, tick_version
)
SELECT underlying, day, source, at_close, side, reach, before, at, sequence, version
FROM (
    SELECT t.underlying, t.day, t.source, p.at_close, p.side, p.side * t.price AS reach, t.at, t.sequence, t.version,
        least(e.reach, min(p.side * t.price) OVER (
            PARTITION BY t.underlying, t.day, t.source, p.at_close, p.side ORDER BY t.at, t.sequence
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )) AS before
    FROM servicing.staged_tick AS t
    JOIN (VALUES (false, 1::smallint), (false, -1::smallint), (true, 1::smallint), (true, -1::smallint))
        AS p (at_close, side) ON t.at_close OR NOT p.at_close
    LEFT JOIN servicing.extreme AS e
        ON e.underlying = t.underlying AND e.day = t.day AND e.source = t.source AND e.at_close = p.at_close
        AND e.side = p.side
    WHERE t.price IS NOT NULL
) AS seen
WHERE before IS NULL OR reach < before;

-- name: find
-- The barriers that each step is the first of its source and day to touch. One range of the index a step and rate, widened by
-- what its division may be off; the level of the day itself decides. OFFSET 0 has every step look by itself: by the index,
-- whatever the planner takes the tables for. What has been knocked out is looked for on days before its hit only.
WITH growth AS MATERIALIZED (
    SELECT d.day, r.rate_percent,
        CASE WHEN r.rate_percent = 0 THEN 1
             ELSE power(round(1 + r.rate_percent / 36000, 30), d.day - date '2020-01-01') END AS factor
    FROM (SELECT DISTINCT day FROM servicing.staged_step) AS d CROSS JOIN servicing.watched_rate AS r
), met AS (
    SELECT s.underlying, s.day, s.source, s.at, s.sequence, s.tick_version, s.side * s.reach AS price, s.reach, s.before,
        s.side, w.isin, w.name, w.terms_version, w.level * CASE
            WHEN w.rate_percent = 0 OR s.day <= w.grows_from THEN 1
            ELSE power(round(1 + w.rate_percent / 36000, 30), s.day - w.grows_from)
        END AS level
    FROM servicing.staged_step AS s
    JOIN growth AS g ON g.day = s.day
    CROSS JOIN LATERAL (
        SELECT w.isin, w.name, w.terms_version, w.level, w.rate_percent, w.grows_from, w.first_day, w.last_day
        FROM servicing.watched AS w
        WHERE w.hit_on IS NULL AND w.underlying = s.underlying AND w.at_close = s.at_close AND w.side = s.side
          AND w.rate_percent = g.rate_percent
          AND w.reach >= s.reach / g.factor - abs(s.reach) * 0.000000000001
          AND w.reach < coalesce(s.before / g.factor + abs(s.before) * 0.000000000001, 'Infinity')
        UNION ALL
        SELECT w.isin, w.name, w.terms_version, w.level, w.rate_percent, w.grows_from, w.first_day, w.last_day
        FROM servicing.watched AS w
        WHERE w.hit_on > s.day AND w.underlying = s.underlying AND w.at_close = s.at_close AND w.side = s.side
          AND w.rate_percent = g.rate_percent
        OFFSET 0
    ) AS w
    WHERE s.day >= w.first_day AND (w.last_day IS NULL OR s.day <= w.last_day)
)
INSERT INTO servicing.staged_touch (
    no, isin, name, underlying, day, source, at, sequence, tick_version, price, level, terms_version, version
)
SELECT row_number() OVER (), m.isin, m.name, m.underlying, m.day, m.source, m.at, m.sequence, m.tick_version, m.price,
    m.level, m.terms_version, coalesce(o.version, 0) + 1
FROM met AS m
LEFT JOIN LATERAL (
    SELECT o.version, o.hit_on FROM servicing.observation AS o
    WHERE o.kind = 'barrier' AND o.subject = m.isin || '/' || m.name AND o.day = m.day AND o.source = m.source
    ORDER BY o.version DESC LIMIT 1
) AS o ON true
WHERE m.side * m.level >= m.reach AND (m.before IS NULL OR m.side * m.level < m.before)
  AND (o.version IS NULL OR o.hit_on IS DISTINCT FROM m.day);

-- name: note_extremes
INSERT INTO servicing.extreme (underlying, day, source, at_close, side, reach)
SELECT underlying, day, source, at_close, side, min(reach) FROM servicing.staged_step
GROUP BY underlying, day, source, at_close, side
ON CONFLICT (underlying, day, source, at_close, side) DO UPDATE SET reach = excluded.reach;

-- name: observe
WITH numbered AS MATERIALIZED (
    SELECT i.id, i.n FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS i (id, n)
), touch AS (
    INSERT INTO servicing.touch (
        observation_id, isin, name, underlying, day, source, at, sequence, tick_version, price, level, terms_version
    )
    SELECT i.id, t.isin, t.name, t.underlying, t.day, t.source, t.at, t.sequence, t.tick_version, t.price, t.level,
        t.terms_version
    FROM numbered AS i JOIN servicing.staged_touch AS t ON t.no = i.n
)
INSERT INTO servicing.observation (
    id, kind, subject, day, source, version, hit_on, observed_at, entered_at, entered_by, reason
)
SELECT i.id, 'barrier', t.isin || '/' || t.name, t.day, t.source, t.version, t.day, t.at, %(now)s::timestamptz,
    %(actor)s::text, CASE WHEN t.version > 1 THEN 'a price has touched it' END
FROM numbered AS i JOIN servicing.staged_touch AS t ON t.no = i.n;

-- name: mark_touched
UPDATE servicing.watched AS w SET touched = true
FROM (SELECT DISTINCT isin, name FROM servicing.staged_touch) AS t
WHERE w.isin = t.isin AND w.name = t.name AND NOT w.touched;

-- name: unfounded
-- What a source has seen touched by a price that it has corrected since, so that none of its prices of that day touches it.
SELECT o.subject, o.day, o.source, o.version
FROM unnest(%(underlyings)s::text[], %(days)s::date[], %(sources)s::text[]) AS k (underlying, day, source)
JOIN servicing.touch AS t ON t.underlying = k.underlying AND t.day = k.day AND t.source = k.source
JOIN servicing.watched AS w ON w.isin = t.isin AND w.name = t.name
JOIN servicing.observation AS o ON o.id = t.observation_id
WHERE NOT EXISTS (
    SELECT FROM servicing.extreme AS e
    WHERE e.underlying = t.underlying AND e.day = t.day AND e.source = t.source AND e.at_close = w.at_close
      AND e.side = w.side AND e.reach <= w.side * t.level
) AND NOT EXISTS (
    SELECT FROM servicing.observation AS later
    WHERE later.kind = o.kind AND later.subject = o.subject AND later.day = o.day AND later.source = o.source
      AND later.version > o.version
);

-- name: unwatch
DELETE FROM servicing.watched WHERE isin = ANY(%(isins)s::text[]);

-- name: replace
-- A barrier that was hit stays as it was hit; one that stays what it was keeps what has touched it.
DELETE FROM servicing.watched AS w
USING unnest(%(isins)s::text[]) AS i (isin)
WHERE w.isin = i.isin AND w.hit_on IS NULL
RETURNING w.isin, w.name, w.level, w.side, w.at_close, w.rate_percent, w.underlying, w.first_day, w.touched;

-- name: hit
SELECT isin, name FROM servicing.watched WHERE isin = ANY(%(isins)s::text[]);

-- name: note_rates
INSERT INTO servicing.watched_rate (rate_percent)
SELECT DISTINCT rate FROM unnest(%(rates)s::numeric[]) AS r (rate)
ON CONFLICT (rate_percent) DO NOTHING;

-- name: touched_already
-- Prices that were there before the barrier, and went as far as it is now.
SELECT DISTINCT e.underlying, e.day, e.source
FROM unnest(%(isins)s::text[]) AS i (isin)
JOIN servicing.watched AS w ON w.isin = i.isin AND w.hit_on IS NULL
JOIN servicing.extreme AS e
    ON e.underlying = w.underlying AND e.day >= w.first_day AND (w.last_day IS NULL OR e.day <= w.last_day)
    AND e.at_close = w.at_close AND e.side = w.side
WHERE e.reach <= w.side * w.level * CASE
    WHEN w.rate_percent = 0 OR e.day <= w.grows_from THEN 1
    ELSE power(round(1 + w.rate_percent / 36000, 30), e.day - w.grows_from)
END;

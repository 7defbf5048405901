-- name: take_turn
-- Counts the attempt as failed before it is heard, so that many at once are no more than one after another. Nothing
-- changes while the address has to wait: whoever goes on trying waits no longer for it.
INSERT INTO access.attempt AS a (address, failures, last_at)
VALUES (%(address)s::text, 1, %(now)s::timestamptz)
ON CONFLICT (address) DO UPDATE SET
    failures = CASE WHEN a.last_at < %(forgotten)s::timestamptz THEN 1 ELSE least(a.failures + 1, 1000) END,
    last_at = greatest(a.last_at, excluded.last_at)
WHERE a.failures < %(free)s::integer OR a.last_at < %(forgotten)s::timestamptz
    OR a.last_at + least(%(longest)s::integer, 2 ^ least(a.failures - %(free)s::integer, 20)) * interval '1 second'
        <= %(now)s::timestamptz
RETURNING failures;

-- name: standing
SELECT failures, last_at FROM access.attempt WHERE address = %(address)s::text;

-- name: forget
DELETE FROM access.attempt WHERE address = %(address)s::text;

-- name: forget_old
DELETE FROM access.attempt WHERE last_at < %(forgotten)s::timestamptz;

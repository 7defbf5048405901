-- name: open
INSERT INTO access.session (id, sha256, token_id, opened_at, used_at)
VALUES (%(id)s::uuid, %(sha256)s::bytea, %(token)s::uuid, %(now)s::timestamptz, %(now)s::timestamptz);

-- name: find
SELECT s.used_at, t.id, t.name, t.lei, t.roles
FROM access.session AS s JOIN access.token AS t ON t.id = s.token_id
WHERE s.sha256 = %(sha256)s::bytea AND s.closed_at IS NULL
  AND s.used_at > %(unused_since)s::timestamptz AND s.opened_at > %(opened_since)s::timestamptz
  AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %(now)s::timestamptz);

-- name: use
UPDATE access.session SET used_at = greatest(used_at, %(now)s::timestamptz)
WHERE sha256 = %(sha256)s::bytea AND closed_at IS NULL;

-- name: close
UPDATE access.session SET closed_at = greatest(used_at, %(now)s::timestamptz)
WHERE sha256 = %(sha256)s::bytea AND closed_at IS NULL;

-- name: close_all
UPDATE access.session SET closed_at = greatest(used_at, %(now)s::timestamptz)
WHERE token_id = %(token)s::uuid AND closed_at IS NULL;

-- name: open_ones
SELECT id, opened_at, used_at, sha256 = %(sha256)s::bytea
FROM access.session
WHERE token_id = %(token)s::uuid AND closed_at IS NULL
  AND used_at > %(unused_since)s::timestamptz AND opened_at > %(opened_since)s::timestamptz
ORDER BY id DESC LIMIT 100;

-- name: clear
WITH gone AS (
    DELETE FROM access.session AS s
    WHERE s.closed_at IS NOT NULL OR s.used_at <= %(unused_since)s::timestamptz
       OR s.opened_at <= %(opened_since)s::timestamptz
    RETURNING s.id, s.token_id, s.opened_at, s.used_at, s.closed_at
)
INSERT INTO access.past_session (id, token_id, opened_at, ended_at, signed_out)
SELECT g.id, g.token_id, g.opened_at,
    coalesce(g.closed_at, least(g.used_at + %(idle)s::interval, g.opened_at + %(longest)s::interval)),
    g.closed_at IS NOT NULL
FROM gone AS g;

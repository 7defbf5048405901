-- name: add
INSERT INTO core.verification (id, started_at, ended_at, actor, holds, checks)
VALUES (
    %(id)s::uuid, %(started_at)s::timestamptz, %(ended_at)s::timestamptz, %(actor)s::text, %(holds)s::boolean,
    %(checks)s::jsonb
);

-- name: one
SELECT id, started_at, ended_at, actor, holds, checks FROM core.verification
WHERE %(id)s::uuid IS NULL OR id = %(id)s::uuid
ORDER BY id DESC LIMIT 1;

-- name: page
SELECT id, started_at, ended_at, actor, holds FROM core.verification
WHERE %(before)s::uuid IS NULL OR id < %(before)s::uuid
ORDER BY id DESC LIMIT %(limit)s::integer;

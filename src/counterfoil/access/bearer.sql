-- name: add
INSERT INTO access.token (id, sha256, name, lei, roles, created_at, created_by, expires_at)
VALUES (
    %(id)s::uuid, %(sha256)s::bytea, %(name)s::text, %(lei)s::text, %(roles)s::text[], %(now)s::timestamptz,
    %(creator)s::text, %(expires)s::timestamptz
);

-- name: find
SELECT id, name, lei, roles FROM access.token
WHERE sha256 = %(sha256)s::bytea AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz);

-- name: any_with
SELECT EXISTS (
    SELECT FROM access.token
    WHERE %(role)s::text = ANY(roles) AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)
);

-- name: all
SELECT id, name, lei, roles, created_at, created_by, expires_at, revoked_at FROM access.token ORDER BY id;

-- name: revoke
UPDATE access.token SET revoked_at = %(now)s::timestamptz WHERE id = %(id)s::uuid AND revoked_at IS NULL;


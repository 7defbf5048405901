-- name: add
INSERT INTO access.token (id, sha256, name, lei, roles, created_at, created_by, expires_at, approved_by)
VALUES (
    %(id)s::uuid, %(sha256)s::bytea, %(name)s::text, %(lei)s::text, %(roles)s::text[], %(now)s::timestamptz,
    %(creator)s::text, %(expires)s::timestamptz, %(approver)s::text
);

-- name: find
SELECT id, name, lei, roles FROM access.token
WHERE sha256 = %(sha256)s::bytea AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz);

-- name: all
SELECT id, name, lei, roles, created_at, created_by, approved_by, expires_at, revoked_at FROM access.token ORDER BY id;

-- name: revoke
UPDATE access.token SET revoked_at = %(now)s::timestamptz WHERE id = %(id)s::uuid AND revoked_at IS NULL;

-- name: is_known
SELECT EXISTS (SELECT FROM access.token WHERE sha256 = %(sha256)s::bytea);

-- name: holds_role
SELECT EXISTS (
    SELECT FROM access.token
    WHERE %(role)s::text = ANY (roles) AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)
);

-- name: roles_of_name
SELECT DISTINCT unnest(roles) AS role FROM access.token
WHERE name = %(name)s::text AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)
ORDER BY role;

-- name: claim_key
INSERT INTO access.token_key (creator, key, said, made)
VALUES (%(creator)s::text, %(key)s::text, %(said)s::bytea, %(made)s::uuid)
ON CONFLICT (creator, key) DO NOTHING;

-- name: made_under_key
SELECT said, made FROM access.token_key WHERE creator = %(creator)s::text AND key = %(key)s::text;

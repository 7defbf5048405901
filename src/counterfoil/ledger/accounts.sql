-- name: open
INSERT INTO ledger.account (id, number, kind, owner_lei, opened_at)
SELECT id, number, kind, owner_lei, %(opened_at)s::timestamptz
FROM unnest(%(ids)s::uuid[], %(numbers)s::text[], %(kinds)s::text[], %(owners)s::text[])
    AS n (id, number, kind, owner_lei)
ORDER BY number
ON CONFLICT (number) DO NOTHING;

-- name: by_number
SELECT id, number, kind, owner_lei FROM ledger.account WHERE number = ANY(%(numbers)s::text[]);

-- name: by_id
SELECT id, number, kind, owner_lei FROM ledger.account WHERE id = ANY(%(ids)s::uuid[]);

-- name: page
SELECT id, number, kind, owner_lei, opened_at FROM ledger.account
WHERE number > %(after)s::text AND (%(owner)s::text IS NULL OR owner_lei = %(owner)s::text)
ORDER BY number LIMIT %(limit)s::integer;

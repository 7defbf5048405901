-- name: open
INSERT INTO ledger.account (id, number, kind, owner_lei, opened_at, opened_by)
SELECT id, number, kind, owner_lei, %(opened_at)s::timestamptz, %(actor)s::text
FROM unnest(%(ids)s::uuid[], %(numbers)s::text[], %(kinds)s::text[], %(owners)s::text[])
    AS n (id, number, kind, owner_lei)
ORDER BY number
ON CONFLICT (number) DO NOTHING;

-- name: by_number
SELECT id, number, kind, owner_lei, blocked_debit, blocked_credit, closed_at IS NOT NULL, blocks > 3
FROM ledger.account WHERE number = ANY(%(numbers)s::text[]);

-- name: by_id
SELECT id, number, kind, owner_lei, blocked_debit, blocked_credit, closed_at IS NOT NULL, blocks > 3
FROM ledger.account WHERE id = ANY(%(ids)s::uuid[]);

-- name: by_owner
SELECT id, number, kind, owner_lei, blocked_debit, blocked_credit, closed_at IS NOT NULL, blocks > 3
FROM ledger.account
WHERE owner_lei = ANY(%(owners)s::text[]) AND closed_at IS NULL AND kind NOT IN ('issue_control', 'central_bank')
ORDER BY number;

-- name: page
SELECT id, number, kind, owner_lei, state, blocks, opened_at, opened_by, closed_at
FROM ledger.v_account_state
WHERE number > %(after)s::text AND number >= %(prefix)s::text AND number < %(prefix)s::text || U&'\FFFF'
  AND (%(owner)s::text IS NULL OR owner_lei = %(owner)s::text)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s::text) AND (%(state)s::text IS NULL OR state = %(state)s::text)
  AND (%(number)s::text IS NULL OR number = %(number)s::text)
ORDER BY number LIMIT %(limit)s::integer;

-- name: page_back
SELECT id, number, kind, owner_lei, state, blocks, opened_at, opened_by, closed_at
FROM ledger.v_account_state
WHERE number < coalesce(nullif(%(after)s::text, ''), U&'\FFFF')
  AND number >= %(prefix)s::text AND number < %(prefix)s::text || U&'\FFFF'
  AND (%(owner)s::text IS NULL OR owner_lei = %(owner)s::text)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s::text) AND (%(state)s::text IS NULL OR state = %(state)s::text)
  AND (%(number)s::text IS NULL OR number = %(number)s::text)
ORDER BY number DESC LIMIT %(limit)s::integer;

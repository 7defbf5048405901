-- name: lock_issues
SELECT isin, issuer_lei, mode, authorised, issued, state, terms_version, content, entry_no, entry_hash,
    changed_at
FROM register.issue WHERE isin = ANY(%(isins)s::text[]) ORDER BY isin FOR UPDATE;

-- name: recorded
SELECT request_id, isin, entry_no, issued_after, hash, kind
FROM register.entry WHERE request_id = ANY(%(requests)s::uuid[]);

-- name: update_issues
UPDATE register.issue AS i
SET authorised = n.authorised, issued = n.issued, state = n.state, terms_version = n.terms_version,
    content = n.content::jsonb, entry_no = n.entry_no, entry_hash = n.entry_hash, block_id = %(block)s::uuid,
    changed_at = %(changed_at)s::timestamptz
FROM unnest(
    %(isins)s::text[], %(authorised)s::numeric[], %(issued)s::numeric[], %(states)s::text[],
    %(versions)s::integer[], %(contents)s::text[], %(entry_nos)s::integer[], %(hashes)s::bytea[]
) AS n (isin, authorised, issued, state, terms_version, content, entry_no, entry_hash)
WHERE i.isin = n.isin;

-- name: lock_head
SELECT sequence, hash FROM register.head FOR UPDATE;

-- name: add_block
WITH linked AS (
    UPDATE register.head SET sequence = %(sequence)s::bigint, hash = %(hash)s::bytea
)
INSERT INTO register.block (id, sequence, entry_count, root, previous_hash, hash, recorded_at)
VALUES (
    %(id)s::uuid, %(sequence)s::bigint, %(entry_count)s::integer, %(root)s::bytea,
    %(previous_hash)s::bytea, %(hash)s::bytea, %(recorded_at)s::timestamptz
);

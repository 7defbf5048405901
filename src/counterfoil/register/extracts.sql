-- name: entries
SELECT e.entry_no, e.kind, e.delta, e.issued_after, e.authorised_after, e.arrived_at, e.changed_at, e.content, e.hash,
    b.sequence, e.position, b.hash
FROM register.entry AS e JOIN register.block AS b ON b.id = e.block_id
WHERE e.isin = %(isin)s::text AND e.changed_at <= coalesce(%(at)s::timestamptz, 'infinity')
  AND e.entry_no > %(after)s::integer
ORDER BY e.entry_no
LIMIT %(limit)s::integer;

-- name: issues
SELECT isin, issuer_lei, mode, authorised, issued, state, terms_version, content, entry_no, entry_hash,
    changed_at
FROM register.issue WHERE isin = ANY(%(isins)s::text[]);

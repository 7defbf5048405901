-- name: parted
SELECT coalesce(i.isin, c.asset) || ' issued ' || coalesce(i.issued, 0) || ' control ' || coalesce(c.quantity, 0)
FROM register.issue AS i
FULL JOIN (SELECT asset, sum(quantity) AS quantity FROM ledger.v_position WHERE kind = 'issue_control' GROUP BY asset)
    AS c ON c.asset = i.isin
WHERE coalesce(i.issued, 0) <> -coalesce(c.quantity, 0) LIMIT 5;

-- name: uncovered
SELECT i.isin || ' issued ' || i.issued || ' accounts ' || coalesce(s.quantity, 0)
FROM register.issue AS i
LEFT JOIN (SELECT asset, sum(quantity) AS quantity FROM ledger.v_position WHERE kind <> 'issue_control' GROUP BY asset)
    AS s ON s.asset = i.isin
WHERE i.issued <> coalesce(s.quantity, 0) LIMIT 5;

-- name: issue_count
SELECT count(*) FROM register.issue;

-- name: gaps
SELECT isin FROM register.entry GROUP BY isin
HAVING max(entry_no) <> count(*) OR min(entry_no) <> 1 LIMIT 5;

-- name: drifted
SELECT i.isin FROM register.issue AS i
LEFT JOIN register.entry AS e ON e.isin = i.isin AND e.entry_no = i.entry_no
LEFT JOIN (SELECT isin, sum(delta) AS delta, max(entry_no) AS last FROM register.entry GROUP BY isin) AS s
    ON s.isin = i.isin
WHERE e.hash IS DISTINCT FROM i.entry_hash OR e.issued_after IS DISTINCT FROM i.issued
   OR e.authorised_after IS DISTINCT FROM i.authorised OR s.delta IS DISTINCT FROM i.issued
   OR s.last IS DISTINCT FROM i.entry_no OR e.changed_at IS DISTINCT FROM i.changed_at
   OR (e.content::jsonb -> 'content', e.content::jsonb ->> 'state', e.content::jsonb ->> 'terms_version',
       e.content::jsonb ->> 'issuer') IS DISTINCT FROM (i.content, i.state, i.terms_version::text, i.issuer_lei)
LIMIT 5;

-- name: unregistered
SELECT DISTINCT e.isin FROM register.entry AS e LEFT JOIN register.issue AS i ON i.isin = e.isin
WHERE i.isin IS NULL LIMIT 5;

-- name: chain
SELECT b.sequence, b.entry_count, b.root, b.previous_hash, b.hash, e.position, e.isin, e.entry_no, e.request_id, e.kind,
    e.issued_after, e.authorised_after, e.arrived_at, e.changed_at, e.content, e.hash
FROM register.block AS b JOIN register.entry AS e ON e.block_id = b.id
ORDER BY b.sequence, e.position;

-- name: entry_count
SELECT count(*) FROM register.entry;

-- name: block_count
SELECT count(*) FROM register.block;

-- name: head
SELECT sequence, hash FROM register.head;

-- name: links
SELECT e.isin || ' ' || e.entry_no FROM register.entry AS e
JOIN register.entry AS p ON p.isin = e.isin AND p.entry_no = e.entry_no - 1
WHERE e.entry_no > 1 AND e.content::jsonb ->> 'previous_hash' <> encode(p.hash, 'hex') LIMIT 5;

-- name: late
SELECT e.isin || ' ' || e.entry_no FROM register.entry AS e
LEFT JOIN register.entry AS p ON p.isin = e.isin AND p.entry_no = e.entry_no - 1 AND e.entry_no > 1
WHERE e.changed_at < e.arrived_at OR e.changed_at < p.changed_at LIMIT 5;

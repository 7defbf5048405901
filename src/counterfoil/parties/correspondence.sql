-- name: enter
INSERT INTO parties.correspondent (lei, bic, since, actor)
SELECT lei, bic, %(now)s::timestamptz, %(actor)s::text
FROM unnest(%(leis)s::text[], %(bics)s::text[]) AS n (lei, bic) ORDER BY lei
ON CONFLICT (lei) DO NOTHING;

-- name: all
SELECT lei, bic FROM parties.correspondent;

-- name: named
SELECT lei, bic FROM parties.correspondent WHERE lei = ANY(%(leis)s::text[]);

-- name: by_bic
SELECT CASE length(bic) WHEN 8 THEN bic || 'XXX' ELSE bic END, min(lei) FROM parties.bic
WHERE bic = ANY(%(bics)s::text[]) OR bic || 'XXX' = ANY(%(bics)s::text[])
GROUP BY 1 HAVING count(DISTINCT lei) = 1;

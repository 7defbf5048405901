-- name: entries_up_to
SELECT count(*) FROM (SELECT FROM register.entry WHERE isin = %(isin)s::text LIMIT %(most)s::integer + 1) AS e;

-- name: first_fault
-- The first entry that is missing or not what it should be: its number, and what is wrong. The whole issue at once.
WITH chained AS (
    SELECT e.entry_no, e.kind, e.issued_after, e.hash, row_number() OVER w AS place, lag(e.hash) OVER w AS hash_before,
        sha256(convert_to(e.content, 'UTF8')) AS digest,
        CASE WHEN e.content IS JSON OBJECT AND strpos(e.content, '\u0000') = 0 THEN e.content::json END AS stated
    FROM register.entry AS e WHERE e.isin = %(isin)s::text
    WINDOW w AS (ORDER BY e.entry_no)
), judged AS (
    SELECT place AS entry_no, CASE
        WHEN entry_no <> place THEN 'missing'
        WHEN digest <> hash THEN 'not what was hashed'
        WHEN stated ->> 'previous_hash' IS DISTINCT FROM coalesce(encode(hash_before, 'hex'), '')
            THEN 'not linked to the entry before'
        WHEN (stated ->> 'isin', stated ->> 'entry_no', stated ->> 'kind', stated ->> 'issued')
            IS DISTINCT FROM (%(isin)s::text, entry_no::text, kind, trim_scale(issued_after)::text)
            THEN 'shown otherwise than it was hashed'
    END AS fault
    FROM chained
)
SELECT entry_no, fault FROM judged WHERE fault IS NOT NULL
UNION ALL
-- Entries cut off at the end leave a chain that is whole in itself: the issue knows its last one.
SELECT least(i.entry_no, coalesce(l.entry_no, 0) + 1), CASE WHEN i.entry_no > coalesce(l.entry_no, 0) THEN 'missing'
    ELSE 'not the one that the issue stands by' END
FROM register.issue AS i
LEFT JOIN (
    SELECT entry_no, hash FROM register.entry WHERE isin = %(isin)s::text ORDER BY entry_no DESC LIMIT 1
) AS l ON true
WHERE i.isin = %(isin)s::text AND (i.entry_no, i.entry_hash) IS DISTINCT FROM (l.entry_no, l.hash)
ORDER BY 1 LIMIT 1;

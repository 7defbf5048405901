-- name: search
-- Each way of looking reads an index in order of ISIN, and no more than `look` rows of it; the last row says how far it
-- came where that was not to the end. Only one of the three ways is gone: the others have a filter that is false.
WITH looked AS MATERIALIZED (
    (SELECT isin FROM register.v_issue
     WHERE %(state)s::text NOT IN ('', 'active') AND state <> 'active' AND state = %(state)s::text AND isin > %(after)s::text
       AND isin >= %(prefix)s::text AND (%(prefix)s::text = '' OR isin < %(prefix)s::text || chr(1114111))
     ORDER BY isin LIMIT %(look)s::integer)
    UNION ALL
    (SELECT isin FROM register.v_issue
     WHERE %(state)s::text = 'active' AND state = 'active' AND isin > %(after)s::text
       AND isin >= %(prefix)s::text AND (%(prefix)s::text = '' OR isin < %(prefix)s::text || chr(1114111))
     ORDER BY isin LIMIT %(look)s::integer)
    UNION ALL
    (SELECT isin FROM instruments.v_instrument
     WHERE %(state)s::text = '' AND isin > %(after)s::text
       AND isin >= %(prefix)s::text AND (%(prefix)s::text = '' OR isin < %(prefix)s::text || chr(1114111))
       AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
       AND (%(class)s::text IS NULL OR class = %(class)s::text)
     ORDER BY isin LIMIT %(look)s::integer)
), found AS (
    SELECT i.isin, i.class, i.issuer_lei, i.name, i.currency, i.wkn, i.cfi, i.fisn, i.entered_at
    FROM looked AS l JOIN instruments.v_instrument AS i ON i.isin = l.isin
    WHERE (%(issuer)s::text IS NULL OR i.issuer_lei = %(issuer)s::text)
      AND (%(class)s::text IS NULL OR i.class = %(class)s::text)
      AND (%(wkn)s::text = '' OR i.wkn LIKE %(wkn)s::text || '%%')
      AND (%(words)s::text = '' OR strpos(lower(i.name), lower(%(words)s::text)) > 0)
    ORDER BY i.isin LIMIT %(limit)s::integer
)
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at FROM found
UNION ALL
(SELECT isin, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM looked
 ORDER BY isin OFFSET %(look)s::integer - 1 LIMIT 1)
ORDER BY isin;

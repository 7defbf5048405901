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
      AND (%(words)s::text = '' OR i.words @@ to_tsquery('simple'::regconfig, %(words)s::text))
    ORDER BY i.isin LIMIT %(limit)s::integer
)
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at FROM found
UNION ALL
(SELECT isin, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM looked
 ORDER BY isin OFFSET %(look)s::integer - 1 LIMIT 1)
ORDER BY isin;

-- name: matches
SELECT count(*) FROM (
    SELECT FROM instruments.v_instrument
    WHERE words @@ to_tsquery('simple'::regconfig, %(words)s::text) AND isin > %(after)s::text
    LIMIT %(most)s::integer
) AS m;

-- name: onwards
-- What common words are met in, further on in order of ISIN.
SELECT i.isin, i.class, i.issuer_lei, i.name, i.currency, i.wkn, i.cfi, i.fisn, i.entered_at
FROM instruments.v_instrument AS i
WHERE i.words @@ to_tsquery('simple'::regconfig, %(words)s::text) AND i.isin > %(after)s::text
  AND i.isin >= %(prefix)s::text AND (%(prefix)s::text = '' OR i.isin < %(prefix)s::text || chr(1114111))
  AND (%(issuer)s::text IS NULL OR i.issuer_lei = %(issuer)s::text)
  AND (%(class)s::text IS NULL OR i.class = %(class)s::text)
  AND (%(wkn)s::text = '' OR i.wkn LIKE %(wkn)s::text || '%%')
  AND (%(state)s::text = ''
      OR EXISTS (SELECT FROM register.v_issue AS s WHERE s.isin = i.isin AND s.state = %(state)s::text))
ORDER BY i.isin LIMIT %(limit)s::integer;

-- name: by_words
-- All that have the words, wherever they are, and then the first of them in order of ISIN: for words that are rare.
WITH found AS MATERIALIZED (
    SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at FROM instruments.v_instrument
    WHERE words @@ to_tsquery('simple'::regconfig, %(words)s::text) AND isin > %(after)s::text
      AND isin >= %(prefix)s::text AND (%(prefix)s::text = '' OR isin < %(prefix)s::text || chr(1114111))
      AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
      AND (%(class)s::text IS NULL OR class = %(class)s::text)
      AND (%(wkn)s::text = '' OR wkn LIKE %(wkn)s::text || '%%')
)
SELECT f.isin, f.class, f.issuer_lei, f.name, f.currency, f.wkn, f.cfi, f.fisn, f.entered_at FROM found AS f
WHERE %(state)s::text = ''
   OR EXISTS (SELECT FROM register.v_issue AS s WHERE s.isin = f.isin AND s.state = %(state)s::text)
ORDER BY f.isin LIMIT %(limit)s::integer;

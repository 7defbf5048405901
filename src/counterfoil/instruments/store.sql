-- name: known
SELECT isin FROM instruments.instrument WHERE isin = ANY(%(isins)s::text[]);

-- name: current_terms
SELECT DISTINCT ON (isin) isin, version, hash, canonical
FROM instruments.terms
WHERE isin = ANY(%(isins)s::text[])
ORDER BY isin, version DESC;

-- name: terms_version
SELECT version, hash, canonical, effect, recorded_at
FROM instruments.terms
WHERE isin = %(isin)s::text AND version = coalesce(
    %(version)s::integer, (SELECT max(t.version) FROM instruments.terms AS t WHERE t.isin = %(isin)s::text)
);

-- name: versions
SELECT version, hash, effect, recorded_at FROM instruments.terms WHERE isin = %(isin)s::text ORDER BY version;

-- name: rename
UPDATE instruments.instrument AS i
SET name = n.name, cfi = n.cfi, fisn = n.fisn
FROM unnest(%(isins)s::text[], %(names)s::text[], %(cfis)s::text[], %(fisns)s::text[]) AS n (isin, name, cfi, fisn)
WHERE i.isin = n.isin;

-- name: page
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE isin > %(after)s::text
  AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
  AND (%(class)s::text IS NULL OR class = %(class)s::text)
ORDER BY isin
LIMIT %(limit)s::integer;

-- name: page_back
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE (%(after)s::text = '' OR isin < %(after)s::text)
  AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
  AND (%(class)s::text IS NULL OR class = %(class)s::text)
ORDER BY isin DESC
LIMIT %(limit)s::integer;

-- name: by_entry
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE (entered_at, isin) > (%(at)s::timestamptz, %(after)s::text)
ORDER BY entered_at, isin LIMIT %(limit)s::integer;

-- name: by_entry_back
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE (entered_at, isin) < (%(at)s::timestamptz, %(after)s::text)
ORDER BY entered_at DESC, isin DESC LIMIT %(limit)s::integer;

-- name: by_prefix
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE isin > %(after)s::text AND isin >= %(prefix)s::text AND isin < %(prefix)s::text || chr(1114111)
  AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
  AND (%(class)s::text IS NULL OR class = %(class)s::text)
ORDER BY isin
LIMIT %(limit)s::integer;

-- name: by_wkn
-- The WKN stands in the ISIN of a German security: DE, 000, WKN, check digit.
SELECT isin, class, issuer_lei, name, currency, wkn, cfi, fisn, entered_at
FROM instruments.instrument
WHERE isin >= 'DE000' || %(wkn)s::text AND isin < 'DE000' || %(wkn)s::text || chr(1114111)
  AND wkn LIKE %(wkn)s::text || '%%' AND isin > %(after)s::text
  AND (%(issuer)s::text IS NULL OR issuer_lei = %(issuer)s::text)
  AND (%(class)s::text IS NULL OR class = %(class)s::text)
ORDER BY isin
LIMIT %(limit)s::integer;

-- name: between
SELECT CASE WHEN e.day BETWEEN %(first)s::date AND %(last)s::date THEN e.day ELSE e.payment END AS happens_on,
    e.id, e.isin, e.kind, e.day, e.payment, e.record_date, e.pointer, e.issuer_lei, e.currency, e.terms_version,
    coalesce(d.outcome, CASE WHEN p.started THEN 'begun' WHEN p.event_id IS NULL AND e.kind <> 'adjustment'
        THEN 'date' ELSE 'scheduled' END),
    d.ended_at, d.reason
FROM servicing.event AS e
LEFT JOIN servicing.pending AS p ON p.event_id = e.id
LEFT JOIN servicing.ended AS d ON d.event_id = e.id
WHERE (e.day BETWEEN %(first)s::date AND %(last)s::date OR e.payment BETWEEN %(first)s::date AND %(last)s::date)
  AND (%(isin)s::text IS NULL OR e.isin = %(isin)s::text)
  AND (%(issuer)s::text IS NULL OR e.issuer_lei = %(issuer)s::text)
  AND (%(kind)s::text IS NULL OR e.kind = %(kind)s::text)
  AND d.outcome IS DISTINCT FROM 'superseded'
  AND (CASE WHEN e.day BETWEEN %(first)s::date AND %(last)s::date THEN e.day ELSE e.payment END, e.id)
      > (%(after_day)s::date, %(after_id)s::uuid)
ORDER BY 1, 2
LIMIT %(limit)s::integer;

-- name: one
SELECT e.id, e.isin, e.kind, e.day, e.payment, e.record_date, e.pointer, e.issuer_lei, e.currency, e.terms_version,
    coalesce(d.outcome, CASE WHEN p.started THEN 'begun' WHEN p.event_id IS NULL AND e.kind <> 'adjustment'
        THEN 'date' ELSE 'scheduled' END),
    d.ended_at, d.reason
FROM servicing.event AS e
LEFT JOIN servicing.pending AS p ON p.event_id = e.id
LEFT JOIN servicing.ended AS d ON d.event_id = e.id
WHERE e.id = %(id)s::uuid;

-- name: by_id
SELECT id, isin, terms_version, kind, day, payment, record_date, pointer, issuer_lei, currency,
    coalesce(particulars, '{}')
FROM servicing.event WHERE id = ANY(%(ids)s::uuid[]);

-- name: take_due
UPDATE servicing.pending AS p SET started = true
FROM (
    SELECT event_id FROM servicing.pending
    WHERE NOT started AND starts_on <= %(business_date)s::date
    ORDER BY starts_on LIMIT %(limit)s::integer
    FOR UPDATE SKIP LOCKED
) AS due
WHERE p.event_id = due.event_id
RETURNING p.event_id, p.process;

-- name: endings
SELECT event_id, outcome FROM servicing.ended WHERE event_id = ANY(%(ids)s::uuid[]);

-- name: end
WITH ending AS (
    SELECT id, outcome FROM unnest(%(ids)s::uuid[], %(outcomes)s::text[]) AS e (id, outcome)
), gone AS (
    DELETE FROM servicing.pending WHERE event_id IN (SELECT id FROM ending)
)
INSERT INTO servicing.ended (event_id, outcome, reason, ended_at)
SELECT id, outcome, %(reason)s::text, %(now)s::timestamptz FROM ending
ON CONFLICT (event_id) DO NOTHING;

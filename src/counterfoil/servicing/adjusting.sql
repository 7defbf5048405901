-- name: standing
-- Adjustments of the same action that have not been refused.
SELECT a.id FROM servicing.adjustment AS a
LEFT JOIN servicing.adjustment_decision AS d ON d.adjustment_id = a.id
WHERE a.underlying = %(underlying)s::text AND a.ex_day = %(ex_day)s::date AND d.approved IS DISTINCT FROM false;

-- name: request
INSERT INTO servicing.adjustment (id, underlying, factor, ex_day, reason, requested_by, requested_at)
VALUES (
    %(id)s::uuid, %(underlying)s::text, %(factor)s::numeric, %(ex_day)s::date, %(reason)s::text, %(actor)s::text,
    %(now)s::timestamptz
);

-- name: decide
INSERT INTO servicing.adjustment_decision (adjustment_id, requested_by, approved, decided_by, decided_at)
SELECT id, requested_by, %(approved)s::boolean, %(actor)s::text, %(now)s::timestamptz
FROM servicing.adjustment WHERE id = %(id)s::uuid
ON CONFLICT (adjustment_id) DO NOTHING
RETURNING approved;

-- name: one
SELECT a.underlying, a.factor, a.ex_day FROM servicing.adjustment AS a WHERE a.id = %(id)s::uuid;

-- name: affected
-- Live securities that may rest on the underlying and that it has not moved yet: as far as they have been laid out, by what
-- is noted of them; and all that the register has entered or amended since.
WITH named AS (
    SELECT isin FROM servicing.rests_on WHERE underlying = %(underlying)s::text
    UNION
    SELECT c.isin FROM register.v_chain AS c
    WHERE c.sequence > (SELECT block_sequence FROM servicing.progress) AND c.kind IN ('NEW', 'AMEND')
)
SELECT i.isin
FROM named AS n JOIN register.v_issue AS i ON i.isin = n.isin
WHERE i.state IN ('active', 'suspended')
  AND NOT EXISTS (SELECT FROM servicing.adjusted AS a WHERE a.isin = i.isin AND a.adjustment_id = %(id)s::uuid)
ORDER BY i.isin;

-- name: in_force
-- What moves prices of days before an action, by security.
SELECT a.isin, j.underlying, j.factor, j.ex_day
FROM servicing.adjusted AS a JOIN servicing.adjustment AS j ON j.id = a.adjustment_id
WHERE a.isin = ANY(%(isins)s::text[])
ORDER BY a.isin, j.ex_day;

-- name: page
SELECT j.id, j.underlying, j.factor, j.ex_day, j.reason, j.requested_by, j.requested_at, d.approved, d.decided_by,
    (SELECT count(*) FROM servicing.adjusted AS a WHERE a.adjustment_id = j.id) AS securities
FROM servicing.adjustment AS j LEFT JOIN servicing.adjustment_decision AS d ON d.adjustment_id = j.id
WHERE j.id > %(after)s::uuid AND (%(underlying)s::text IS NULL OR j.underlying = %(underlying)s::text)
ORDER BY j.id LIMIT %(limit)s::integer;

-- name: securities
SELECT isin, terms_version, encode(terms_hash, 'hex'), adjusted_at FROM servicing.adjusted
WHERE adjustment_id = %(id)s::uuid AND isin > %(after)s::text
ORDER BY isin LIMIT %(limit)s::integer;

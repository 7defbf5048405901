-- name: entitle
-- Amounts are exact until they are rounded: `div` yields the whole quotient, half up by the half basis added before.
-- Holdings are sorted once, for their grouping; all else keeps that order, in which the lines are written.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        %(events)s::uuid[], %(issuers)s::text[], %(nos)s::integer[], %(redeeming)s::boolean[], %(interests)s::numeric[],
        %(principals)s::numeric[], %(bases)s::numeric[], %(steps)s::numeric[], %(shares)s::numeric[],
        %(accounts)s::uuid[], %(caps)s::numeric[]
    ) AS w (event_id, issuer_lei, no, redeems, interest, principal, basis, step, share, only_account, cap)
), own AS MATERIALIZED (
    SELECT w.event_id, a.id AS account_id
    FROM wanted AS w JOIN ledger.v_account AS a ON a.owner_lei = w.issuer_lei AND a.kind = 'issuer'
), entitled AS (
    SELECT h.event_id, w.no, w.basis, w.step, w.interest, w.principal, h.account_id, h.sub_balance,
        CASE
            WHEN w.share < 1 THEN div(h.units * w.share, w.basis) * w.basis
            ELSE least(h.units, coalesce(w.cap, h.units))
        END AS units
    FROM (
        SELECT h.event_id, h.account_id, CASE WHEN w.redeems THEN h.sub_balance ELSE 'available' END AS sub_balance,
            sum(h.units) AS units
        FROM servicing.holding AS h JOIN wanted AS w ON w.event_id = h.event_id
        WHERE w.only_account IS NULL OR (w.only_account = h.account_id AND h.sub_balance = 'earmarked')
        GROUP BY 1, 2, 3
    ) AS h
    JOIN wanted AS w ON w.event_id = h.event_id
    WHERE NOT EXISTS (SELECT FROM own AS o WHERE o.event_id = h.event_id AND o.account_id = h.account_id)
), due AS (
    SELECT event_id, no, step, account_id, sub_balance,
        row_number() OVER (PARTITION BY event_id ORDER BY account_id, sub_balance) AS line, units, CASE
            WHEN interest = 0 THEN 0 ELSE div(2 * units * interest + step * basis, 2 * step * basis) * step
        END AS interest, CASE
            WHEN principal = 0 THEN 0 ELSE div(2 * units * principal + step * basis, 2 * step * basis) * step
        END AS principal
    FROM entitled WHERE units > 0
)
INSERT INTO servicing.entitlement (
    event_id, record_no, account_id, sub_balance, line, units, interest, principal, tax
)
SELECT d.event_id, d.no, d.account_id, d.sub_balance, d.line, d.units, d.interest, d.principal,
    CASE WHEN t.rate_percent IS NULL THEN 0 ELSE div(d.interest * t.rate_percent, 100 * d.step) * d.step END
FROM due AS d
LEFT JOIN (SELECT * FROM servicing.withheld ORDER BY event_id, account_id OFFSET 0) AS t
    ON t.event_id = d.event_id AND t.account_id = d.account_id;

-- name: sum_up
WITH wanted AS (
    SELECT * FROM unnest(
        %(events)s::uuid[], %(issuers)s::text[], %(nos)s::integer[], %(versions)s::integer[], %(moments)s::timestamptz[],
        %(payers)s::uuid[]
    ) AS w (event_id, issuer_lei, no, version, held_at, payer)
)
INSERT INTO servicing.record (
    event_id, no, version, held_at, made_at, holders, lines, units, own_units, interest, principal, tax, payer
)
SELECT w.event_id, w.no, w.version, w.held_at, %(now)s::timestamptz, coalesce(s.holders, 0), coalesce(s.lines, 0),
    coalesce(s.units, 0),
    coalesce(o.units, 0), coalesce(s.interest, 0), coalesce(s.principal, 0), coalesce(s.tax, 0), w.payer
FROM wanted AS w
LEFT JOIN (
    SELECT e.event_id, count(DISTINCT e.account_id) AS holders, count(*) AS lines, sum(e.units) AS units, sum(e.interest) AS interest,
        sum(e.principal) AS principal, sum(e.tax) AS tax
    FROM wanted AS w JOIN servicing.entitlement AS e ON e.event_id = w.event_id AND e.record_no = w.no
    GROUP BY e.event_id
) AS s ON s.event_id = w.event_id
LEFT JOIN (
    SELECT h.event_id, sum(h.units) AS units
    FROM (
        SELECT w.event_id, a.id AS account_id
        FROM wanted AS w JOIN ledger.v_account AS a ON a.owner_lei = w.issuer_lei AND a.kind = 'issuer'
        OFFSET 0
    ) AS own
    JOIN servicing.holding AS h ON h.event_id = own.event_id AND h.account_id = own.account_id
    GROUP BY h.event_id
) AS o ON o.event_id = w.event_id;

-- name: last
SELECT DISTINCT ON (event_id)
    event_id, no, version, held_at, holders, lines, units, own_units, interest, principal, tax, payer
FROM servicing.record WHERE event_id = ANY(%(ids)s::uuid[]) ORDER BY event_id, no DESC;

-- name: lines
SELECT e.line, a.number, a.owner_lei, e.sub_balance, e.units, e.interest, e.principal, e.tax
FROM servicing.entitlement AS e JOIN ledger.v_account AS a ON a.id = e.account_id
WHERE e.event_id = %(event)s::uuid
  AND e.record_no = (SELECT max(r.no) FROM servicing.record AS r WHERE r.event_id = %(event)s::uuid)
  AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text) AND e.line > %(after)s::integer
ORDER BY e.line LIMIT %(limit)s::integer;

-- name: set_withholding
INSERT INTO servicing.withholding (owner_lei, valid_from, rate_percent)
VALUES (%(owner)s::text, %(valid_from)s::date, %(rate)s::numeric)
ON CONFLICT (owner_lei, valid_from) DO UPDATE SET rate_percent = excluded.rate_percent;

-- name: by_number
SELECT event_id, no, version, held_at, holders, lines, units, own_units, interest, principal, tax, payer
FROM servicing.record WHERE event_id = %(event)s::uuid AND no = %(no)s::integer;

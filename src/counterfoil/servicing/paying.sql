-- name: standing
SELECT p.event_id, p.no, p.record_no
FROM servicing.payment AS p
WHERE p.event_id = ANY(%(ids)s::uuid[])
  AND NOT EXISTS (SELECT FROM servicing.reversal AS r WHERE r.event_id = p.event_id AND r.no = p.no);

-- name: moved
-- Redemptions whose units do not stand as they were recorded.
SELECT w.event_id
FROM unnest(%(events)s::uuid[], %(isins)s::text[], %(issuers)s::text[], %(nos)s::integer[])
    AS w (event_id, isin, issuer_lei, no)
WHERE EXISTS (
    SELECT FROM (
        SELECT e.account_id, e.sub_balance, e.units FROM servicing.entitlement AS e
        WHERE e.event_id = w.event_id AND e.record_no = w.no
        UNION ALL
        SELECT p.account_id, p.sub_balance, -p.quantity FROM ledger.v_position AS p
        WHERE p.asset = w.isin AND p.kind <> 'issue_control' AND NOT (p.kind = 'issuer' AND p.owner_lei = w.issuer_lei)
    ) AS both_sides
    GROUP BY account_id, sub_balance HAVING sum(units) <> 0
);

-- name: barred
-- Who takes nothing is paid into suspense; only what was paid to an account itself is corrected on it.
SELECT w.event_id, array_agg(DISTINCT a.number)
FROM unnest(%(events)s::uuid[], %(nos)s::integer[], %(payers)s::uuid[], %(takings)s::boolean[], %(corrections)s::boolean[])
    AS w (event_id, no, payer, takes_units, corrects)
CROSS JOIN ledger.v_barred AS b
JOIN ledger.v_account AS a ON a.id = b.account_id
WHERE (b.account_id = w.payer AND b.blocked_debit)
   OR ((w.corrects OR (w.takes_units AND b.blocked_debit)) AND EXISTS (
       SELECT FROM servicing.entitlement AS e
       WHERE e.event_id = w.event_id AND e.record_no = w.no AND e.account_id = b.account_id
   ) AND NOT EXISTS (
       SELECT FROM servicing.v_suspended AS s
       WHERE s.event_id = w.event_id AND s.account_id = b.account_id AND s.released_at IS NULL
   ))
GROUP BY w.event_id;

-- name: exercised
-- Redemptions before which units were exercised that are not paid for yet.
SELECT w.event_id, array_agg(DISTINCT a.number)
FROM unnest(%(events)s::uuid[], %(isins)s::text[], %(days)s::date[]) AS w (event_id, isin, day)
JOIN servicing.event AS e ON e.isin = w.isin AND e.kind = 'exercise' AND e.day <= w.day
JOIN servicing.pending AS p ON p.event_id = e.id
JOIN ledger.v_account AS a ON a.id = (e.particulars ->> 'account_id')::uuid
GROUP BY w.event_id;

-- name: legs
-- Money to each holder, the sum of it from the payer, tax; units to the issuer; shares to each holder. What is redeemed
-- while pledged or blocked leaves its money so. What is held back in suspense is paid there and taken back from there.
-- Lines are read for each kind of leg that there is, which costs less than to keep them; a line finds its booking by its
-- place among those of its run (`before` it there are so many of others), not by a join that the planner may turn about.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        %(runs)s::integer[], %(events)s::uuid[], %(record_nos)s::integer[], %(payment_nos)s::integer[],
        %(signs)s::smallint[], %(payers)s::uuid[], %(currencies)s::text[], %(isins)s::text[], %(bases)s::numeric[],
        %(taking)s::boolean[], %(homes)s::uuid[], %(before)s::integer[]
    ) AS w (run, event_id, record_no, payment_no, sign, payer, currency, isin, basis, takes_units, home, before)
), elsewhere AS MATERIALIZED (
    SELECT DISTINCT s.event_id, s.payment_no, s.account_id, %(suspense)s::uuid AS paid_to
    FROM servicing.suspended AS s
    WHERE s.event_id = ANY(%(events)s::uuid[]) AND NOT EXISTS (
        SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
    )
    UNION ALL
    SELECT w.event_id, w.payment_no, r.account_id, r.into_account
    FROM (SELECT DISTINCT event_id, payment_no FROM wanted) AS w
    JOIN servicing.release AS r ON r.event_id = w.event_id
), line AS NOT MATERIALIZED (
    SELECT (%(bookings)s::uuid[])[w.before + 1 + (e.line - 1) / %(lines)s::integer] AS booking_id, w.run, w.event_id,
        w.payment_no, w.sign, w.payer, w.currency, w.isin, w.takes_units, w.home, e.account_id, e.sub_balance, e.units,
        w.basis, e.interest + e.principal AS gross, e.tax
    FROM wanted AS w
    JOIN servicing.entitlement AS e ON e.event_id = w.event_id AND e.record_no = w.record_no
), paid AS NOT MATERIALIZED (
    SELECT l.*, coalesce(s.paid_to, l.account_id) AS paid_to, CASE
            WHEN l.sub_balance IN ('pledged', 'blocked') AND s.paid_to IS DISTINCT FROM %(suspense)s::uuid THEN l.sub_balance
            ELSE 'available'
        END AS paid_into
    FROM line AS l
    LEFT JOIN elsewhere AS s ON s.event_id = l.event_id AND s.payment_no = l.payment_no AND s.account_id = l.account_id
), delivery AS (
    SELECT * FROM unnest(
        %(delivery_runs)s::integer[], %(delivery_assets)s::text[], %(delivery_quantities)s::numeric[]
    ) AS d (run, asset, quantity)
)
SELECT booking_id, event_id, paid_to, currency, paid_into, sign * (gross - tax) FROM paid
UNION ALL
SELECT s.booking_id, s.event_id, b.account_id, s.currency, 'available', b.amount
FROM (
    SELECT booking_id, event_id, payer, currency, sign, sum(gross) AS gross, sum(tax) AS tax FROM line
    GROUP BY booking_id, event_id, payer, currency, sign
) AS s
CROSS JOIN LATERAL (VALUES (s.payer, -s.sign * s.gross), (%(tax)s::uuid, s.sign * s.tax)) AS b (account_id, amount)
UNION ALL
SELECT booking_id, event_id, account_id, isin, sub_balance, -units FROM line WHERE takes_units
UNION ALL
SELECT booking_id, event_id, home, isin, 'available', sum(units) FROM line WHERE takes_units
GROUP BY booking_id, event_id, home, isin
UNION ALL
SELECT l.booking_id, l.event_id, l.paid_to, d.asset, l.paid_into, l.sign * div(l.units, l.basis) * d.quantity
FROM delivery AS d JOIN paid AS l ON l.run = d.run
UNION ALL
SELECT l.booking_id, l.event_id, l.payer, d.asset, 'available', -l.sign * sum(div(l.units, l.basis) * d.quantity)
FROM delivery AS d JOIN line AS l ON l.run = d.run
GROUP BY l.booking_id, l.event_id, l.payer, d.asset, l.sign;

-- name: accounts
-- All but the issue's control account.
SELECT w.event_id, m.account_id, m.sub_balance, sum(m.amount)
FROM unnest(%(events)s::uuid[], %(isins)s::text[], %(moments)s::timestamptz[]) AS w (event_id, isin, held_at)
CROSS JOIN LATERAL ledger.v_movement_of(w.isin) AS m
WHERE m.booked_at <= w.held_at AND m.account_id NOT IN (SELECT id FROM ledger.v_account WHERE kind = 'issue_control')
GROUP BY w.event_id, m.account_id, m.sub_balance;

-- name: recorded_before
SELECT e.event_id, e.account_id, e.sub_balance, e.units
FROM unnest(%(events)s::uuid[], %(nos)s::integer[]) AS w (event_id, no)
JOIN servicing.entitlement AS e ON e.event_id = w.event_id AND e.record_no = w.no - 1;

-- name: withholding
SELECT DISTINCT ON (w.event_id, a.id) w.event_id, a.id, r.rate_percent
FROM unnest(%(events)s::uuid[], %(days)s::date[]) AS w (event_id, day)
JOIN servicing.withholding AS r ON r.valid_from <= w.day
JOIN ledger.v_account AS a ON a.owner_lei = r.owner_lei
ORDER BY w.event_id, a.id, r.valid_from DESC;

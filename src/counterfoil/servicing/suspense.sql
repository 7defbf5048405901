-- name: suspend
-- What these payments owe to accounts that can take nothing, or of which the payment before still stands in suspense.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        %(runs)s::integer[], %(events)s::uuid[], %(record_nos)s::integer[], %(payment_nos)s::integer[],
        %(signs)s::smallint[], %(currencies)s::text[], %(bases)s::numeric[]
    ) AS w (run, event_id, record_no, payment_no, sign, currency, basis)
    WHERE w.sign > 0
), held_back AS MATERIALIZED (
    SELECT w.run, b.account_id FROM wanted AS w CROSS JOIN ledger.v_barred AS b
    WHERE w.payment_no = 1 AND b.blocked_credit
    UNION
    SELECT w.run, s.account_id
    FROM wanted AS w
    JOIN servicing.suspended AS s ON s.event_id = w.event_id AND s.payment_no = w.payment_no - 1
    WHERE NOT EXISTS (
        SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
    )
), line AS MATERIALIZED (
    SELECT w.run, w.event_id, w.payment_no, w.currency, e.account_id, div(e.units, w.basis) AS parts,
        CASE WHEN e.sub_balance IN ('pledged', 'blocked') THEN e.sub_balance ELSE 'available' END AS sub_balance,
        e.interest + e.principal - e.tax AS net
    FROM held_back AS h
    JOIN wanted AS w ON w.run = h.run
    JOIN servicing.entitlement AS e ON e.event_id = w.event_id AND e.record_no = w.record_no
        AND e.account_id = h.account_id
), owed AS (
    SELECT event_id, payment_no, account_id, sub_balance, currency AS asset, net AS amount FROM line
    UNION ALL
    SELECT l.event_id, l.payment_no, l.account_id, l.sub_balance, d.asset, l.parts * d.quantity
    FROM line AS l
    JOIN unnest(%(delivery_runs)s::integer[], %(delivery_assets)s::text[], %(delivery_quantities)s::numeric[])
        AS d (run, asset, quantity) ON d.run = l.run
)
INSERT INTO servicing.suspended (event_id, payment_no, account_id, sub_balance, asset, amount)
SELECT event_id, payment_no, account_id, sub_balance, asset, sum(amount) FROM owed
GROUP BY event_id, payment_no, account_id, sub_balance, asset HAVING sum(amount) > 0;

-- name: releasable
-- What still stands in suspense although its account can take it.
SELECT DISTINCT s.event_id, s.payment_no, s.account_id
FROM servicing.suspended AS s
WHERE NOT EXISTS (
        SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
    )
  AND NOT EXISTS (
        SELECT FROM servicing.reversal AS b WHERE b.event_id = s.event_id AND b.no = s.payment_no
    )
  AND s.account_id NOT IN (SELECT b.account_id FROM ledger.v_barred AS b WHERE b.blocked_credit)
ORDER BY s.event_id, s.account_id LIMIT %(limit)s::integer;

-- name: standing
-- What stands in suspense of an event (or of all), by line.
SELECT s.event_id, e.isin, a.number, a.owner_lei, s.sub_balance, s.asset, s.amount, p.paid_at
FROM servicing.suspended AS s
JOIN servicing.payment AS p ON p.event_id = s.event_id AND p.no = s.payment_no
JOIN servicing.event AS e ON e.id = s.event_id
JOIN ledger.v_account AS a ON a.id = s.account_id
WHERE (%(event)s::uuid IS NULL OR s.event_id = %(event)s::uuid)
  AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text)
  AND NOT EXISTS (
        SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
    )
  AND NOT EXISTS (
        SELECT FROM servicing.reversal AS b WHERE b.event_id = s.event_id AND b.no = s.payment_no
    )
ORDER BY p.paid_at, s.event_id, a.number, s.asset, s.sub_balance LIMIT %(limit)s::integer;

-- name: standing_of
-- The payment of which an account's part stands in suspense.
SELECT DISTINCT s.payment_no
FROM servicing.suspended AS s
WHERE s.event_id = %(event)s::uuid AND s.account_id = %(account)s::uuid
  AND NOT EXISTS (
        SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
    )
  AND NOT EXISTS (
        SELECT FROM servicing.reversal AS b WHERE b.event_id = s.event_id AND b.no = s.payment_no
    );

-- name: note_releases
INSERT INTO servicing.release (
    event_id, account_id, payment_no, into_account, booking_id, released_at, released_by, reason, request_id, requested_by
)
SELECT r.event_id, r.account_id, r.payment_no, r.into_account, r.booking_id, %(now)s::timestamptz, %(actor)s::text,
    %(reason)s::text, q.id, q.requested_by
FROM unnest(%(events)s::uuid[], %(accounts)s::uuid[], %(nos)s::integer[], %(into)s::uuid[], %(bookings)s::uuid[])
    AS r (event_id, account_id, payment_no, into_account, booking_id)
LEFT JOIN servicing.release_request AS q ON q.id = %(request)s::uuid;

-- name: ask_release
INSERT INTO servicing.release_request (id, event_id, account_id, into_account, reason, requested_by, requested_at)
VALUES (
    %(id)s::uuid, %(event)s::uuid, %(account)s::uuid, %(into)s::uuid, %(reason)s::text, %(actor)s::text,
    %(now)s::timestamptz
);

-- name: asked_release
SELECT q.event_id, a.number, i.number, q.reason, r.request_id IS NOT NULL
FROM servicing.release_request AS q
JOIN ledger.v_account AS a ON a.id = q.account_id
JOIN ledger.v_account AS i ON i.id = q.into_account
LEFT JOIN servicing.release AS r ON r.request_id = q.id
WHERE q.id = %(id)s::uuid;

-- name: legs
WITH released AS (
    SELECT w.booking_id, w.event_id, w.into_account, s.sub_balance, s.asset, s.amount
    FROM unnest(%(events)s::uuid[], %(accounts)s::uuid[], %(nos)s::integer[], %(into)s::uuid[], %(bookings)s::uuid[])
        AS w (event_id, account_id, payment_no, into_account, booking_id)
    JOIN servicing.suspended AS s ON s.event_id = w.event_id AND s.account_id = w.account_id
        AND s.payment_no = w.payment_no
)
SELECT booking_id, event_id, into_account, asset, sub_balance, amount FROM released
UNION ALL
SELECT booking_id, event_id, %(suspense)s::uuid, asset, 'available', -sum(amount) FROM released
GROUP BY booking_id, event_id, asset;

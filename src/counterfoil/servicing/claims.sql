-- name: watch
-- `previous_at`: when the payment before this one was recorded; what was delivered until then was its business.
INSERT INTO servicing.claim_watch (event_id, isin, redeems, ex_date, previous_at, held_at, next_on, last_on)
SELECT w.event_id, e.isin, w.redeems, w.ex_date, (
        SELECT max(b.held_at) FROM servicing.claim_watch AS b WHERE b.isin = e.isin AND b.held_at < r.held_at
    ), r.held_at, w.next_on, w.last_on
FROM unnest(
    %(events)s::uuid[], %(nos)s::integer[], %(redeeming)s::boolean[], %(ex_dates)s::date[], %(next_days)s::date[],
    %(last_days)s::date[]
) AS w (event_id, record_no, redeems, ex_date, next_on, last_on)
JOIN servicing.event AS e ON e.id = w.event_id
JOIN servicing.record AS r ON r.event_id = w.event_id AND r.no = w.record_no
ON CONFLICT DO NOTHING;

-- name: take
UPDATE servicing.claim_watch AS w SET next_on = %(next_on)s::date, looked_at = %(now)s::timestamptz
FROM (
    SELECT event_id FROM servicing.claim_watch
    WHERE next_on <= %(business_date)s::date AND next_on <= last_on
    ORDER BY next_on LIMIT %(limit)s::integer
    FOR UPDATE SKIP LOCKED
) AS due
WHERE w.event_id = due.event_id
RETURNING w.event_id, w.redeems;

-- name: claims
-- With the rate that was withheld from whoever was paid.
SELECT c.event_id, c.transaction_id, c.kind, c.quantity, c.deliverer, c.deliverer_reference, f.id, f.number, c.receiver,
    c.receiver_reference, t.id, t.number, c.trade_date, coalesce(h.rate_percent, 0)
FROM servicing.claimable AS c
JOIN servicing.event AS e ON e.id = c.event_id
JOIN ledger.v_account AS f ON f.id = c.from_account
JOIN ledger.v_account AS t ON t.id = c.to_account
LEFT JOIN LATERAL (
    SELECT w.rate_percent FROM servicing.withholding AS w
    WHERE w.owner_lei = CASE c.kind WHEN 'claim' THEN f.owner_lei ELSE t.owner_lei END AND w.valid_from <= e.payment
    ORDER BY w.valid_from DESC LIMIT 1
) AS h ON true
WHERE c.event_id = ANY(%(events)s::uuid[]) AND NOT EXISTS (
    SELECT FROM servicing.claim AS m WHERE m.event_id = c.event_id AND m.transaction_id = c.transaction_id
)
ORDER BY c.event_id, c.transaction_id;

-- name: undeliverable
-- What is still to be delivered of securities that are redeemed.
SELECT w.event_id, m.id, m.deliver_id, l.quantity, m.deliverer, m.deliverer_reference, f.id, f.number, m.receiver,
    m.receiver_reference, t.id, t.number, m.trade_date, coalesce(h.rate_percent, 0), m.opt_out, l.currency, l.amount,
    m.cash_direction, p.id, p.number, q.id, q.number
FROM servicing.claim_watch AS w
JOIN servicing.event AS e ON e.id = w.event_id
JOIN settlement.v_left AS l ON l.isin = w.isin AND l.quantity > 0
JOIN settlement.v_matched AS m ON m.id = l.transaction_id
JOIN ledger.v_account AS f ON f.id = m.from_account
JOIN ledger.v_account AS t ON t.id = m.to_account
LEFT JOIN ledger.v_account AS p ON p.id = l.payer_account
LEFT JOIN ledger.v_account AS q ON q.id = l.payee_account
LEFT JOIN LATERAL (
    SELECT r.rate_percent FROM servicing.withholding AS r
    WHERE r.owner_lei = f.owner_lei AND r.valid_from <= e.payment
    ORDER BY r.valid_from DESC LIMIT 1
) AS h ON true
WHERE w.event_id = ANY(%(events)s::uuid[])
ORDER BY w.event_id, m.id;

-- name: listed
-- A party sees its own account and not the other's. All legs of a matter are on one page.
SELECT * FROM (
    SELECT c.transaction_id, c.kind, c.no, c.quantity,
        CASE WHEN %(owner)s::text IS NULL OR g.owner_lei = %(owner)s::text THEN g.number END, g.owner_lei,
        CASE WHEN %(owner)s::text IS NULL OR k.owner_lei = %(owner)s::text THEN k.number END, k.owner_lei,
        c.asset, c.amount, c.instructed_as, c.refused, c.made_at
    FROM servicing.claim AS c
    LEFT JOIN ledger.v_account AS g ON g.id = c.gives
    LEFT JOIN ledger.v_account AS k ON k.id = c.takes
    LEFT JOIN settlement.v_matched AS m ON m.id = c.transaction_id
    WHERE c.event_id = %(event)s::uuid AND c.transaction_id > %(after)s::uuid
      AND (%(owner)s::text IS NULL OR %(owner)s::text IN (m.deliverer, m.receiver))
    ORDER BY c.transaction_id FETCH FIRST (%(limit)s::integer) ROWS WITH TIES
) AS page
ORDER BY transaction_id, no;

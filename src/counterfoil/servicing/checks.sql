-- name: event_count
SELECT count(*) FROM servicing.event;

-- name: record_count
SELECT count(*) FROM servicing.record;

-- name: payment_count
SELECT count(*) FROM servicing.payment;

-- name: booking_count
SELECT count(*) FROM servicing.paid_by;

-- name: misplaced
SELECT e.id::text
FROM servicing.event AS e
LEFT JOIN servicing.pending AS p ON p.event_id = e.id
LEFT JOIN servicing.ended AS d ON d.event_id = e.id
WHERE (p.event_id IS NOT NULL AND d.event_id IS NOT NULL)
   OR (e.kind IN (
           'coupon', 'observation', 'redemption', 'early_redemption', 'partial_redemption', 'exercise', 'knock_out'
       ) AND p.event_id IS NULL AND d.event_id IS NULL)
LIMIT 5;

-- name: uncovered
SELECT r.event_id || '/' || r.no
FROM servicing.record AS r
LEFT JOIN (
    SELECT event_id, record_no, count(*) AS lines, count(DISTINCT account_id) AS holders, sum(units) AS units,
        sum(interest) AS interest, sum(principal) AS principal, sum(tax) AS tax
    FROM servicing.entitlement GROUP BY event_id, record_no
) AS s ON s.event_id = r.event_id AND s.record_no = r.no
WHERE (r.lines, r.holders, r.units, r.interest, r.principal, r.tax) IS DISTINCT FROM (
    coalesce(s.lines, 0), coalesce(s.holders, 0), coalesce(s.units, 0), coalesce(s.interest, 0),
    coalesce(s.principal, 0), coalesce(s.tax, 0)
)
LIMIT 5;

-- name: misbooked
-- What a payment's bookings gave each account in money, against what the record says is due.
SELECT coalesce(d.event_id, b.event_id) || '/' || coalesce(d.no, b.payment_no)
FROM (
    SELECT p.event_id, p.no, coalesce(f.into_account, e.account_id) AS account_id,
        sum(e.interest + e.principal - e.tax) AS due
    FROM servicing.payment AS p
    JOIN servicing.entitlement AS e ON e.event_id = p.event_id AND e.record_no = p.record_no
    JOIN servicing.record AS r ON r.event_id = p.event_id AND r.no = p.record_no
    LEFT JOIN servicing.release AS f ON f.event_id = e.event_id AND f.account_id = e.account_id AND f.payment_no < p.no
    WHERE e.account_id <> r.payer AND NOT EXISTS (
        SELECT FROM servicing.suspended AS s
        WHERE s.event_id = p.event_id AND s.payment_no = p.no AND s.account_id = e.account_id
    )
    GROUP BY p.event_id, p.no, coalesce(f.into_account, e.account_id)
    HAVING sum(e.interest + e.principal - e.tax) <> 0
) AS d
FULL JOIN (
    SELECT n.event_id, n.payment_no, m.account_id, sum(m.amount) AS amount
    FROM servicing.paid_by AS n
    JOIN ledger.v_movement AS m ON m.booking_id = n.booking_id
    JOIN servicing.payment AS p ON p.event_id = n.event_id AND p.no = n.payment_no
    JOIN servicing.record AS r ON r.event_id = p.event_id AND r.no = p.record_no
    JOIN servicing.determination AS t ON t.event_id = r.event_id AND t.version = r.version AND t.currency = m.asset
    WHERE n.sign > 0 AND m.account_id <> r.payer
      AND m.account_id NOT IN (SELECT id FROM ledger.v_account WHERE number IN ('CSD-TAX', 'CSD-SUSPENSE'))
    GROUP BY n.event_id, n.payment_no, m.account_id HAVING sum(m.amount) <> 0
) AS b ON b.event_id = d.event_id AND b.payment_no = d.no AND b.account_id = d.account_id
WHERE d.due IS DISTINCT FROM b.amount
LIMIT 5;

-- name: unexplained
SELECT b.id::text
FROM ledger.v_booking AS b
LEFT JOIN servicing.paid_by AS n ON n.booking_id = b.id
WHERE b.kind = 'servicing' AND n.booking_id IS NULL
  AND NOT EXISTS (SELECT FROM servicing.release AS r WHERE r.booking_id = b.id)
LIMIT 5;

-- name: undead
-- Coupons up to the redemption are still owed; nothing comes after it.
SELECT i.isin
FROM register.v_issue AS i
JOIN servicing.pending AS p ON p.isin = i.isin
JOIN servicing.event AS e ON e.id = p.event_id
WHERE i.state IN ('redeemed', 'deleted') AND e.payment > (
    SELECT max(coalesce(r.payment, r.day))
    FROM servicing.event AS r
    JOIN servicing.payment AS y ON y.event_id = r.id
    JOIN servicing.determination AS t ON t.event_id = r.id AND t.redeems
    WHERE r.isin = i.isin
)
LIMIT 5;

-- name: suspended_count
SELECT count(*) FROM servicing.suspended;

-- name: wrongly_suspended
-- What a payment holds back of an account in money, against what is due to that account.
SELECT DISTINCT d.event_id || '/' || d.payment_no
FROM (
    SELECT s.event_id, s.payment_no, s.account_id, coalesce(sum(s.amount) FILTER (WHERE s.asset = t.currency), 0) AS kept,
        (
            SELECT sum(e.interest + e.principal - e.tax) FROM servicing.entitlement AS e
            WHERE e.event_id = s.event_id AND e.record_no = p.record_no AND e.account_id = s.account_id
        ) AS due
    FROM servicing.suspended AS s
    JOIN servicing.payment AS p ON p.event_id = s.event_id AND p.no = s.payment_no
    JOIN servicing.record AS r ON r.event_id = p.event_id AND r.no = p.record_no
    JOIN servicing.determination AS t ON t.event_id = r.event_id AND t.version = r.version
    GROUP BY s.event_id, s.payment_no, s.account_id, p.record_no, t.currency
) AS d
WHERE d.kept IS DISTINCT FROM d.due
LIMIT 5;

-- name: unbalanced_suspense
-- What stands in suspense is what is owed from it, asset by asset.
SELECT asset FROM (
    SELECT asset, amount FROM servicing.suspended AS s
    WHERE NOT EXISTS (
            SELECT FROM servicing.release AS r WHERE r.event_id = s.event_id AND r.account_id = s.account_id
        )
      AND NOT EXISTS (
            SELECT FROM servicing.reversal AS b WHERE b.event_id = s.event_id AND b.no = s.payment_no
        )
    UNION ALL
    SELECT asset, -quantity FROM ledger.v_position WHERE account = 'CSD-SUSPENSE'
) AS both_sides
GROUP BY asset HAVING sum(amount) <> 0
LIMIT 5;

-- name: misreleased
-- A release books to its account exactly what was held back for it.
SELECT r.event_id::text
FROM servicing.release AS r
WHERE EXISTS (
    SELECT FROM (
        SELECT s.asset, s.sub_balance, s.amount FROM servicing.suspended AS s
        WHERE s.event_id = r.event_id AND s.account_id = r.account_id AND s.payment_no = r.payment_no
        UNION ALL
        SELECT m.asset, m.sub_balance, -m.amount FROM ledger.v_movement AS m
        WHERE m.booking_id = r.booking_id AND m.account_id = r.into_account
    ) AS both_sides
    GROUP BY asset, sub_balance HAVING sum(amount) <> 0
)
LIMIT 5;

-- name: paid_after_refusal
SELECT p.event_id::text FROM servicing.payment AS p JOIN servicing.ended AS d ON d.event_id = p.event_id
WHERE d.outcome = 'withdrawn'
LIMIT 5;

-- name: watched_count
SELECT count(*) FROM servicing.watched;

-- name: astray
-- Barriers of issues that have ended, or never were entered.
SELECT w.isin || '/' || w.name FROM servicing.watched AS w
LEFT JOIN register.v_issue AS i ON i.isin = w.isin
WHERE i.isin IS NULL OR i.state IN ('redeemed', 'deleted', 'cancelled')
LIMIT 5;

-- name: passed_over
-- Barriers that prices have reached and that are not noted as touched. An amended one is compared from its day on.
SELECT w.isin || '/' || w.name
FROM servicing.extreme AS e
JOIN servicing.watched AS w ON w.underlying = e.underlying AND w.at_close = e.at_close AND w.side = e.side
WHERE NOT w.touched AND e.day >= w.first_day AND (w.last_day IS NULL OR e.day <= w.last_day)
  AND e.reach <= w.side * w.level * CASE
      WHEN w.rate_percent = 0 OR e.day <= w.grows_from THEN 1
      ELSE power(round(1 + w.rate_percent / 36000, 30), e.day - w.grows_from)
  END
LIMIT 5;

-- name: not_furthest
-- What a source's ticks of a day say, as they stand, against how far they are noted to have gone.
SELECT coalesce(n.underlying, e.underlying) || ' ' || coalesce(n.day, e.day) || ' ' || coalesce(n.source, e.source)
FROM (
    SELECT t.underlying, t.day, t.source, p.at_close, p.side, min(p.side * t.price) AS reach
    FROM (
        SELECT DISTINCT ON (underlying, day, source, at, sequence) underlying, day, source, at_close, price
        FROM servicing.tick ORDER BY underlying, day, source, at, sequence, version DESC
    ) AS t
    JOIN (VALUES (false, 1::smallint), (false, -1::smallint), (true, 1::smallint), (true, -1::smallint))
        AS p (at_close, side) ON t.at_close OR NOT p.at_close
    WHERE t.price IS NOT NULL
    GROUP BY t.underlying, t.day, t.source, p.at_close, p.side
) AS n
FULL JOIN servicing.extreme AS e USING (underlying, day, source, at_close, side)
WHERE n.reach IS DISTINCT FROM e.reach
LIMIT 5;

-- name: claim_count
SELECT count(*) FROM servicing.claim;

-- name: misclaimed
-- What was instructed for a claim moves what the claim says, and nothing besides.
SELECT c.id::text
FROM servicing.claim AS c
LEFT JOIN settlement.v_matched AS m ON m.id = c.instructed_as
WHERE c.instructed_as IS NOT NULL AND (
    m.id IS NULL OR m.transaction_type <> CASE WHEN c.kind IN ('claim', 'reverse_claim') THEN 'CLAI' ELSE 'CORP' END
    OR m.from_account <> c.gives OR (
        (m.currency, m.amount, m.quantity, m.cash_direction) IS DISTINCT FROM (c.asset, c.amount, 0::numeric, 'DBIT')
        AND (m.isin, m.quantity) IS DISTINCT FROM (c.asset, c.amount)
    )
)
LIMIT 5;

-- name: unclaimed
-- What was there to be claimed a day before matters were looked at last.
SELECT m.event_id || '/' || m.transaction_id
FROM servicing.claimable AS m
JOIN servicing.claim_watch AS w ON w.event_id = m.event_id AND m.matched_at < w.looked_at - interval '1 day'
LEFT JOIN servicing.claim AS c ON c.event_id = m.event_id AND c.transaction_id = m.transaction_id
WHERE (c.kind, c.quantity) IS DISTINCT FROM (m.kind, m.quantity)
LIMIT 5;

-- name: undelivered
-- Matters that can never be delivered, of securities that are redeemed.
SELECT w.event_id || '/' || m.id
FROM servicing.claim_watch AS w
JOIN settlement.v_left AS l ON l.isin = w.isin AND l.quantity > 0
JOIN settlement.v_matched AS m ON m.id = l.transaction_id AND m.matched_at < w.looked_at - interval '1 day'
WHERE w.redeems
LIMIT 5;

-- name: adjusted_count
SELECT count(*) FROM servicing.adjusted;

-- name: misadjusted
-- Its version is what was deposited, and is entered; nothing was moved that nobody approved.
SELECT a.isin || '/' || a.adjustment_id
FROM servicing.adjusted AS a
JOIN servicing.adjustment_decision AS d ON d.adjustment_id = a.adjustment_id
LEFT JOIN instruments.v_terms AS t ON t.isin = a.isin AND t.version = a.terms_version
LEFT JOIN register.v_issue AS i ON i.isin = a.isin
WHERE t.hash IS DISTINCT FROM a.terms_hash OR i.terms_version IS NULL OR i.terms_version < a.terms_version
   OR NOT d.approved
LIMIT 5;

-- name: listed_count
SELECT count(*) FROM servicing.rests_on;

-- name: unlisted
-- Active securities whose underlyings are not noted, so that an adjustment would pass them over.
SELECT i.isin || ' ' || n.name
FROM servicing.laid_out AS l
JOIN register.v_issue AS i ON i.isin = l.isin AND i.state = 'active'
JOIN instruments.v_terms AS t ON t.isin = l.isin AND t.version = l.terms_version
CROSS JOIN LATERAL jsonb_array_elements(t.canonical::jsonb -> 'underlyings') AS u
CROSS JOIN LATERAL (VALUES (u ->> 'isin'), (u ->> 'symbol')) AS n (name)
WHERE n.name IS NOT NULL
  AND NOT EXISTS (SELECT FROM servicing.rests_on AS r WHERE r.underlying = n.name AND r.isin = i.isin)
LIMIT 5;

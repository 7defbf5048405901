-- name: take_upcoming
UPDATE servicing.pending AS p SET announced = true
FROM (
    SELECT event_id FROM servicing.pending
    WHERE NOT announced AND starts_on <= %(until)s::date
    ORDER BY starts_on LIMIT %(limit)s::integer
    FOR UPDATE SKIP LOCKED
) AS due
WHERE p.event_id = due.event_id
RETURNING p.event_id;

-- name: runs
-- Payments and reversals in the order of their booking.
SELECT p.event_id, p.no, s.sign, p.record_no, r.version, CASE s.sign WHEN 1 THEN p.paid_at ELSE b.reversed_at END, b.reason
FROM servicing.payment AS p
JOIN servicing.record AS r ON r.event_id = p.event_id AND r.no = p.record_no
LEFT JOIN servicing.reversal AS b ON b.event_id = p.event_id AND b.no = p.no
JOIN (VALUES (1), (-1)) AS s (sign) ON s.sign = 1 OR b.no IS NOT NULL
WHERE p.event_id = ANY(%(ids)s::uuid[])
ORDER BY p.event_id, p.no, s.sign DESC;

-- name: classes
SELECT isin, class FROM instruments.v_instrument WHERE isin = ANY(%(isins)s::text[]);

-- name: on_credit
SELECT DISTINCT ON (event_id) event_id FROM servicing.determination
WHERE event_id = ANY(%(ids)s::uuid[]) AND jsonb_array_length(coalesce(observations -> 'credit_events', '[]')) > 0;

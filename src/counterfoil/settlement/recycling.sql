-- name: expire_unmatched
DELETE FROM settlement.unmatched AS u USING settlement.instruction AS i
WHERE i.id = u.instruction_id AND i.intended_date <= %(last)s::date AND u.changed_at < %(before)s::timestamptz
RETURNING u.advised, u.instruction_id;

-- name: expire_matched
DELETE FROM settlement.pending AS p USING settlement.transaction AS t
WHERE t.id = p.transaction_id AND p.intended_date <= %(last)s::date AND p.changed_at < %(before)s::timestamptz
RETURNING p.advised, t.deliver_id, t.receive_id;

-- name: expire_requests
-- Requests that the counterparty has not answered by one of its own.
DELETE FROM settlement.cancellation_request AS r
WHERE r.requested_at < %(before)s::timestamptz
  AND NOT EXISTS (SELECT FROM settlement.cancelled AS c WHERE c.instruction_id = r.instruction_id)
RETURNING r.instruction_id;

-- name: turning_failing
-- Pending beyond their intended date of which nobody has been told so yet.
SELECT t.deliver_id, t.receive_id, p.reason, p.advised
FROM settlement.pending AS p
JOIN settlement.transaction AS t ON t.id = p.transaction_id
JOIN settlement.instruction AS d ON d.id = t.deliver_id
JOIN settlement.instruction AS r ON r.id = t.receive_id
WHERE p.intended_date <= %(business_date)s::date
  AND (
      %(all_kinds)s::boolean
      OR (p.currency IS NOT NULL AND (d.transaction_type <> 'CNCB' OR r.transaction_type <> 'CNCB'))
  )
  AND NOT EXISTS (
      SELECT FROM settlement.event AS e WHERE e.instruction_id = t.deliver_id AND e.kind = 'FAILING'
  );

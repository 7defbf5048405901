-- name: foretold
-- The events that have announced an adjustment and have not ended; `is_live`: of securities that it can still move.
SELECT a.isin, a.event_id, i.state IN ('active', 'suspended') AS is_live
FROM servicing.adjustment_event AS a
JOIN register.v_issue AS i ON i.isin = a.isin
LEFT JOIN servicing.ended AS d ON d.event_id = a.event_id
WHERE a.adjustment_id = %(id)s::uuid AND d.event_id IS NULL;

-- name: late
-- Whose instruction came later, and whether both sides call it an operation of the central bank.
SELECT t.id, CASE WHEN (d.accepted_at, d.id) > (r.accepted_at, r.id) THEN d.party_lei ELSE r.party_lei END,
    d.transaction_type = 'CNCB' AND r.transaction_type = 'CNCB'
FROM settlement.transaction AS t
JOIN settlement.instruction AS d ON d.id = t.deliver_id
JOIN settlement.instruction AS r ON r.id = t.receive_id
WHERE t.id = ANY(%(ids)s::uuid[]);

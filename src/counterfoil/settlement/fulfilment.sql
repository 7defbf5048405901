-- name: fulfilments
-- Each is looked up by itself (OFFSET 0), whatever the planner believes of tables that grow from nothing.
SELECT k.id, u.instruction_id IS NULL AND p.transaction_id IS NULL, coalesce(s.quantity, 0), coalesce(s.amount, 0)
FROM unnest(%(ids)s::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT i.id FROM settlement.instruction AS i WHERE i.id = k.id OFFSET 0) AS i
LEFT JOIN LATERAL (
    SELECT d.id FROM settlement.transaction AS d WHERE d.deliver_id = k.id
    UNION ALL
    SELECT r.id FROM settlement.transaction AS r WHERE r.receive_id = k.id
) AS t ON true
LEFT JOIN LATERAL (SELECT x.instruction_id FROM settlement.unmatched AS x WHERE x.instruction_id = k.id OFFSET 0) AS u ON true
LEFT JOIN LATERAL (SELECT x.transaction_id FROM settlement.pending AS x WHERE x.transaction_id = t.id OFFSET 0) AS p ON true
LEFT JOIN LATERAL (
    SELECT sum(x.quantity) AS quantity, sum(x.amount) AS amount
    FROM settlement.settled AS x WHERE x.transaction_id = t.id
) AS s ON true;

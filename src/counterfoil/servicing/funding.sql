-- name: coming
SELECT e.id FROM servicing.pending AS p JOIN servicing.event AS e ON e.id = p.event_id
WHERE e.payment <= %(until)s::date ORDER BY e.payment, e.id LIMIT %(limit)s::integer;

-- name: held
SELECT DISTINCT p.account, p.asset, p.quantity
FROM unnest(%(numbers)s::text[], %(assets)s::text[]) AS w (account, asset)
JOIN ledger.v_position AS p ON p.account = w.account AND p.asset = w.asset AND p.sub_balance = 'available';

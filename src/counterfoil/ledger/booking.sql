-- name: lock_positions
SELECT p.asset, p.account_id, p.sub_balance, p.quantity
FROM ledger.position AS p
JOIN unnest(%(assets)s::text[], %(accounts)s::uuid[], %(sub_balances)s::text[])
    AS k (asset, account_id, sub_balance) USING (asset, account_id, sub_balance)
ORDER BY p.asset, p.account_id, p.sub_balance
FOR UPDATE OF p;

-- name: add_batch
INSERT INTO ledger.batch (id, actor, booked_at)
VALUES (%(id)s::uuid, %(actor)s::text, %(booked_at)s::timestamptz);

-- name: move_positions
UPDATE ledger.position AS p
SET quantity = p.quantity + d.amount, batch_id = %(batch)s::uuid
FROM unnest(%(assets)s::text[], %(accounts)s::uuid[], %(sub_balances)s::text[], %(amounts)s::numeric[])
    AS d (asset, account_id, sub_balance, amount)
WHERE p.asset = d.asset AND p.account_id = d.account_id AND p.sub_balance = d.sub_balance;

-- name: note_registering
-- Holds until this transaction ends, and is taken back with its savepoint, as the register's lock is.
SELECT set_config('counterfoil.registering', 'yes', true);

-- name: is_registering
SELECT coalesce(current_setting('counterfoil.registering', true), '') = 'yes';

-- name: lines
SELECT p.batch_id, p.position, p.line, p.deliver_id, p.receive_id, p.reference, p.isin, p.seller_lei, p.seller_account,
    p.proceeds_account, p.buyer_lei, p.buyer_account, p.quantity, p.currency, p.amount, p.intended_date,
    p.common_reference, r.batch_id IS NOT NULL, b.business_date
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
JOIN processes.placement AS p USING (batch_id, position)
JOIN processes.batch AS b ON b.id = p.batch_id
LEFT JOIN processes.placement_refusal AS r USING (batch_id, position, line)
ORDER BY p.batch_id, p.position, p.line;

-- name: note_instructed
UPDATE processes.placement_open AS o SET instructed_at = %(now)s::timestamptz
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
WHERE o.batch_id = k.batch_id AND o.position = k.position AND o.instructed_at IS NULL
RETURNING o.batch_id;

-- name: close
DELETE FROM processes.placement_open AS o
USING unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
WHERE o.batch_id = k.batch_id AND o.position = k.position
RETURNING o.batch_id, o.position, o.instructed_at IS NOT NULL;

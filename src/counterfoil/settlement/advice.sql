-- name: by_reference
SELECT i.party_lei, i.reference, i.id, i.movement, i.payment, a.number
FROM unnest(%(parties)s::text[], %(references)s::text[]) AS k (party_lei, reference)
JOIN settlement.instruction AS i USING (party_lei, reference)
JOIN ledger.v_account AS a ON a.id = i.account_id;

-- name: by_id
SELECT i.id, i.party_lei, i.reference FROM settlement.instruction AS i WHERE i.id = ANY(%(ids)s::uuid[]);

-- name: sides
SELECT deliver_id, receive_id FROM settlement.transaction WHERE id = ANY(%(ids)s::uuid[]);

-- name: standings
SELECT i.id, i.party_lei, i.reference, i.movement, i.payment, i.isin, i.quantity, i.account_id, i.counterparty_lei,
    i.counterparty_account, i.currency, i.amount, i.cash_direction, i.cash_account_id, i.trade_date, i.intended_date,
    i.transaction_type, i.common_reference, i.client, i.counterparty_client, i.opt_out, i.ex_cum, i.accepted_at,
    CASE WHEN p.transaction_id IS NULL THEN u.holds WHEN t.deliver_id = i.id THEN p.deliver_holds
        ELSE p.receive_holds END,
    coalesce(p.priority, u.priority),
    CASE WHEN p.transaction_id IS NULL THEN u.partial WHEN t.deliver_id = i.id THEN p.deliver_partial
        ELSE p.receive_partial END,
    u.instruction_id IS NOT NULL, t.id, CASE WHEN t.deliver_id = i.id THEN t.receive_id ELSE t.deliver_id END,
    t.matched_at, p.quantity, p.amount, p.blocked, c.code,
    EXISTS (SELECT FROM settlement.cancellation_request AS r WHERE r.instruction_id = i.id),
    EXISTS (
        SELECT FROM settlement.cancellation_request AS r
        WHERE r.instruction_id = CASE WHEN t.deliver_id = i.id THEN t.receive_id ELSE t.deliver_id END
    ),
    EXISTS (SELECT FROM settlement.event AS e WHERE e.instruction_id = i.id AND e.kind = 'FAILING'),
    coalesce(u.advised, p.advised, false)
FROM settlement.instruction AS i
LEFT JOIN LATERAL (
    SELECT d.id, d.deliver_id, d.receive_id, d.matched_at FROM settlement.transaction AS d WHERE d.deliver_id = i.id
    UNION ALL
    SELECT r.id, r.deliver_id, r.receive_id, r.matched_at FROM settlement.transaction AS r WHERE r.receive_id = i.id
) AS t ON true
LEFT JOIN settlement.pending AS p ON p.transaction_id = t.id
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = i.id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = i.id
WHERE i.id = ANY(%(ids)s::uuid[]);

-- name: parts
SELECT transaction_id, part_no, quantity, amount, remaining, booking_id, settled_at
FROM settlement.settled WHERE transaction_id = ANY(%(ids)s::uuid[]) ORDER BY transaction_id, part_no;

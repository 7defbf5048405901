-- name: find
SELECT i.id, i.party_lei, i.reference, i.movement, i.payment, i.isin, i.quantity, a.number, i.counterparty_lei,
    i.currency, i.amount, i.cash_direction, m.number, i.trade_date, i.intended_date, i.transaction_type,
    i.common_reference, i.accepted_at, t.id, t.matched_at, p.quantity, p.part_no, p.intended_date, p.blocked,
    CASE WHEN p.transaction_id IS NULL THEN u.holds WHEN t.deliver_id = i.id THEN p.deliver_holds
        ELSE p.receive_holds END,
    coalesce(p.priority, u.priority), c.code, c.cancelled_at, s.settled_at, coalesce(s.quantity, 0),
    coalesce(s.amount, 0),
    p.transaction_id IS NOT NULL AND EXISTS (
        SELECT FROM settlement.event AS e WHERE e.instruction_id = i.id AND e.kind = 'FAILING'
    )
FROM settlement.instruction AS i
JOIN ledger.v_account AS a ON a.id = i.account_id
LEFT JOIN ledger.v_account AS m ON m.id = i.cash_account_id
LEFT JOIN LATERAL (
    SELECT d.id, d.deliver_id, d.matched_at FROM settlement.transaction AS d WHERE d.deliver_id = i.id
    UNION ALL
    SELECT r.id, r.deliver_id, r.matched_at FROM settlement.transaction AS r WHERE r.receive_id = i.id
) AS t ON true
LEFT JOIN settlement.pending AS p ON p.transaction_id = t.id
LEFT JOIN settlement.unmatched AS u ON u.instruction_id = i.id
LEFT JOIN settlement.cancelled AS c ON c.instruction_id = i.id
LEFT JOIN LATERAL (
    SELECT max(x.settled_at) AS settled_at, sum(x.quantity) AS quantity, sum(x.amount) AS amount
    FROM settlement.settled AS x WHERE x.transaction_id = t.id
) AS s ON true
WHERE i.id = ANY(%(ids)s::uuid[])
ORDER BY i.id DESC;

-- name: near
-- Waiting instructions that could have been meant: of the same two parties, or of the same trade with one of them. Also
-- whether it goes the same way, and whether the amounts are within the tolerance.
SELECT o.isin, o.quantity, o.amount, o.currency, o.trade_date, o.intended_date, o.party_lei, o.counterparty_lei,
    o.payment, o.cash_direction, o.opt_out, o.ex_cum, o.common_reference, o.client, o.counterparty_client, v.account,
    v.counterparty_account, w.account, w.counterparty_account, o.movement = i.movement,
    abs(o.amount - i.amount) <= coalesce((
        SELECT t.tolerance FROM settlement.tolerance AS t
        WHERE t.currency = i.currency AND t.valid_from <= i.intended_date
          AND (t.cash_limit IS NULL OR greatest(o.amount, i.amount) <= t.cash_limit)
        ORDER BY t.valid_from DESC, t.cash_limit NULLS LAST LIMIT 1
    ), 0)
FROM settlement.instruction AS i
JOIN settlement.unmatched AS w ON w.instruction_id = i.id
JOIN settlement.instruction AS o ON o.party_lei <> i.party_lei AND (
    (o.party_lei = i.counterparty_lei AND o.counterparty_lei = i.party_lei)
    OR (o.movement <> i.movement AND o.isin = i.isin AND o.quantity = i.quantity
        AND (o.party_lei = i.counterparty_lei OR o.counterparty_lei = i.party_lei))
)
JOIN settlement.unmatched AS v ON v.instruction_id = o.id
WHERE i.id = %(id)s::uuid
ORDER BY (o.movement <> i.movement) DESC, (o.counterparty_lei = i.party_lei) DESC, (o.isin = i.isin) DESC,
    (o.quantity = i.quantity) DESC, o.id DESC
LIMIT 200;

-- name: detail
SELECT isin, quantity, amount, currency, trade_date, intended_date, counterparty_lei, party_lei, payment, cash_direction,
    opt_out, ex_cum, common_reference, counterparty_client, client
FROM settlement.instruction WHERE id = %(id)s::uuid;

-- name: allegements
SELECT i.id, i.counterparty_lei, i.party_lei, i.movement, i.payment, i.isin, i.quantity, i.currency, i.amount,
    i.trade_date, i.intended_date, i.accepted_at
FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
WHERE (%(party)s::text IS NULL OR i.counterparty_lei = %(party)s::text)
  AND (%(before)s::uuid IS NULL OR u.instruction_id < %(before)s::uuid)
ORDER BY u.instruction_id DESC
LIMIT %(limit)s::integer;

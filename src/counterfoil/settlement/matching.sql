-- name: pair_equals
-- Sides that agree in everything, the amount included: the n-th deliverer with the n-th receiver of the same kind, where
-- nobody names an account. A grouping, not a join, so that no estimate can make it slow.
SELECT (array_agg(instruction_id ORDER BY movement))[1], (array_agg(instruction_id ORDER BY movement))[2]
FROM (
    SELECT instruction_id, movement, match_key, amount, common_reference,
        CASE movement WHEN 'DELI' THEN client ELSE counterparty_client END AS deliverers_client,
        CASE movement WHEN 'DELI' THEN counterparty_client ELSE client END AS receivers_client,
        row_number() OVER (
            PARTITION BY match_key, movement, amount, common_reference, client, counterparty_client
            ORDER BY instruction_id
        ) AS n,
        bool_or(counterparty_account IS NOT NULL) OVER (PARTITION BY match_key) AS an_account_is_named
    FROM settlement.unmatched
    WHERE match_key = ANY(%(keys)s::uuid[])
) AS side
WHERE NOT an_account_is_named
GROUP BY match_key, amount, common_reference, deliverers_client, receivers_client, n
HAVING count(*) = 2;

-- name: pair_best
-- Of what is left, the pairs that are each other's best candidate: the closest amount, then the most optional fields
-- that both have filled, then the fewest that one has filled alone, then the oldest.
WITH candidate AS MATERIALIZED (
    SELECT d.instruction_id AS deliver_id, r.instruction_id AS receive_id,
        abs(coalesce(d.amount, 0) - coalesce(r.amount, 0)) AS difference,
        num_nonnulls(d.common_reference || r.common_reference, d.client || r.counterparty_client,
            r.client || d.counterparty_client, d.counterparty_account, r.counterparty_account) AS agreed,
        num_nonnulls(d.common_reference, r.common_reference, d.client, r.client, d.counterparty_client,
            r.counterparty_client) AS filled
    FROM settlement.unmatched AS d
    CROSS JOIN LATERAL (
        SELECT * FROM settlement.unmatched AS u WHERE u.match_key = d.match_key AND u.movement = 'RECE' OFFSET 0
    ) AS r
    WHERE d.movement = 'DELI' AND d.match_key = ANY(%(keys)s::uuid[])
      AND (d.common_reference = r.common_reference) IS NOT FALSE
      AND (d.client = r.counterparty_client) IS NOT FALSE
      AND (d.counterparty_client = r.client) IS NOT FALSE
      AND (d.counterparty_account = r.account) IS NOT FALSE
      AND (r.counterparty_account = d.account) IS NOT FALSE
      AND abs(coalesce(d.amount, 0) - coalesce(r.amount, 0)) <= coalesce((
          SELECT t.tolerance FROM settlement.tolerance AS t
          WHERE t.currency = d.currency AND t.valid_from <= %(business_date)s::date
            AND (t.cash_limit IS NULL OR greatest(d.amount, r.amount) <= t.cash_limit)
          ORDER BY t.valid_from DESC, t.cash_limit NULLS LAST LIMIT 1
      ), 0)
), ranked AS (
    SELECT deliver_id, receive_id,
        row_number() OVER (PARTITION BY deliver_id ORDER BY difference, agreed DESC, filled, receive_id) AS for_deliverer,
        row_number() OVER (PARTITION BY receive_id ORDER BY difference, agreed DESC, filled, deliver_id) AS for_receiver
    FROM candidate
)
SELECT deliver_id, receive_id FROM ranked WHERE for_deliverer = 1 AND for_receiver = 1;

-- name: add_transactions
-- Who waited for its turn may have looked at the clock before the other side was accepted: SF II is never before SF I.
INSERT INTO settlement.transaction (id, deliver_id, receive_id, quantity, amount, matched_at)
SELECT p.id, p.deliver_id, p.receive_id, d.quantity, d.amount,
    greatest(%(now)s::timestamptz, d.accepted_at, r.accepted_at)
FROM unnest(%(ids)s::uuid[], %(delivers)s::uuid[], %(receives)s::uuid[]) AS p (id, deliver_id, receive_id)
CROSS JOIN LATERAL (
    SELECT i.quantity, i.amount, i.accepted_at FROM settlement.instruction AS i WHERE i.id = p.deliver_id OFFSET 0
) AS d
CROSS JOIN LATERAL (SELECT i.accepted_at FROM settlement.instruction AS i WHERE i.id = p.receive_id OFFSET 0) AS r;

-- name: add_pending
-- How many; what is to be advised is announced. Each row is looked up by itself (OFFSET 0): a join would be planned by
-- how large the tables were some time ago.
WITH added AS (
INSERT INTO settlement.pending (
    transaction_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account,
    intended_date, deliver_holds, receive_holds, priority, deliver_partial, receive_partial, linked, advised,
    matched_at, changed_at
)
SELECT p.id, d.isin, d.quantity, d.account_id, r.account_id, d.currency, d.amount,
    CASE d.cash_direction WHEN 'CRDT' THEN r.cash_account_id WHEN 'DBIT' THEN d.cash_account_id END,
    CASE d.cash_direction WHEN 'CRDT' THEN d.cash_account_id WHEN 'DBIT' THEN r.cash_account_id END,
    d.intended_date, ud.holds, ur.holds, least(ud.priority, ur.priority), ud.partial, ur.partial,
    ud.linked OR ur.linked, ud.advised OR ur.advised, greatest(%(now)s::timestamptz, d.accepted_at, r.accepted_at),
    %(now)s::timestamptz
FROM unnest(%(ids)s::uuid[], %(delivers)s::uuid[], %(receives)s::uuid[]) AS p (id, deliver_id, receive_id)
CROSS JOIN LATERAL (SELECT * FROM settlement.instruction AS i WHERE i.id = p.deliver_id OFFSET 0) AS d
CROSS JOIN LATERAL (SELECT * FROM settlement.instruction AS i WHERE i.id = p.receive_id OFFSET 0) AS r
CROSS JOIN LATERAL (SELECT * FROM settlement.unmatched AS u WHERE u.instruction_id = p.deliver_id OFFSET 0) AS ud
CROSS JOIN LATERAL (SELECT * FROM settlement.unmatched AS u WHERE u.instruction_id = p.receive_id OFFSET 0) AS ur
RETURNING transaction_id, advised
), announced AS (
    INSERT INTO core.outbox (topic, subject)
    SELECT 'settlement.transaction', transaction_id::text FROM added WHERE advised
)
SELECT count(*) FROM added;

-- name: delete_unmatched
DELETE FROM settlement.unmatched WHERE instruction_id = ANY(%(ids)s::uuid[]);

-- name: pair_equals
-- Sides that agree in everything, the amount included: the n-th deliverer with the n-th receiver of the same kind.
SELECT d.instruction_id, r.instruction_id
FROM (
    SELECT instruction_id, match_key, amount, common_reference, client, counterparty_client, row_number() OVER (
        PARTITION BY match_key, amount, common_reference, client, counterparty_client ORDER BY instruction_id
    ) AS n
    FROM settlement.unmatched
    WHERE movement = 'DELI' AND counterparty_account IS NULL
      AND (%(keys)s::uuid[] IS NULL OR match_key = ANY(%(keys)s::uuid[]))
) AS d
JOIN (
    SELECT instruction_id, match_key, amount, common_reference, client, counterparty_client, row_number() OVER (
        PARTITION BY match_key, amount, common_reference, client, counterparty_client ORDER BY instruction_id
    ) AS n
    FROM settlement.unmatched
    WHERE movement = 'RECE' AND counterparty_account IS NULL
      AND (%(keys)s::uuid[] IS NULL OR match_key = ANY(%(keys)s::uuid[]))
) AS r ON r.match_key = d.match_key AND r.n = d.n AND r.amount IS NOT DISTINCT FROM d.amount
    AND r.common_reference IS NOT DISTINCT FROM d.common_reference
    AND r.client IS NOT DISTINCT FROM d.counterparty_client
    AND r.counterparty_client IS NOT DISTINCT FROM d.client;

-- name: pair_best
-- Of what is left, the pairs that are each other's best candidate: the closest amount, then the most optional fields
-- that both have filled, then the oldest.
WITH candidate AS MATERIALIZED (
    SELECT d.instruction_id AS deliver_id, r.instruction_id AS receive_id,
        abs(coalesce(d.amount, 0) - coalesce(r.amount, 0)) AS difference,
        num_nonnulls(d.common_reference || r.common_reference, d.client || r.counterparty_client,
            r.client || d.counterparty_client, d.counterparty_account, r.counterparty_account) AS agreed
    FROM settlement.unmatched AS d
    JOIN settlement.unmatched AS r ON r.match_key = d.match_key AND r.movement = 'RECE'
    WHERE d.movement = 'DELI'
      AND (%(keys)s::uuid[] IS NULL OR d.match_key = ANY(%(keys)s::uuid[]))
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
        row_number() OVER (PARTITION BY deliver_id ORDER BY difference, agreed DESC, receive_id) AS for_deliverer,
        row_number() OVER (PARTITION BY receive_id ORDER BY difference, agreed DESC, deliver_id) AS for_receiver
    FROM candidate
)
SELECT deliver_id, receive_id FROM ranked WHERE for_deliverer = 1 AND for_receiver = 1;

-- name: join_pairs
WITH pair AS MATERIALIZED (
    SELECT id, deliver_id, receive_id
    FROM unnest(%(ids)s::uuid[], %(delivers)s::uuid[], %(receives)s::uuid[]) AS p (id, deliver_id, receive_id)
), gone AS (
    DELETE FROM settlement.unmatched AS u USING (
        SELECT deliver_id AS id FROM pair UNION ALL SELECT receive_id FROM pair
    ) AS p
    WHERE u.instruction_id = p.id
    RETURNING u.instruction_id, u.amount, u.holds, u.priority, u.partial, u.linked
), made AS (
    INSERT INTO settlement.transaction (id, deliver_id, receive_id, amount, matched_at)
    SELECT p.id, p.deliver_id, p.receive_id, g.amount, %(now)s::timestamptz
    FROM pair AS p JOIN gone AS g ON g.instruction_id = p.deliver_id
)
INSERT INTO settlement.pending (
    transaction_id, isin, quantity, from_account, to_account, currency, amount, payer_account, payee_account,
    intended_date, deliver_holds, receive_holds, priority, deliver_partial, receive_partial, linked, matched_at,
    changed_at
)
SELECT p.id, d.isin, d.quantity, d.account_id, r.account_id, d.currency, d.amount,
    CASE d.cash_direction WHEN 'CRDT' THEN r.cash_account_id WHEN 'DBIT' THEN d.cash_account_id END,
    CASE d.cash_direction WHEN 'CRDT' THEN d.cash_account_id WHEN 'DBIT' THEN r.cash_account_id END,
    d.intended_date, gd.holds, gr.holds, least(gd.priority, gr.priority), gd.partial, gr.partial,
    gd.linked OR gr.linked, %(now)s::timestamptz, %(now)s::timestamptz
FROM pair AS p
JOIN settlement.instruction AS d ON d.id = p.deliver_id
JOIN settlement.instruction AS r ON r.id = p.receive_id
JOIN gone AS gd ON gd.instruction_id = p.deliver_id
JOIN gone AS gr ON gr.instruction_id = p.receive_id;

-- name: candidates
-- Of each instruction, up to ten of the other direction under each of three keys: the same two parties and security; the
-- same two parties, quantity and amount; or the same security, quantity and party while the other is another.
WITH side AS MATERIALIZED (
    SELECT i.id, i.movement, i.party_lei, i.counterparty_lei, i.isin, i.quantity, i.amount
    FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id WHERE u.advised
), keyed AS (
    SELECT id, movement, 1 AS key, concat_ws('|', least(party_lei, counterparty_lei),
        greatest(party_lei, counterparty_lei), isin) AS value FROM side
    UNION ALL
    SELECT id, movement, 2, concat_ws('|', least(party_lei, counterparty_lei),
        greatest(party_lei, counterparty_lei), trim_scale(quantity), trim_scale(amount)) FROM side
    UNION ALL
    SELECT id, movement, 3, concat_ws('|', CASE movement WHEN 'DELI' THEN party_lei ELSE counterparty_lei END, isin,
        trim_scale(quantity)) FROM side
    UNION ALL
    SELECT id, movement, 4, concat_ws('|', CASE movement WHEN 'DELI' THEN counterparty_lei ELSE party_lei END, isin,
        trim_scale(quantity)) FROM side
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY key, value, movement ORDER BY id DESC) AS n FROM keyed
), near AS (
    SELECT DISTINCT own.id, other.id AS other_id
    FROM keyed AS own
    JOIN ranked AS other ON other.key = own.key AND other.value = own.value AND other.movement <> own.movement
        AND other.n <= 10
    WHERE own.id = ANY(%(ids)s::uuid[])
)
SELECT n.id, n.other_id, i.isin, i.quantity, i.amount, i.currency, i.trade_date, i.intended_date, i.counterparty_lei, i.party_lei,
    i.payment, i.cash_direction, i.opt_out, i.ex_cum, i.common_reference, i.counterparty_client, i.client,
    u.counterparty_account, u.account,
    o.isin, o.quantity, o.amount, o.currency, o.trade_date, o.intended_date, o.party_lei, o.counterparty_lei,
    o.payment, o.cash_direction, o.opt_out, o.ex_cum, o.common_reference, o.client, o.counterparty_client,
    v.account, v.counterparty_account
FROM near AS n
JOIN settlement.instruction AS i ON i.id = n.id
JOIN settlement.unmatched AS u ON u.instruction_id = n.id
JOIN settlement.instruction AS o ON o.id = n.other_id
JOIN settlement.unmatched AS v ON v.instruction_id = n.other_id
WHERE o.party_lei <> i.party_lei
ORDER BY n.id, (o.counterparty_lei = i.party_lei) DESC, (o.isin = i.isin) DESC, (o.quantity = i.quantity) DESC,
    n.other_id DESC;

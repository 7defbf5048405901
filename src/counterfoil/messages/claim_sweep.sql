-- name: claims
-- Each side that uses messages, with its own reference and account.
SELECT c.id, c.event_id, c.kind, c.quantity, c.asset, c.amount, s.lei, s.reference, a.number, s.account_id = c.gives
FROM servicing.v_claim AS c
JOIN settlement.v_matched AS m ON m.id = c.transaction_id
CROSS JOIN LATERAL (
    VALUES (m.deliverer, m.deliverer_reference, m.from_account), (m.receiver, m.receiver_reference, m.to_account)
) AS s (lei, reference, account_id)
JOIN ledger.v_account AS a ON a.id = s.account_id
WHERE c.id = ANY(%(ids)s::uuid[]) AND c.kind IN ('claim', 'reverse_claim') AND c.instructed_as IS NOT NULL
  AND EXISTS (SELECT FROM parties.v_correspondent AS k WHERE k.lei = s.lei)
ORDER BY c.id, s.reference;

-- name: unsold
SELECT p.asset, p.quantity
FROM ledger.v_position AS p JOIN register.v_issue AS i ON i.isin = p.asset
WHERE p.kind = 'issuer' AND p.owner_lei = i.issuer_lei AND p.sub_balance = 'available' AND p.quantity > 0
  AND i.mode = 'up_to' AND i.state = 'active'
ORDER BY p.asset;

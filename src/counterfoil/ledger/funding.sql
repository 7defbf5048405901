-- name: funded
SELECT asset, amount FROM ledger.posting
WHERE booking_id = %(id)s::uuid AND account_id = %(account)s::uuid
  AND batch_id = (SELECT b.batch_id FROM ledger.booking AS b WHERE b.id = %(id)s::uuid);

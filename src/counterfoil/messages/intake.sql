-- name: by_business_id
SELECT r.id, r.sender_lei, r.business_id, r.sha256
FROM (
    SELECT DISTINCT k.sender, k.business_id FROM unnest(%(senders)s::text[], %(ids)s::text[]) AS k (sender, business_id)
) AS k
JOIN messages.received AS r ON r.sender_lei = k.sender AND r.business_id = k.business_id AND r.claims_id;

-- name: contents
SELECT id, content FROM messages.received WHERE id = ANY(%(ids)s::uuid[]);

-- name: receipts
SELECT id, business_id, definition, outcome, refusals, instruction_id
FROM messages.received WHERE id = ANY(%(ids)s::uuid[]);

-- name: answers
-- The messages that were written together with the message, not what became of it later.
SELECT o.in_reply_to, o.id, o.number, o.definition
FROM messages.outgoing AS o JOIN messages.received AS r ON r.id = o.in_reply_to AND r.received_at = o.created_at
WHERE o.in_reply_to = ANY(%(ids)s::uuid[]) ORDER BY o.number;

-- name: number
INSERT INTO messages.mailbox AS m (receiver_lei, last_number)
SELECT receiver, number FROM unnest(%(receivers)s::text[], %(counts)s::bigint[]) AS n (receiver, number) ORDER BY receiver
ON CONFLICT (receiver_lei) DO UPDATE SET last_number = m.last_number + excluded.last_number
RETURNING receiver_lei, last_number;

-- name: inbox
SELECT id, number, definition, in_reply_to, instruction_id, created_at, content
FROM messages.outgoing
WHERE receiver_lei = %(receiver)s::text AND number > %(after)s::bigint
ORDER BY number LIMIT %(limit)s::integer;

-- name: one
SELECT id, sender_lei, 'in', business_id, definition, content, outcome, refusals, instruction_id, NULL::uuid, received_at
FROM messages.received WHERE id = %(id)s::uuid
UNION ALL
SELECT id, receiver_lei, 'out', replace(id::text, '-', ''), definition, content, NULL, NULL, instruction_id, in_reply_to,
    created_at
FROM messages.outgoing WHERE id = %(id)s::uuid;

-- name: replies
SELECT id, number, definition, in_reply_to, instruction_id, created_at
FROM messages.outgoing WHERE in_reply_to = %(id)s::uuid ORDER BY number;

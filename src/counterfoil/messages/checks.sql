-- name: received_count
SELECT count(*) FROM messages.received;

-- name: outgoing_count
SELECT count(*) FROM messages.outgoing;

-- name: told_count
SELECT count(*) FROM messages.advised;

-- name: unanswered
SELECT r.id FROM messages.received AS r
WHERE r.sender_lei IS NOT NULL
  AND NOT EXISTS (SELECT FROM messages.outgoing AS o WHERE o.in_reply_to = r.id AND o.receiver_lei = r.sender_lei)
LIMIT 5;

-- name: misnumbered
SELECT coalesce(o.receiver_lei, m.receiver_lei)
FROM (
    SELECT receiver_lei, min(number) AS first, max(number) AS last, count(*) AS count
    FROM messages.outgoing GROUP BY receiver_lei
) AS o
FULL JOIN messages.mailbox AS m ON m.receiver_lei = o.receiver_lei
WHERE (o.first, o.last, o.count) IS DISTINCT FROM (1::bigint, m.last_number, m.last_number)
LIMIT 5;

-- name: told
-- Whose own party was told something.
SELECT instruction_id, status, parts FROM messages.advised WHERE status <> '' OR parts > 0;

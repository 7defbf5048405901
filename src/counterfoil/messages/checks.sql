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

-- name: told_event_count
SELECT count(*) FROM messages.told_event;

-- name: events_untold
-- Payments and reversals that were not told, or were told and did not happen; withdrawals that were told of what was paid.
-- What stands in suspense is told when it is released.
SELECT t.event_id || '/' || t.account_id
FROM messages.told_event AS t
LEFT JOIN (
    SELECT r.event_id, count(*) AS runs FROM servicing.v_run AS r GROUP BY r.event_id
) AS n ON n.event_id = t.event_id
WHERE NOT (t.event_id = ANY(%(coming)s::uuid[]))
  AND (
      t.runs > coalesce(n.runs, 0) OR (t.is_withdrawn AND n.runs > 0)
      OR (t.runs < n.runs AND EXISTS (
          SELECT FROM servicing.v_run AS r
          JOIN servicing.v_entitlement AS e ON e.event_id = r.event_id AND e.record_no = r.record_no
          WHERE r.event_id = t.event_id AND e.account_id = t.account_id
      ) AND NOT EXISTS (
          SELECT FROM servicing.v_suspended AS s
          WHERE s.event_id = t.event_id AND s.account_id = t.account_id AND s.released_at IS NULL
            AND s.payment_no = (SELECT max(r.no) FROM servicing.v_run AS r WHERE r.event_id = t.event_id)
      ))
  )
LIMIT 5;

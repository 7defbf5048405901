-- name: reverse
INSERT INTO servicing.reversal (event_id, no, reversed_at, reversed_by, reason)
VALUES (%(event)s::uuid, %(no)s::integer, %(now)s::timestamptz, %(actor)s::text, %(reason)s::text);

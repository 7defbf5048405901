-- name: add
INSERT INTO servicing.exercise_window (event_id, opens_on, closes_on, is_automatic, remind_on)
SELECT * FROM unnest(
    %(events)s::uuid[], %(opens)s::date[], %(closes)s::date[], %(automatic)s::boolean[], %(reminders)s::date[]
);

-- name: open
-- What ended before is not told any more; what is told of is withdrawn when it ends.
WITH due AS (
    SELECT w.event_id FROM servicing.exercise_window AS w JOIN servicing.pending AS p ON p.event_id = w.event_id
    WHERE NOT w.opened AND w.opens_on <= %(business_date)s::date
    ORDER BY w.opens_on LIMIT %(limit)s::integer
    FOR UPDATE SKIP LOCKED
), noted AS (
    UPDATE servicing.pending AS p SET announced = true FROM due WHERE p.event_id = due.event_id
)
UPDATE servicing.exercise_window AS w SET opened = true FROM due WHERE w.event_id = due.event_id
RETURNING w.event_id;

-- name: remind
WITH due AS (
    SELECT w.event_id FROM servicing.exercise_window AS w JOIN servicing.pending AS p ON p.event_id = w.event_id
    WHERE w.opened AND NOT w.reminded AND w.remind_on <= %(business_date)s::date
    ORDER BY w.remind_on LIMIT %(limit)s::integer
    FOR UPDATE SKIP LOCKED
)
UPDATE servicing.exercise_window AS w SET reminded = true FROM due WHERE w.event_id = due.event_id
RETURNING w.event_id;

-- name: by_event
SELECT event_id, opens_on, closes_on, is_automatic, reminded FROM servicing.exercise_window
WHERE event_id = ANY(%(ids)s::uuid[]);

-- name: timetable
SELECT name, kind, on_eve, local_time, lasts FROM settlement.timetable
WHERE valid_from = (
    SELECT max(v.valid_from) FROM settlement.timetable AS v WHERE v.valid_from <= %(business_date)s::date
)
ORDER BY ordinal;

-- name: last_day
SELECT d.business_date, d.state, d.opened_at, d.closed_at, e.name, e.kind, e.at, e.lasts, e.shifted_from, e.shifted_by,
    e.reason, e.done_at
FROM settlement.day AS d JOIN settlement.day_event AS e USING (business_date)
WHERE d.business_date = (SELECT max(business_date) FROM settlement.day) ORDER BY e.ordinal;

-- name: page
SELECT d.business_date, d.state, d.opened_at, d.closed_at, e.failing, e.expired_unmatched, e.expired_matched,
    e.penalties, r.mismatch_count
FROM settlement.day AS d
LEFT JOIN settlement.end_of_day AS e USING (business_date)
LEFT JOIN settlement.integrity_report AS r USING (business_date)
WHERE %(before)s::date IS NULL OR d.business_date < %(before)s::date
ORDER BY d.business_date DESC LIMIT %(limit)s::integer;

-- name: add_day
INSERT INTO settlement.day (business_date, state, opened_at)
VALUES (%(business_date)s::date, 'open', %(now)s::timestamptz);

-- name: open_date
SELECT business_date FROM settlement.day WHERE state = 'open';

-- name: open_day
SELECT d.business_date, d.state, d.opened_at, d.closed_at, e.name, e.kind, e.at, e.lasts, e.shifted_from, e.shifted_by,
    e.reason, e.done_at
FROM settlement.day AS d JOIN settlement.day_event AS e USING (business_date)
WHERE d.state = 'open' ORDER BY e.ordinal;

-- name: day
SELECT d.business_date, d.state, d.opened_at, d.closed_at, e.name, e.kind, e.at, e.lasts, e.shifted_from, e.shifted_by,
    e.reason, e.done_at
FROM settlement.day AS d JOIN settlement.day_event AS e USING (business_date)
WHERE d.business_date = %(business_date)s::date ORDER BY e.ordinal;

-- name: lock_day
SELECT FROM settlement.day WHERE business_date = %(business_date)s::date FOR UPDATE;

-- name: mark_done
UPDATE settlement.day_event SET done_at = %(now)s::timestamptz
WHERE business_date = %(business_date)s::date AND name = %(name)s::text AND done_at IS NULL;

-- name: shift
UPDATE settlement.day_event AS e
SET at = n.at, shifted_from = coalesce(e.shifted_from, e.at), shifted_by = %(actor)s::text, reason = %(reason)s::text
FROM unnest(%(names)s::text[], %(times)s::timestamptz[]) AS n (name, at)
WHERE e.business_date = %(business_date)s::date AND e.name = n.name;

-- name: close
UPDATE settlement.day SET state = 'closed', closed_at = %(now)s::timestamptz
WHERE business_date = %(business_date)s::date AND state = 'open';

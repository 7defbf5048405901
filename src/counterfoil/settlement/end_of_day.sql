-- name: last_end
SELECT max(ran_at) FROM settlement.end_of_day;

-- name: stored
SELECT failing, expired_unmatched, expired_matched, expired_requests, penalties, unpriced, ran_at, suspended, unsuspended
FROM settlement.end_of_day WHERE business_date = %(business_date)s::date;

-- name: add
INSERT INTO settlement.end_of_day (
    business_date, ran_at, actor, failing, expired_unmatched, expired_matched, expired_requests, penalties, unpriced,
    suspended, unsuspended
)
VALUES (
    %(business_date)s::date, %(now)s::timestamptz, %(actor)s::text, %(failing)s::integer, %(unmatched)s::integer,
    %(matched)s::integer, %(requests)s::integer, %(penalties)s::integer, %(unpriced)s::text[],
    %(suspended)s::text[], %(unsuspended)s::text[]
);

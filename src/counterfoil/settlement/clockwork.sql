-- name: take_watch
SELECT pg_try_advisory_xact_lock(7203504);

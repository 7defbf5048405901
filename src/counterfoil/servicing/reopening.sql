-- name: reopen
-- The same event once more: laid out by the same terms, pending again, and due at once where its day has passed.
WITH reopened AS (
    INSERT INTO servicing.event (
        id, isin, terms_version, kind, day, payment, record_date, pointer, issuer_lei, currency, particulars,
        scheduled_at, attempt
    )
    SELECT %(id)s::uuid, isin, terms_version, kind, day, payment, record_date, pointer, issuer_lei, currency, particulars,
        %(now)s::timestamptz, attempt + 1
    FROM servicing.event WHERE id = %(refused)s::uuid
    RETURNING id, isin
), windowed AS (
    INSERT INTO servicing.exercise_window (event_id, opens_on, closes_on, is_automatic, remind_on)
    SELECT r.id, w.opens_on, w.closes_on, w.is_automatic, w.remind_on
    FROM reopened AS r JOIN servicing.exercise_window AS w ON w.event_id = %(refused)s::uuid
), noted AS (
    INSERT INTO servicing.reopening (event_id, refused_id, reason, reopened_at, reopened_by)
    SELECT id, %(refused)s::uuid, %(reason)s::text, %(now)s::timestamptz, %(actor)s::text FROM reopened
)
INSERT INTO servicing.pending (event_id, isin, process, starts_on)
SELECT id, isin, %(process)s::text, %(starts_on)s::date FROM reopened;

-- name: reopened
SELECT event_id FROM servicing.reopening WHERE refused_id = %(refused)s::uuid;

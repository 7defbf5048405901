-- name: reported_until
SELECT max(until) FROM messages.day_report;

-- name: note_report
INSERT INTO messages.day_report (business_date, until)
VALUES (%(business_date)s::date, %(until)s::timestamptz)
ON CONFLICT (business_date) DO NOTHING;

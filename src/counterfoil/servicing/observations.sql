-- name: add_source
INSERT INTO servicing.source (name, dispute_window, added_at, added_by)
VALUES (%(name)s::text, %(dispute_window)s::interval, %(now)s::timestamptz, %(actor)s::text)
ON CONFLICT (name) DO UPDATE SET dispute_window = excluded.dispute_window;

-- name: sources
SELECT name, dispute_window::text, added_at, added_by FROM servicing.source ORDER BY name;

-- name: known_sources
SELECT name FROM servicing.source WHERE name = ANY(%(names)s::text[]);

-- name: latest
SELECT DISTINCT ON (o.kind, o.subject, o.day, o.source)
    o.kind, o.subject, o.day, o.source, o.id, o.version, o.value, o.low, o.high, o.hit_on, o.choice
FROM (
    SELECT DISTINCT kind, subject, day, source
    FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(days)s::date[], %(sources)s::text[])
        AS k (kind, subject, day, source)
) AS k
JOIN servicing.observation AS o USING (kind, subject, day, source)
ORDER BY o.kind, o.subject, o.day, o.source, o.version DESC;

-- name: entered_by
SELECT id, entered_by FROM servicing.observation WHERE id = ANY(%(ids)s::uuid[]);

-- name: confirm
INSERT INTO servicing.confirmation (observation_id, entered_by, confirmed_by, confirmed_at)
SELECT id, entered_by, %(actor)s::text, %(now)s::timestamptz FROM servicing.observation
WHERE id = ANY(%(ids)s::uuid[])
ON CONFLICT DO NOTHING;

-- name: dispute
INSERT INTO servicing.dispute (id, observation_id, reason, raised_at, raised_by)
VALUES (%(id)s::uuid, %(observation)s::uuid, %(reason)s::text, %(now)s::timestamptz, %(actor)s::text);

-- name: open_dispute
SELECT d.raised_by FROM servicing.dispute AS d
WHERE d.id = %(id)s::uuid AND NOT EXISTS (SELECT FROM servicing.dispute_end AS e WHERE e.dispute_id = d.id);

-- name: end_dispute
INSERT INTO servicing.dispute_end (dispute_id, upheld, reason, ended_at, ended_by)
VALUES (%(id)s::uuid, %(upheld)s::boolean, %(reason)s::text, %(now)s::timestamptz, %(actor)s::text);

-- name: acts
-- The newest acts before a key, of all rooms; where something is searched for, among the next `look` of them. The row
-- without an actor says how far that was, if there are more.
WITH seen AS MATERIALIZED (
    SELECT a.key, a.at, a.actor, a.what, a.about, a.subject, a.detail
    FROM (
        SELECT * FROM core.v_act
        UNION ALL SELECT * FROM parties.v_act
        UNION ALL SELECT * FROM access.v_act
        UNION ALL SELECT * FROM ledger.v_act
        UNION ALL SELECT * FROM register.v_act
        UNION ALL SELECT * FROM settlement.v_act
        UNION ALL SELECT * FROM servicing.v_act
        UNION ALL SELECT * FROM orchestration.v_act
        UNION ALL SELECT * FROM processes.v_act
        UNION ALL SELECT * FROM messages.v_act
    ) AS a
    WHERE a.key < %(before)s::uuid AND a.what <> ''
    ORDER BY a.key DESC LIMIT %(look)s::integer
), found AS (
    SELECT s.* FROM seen AS s
    WHERE (%(actor)s::text IS NULL OR strpos(lower(s.actor), lower(%(actor)s::text)) > 0)
      AND (%(what)s::text IS NULL OR s.what = %(what)s::text)
      AND (%(subject)s::text IS NULL OR strpos(lower(s.subject || s.detail::text), lower(%(subject)s::text)) > 0)
    ORDER BY s.key DESC LIMIT %(limit)s::integer
)
SELECT key, at, coalesce(actor, ''), what, about, subject, detail FROM found
UNION ALL
(
    SELECT s.key, s.at, NULL, NULL, NULL, NULL, NULL FROM seen AS s
    WHERE (SELECT count(*) FROM seen) = %(look)s::integer
    ORDER BY s.key LIMIT 1
)
ORDER BY 1 DESC;

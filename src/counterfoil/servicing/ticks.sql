-- name: known_sources
SELECT name FROM servicing.source WHERE name = ANY(%(names)s::text[]);

-- name: latest
SELECT t.underlying, t.source, t.at, t.sequence, t.version, t.price, t.at_close
FROM unnest(
    %(underlyings)s::text[], %(days)s::date[], %(sources)s::text[], %(ats)s::timestamptz[], %(sequences)s::bigint[]
) AS k (underlying, day, source, at, sequence)
CROSS JOIN LATERAL (
    SELECT t.* FROM servicing.tick AS t
    WHERE t.underlying = k.underlying AND t.day = k.day AND t.source = k.source AND t.at = k.at
      AND t.sequence = k.sequence
    ORDER BY t.version DESC LIMIT 1
) AS t;

-- name: touches
SELECT t.name, t.day, t.source, t.at, t.sequence, t.tick_version, t.underlying, t.price, t.level, t.terms_version,
    t.observation_id
FROM servicing.touch AS t WHERE t.isin = %(isin)s::text ORDER BY t.day, t.at, t.source LIMIT 1000;

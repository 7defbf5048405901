-- name: note
INSERT INTO servicing.rests_on (underlying, isin)
SELECT * FROM unnest(%(underlyings)s::text[], %(isins)s::text[])
ON CONFLICT DO NOTHING;

-- name: forget
DELETE FROM servicing.rests_on WHERE isin = ANY(%(isins)s::text[]);

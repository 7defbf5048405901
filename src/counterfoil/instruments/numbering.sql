-- name: next_de
SELECT nextval('instruments.isin_de') FROM generate_series(1, %(count)s::integer);

-- name: next_xs
SELECT nextval('instruments.isin_xs') FROM generate_series(1, %(count)s::integer);

-- name: blocks
SELECT ordinal, prefix FROM instruments.isin_block WHERE series = %(series)s::text;

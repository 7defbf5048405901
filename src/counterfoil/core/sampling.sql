-- name: size_in_pages
SELECT pg_relation_size(%(table)s::text::regclass) / current_setting('block_size')::bigint;

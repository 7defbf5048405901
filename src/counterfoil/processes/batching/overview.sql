-- name: ended_by_minute
SELECT date_trunc('minute', t.ended_at), sum(t.done)::bigint, sum(t.rejected)::bigint,
    (sum((t.done + t.rejected) * extract(epoch FROM t.ended_at - b.received_at)) / sum(t.done + t.rejected))::float8,
    max(extract(epoch FROM t.ended_at - b.received_at))::float8
FROM processes.tally AS t JOIN processes.batch AS b ON b.id = t.batch_id
WHERE t.ended_at >= %(since)s::timestamptz AND t.done + t.rejected > 0
GROUP BY 1 ORDER BY 1;

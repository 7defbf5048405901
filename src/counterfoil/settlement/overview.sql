-- name: unsettled
SELECT coalesce(reason, ''), currency, count(*), coalesce(sum(amount), 0)
FROM settlement.pending TABLESAMPLE SYSTEM (%(percent)s::real) REPEATABLE (1)
GROUP BY 1, 2;

-- name: settled_by_minute
SELECT date_trunc('minute', settled_at), count(*)
FROM settlement.settled WHERE settled_at >= %(since)s::timestamptz GROUP BY 1 ORDER BY 1;

-- name: last_integrity
SELECT business_date, made_at, issues, mismatch_count FROM settlement.integrity_report
ORDER BY business_date DESC LIMIT 1;

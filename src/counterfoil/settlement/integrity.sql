-- name: report
-- One statement, so that the register, the positions, the bookings and the mark up to which they are counted are of one
-- moment. Bookings are told apart by the transaction that made them, not by their time, which their makers state.
WITH latest AS MATERIALIZED (
    SELECT snapshot, xact, own_batches FROM settlement.integrity_report ORDER BY business_date DESC LIMIT 1
), last AS MATERIALIZED (
    -- On a restored database transactions are numbered anew: then everything is counted again, from zero.
    SELECT snapshot, xact, own_batches FROM latest
    WHERE pg_snapshot_xmax(snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
), moved AS MATERIALIZED (
    SELECT p.asset, p.account_id, sum(p.amount) AS movements
    FROM ledger.v_posting AS p
    WHERE p.xact >= coalesce((SELECT pg_snapshot_xmin(snapshot) FROM last), '0'::xid8)
      AND (
          SELECT CASE WHEN p.xact = last.xact THEN p.batch_id = ANY (own_batches)
              ELSE pg_visible_in_snapshot(p.xact, snapshot) END
          FROM last
      ) IS NOT TRUE
    GROUP BY p.asset, p.account_id
), balance AS MATERIALIZED (
    SELECT m.asset, m.account_id, m.movements,
        CASE WHEN EXISTS (SELECT FROM last) THEN coalesce((
            SELECT c.quantity FROM settlement.closing_balance AS c
            WHERE c.asset = m.asset AND c.account_id = m.account_id ORDER BY c.business_date DESC LIMIT 1
        ), 0) ELSE 0 END AS opening,
        coalesce((
            SELECT sum(p.quantity) FROM ledger.v_position AS p WHERE p.asset = m.asset AND p.account_id = m.account_id
        ), 0) AS closing
    FROM moved AS m
), issue AS MATERIALIZED (
    SELECT coalesce(i.isin, s.asset) AS isin, coalesce(i.issued, 0) AS issued, coalesce(s.control, 0) AS control,
        coalesce(s.accounts, 0) AS accounts
    FROM register.v_issue AS i
    FULL JOIN (
        SELECT p.asset, sum(p.quantity) FILTER (WHERE p.kind = 'issue_control') AS control,
            sum(p.quantity) FILTER (WHERE p.kind <> 'issue_control') AS accounts
        FROM ledger.v_position AS p WHERE length(p.asset) > 3 GROUP BY p.asset
    ) AS s ON s.asset = i.isin
), mismatch AS MATERIALIZED (
    SELECT jsonb_build_object(
        'kind', 'issue', 'isin', isin, 'issued', issued, 'control', control, 'accounts', accounts
    ) AS found, isin
    FROM issue WHERE issued <> -control OR issued <> accounts
    UNION ALL
    SELECT jsonb_build_object(
        'kind', 'account', 'account_id', account_id, 'asset', asset, 'opening', opening, 'movements', movements,
        'closing', closing
    ), asset
    FROM balance WHERE opening + movements <> closing
), closed AS (
    INSERT INTO settlement.closing_balance (asset, account_id, business_date, quantity)
    SELECT asset, account_id, %(business_date)s::date, closing FROM balance
)
INSERT INTO settlement.integrity_report (
    business_date, made_at, issues, accounts, mismatch_count, mismatches, isins, parted, snapshot, own_batches
)
SELECT %(business_date)s::date, %(now)s::timestamptz, (SELECT count(*) FROM issue), (SELECT count(*) FROM balance),
    (SELECT count(*) FROM mismatch),
    coalesce((SELECT jsonb_agg(found) FROM (SELECT found FROM mismatch LIMIT %(shown)s::integer) AS m), '[]'),
    ARRAY(SELECT DISTINCT isin FROM mismatch WHERE length(isin) > 3 ORDER BY isin),
    ARRAY(SELECT isin FROM issue WHERE issued <> -control ORDER BY isin),
    pg_current_snapshot(),
    ARRAY(SELECT DISTINCT p.batch_id FROM ledger.v_posting AS p WHERE p.xact = pg_current_xact_id())
RETURNING business_date, made_at, issues, accounts, mismatch_count, mismatches, isins, parted;

-- name: stored
SELECT business_date, made_at, issues, accounts, mismatch_count, mismatches, isins, parted
FROM settlement.integrity_report WHERE business_date = %(business_date)s::date;

-- name: moved
-- The accounts that have moved on a day. What stands before the first report of an account is its opening of zero.
SELECT a.number, a.owner_lei, c.asset, coalesce(b.quantity, 0) AS opening, c.quantity - coalesce(b.quantity, 0),
    c.quantity
FROM settlement.closing_balance AS c
JOIN ledger.v_account AS a ON a.id = c.account_id
LEFT JOIN LATERAL (
    SELECT o.quantity FROM settlement.closing_balance AS o
    WHERE o.asset = c.asset AND o.account_id = c.account_id AND o.business_date < c.business_date
    ORDER BY o.business_date DESC LIMIT 1
) AS b ON true
WHERE c.business_date = %(business_date)s::date AND (%(owner)s::text IS NULL OR a.owner_lei = %(owner)s::text)
  AND (%(account)s::text IS NULL OR a.number = %(account)s::text)
  AND (a.number, c.asset) > (%(after_account)s::text, %(after_asset)s::text)
ORDER BY a.number, c.asset LIMIT %(limit)s::integer;

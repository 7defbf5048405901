-- name: holding
-- Accounts of correspondents that hold now; the issue's own and the issuer's get nothing. An exercise is one account's.
-- Each event is read in the order of its accounts, so that a page of a large one costs no more than a page.
SELECT w.event_id, h.account_id, h.account, h.owner_lei, NULL::integer, h.quantity
FROM unnest(
    %(events)s::uuid[], %(isins)s::text[], %(issuers)s::text[], %(afters)s::uuid[], %(only)s::uuid[]
) AS w (event_id, isin, issuer_lei, after, only_account)
CROSS JOIN LATERAL (
    SELECT p.account_id, p.account, p.owner_lei, sum(p.quantity) AS quantity
    FROM ledger.v_position AS p
    WHERE p.asset = w.isin AND p.account_id > w.after
      AND p.kind <> 'issue_control' AND NOT (p.kind = 'issuer' AND p.owner_lei = w.issuer_lei)
      AND (w.only_account IS NULL OR w.only_account = p.account_id)
      AND EXISTS (SELECT FROM parties.v_correspondent AS c WHERE c.lei = p.owner_lei)
    GROUP BY p.account_id, p.account, p.owner_lei
    HAVING sum(p.quantity) > 0
    ORDER BY p.account_id LIMIT %(limit)s::integer
) AS h
ORDER BY w.event_id, h.account_id
LIMIT %(limit)s::integer;

-- name: entitled
-- In the same order: what several records have of an account stands together.
SELECT w.event_id, h.account_id, h.number, h.owner_lei, w.no, h.units, h.interest, h.principal, h.tax
FROM unnest(%(events)s::uuid[], %(nos)s::integer[], %(afters)s::uuid[]) AS w (event_id, no, after)
CROSS JOIN LATERAL (
    SELECT e.account_id, a.number, a.owner_lei, sum(e.units) AS units, sum(e.interest) AS interest,
        sum(e.principal) AS principal, sum(e.tax) AS tax
    FROM servicing.v_entitlement AS e
    JOIN ledger.v_account AS a ON a.id = e.account_id AND a.id > w.after
    WHERE e.event_id = w.event_id AND e.record_no = w.no AND e.account_id > w.after
      AND EXISTS (SELECT FROM parties.v_correspondent AS c WHERE c.lei = a.owner_lei)
    GROUP BY e.account_id, a.number, a.owner_lei
    ORDER BY e.account_id LIMIT %(limit)s::integer
) AS h
ORDER BY w.event_id, h.account_id, w.no
LIMIT %(limit)s::integer;

-- name: suspended
SELECT s.event_id, s.account_id, s.payment_no, s.released_at, a.number
FROM unnest(%(events)s::uuid[], %(accounts)s::uuid[]) AS w (event_id, account_id)
JOIN servicing.v_suspended AS s ON s.event_id = w.event_id AND s.account_id = w.account_id
LEFT JOIN ledger.v_account AS a ON a.id = s.into_account;

-- name: told
SELECT t.event_id, t.account_id, t.notified, t.advised, t.runs, t.reminded
FROM unnest(%(events)s::uuid[], %(accounts)s::uuid[]) AS w (event_id, account_id)
JOIN messages.told_event AS t ON t.event_id = w.event_id AND t.account_id = w.account_id;

-- name: keep
INSERT INTO messages.told_event (event_id, account_id, notified, advised, runs, reminded)
SELECT * FROM unnest(
    %(events)s::uuid[], %(accounts)s::uuid[], %(notified)s::integer[], %(advised)s::integer[], %(runs)s::smallint[],
    %(reminded)s::boolean[]
)
ON CONFLICT (event_id, account_id) DO UPDATE
SET notified = excluded.notified, advised = excluded.advised, runs = excluded.runs,
    reminded = excluded.reminded;

-- name: withdraw
WITH over AS (
    SELECT event_id, account_id FROM messages.told_event
    WHERE event_id = ANY(%(events)s::uuid[]) AND notified IS NOT NULL AND NOT is_withdrawn
    ORDER BY event_id, account_id LIMIT %(limit)s::integer
), marked AS (
    UPDATE messages.told_event AS t SET is_withdrawn = true
    FROM over AS o WHERE t.event_id = o.event_id AND t.account_id = o.account_id
    RETURNING t.event_id, t.account_id, t.notified
)
SELECT m.event_id, m.notified, a.number, a.owner_lei
FROM marked AS m JOIN ledger.v_account AS a ON a.id = m.account_id
ORDER BY m.event_id, a.number;

-- name: unmatched
UPDATE settlement.unmatched
SET holds = (holds | %(hold)s::smallint) & %(kept)s::smallint, changed_at = %(now)s::timestamptz
WHERE instruction_id = ANY(%(ids)s::uuid[]);

-- name: delivering
-- What the deliverer has let go in part goes with its hold.
UPDATE settlement.pending AS p
SET deliver_holds = (p.deliver_holds | %(hold)s::smallint) & %(kept)s::smallint,
    released = CASE WHEN %(keeps)s::boolean THEN p.released END, changed_at = %(now)s::timestamptz
FROM settlement.transaction AS t
WHERE t.deliver_id = ANY(%(ids)s::uuid[]) AND p.transaction_id = t.id;

-- name: receiving
UPDATE settlement.pending AS p
SET receive_holds = (p.receive_holds | %(hold)s::smallint) & %(kept)s::smallint, changed_at = %(now)s::timestamptz
FROM settlement.transaction AS t
WHERE t.receive_id = ANY(%(ids)s::uuid[]) AND p.transaction_id = t.id;

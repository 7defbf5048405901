-- name: of_party
SELECT i.id FROM settlement.instruction AS i
WHERE i.party_lei = %(party)s::text
  AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
  AND (%(before)s::uuid IS NULL OR i.id < %(before)s::uuid)
  AND (NOT %(settled)s::boolean OR EXISTS (
      SELECT FROM settlement.transaction AS t
      JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
      WHERE t.deliver_id = i.id OR t.receive_id = i.id
  ))
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: of_isin
SELECT i.id FROM settlement.instruction AS i
WHERE i.isin = %(isin)s::text AND (%(before)s::uuid IS NULL OR i.id < %(before)s::uuid)
  AND (NOT %(settled)s::boolean OR EXISTS (
      SELECT FROM settlement.transaction AS t
      JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
      WHERE t.deliver_id = i.id OR t.receive_id = i.id
  ))
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: newest
-- A reference comes with its party, or stands alone: then every party's index is looked into.
SELECT i.id FROM settlement.instruction AS i
WHERE true
  AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
  AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
  AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
  AND (%(before)s::uuid IS NULL OR i.id < %(before)s::uuid)
  AND (NOT %(settled)s::boolean OR EXISTS (
      SELECT FROM settlement.transaction AS t
      JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
      WHERE t.deliver_id = i.id OR t.receive_id = i.id
  ))
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: unmatched
SELECT i.id
FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
WHERE (%(due)s::date IS NULL OR i.intended_date <= %(due)s::date)
  AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
  AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
  AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
  AND (%(before)s::uuid IS NULL OR i.id < %(before)s::uuid)
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: matched
-- In the order of matching, the last first: so a page is read from the end of an index, however many wait. What fails is
-- past its intended date, or past the cut-off on it, or was noted to fail; the conditions on dates and parts before that
-- say nothing more, but can be found by an index. OFFSET keeps the sides from being looked up before what is pending.
SELECT i.id
FROM settlement.pending AS p
CROSS JOIN LATERAL (
    SELECT j.id, j.party_lei, j.reference, j.isin, j.payment
    FROM settlement.transaction AS t
    JOIN settlement.instruction AS j ON j.id = ANY(ARRAY[t.deliver_id, t.receive_id])
    WHERE t.id = p.transaction_id
    OFFSET 0
) AS i
WHERE (%(isin)s::text IS NULL OR p.isin = %(isin)s::text)
  AND (%(reason)s::text IS NULL OR p.reason = %(reason)s::text)
  AND (%(due)s::date IS NULL OR p.intended_date <= %(due)s::date)
  AND (%(state)s::text IS DISTINCT FROM 'pending' OR p.intended_date >= %(business_date)s::date)
  AND (%(state)s::text IS DISTINCT FROM 'failing' OR p.intended_date <= %(business_date)s::date)
  AND (%(state)s::text IS DISTINCT FROM 'partial' OR p.part_no > 1)
  AND (%(state)s::text IS NULL OR %(state)s::text = CASE
      WHEN p.part_no > 1 THEN 'partial'
      WHEN p.intended_date < %(business_date)s::date
          OR (p.intended_date = %(business_date)s::date AND i.payment = ANY(%(ended)s::text[]))
          OR EXISTS (SELECT FROM settlement.event AS e WHERE e.instruction_id = i.id AND e.kind = 'FAILING')
          THEN 'failing'
      ELSE 'pending'
  END)
  AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
  AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
  AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
  AND (%(last)s::uuid IS NULL OR p.transaction_id <= %(last)s::uuid)
  AND (%(last)s::uuid IS NULL OR (p.transaction_id, i.id) < (%(last)s::uuid, %(before)s::uuid))
ORDER BY p.transaction_id DESC, i.id DESC LIMIT %(limit)s::integer;

-- name: transaction_of
SELECT id FROM settlement.transaction WHERE deliver_id = %(id)s::uuid
UNION ALL
SELECT id FROM settlement.transaction WHERE receive_id = %(id)s::uuid;

-- name: open
-- What waits alone by when it came, what is matched by when that was; `last` is the place of `before` among them.
SELECT o.id FROM (
    (
        SELECT u.instruction_id AS place, u.instruction_id AS id
        FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
        WHERE i.intended_date <= %(due)s::date
          AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
          AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
          AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
          AND (%(last)s::uuid IS NULL OR u.instruction_id < %(last)s::uuid)
        ORDER BY u.instruction_id DESC LIMIT %(limit)s::integer
    )
    UNION ALL
    (
        SELECT p.transaction_id, i.id
        FROM settlement.pending AS p
        CROSS JOIN LATERAL (
            SELECT j.id, j.party_lei, j.reference
            FROM settlement.transaction AS t
            JOIN settlement.instruction AS j ON j.id = ANY(ARRAY[t.deliver_id, t.receive_id])
            WHERE t.id = p.transaction_id
            OFFSET 0
        ) AS i
        WHERE p.intended_date <= %(due)s::date
          AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
          AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
          AND (%(isin)s::text IS NULL OR p.isin = %(isin)s::text)
          AND (%(last)s::uuid IS NULL OR p.transaction_id <= %(last)s::uuid)
          AND (%(last)s::uuid IS NULL OR (p.transaction_id, i.id) < (%(last)s::uuid, %(before)s::uuid))
        ORDER BY p.transaction_id DESC, i.id DESC LIMIT %(limit)s::integer
    )
) AS o
ORDER BY o.place DESC, o.id DESC LIMIT %(limit)s::integer;

-- name: cancelled
SELECT i.id
FROM settlement.cancelled AS c JOIN settlement.instruction AS i ON i.id = c.instruction_id
WHERE (%(before)s::uuid IS NULL OR c.instruction_id < %(before)s::uuid)
  AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
  AND (%(reference)s::text IS NULL OR i.reference = %(reference)s::text)
  AND (%(isin)s::text IS NULL OR i.isin = %(isin)s::text)
  AND (%(before)s::uuid IS NULL OR i.id < %(before)s::uuid)
ORDER BY c.instruction_id DESC LIMIT %(limit)s::integer;

-- name: of_party
SELECT id FROM settlement.instruction WHERE party_lei = %(party)s::text ORDER BY party_lei, id LIMIT %(limit)s::integer;

-- name: of_reference
SELECT id FROM settlement.instruction
WHERE reference = %(reference)s::text AND (%(party)s::text IS NULL OR party_lei = %(party)s::text)
LIMIT %(limit)s::integer;

-- name: fails_today
-- Whether anything was noted to fail that is intended for the business date itself.
SELECT EXISTS (
    SELECT FROM settlement.event WHERE kind = 'FAILING' AND detail ->> 'business_date' = %(business_date)s::text
);

-- name: transactions_of
SELECT id FROM settlement.transaction WHERE deliver_id = ANY(%(ids)s::uuid[])
UNION
SELECT id FROM settlement.transaction WHERE receive_id = ANY(%(ids)s::uuid[]);

-- name: received
-- A reference comes with its party, or stands alone: then every party's index is looked into.
SELECT i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR i.id > %(id)s::uuid)
  AND (NOT %(settled)s::boolean OR EXISTS (
      SELECT FROM settlement.transaction AS t
      JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
      WHERE t.deliver_id = i.id OR t.receive_id = i.id
  ))
ORDER BY i.id LIMIT %(limit)s::integer;

-- name: received_back
SELECT i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR i.id < %(id)s::uuid)
  AND (NOT %(settled)s::boolean OR EXISTS (
      SELECT FROM settlement.transaction AS t
      JOIN settlement.settled AS s ON s.transaction_id = t.id AND s.remaining = 0
      WHERE t.deliver_id = i.id OR t.receive_id = i.id
  ))
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: intended
SELECT i.intended_date, i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (i.intended_date, i.id) > (%(value)s::date, %(id)s::uuid))
ORDER BY i.intended_date, i.id LIMIT %(limit)s::integer;

-- name: intended_back
SELECT i.intended_date, i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (i.intended_date, i.id) < (%(value)s::date, %(id)s::uuid))
ORDER BY i.intended_date DESC, i.id DESC LIMIT %(limit)s::integer;

-- name: amount
SELECT coalesce(i.amount, 0), i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (coalesce(i.amount, 0), i.id) > (%(value)s::numeric, %(id)s::uuid))
ORDER BY coalesce(i.amount, 0), i.id LIMIT %(limit)s::integer;

-- name: amount_back
SELECT coalesce(i.amount, 0), i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (coalesce(i.amount, 0), i.id) < (%(value)s::numeric, %(id)s::uuid))
ORDER BY coalesce(i.amount, 0) DESC, i.id DESC LIMIT %(limit)s::integer;

-- name: reference
SELECT i.reference, i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (i.reference, i.id) > (%(value)s::text, %(id)s::uuid))
ORDER BY i.reference, i.id LIMIT %(limit)s::integer;

-- name: reference_back
SELECT i.reference, i.id FROM settlement.instruction AS i
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR (i.reference, i.id) < (%(value)s::text, %(id)s::uuid))
ORDER BY i.reference DESC, i.id DESC LIMIT %(limit)s::integer;

-- name: matched
-- In the order of matching. The condition on the transaction alone says nothing more, but can be found by an index.
SELECT w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    w.transaction_id >= %(value)s::uuid AND (w.transaction_id, w.id) > (%(value)s::uuid, %(id)s::uuid)
)
ORDER BY w.transaction_id, w.id LIMIT %(limit)s::integer;

-- name: matched_back
SELECT w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    w.transaction_id <= %(value)s::uuid AND (w.transaction_id, w.id) < (%(value)s::uuid, %(id)s::uuid)
)
ORDER BY w.transaction_id DESC, w.id DESC LIMIT %(limit)s::integer;

-- name: matched_by_intended
SELECT w.intended_date, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.intended_date, w.transaction_id) >= (%(value)s::date, %(transaction)s::uuid)
    AND (w.intended_date, w.transaction_id, w.id) > (%(value)s::date, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.intended_date, w.transaction_id, w.id LIMIT %(limit)s::integer;

-- name: matched_by_intended_back
SELECT w.intended_date, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.intended_date, w.transaction_id) <= (%(value)s::date, %(transaction)s::uuid)
    AND (w.intended_date, w.transaction_id, w.id) < (%(value)s::date, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.intended_date DESC, w.transaction_id DESC, w.id DESC LIMIT %(limit)s::integer;

-- name: matched_by_amount
SELECT w.amount, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.amount, w.transaction_id) >= (%(value)s::numeric, %(transaction)s::uuid)
    AND (w.amount, w.transaction_id, w.id) > (%(value)s::numeric, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.amount, w.transaction_id, w.id LIMIT %(limit)s::integer;

-- name: matched_by_amount_back
SELECT w.amount, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.amount, w.transaction_id) <= (%(value)s::numeric, %(transaction)s::uuid)
    AND (w.amount, w.transaction_id, w.id) < (%(value)s::numeric, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.amount DESC, w.transaction_id DESC, w.id DESC LIMIT %(limit)s::integer;

-- name: matched_by_priority
SELECT w.priority, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.priority, w.transaction_id) >= (%(value)s::smallint, %(transaction)s::uuid)
    AND (w.priority, w.transaction_id, w.id) > (%(value)s::smallint, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.priority, w.transaction_id, w.id LIMIT %(limit)s::integer;

-- name: matched_by_priority_back
SELECT w.priority, w.transaction_id, w.id FROM settlement.waiting(
    %(state)s::text, %(reason)s::text, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
    %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
    %(isin)s::text, %(transactions)s::uuid[]
) AS w
WHERE %(id)s::uuid IS NULL OR (
    (w.priority, w.transaction_id) <= (%(value)s::smallint, %(transaction)s::uuid)
    AND (w.priority, w.transaction_id, w.id) < (%(value)s::smallint, %(transaction)s::uuid, %(id)s::uuid)
)
ORDER BY w.priority DESC, w.transaction_id DESC, w.id DESC LIMIT %(limit)s::integer;

-- name: unmatched
SELECT i.id FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(ids)s::uuid[] IS NULL OR u.instruction_id = ANY(%(ids)s::uuid[]))
  AND (%(id)s::uuid IS NULL OR u.instruction_id > %(id)s::uuid)
ORDER BY u.instruction_id LIMIT %(limit)s::integer;

-- name: unmatched_back
SELECT i.id FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(ids)s::uuid[] IS NULL OR u.instruction_id = ANY(%(ids)s::uuid[]))
  AND (%(id)s::uuid IS NULL OR u.instruction_id < %(id)s::uuid)
ORDER BY u.instruction_id DESC LIMIT %(limit)s::integer;

-- name: open
-- What waits alone by when it came, what is matched by when that was: `value` is the place of `id` among them.
SELECT o.place, o.id FROM (
    (
        SELECT u.instruction_id AS place, u.instruction_id AS id
        FROM settlement.unmatched AS u JOIN settlement.instruction AS i ON i.id = u.instruction_id
        WHERE settlement.fits(
            i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
            %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
        )
          AND (%(ids)s::uuid[] IS NULL OR u.instruction_id = ANY(%(ids)s::uuid[]))
  AND (%(id)s::uuid IS NULL OR u.instruction_id < %(value)s::uuid)
        ORDER BY u.instruction_id DESC LIMIT %(limit)s::integer
    )
    UNION ALL
    (
        SELECT w.transaction_id, w.id
        FROM settlement.waiting(
            NULL, NULL, %(intended_until)s::date, %(intended_from)s::date, %(amount_from)s::numeric,
            %(amount_until)s::numeric, %(business_date)s::date, %(ended)s::text[], %(party)s::text, %(reference)s::text,
            %(isin)s::text, %(transactions)s::uuid[]
        ) AS w
        WHERE %(id)s::uuid IS NULL OR (
            w.transaction_id <= %(value)s::uuid AND (w.transaction_id, w.id) < (%(value)s::uuid, %(id)s::uuid)
        )
        ORDER BY w.transaction_id DESC, w.id DESC LIMIT %(limit)s::integer
    )
) AS o
ORDER BY o.place DESC, o.id DESC LIMIT %(limit)s::integer;

-- name: cancelled
SELECT i.id FROM settlement.cancelled AS c JOIN settlement.instruction AS i ON i.id = c.instruction_id
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(ids)s::uuid[] IS NULL OR c.instruction_id = ANY(%(ids)s::uuid[]))
  AND (%(id)s::uuid IS NULL OR c.instruction_id < %(id)s::uuid)
ORDER BY c.instruction_id DESC LIMIT %(limit)s::integer;

-- name: of_account
-- How the instructions of one account stand is looked up one by one, the newest first.
SELECT i.id
FROM settlement.instruction AS i
LEFT JOIN LATERAL (
    SELECT d.id FROM settlement.transaction AS d WHERE d.deliver_id = i.id
    UNION ALL
    SELECT r.id FROM settlement.transaction AS r WHERE r.receive_id = i.id
) AS t ON true
LEFT JOIN LATERAL (
    SELECT w.transaction_id, w.reason, w.part_no, w.intended_date FROM settlement.pending AS w
    WHERE w.transaction_id = t.id OFFSET 0
) AS p ON true
WHERE settlement.fits(
    i, %(party)s::text, %(reference)s::text, %(isin)s::text, %(account)s::uuid, %(intended_from)s::date,
    %(intended_until)s::date, %(amount_from)s::numeric, %(amount_until)s::numeric
)
  AND (%(id)s::uuid IS NULL OR i.id < %(id)s::uuid)
  AND (%(reason)s::text IS NULL OR p.reason = %(reason)s::text)
  AND (NOT %(open)s::boolean OR p.transaction_id IS NOT NULL
      OR EXISTS (SELECT FROM settlement.unmatched AS u WHERE u.instruction_id = i.id))
  AND (%(state)s::text IS NULL OR CASE
      WHEN EXISTS (SELECT FROM settlement.cancelled AS c WHERE c.instruction_id = i.id)
          THEN %(state)s::text = 'cancelled'
      WHEN t.id IS NULL THEN %(state)s::text = 'unmatched'
      WHEN p.transaction_id IS NULL THEN %(state)s::text = 'settled'
      WHEN p.part_no > 1 THEN %(state)s::text = 'partial'
      WHEN p.intended_date < %(business_date)s::date
          OR (p.intended_date = %(business_date)s::date AND i.payment = ANY(%(ended)s::text[]))
          OR EXISTS (SELECT FROM settlement.event AS e WHERE e.instruction_id = i.id AND e.kind = 'FAILING')
          THEN %(state)s::text = 'failing'
      ELSE %(state)s::text = 'pending'
  END)
ORDER BY i.id DESC LIMIT %(limit)s::integer;

-- name: settled_back
-- What has settled, what was matched last first.
SELECT s.transaction_id, i.id
FROM settlement.settled AS s
JOIN settlement.transaction AS t ON t.id = s.transaction_id
CROSS JOIN LATERAL (
    SELECT j.id, j.party_lei, j.intended_date
    FROM settlement.instruction AS j WHERE j.id = ANY(ARRAY[t.deliver_id, t.receive_id]) OFFSET 0
) AS i
WHERE s.remaining = 0
  AND (%(party)s::text IS NULL OR i.party_lei = %(party)s::text)
  AND (%(intended_from)s::date IS NULL OR i.intended_date >= %(intended_from)s::date)
  AND (%(id)s::uuid IS NULL OR (
      s.transaction_id <= %(value)s::uuid AND (s.transaction_id, i.id) < (%(value)s::uuid, %(id)s::uuid)
  ))
ORDER BY s.transaction_id DESC, i.id DESC LIMIT %(limit)s::integer;

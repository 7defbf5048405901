-- name: items
SELECT i.batch_id, i.position, i.payload, b.submitter, b.submitted_by, b.principals, b.business_date, b.received_at
FROM unnest(%(batches)s::uuid[], %(positions)s::integer[]) AS k (batch_id, position)
JOIN processes.item AS i USING (batch_id, position)
JOIN processes.batch AS b ON b.id = i.batch_id;

-- name: used_references
SELECT o.submitter, o.reference FROM processes.item_outcome AS o
JOIN unnest(%(submitters)s::text[], %(references)s::text[]) AS k (submitter, reference)
    ON k.submitter = o.submitter AND k.reference = o.reference
WHERE o.outcome = 'done';

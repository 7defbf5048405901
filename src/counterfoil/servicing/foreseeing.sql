-- name: anew
-- What the holders of a record would get by other amounts, each rounded half up as a record rounds it.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        %(events)s::uuid[], %(nos)s::integer[], %(interests)s::numeric[], %(principals)s::numeric[], %(bases)s::numeric[],
        %(steps)s::numeric[]
    ) AS w (event_id, no, interest, principal, basis, step)
)
SELECT w.event_id, coalesce(sum(
    div(2 * e.units * w.interest + w.step * w.basis, 2 * w.step * w.basis) * w.step
    + div(2 * e.units * w.principal + w.step * w.basis, 2 * w.step * w.basis) * w.step
), 0)
FROM wanted AS w
JOIN servicing.entitlement AS e ON e.event_id = w.event_id AND e.record_no = w.no
GROUP BY w.event_id;

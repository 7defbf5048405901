-- name: determination
SELECT e.id, e.isin, e.kind, e.day, e.pointer, d.version, d.terms_version, d.terms_hash, t.canonical, d.origin,
    d.currency, d.basis, d.interest, d.principal, d.deliveries, d.redeems, d.declared, d.observations, d.sources,
    d.steps, d.determined_at, d.determined_by, d.reason
FROM servicing.determination AS d
JOIN servicing.event AS e ON e.id = d.event_id
JOIN instruments.v_terms AS t ON t.isin = e.isin AND t.version = d.terms_version
WHERE d.event_id = %(event)s::uuid AND d.version = coalesce(
    %(version)s::integer, (SELECT max(l.version) FROM servicing.determination AS l WHERE l.event_id = %(event)s::uuid)
);

-- name: around
-- The links of what is given, and of all that hangs together with it by links, pools or matching: from node to node,
-- seen from the first. What has ended is told, and not followed further.
WITH RECURSIVE edge AS (
    SELECT NULL::text AS from_party, NULL::text AS from_space, NULL::text AS from_name, NULL::text AS kind,
        k.party, k.space, k.name, coalesce(v.state, 'open') AS state
    FROM unnest(%(parties)s::text[], %(spaces)s::text[], %(names)s::text[]) AS k (party, space, name)
    LEFT JOIN settlement.v_place AS v ON k.space = 'R' AND v.party_lei = k.party AND v.reference = k.name
    UNION
    SELECT n.party, n.space, n.name, e.kind, e.party, e.space, e.name, e.state
    FROM edge AS n
    CROSS JOIN LATERAL (
        SELECT l.kind, l.party_lei AS party, 'R' AS space, l.reference AS name, coalesce(v.state, 'open') AS state
        FROM settlement.instruction AS i
        JOIN settlement.link AS l ON l.instruction_id = i.id AND l.kind <> 'INFO'
        LEFT JOIN settlement.v_place AS v ON v.party_lei = l.party_lei AND v.reference = l.reference
        WHERE n.space = 'R' AND i.party_lei = n.party AND i.reference = n.name
        UNION ALL
        SELECT CASE l.kind WHEN 'BEFO' THEN 'AFTE' WHEN 'AFTE' THEN 'BEFO' ELSE l.kind END, v.party_lei, 'R',
            v.reference, v.state
        FROM settlement.link AS l JOIN settlement.v_place AS v ON v.id = l.instruction_id
        WHERE n.space = 'R' AND l.party_lei = n.party AND l.reference = n.name AND l.kind <> 'INFO'
        UNION ALL
        SELECT 'WITH', m.party_lei, 'P', m.pool, 'open'
        FROM settlement.instruction AS i JOIN settlement.pool_member AS m ON m.instruction_id = i.id
        WHERE n.space = 'R' AND i.party_lei = n.party AND i.reference = n.name
        UNION ALL
        SELECT 'WITH', v.party_lei, 'R', v.reference, v.state
        FROM settlement.pool_member AS m JOIN settlement.v_place AS v ON v.id = m.instruction_id
        WHERE n.space = 'P' AND m.party_lei = n.party AND m.pool = n.name
        UNION ALL
        SELECT 'WITH', v.party_lei, 'R', v.reference, v.state
        FROM settlement.instruction AS i
        JOIN settlement.transaction AS t ON t.deliver_id = i.id OR t.receive_id = i.id
        JOIN settlement.v_place AS v ON v.id = CASE t.deliver_id WHEN i.id THEN t.receive_id ELSE t.deliver_id END
        WHERE n.space = 'R' AND i.party_lei = n.party AND i.reference = n.name
    ) AS e
    WHERE n.state = 'open'
)
SELECT from_party, from_space, from_name, kind, party, space, name, state FROM edge
LIMIT %(most)s::integer;

-- name: of_instruction
SELECT d.kind, d.reference, d.other_id, p.state
FROM settlement.v_dependency AS d LEFT JOIN settlement.v_place AS p ON p.id = d.other_id
WHERE d.instruction_id = %(id)s::uuid
ORDER BY d.kind, d.reference, d.other_id LIMIT %(limit)s::integer;

-- name: add
INSERT INTO settlement.link (instruction_id, kind, party_lei, reference)
SELECT %(id)s::uuid, k.kind, %(party)s::text, k.reference
FROM unnest(%(kinds)s::text[], %(references)s::text[]) AS k (kind, reference)
ON CONFLICT DO NOTHING;

-- name: remove
-- Seen from the instruction that is given: the other one, and the transaction that it is a side of.
WITH mine AS (
    SELECT id, party_lei, reference FROM settlement.instruction WHERE id = %(id)s::uuid
), other AS (
    SELECT o.id, o.reference FROM settlement.instruction AS o JOIN mine AS m USING (party_lei)
    WHERE o.reference = ANY(%(references)s::text[])
), named AS (
    DELETE FROM settlement.link AS l USING mine AS m
    WHERE l.instruction_id = m.id AND l.reference = ANY(%(references)s::text[])
    RETURNING l.kind, l.reference
), naming AS (
    DELETE FROM settlement.link AS l USING mine AS m, other AS o
    WHERE l.party_lei = m.party_lei AND l.reference = m.reference AND l.instruction_id = o.id
    RETURNING CASE l.kind WHEN 'BEFO' THEN 'AFTE' WHEN 'AFTE' THEN 'BEFO' ELSE l.kind END AS kind, o.reference
), gone AS (
    SELECT kind, reference FROM named UNION ALL SELECT kind, reference FROM naming
)
SELECT g.kind, g.reference, o.id, t.id
FROM gone AS g
LEFT JOIN other AS o USING (reference)
LEFT JOIN settlement.transaction AS t ON t.deliver_id = o.id OR t.receive_id = o.id;

-- name: unmark
-- What depends on nothing any more, and nothing on it, is looked at by itself again.
UPDATE settlement.pending AS p SET linked = false
FROM settlement.transaction AS t
WHERE t.id = p.transaction_id AND p.linked
  AND (t.deliver_id = ANY(%(ids)s::uuid[]) OR t.receive_id = ANY(%(ids)s::uuid[]))
  AND NOT EXISTS (
      SELECT FROM settlement.v_dependency AS d
      WHERE d.instruction_id IN (t.deliver_id, t.receive_id) AND d.kind <> 'INFO'
  )
  AND NOT EXISTS (
      SELECT FROM settlement.pool_member AS m WHERE m.instruction_id IN (t.deliver_id, t.receive_id)
  );

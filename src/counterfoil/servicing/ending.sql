-- name: consenting
SELECT issuer_lei FROM servicing.deletion_consent;

-- name: consent
INSERT INTO servicing.deletion_consent (issuer_lei, given_at, given_by)
VALUES (%(issuer)s::text, %(now)s::timestamptz, %(actor)s::text) ON CONFLICT DO NOTHING;

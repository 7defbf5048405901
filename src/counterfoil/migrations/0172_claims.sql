-- Payments over whose record date something may have been traded and not delivered: what was matched is looked at on each
-- business day up to `last_on`. `ex_date`: who traded from then on has no claim to the payment. `previous_at`: the record
-- moment before. `looked_at`: everything matched until then is in `claim`.
CREATE TABLE servicing.claim_watch (
    event_id    uuid PRIMARY KEY REFERENCES servicing.event (id),
    isin        text NOT NULL,
    redeems     boolean NOT NULL,
    ex_date     date NOT NULL,
    previous_at timestamptz,
    held_at     timestamptz NOT NULL,
    next_on     date NOT NULL,
    last_on     date NOT NULL,
    looked_at   timestamptz
);
CREATE INDEX claim_watch_due ON servicing.claim_watch (next_on) WHERE next_on <= last_on;

-- What follows from a payment for a matter that was matched and not delivered: who was paid passes it on (`claim`, or
-- `reverse_claim` where a buyer without a right to it was paid); what cannot be delivered any more is replaced by what
-- came of it (`transformation`), or only cancelled (`cancellation`). `instructed_as` is the settlement of it; null where
-- nothing is left to pay, or for the reason in `refused`.
CREATE TABLE servicing.claim (
    id             uuid PRIMARY KEY,
    event_id       uuid NOT NULL REFERENCES servicing.claim_watch (event_id),
    transaction_id uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('claim', 'reverse_claim', 'transformation', 'cancellation')),
    no             smallint NOT NULL DEFAULT 1 CHECK (no > 0),
    quantity       numeric NOT NULL CHECK (quantity > 0),
    gives          uuid,
    takes          uuid,
    asset          text,
    amount         numeric CHECK (amount > 0),
    instructed_as  uuid UNIQUE,
    refused        text,
    made_at        timestamptz NOT NULL,
    CONSTRAINT claimed_once UNIQUE (event_id, transaction_id, no),
    CONSTRAINT claim_complete CHECK (num_nonnulls(gives, takes, asset, amount) IN (0, 4)),
    CONSTRAINT claim_instructed_or_not CHECK (
        num_nonnulls(instructed_as, refused) <= 1 AND (instructed_as IS NULL OR amount IS NOT NULL)
    )
);
CREATE INDEX claim_of_transaction ON servicing.claim (transaction_id);
CREATE TRIGGER claim_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.claim
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

CREATE VIEW servicing.v_claim AS
SELECT id, event_id, transaction_id, kind, quantity, gives, takes, asset, amount, instructed_as FROM servicing.claim;

-- Who has to pass on what: of each trade with the right to a payment what was not delivered at the record moment, and
-- of each without it what was.
CREATE VIEW servicing.claimable AS
SELECT event_id, isin, transaction_id, matched_at, kind, quantity, deliverer, receiver, deliverer_reference,
    receiver_reference, from_account, to_account, trade_date
FROM (
    SELECT w.event_id, w.isin, m.id AS transaction_id, m.matched_at, m.deliverer, m.receiver, m.deliverer_reference,
        m.receiver_reference, m.from_account, m.to_account, m.trade_date,
        CASE WHEN f.is_cum THEN 'claim' ELSE 'reverse_claim' END AS kind,
        CASE WHEN f.is_cum THEN m.quantity - f.delivered ELSE f.delivered_since END AS quantity
    FROM servicing.claim_watch AS w
    JOIN settlement.v_matched AS m ON m.isin = w.isin
    CROSS JOIN LATERAL (
        SELECT coalesce(m.ex_cum = 'CCPN', m.trade_date < w.ex_date) AS is_cum,
            coalesce(sum(p.quantity) FILTER (WHERE p.settled_at <= w.held_at), 0) AS delivered,
            coalesce(sum(p.quantity) FILTER (
                WHERE p.settled_at <= w.held_at AND p.settled_at > coalesce(w.previous_at, '-infinity')
            ), 0) AS delivered_since
        FROM settlement.v_part AS p WHERE p.transaction_id = m.id
    ) AS f
    WHERE NOT w.redeems AND m.transaction_type IN ('TRAD', 'NETT', 'TURN', 'PAIR') AND NOT m.opt_out
      AND coalesce(m.cancellation_code, 'CANT') IN ('CANT', 'CORP')
) AS c
WHERE quantity > 0;

-- Where deliveries stand while a whole set of them is judged and booked together: filled, booked and emptied by one
-- transaction, so nobody ever sees a row and none needs to survive a crash.
CREATE UNLOGGED TABLE ledger.staged (
    booking_id    uuid NOT NULL,
    isin          text NOT NULL,
    quantity      numeric NOT NULL,
    from_account  uuid NOT NULL,
    to_account    uuid NOT NULL,
    currency      text,
    amount        numeric,
    payer_account uuid,
    payee_account uuid
);
-- What the staged deliveries would change, position by position.
CREATE UNLOGGED TABLE ledger.staged_net (
    asset      text NOT NULL,
    account_id uuid NOT NULL,
    amount     numeric NOT NULL
);

-- Legs of bookings of any form, in any number: filled, booked and emptied by one transaction, one at a time.
CREATE UNLOGGED TABLE ledger.staged_leg (
    booking_id  uuid NOT NULL,
    reference   uuid NOT NULL,
    account_id  uuid NOT NULL,
    asset       text NOT NULL,
    sub_balance text NOT NULL,
    amount      numeric NOT NULL
);
CREATE UNLOGGED TABLE ledger.staged_leg_net (
    asset       text NOT NULL,
    account_id  uuid NOT NULL,
    sub_balance text NOT NULL,
    amount      numeric NOT NULL
);

CREATE VIEW ledger.v_movement AS
SELECT asset, account_id, sub_balance, amount, booked_at, booking_id FROM ledger.every_posting;
CREATE FUNCTION ledger.v_movement_of(asset text) RETURNS SETOF ledger.v_movement
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.asset, p.account_id, p.sub_balance, p.amount, p.booked_at, p.booking_id
    FROM ledger.postings_on(v_movement_of.asset) AS p;
END;
CREATE VIEW ledger.v_staged AS SELECT booking_id FROM ledger.staged;
CREATE VIEW ledger.v_booking AS SELECT id, batch_id, kind, reference FROM ledger.every_booking;

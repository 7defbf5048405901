-- What fell due to an account that could take nothing. It stands in the depository's account for suspense, owed to that
-- account, until it is released or its payment is reversed. `sub_balance`: where it goes when it is released.
CREATE TABLE servicing.suspended (
    event_id    uuid NOT NULL,
    payment_no  integer NOT NULL,
    account_id  uuid NOT NULL,
    sub_balance text NOT NULL CHECK (sub_balance IN ('available', 'blocked', 'pledged')),
    asset       text NOT NULL,
    amount      numeric NOT NULL CHECK (amount > 0),
    CONSTRAINT suspended_once PRIMARY KEY (event_id, payment_no, account_id, sub_balance, asset),
    FOREIGN KEY (event_id, payment_no) REFERENCES servicing.payment (event_id, no)
);

-- That what a closed account is owed is to go to another one: asked for by one person, released by another.
CREATE TABLE servicing.release_request (
    id           uuid PRIMARY KEY,
    event_id     uuid NOT NULL,
    account_id   uuid NOT NULL,
    into_account uuid NOT NULL,
    reason       text NOT NULL CHECK (reason <> ''),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    CONSTRAINT release_asked_by UNIQUE (id, requested_by),
    CONSTRAINT release_goes_elsewhere CHECK (into_account <> account_id)
);
CREATE TRIGGER release_request_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.release_request
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Released once: what is paid or taken back of the event later is the account's `into_account` itself again.
CREATE TABLE servicing.release (
    event_id     uuid NOT NULL,
    account_id   uuid NOT NULL,
    payment_no   integer NOT NULL,
    into_account uuid NOT NULL,
    booking_id   uuid NOT NULL UNIQUE,
    released_at  timestamptz NOT NULL,
    released_by  text NOT NULL,
    reason       text NOT NULL CHECK (reason <> ''),
    request_id   uuid UNIQUE,
    requested_by text,
    CONSTRAINT released_once PRIMARY KEY (event_id, account_id),
    CONSTRAINT released_elsewhere_on_request CHECK ((into_account = account_id) = (request_id IS NULL)),
    CONSTRAINT requested_by_somebody CHECK ((request_id IS NULL) = (requested_by IS NULL)),
    CONSTRAINT release_four_eyes CHECK (released_by <> requested_by),
    FOREIGN KEY (request_id, requested_by) REFERENCES servicing.release_request (id, requested_by),
    FOREIGN KEY (event_id, payment_no) REFERENCES servicing.payment (event_id, no)
);
CREATE TRIGGER suspended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.suspended
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER release_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.release
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Accounts whose payment went into suspense, and when and into which account it was released.
CREATE VIEW servicing.v_suspended AS
SELECT DISTINCT s.event_id, s.payment_no, s.account_id, r.released_at, r.into_account
FROM servicing.suspended AS s
LEFT JOIN servicing.release AS r ON r.event_id = s.event_id AND r.account_id = s.account_id
    AND r.payment_no = s.payment_no;

-- An event that a person refused is decided anew as another event, once. So what is paid is never what was refused.
CREATE TABLE servicing.reopening (
    event_id    uuid PRIMARY KEY REFERENCES servicing.event (id),
    refused_id  uuid NOT NULL,
    refused_as  text NOT NULL DEFAULT 'withdrawn' CHECK (refused_as = 'withdrawn'),
    reason      text NOT NULL CHECK (reason <> ''),
    reopened_at timestamptz NOT NULL,
    reopened_by text NOT NULL,
    CONSTRAINT reopened_once UNIQUE (refused_id),
    CONSTRAINT reopened_after_refusal FOREIGN KEY (refused_id, refused_as) REFERENCES servicing.ended (event_id, outcome)
);
CREATE TRIGGER reopening_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.reopening
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- ISO 20022 messages: what came in and what became of it, what was sent, and what each party was told last.
CREATE SCHEMA messages;

-- A message as it came. `business_id` is the sender's (BizMsgIdr); where `claims_id`, it is the sender's only one of that
-- name. `refusals` are the reasons why it was not taken, each with ISO 20022's code.
CREATE TABLE messages.received (
    id             uuid PRIMARY KEY,
    sender_lei     text,
    business_id    text,
    claims_id      boolean NOT NULL,
    definition     text,
    content        bytea NOT NULL,
    sha256         bytea NOT NULL CHECK (length(sha256) = 32),
    outcome        text NOT NULL CHECK (outcome IN ('accepted', 'partly', 'pending', 'rejected', 'unreadable')),
    refusals       jsonb NOT NULL,
    instruction_id uuid,
    received_at    timestamptz NOT NULL,
    actor          text NOT NULL,
    CONSTRAINT reasons_given CHECK ((refusals = '[]') = (outcome IN ('accepted', 'pending'))),
    CONSTRAINT claimed_by_somebody CHECK (NOT claims_id OR num_nonnulls(sender_lei, business_id) = 2)
);
CREATE UNIQUE INDEX received_once ON messages.received (sender_lei, business_id) WHERE claims_id;
CREATE TRIGGER received_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON messages.received
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- The number of a party's last message. Who writes to it holds its row until the commit, so numbers are seen in order.
CREATE TABLE messages.mailbox (
    receiver_lei text PRIMARY KEY,
    last_number  bigint NOT NULL CHECK (last_number > 0)
);

-- A message as it goes out; its id, without dashes, is its BizMsgIdr.
CREATE TABLE messages.outgoing (
    id             uuid PRIMARY KEY,
    receiver_lei   text NOT NULL,
    number         bigint NOT NULL,
    definition     text NOT NULL,
    content        bytea NOT NULL,
    in_reply_to    uuid,
    instruction_id uuid,
    created_at     timestamptz NOT NULL,
    CONSTRAINT numbered_once UNIQUE (receiver_lei, number)
);
CREATE INDEX outgoing_in_reply ON messages.outgoing (in_reply_to) WHERE in_reply_to IS NOT NULL;
CREATE TRIGGER outgoing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON messages.outgoing
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- What the party of an instruction was told last: `status` in ISO 20022's codes ("" before the first), whether that it is
-- matched, how many parts it was sent confirmations of; and whether the counterparty was sent an allegement.
CREATE TABLE messages.advised (
    instruction_id uuid PRIMARY KEY,
    status         text NOT NULL,
    is_matched     boolean NOT NULL,
    parts          smallint NOT NULL CHECK (parts >= 0),
    is_alleged     boolean NOT NULL
);

-- Requests to cancel that wait for the counterparty; what becomes of them is still to be told.
CREATE TABLE messages.open_cancellation (
    received_id    uuid PRIMARY KEY,
    instruction_id uuid NOT NULL
);
CREATE INDEX open_cancellation_of ON messages.open_cancellation (instruction_id);

-- Up to when each day's reports told of bookings: the next day's begin there.
CREATE TABLE messages.day_report (
    business_date date PRIMARY KEY,
    until         timestamptz NOT NULL
);

-- What was told of a lifecycle event about an account: the version of what was decided in the last notification (0:
-- undecided; NULL: none), the last record that was advised, how many payments and reversals were told, and that the event
-- does not take place.
CREATE TABLE messages.told_event (
    event_id     uuid NOT NULL,
    account_id   uuid NOT NULL,
    notified     integer CHECK (notified >= 0),
    advised      integer NOT NULL CHECK (advised >= 0),
    runs         smallint NOT NULL CHECK (runs >= 0),
    is_withdrawn boolean NOT NULL DEFAULT false,
    reminded     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (event_id, account_id),
    CONSTRAINT withdrawn_is_not_paid CHECK (NOT is_withdrawn OR (runs = 0 AND notified IS NOT NULL))
);

-- What is issued. Entries are for ever, in order of arrival, chained by hash (eWpG section 14, eWpRV section 7).
CREATE SCHEMA register;

-- One row a commit: the link of the global chain. `root` is the SHA-256 over the entries' hashes in order.
CREATE TABLE register.block (
    id            uuid PRIMARY KEY,
    sequence      bigint NOT NULL UNIQUE CHECK (sequence > 0),
    entry_count   integer NOT NULL CHECK (entry_count > 0),
    root          bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    recorded_at   timestamptz NOT NULL,
    xact          xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- Blocks that entries or issues have named. A block is inserted after all that it holds and closes it; one that is
-- named must be there at commit. Checked once a block, where a foreign key would be checked once a row.
CREATE TABLE register.opened (
    block_id uuid PRIMARY KEY,
    xact     xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- The head of the chain; its lock puts writers in order.
CREATE TABLE register.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sequence bigint NOT NULL,
    hash     bytea NOT NULL
);
INSERT INTO register.head (sequence, hash) VALUES (0, sha256('counterfoil register'));

CREATE TABLE register.issue (
    isin         text PRIMARY KEY,
    issuer_lei   text NOT NULL,
    mode         text NOT NULL CHECK (mode IN ('fixed', 'up_to')),
    authorised   numeric NOT NULL CHECK (authorised > 0 AND authorised < 'Infinity'),
    issued       numeric NOT NULL,
    state        text NOT NULL CHECK (state IN ('active', 'suspended', 'matured', 'redeemed', 'deleted', 'cancelled')),
    terms_version integer NOT NULL CHECK (terms_version > 0),
    content      jsonb NOT NULL,
    entry_no     integer NOT NULL CHECK (entry_no > 0),
    entry_hash   bytea NOT NULL,
    block_id     uuid NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT issued_within_authorised CHECK (issued >= 0 AND issued <= authorised),
    CONSTRAINT nothing_left_when_ended CHECK (state NOT IN ('redeemed', 'deleted', 'cancelled') OR issued = 0)
);

CREATE TABLE register.entry (
    block_id         uuid NOT NULL,
    position         integer NOT NULL CHECK (position > 0),
    isin             text NOT NULL,
    entry_no         integer NOT NULL CHECK (entry_no > 0),
    request_id       uuid NOT NULL,
    kind             text NOT NULL CHECK (kind IN (
        'NEW', 'TOP_UP', 'DECREASE', 'AMEND', 'CANCEL', 'SUSPEND', 'RESUME', 'MATURE', 'REDEEM', 'DELETE'
    )),
    delta            numeric NOT NULL,
    issued_after     numeric NOT NULL CHECK (issued_after >= 0),
    authorised_after numeric NOT NULL CHECK (authorised_after >= issued_after),
    arrived_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    content          text NOT NULL,
    hash             bytea NOT NULL,
    PRIMARY KEY (block_id, position),
    UNIQUE (isin, entry_no),
    CONSTRAINT recorded_once UNIQUE (request_id),
    CONSTRAINT arrived_before_changed CHECK (changed_at >= arrived_at)
);

CREATE INDEX issue_by_block ON register.issue (block_id);
-- Nearly all issues are active: those are found in order of ISIN, the others here.
CREATE INDEX issue_not_active ON register.issue (state, isin) WHERE state <> 'active';

CREATE TRIGGER block_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register.block
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER opened_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register.opened
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register.entry
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER issue_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF isin, issuer_lei, mode ON register.issue
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER head_kept BEFORE INSERT OR DELETE OR TRUNCATE ON register.head
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- The guards look up by key in scalar subqueries, which no stale estimate can turn into a scan of a whole table, and
-- read what a transaction wrote in a materialised query of its own: one that is sorted or grouped where it is read and
-- asked for its first row alone looks cheapest in the order of another index, over all rows there have ever been.
CREATE FUNCTION register.check_block_is_open() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO register.opened (block_id) SELECT DISTINCT block_id FROM changed ON CONFLICT DO NOTHING;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT block_id FROM changed) AS c
        WHERE (SELECT o.xact FROM register.opened AS o WHERE o.block_id = c.block_id) <> pg_current_xact_id()
           OR (SELECT b.id FROM register.block AS b WHERE b.id = c.block_id) IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a block takes nothing more once it is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'block_is_open';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER issue_added AFTER INSERT ON register.issue
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_open();
CREATE TRIGGER issue_changed AFTER UPDATE ON register.issue
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_open();
CREATE TRIGGER entry_added AFTER INSERT ON register.entry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_open();

CREATE FUNCTION register.check_opened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.xact <> pg_current_xact_id()
       OR (SELECT b.xact FROM register.block AS b WHERE b.id = NEW.block_id) IS DISTINCT FROM pg_current_xact_id()
    THEN
        RAISE EXCEPTION 'a block was named that this transaction did not close'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'block_is_closed';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER opened_is_closed AFTER INSERT ON register.opened
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_opened();

-- At commit: for every issue of the block, register and ledger say the same, and its entries follow one another.
CREATE FUNCTION register.check_block() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    parted text;
    places bigint;
    root   bytea;
BEGIN
    WITH held AS MATERIALIZED (
        SELECT position, isin, entry_no, delta, issued_after, authorised_after, changed_at, hash
        FROM register.entry WHERE block_id = NEW.id
    )
    SELECT e.isin INTO parted
    FROM (
        SELECT isin, entry_no, delta, issued_after, authorised_after, changed_at, hash,
            lag(entry_no) OVER w AS no_before, lag(issued_after) OVER w AS issued_before,
            lead(entry_no) OVER w IS NULL AS is_last
        FROM held
        WINDOW w AS (PARTITION BY isin ORDER BY position)
    ) AS e
    WHERE e.entry_no <> coalesce(e.no_before, e.entry_no - 1) + 1
       OR e.issued_after <> e.delta + CASE
           WHEN e.no_before IS NOT NULL THEN e.issued_before
           WHEN e.entry_no = 1 THEN 0
           -- Without the entry before, the sum is unknown, and an unknown sum is refused below.
           ELSE coalesce((
               SELECT p.issued_after FROM register.entry AS p WHERE p.isin = e.isin AND p.entry_no = e.entry_no - 1
           ), 'NaN')
       END
       -- The last entry is how the issue stands, unless a later block of this transaction goes on from it.
       OR (e.is_last AND (
           SELECT n.isin FROM register.entry AS n WHERE n.isin = e.isin AND n.entry_no = e.entry_no + 1
       ) IS NULL AND (
           SELECT i.issued = e.issued_after AND i.authorised = e.authorised_after AND i.entry_no = e.entry_no
               AND i.entry_hash = e.hash AND i.changed_at = e.changed_at AND i.block_id = NEW.id
               AND i.issued = -(
                   SELECT coalesce(sum(c.quantity), 0) FROM ledger.v_position AS c
                   WHERE c.asset = e.isin AND c.kind = 'issue_control'
               )
           FROM register.issue AS i WHERE i.isin = e.isin
       ) IS NOT TRUE)
    LIMIT 1;
    IF parted IS NOT NULL THEN
        RAISE EXCEPTION 'register and ledger part for %', parted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_equals_booked';
    END IF;
    IF EXISTS (
        SELECT FROM register.issue AS i
        WHERE i.block_id = NEW.id AND (
            SELECT e.block_id FROM register.entry AS e WHERE e.isin = i.isin AND e.entry_no = i.entry_no
        ) IS DISTINCT FROM NEW.id
    ) THEN
        RAISE EXCEPTION 'an issue changed without an entry'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issue_has_entry';
    END IF;
    -- The chain, by the recipe of register/README.md.
    SELECT count(*), sha256(string_agg(e.hash, ''::bytea ORDER BY e.position)) INTO places, root
    FROM register.entry AS e WHERE e.block_id = NEW.id HAVING max(e.position) = count(*)
        AND bool_and(e.hash = sha256(convert_to(e.content, 'UTF8')));
    IF NEW.xact <> pg_current_xact_id() OR NEW.entry_count IS DISTINCT FROM places OR NEW.root IS DISTINCT FROM root
       OR NEW.hash <> sha256(NEW.previous_hash || int8send(NEW.sequence) || NEW.root)
       OR NEW.previous_hash IS DISTINCT FROM (CASE
           WHEN NEW.sequence = 1 THEN sha256('counterfoil register')
           ELSE (SELECT b.hash FROM register.block AS b WHERE b.sequence = NEW.sequence - 1)
       END)
       OR (SELECT h.sequence < NEW.sequence FROM register.head AS h)
    THEN
        RAISE EXCEPTION 'block % does not follow from its entries and the block before', NEW.sequence
            USING ERRCODE = 'check_violation', CONSTRAINT = 'block_in_chain';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER block_complete AFTER INSERT ON register.block
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_block();

-- At commit: the head names the last block.
CREATE FUNCTION register.check_head() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT (b.sequence, b.hash) = (h.sequence, h.hash)
        FROM register.head AS h, (SELECT sequence, hash FROM register.block ORDER BY sequence DESC LIMIT 1) AS b
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'the head of the chain is not its last block'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'head_is_last_block';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER head_is_last_block AFTER UPDATE ON register.head
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_head();

-- At commit: whoever posts on a control account, the register says the same afterwards.
CREATE FUNCTION register.check_control() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    controls uuid[] := ARRAY(SELECT id FROM ledger.account WHERE kind = 'issue_control');
BEGIN
    IF EXISTS (
        WITH touched AS MATERIALIZED (
            SELECT p.asset, p.account_id FROM ledger.posting AS p WHERE p.batch_id = NEW.batch_id
            UNION ALL
            SELECT l.asset, l.account_id
            FROM (
                SELECT d.isin, d.from_account, d.to_account, d.currency, d.payer_account, d.payee_account
                FROM ledger.delivery AS d
                WHERE d.batch_id = NEW.batch_id AND (
                    d.from_account = ANY (controls) OR d.to_account = ANY (controls)
                    OR d.payer_account = ANY (controls) OR d.payee_account = ANY (controls)
                )
                OFFSET 0
            ) AS d
            CROSS JOIN LATERAL (VALUES
                (d.isin, d.from_account), (d.isin, d.to_account), (d.currency, d.payer_account),
                (d.currency, d.payee_account)
            ) AS l (asset, account_id)
        )
        SELECT FROM (SELECT DISTINCT asset FROM touched WHERE account_id = ANY (controls)) AS t
        WHERE coalesce((SELECT i.issued FROM register.issue AS i WHERE i.isin = t.asset), 0) <> -(
            SELECT coalesce(sum(c.quantity), 0) FROM ledger.position AS c
            WHERE c.asset = t.asset AND c.account_id = ANY (controls)
        )
    ) THEN
        RAISE EXCEPTION 'a control account moved without the register'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_equals_booked';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER control_follows_register AFTER INSERT ON ledger.posted
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_control();

CREATE VIEW register.v_entry AS
SELECT isin, entry_no, kind, request_id, arrived_at, changed_at FROM register.entry;

CREATE VIEW register.v_issue AS
SELECT isin, issuer_lei, mode, authorised, issued, state, terms_version, changed_at FROM register.issue;

-- Entries in the order of the chain. Blocks appear in that order too: whoever has read one has missed none before it.
CREATE VIEW register.v_chain AS
SELECT b.sequence, e.position, e.isin, e.entry_no, e.kind
FROM register.block AS b JOIN register.entry AS e ON e.block_id = b.id;

CREATE VIEW register.v_block AS SELECT sequence, recorded_at FROM register.block;

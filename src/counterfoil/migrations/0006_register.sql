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
    authorised   numeric NOT NULL CHECK (authorised > 0),
    issued       numeric NOT NULL,
    state        text NOT NULL CHECK (state IN ('active', 'suspended', 'matured', 'redeemed', 'deleted', 'cancelled')),
    terms_version integer NOT NULL CHECK (terms_version > 0),
    content      jsonb NOT NULL,
    entry_no     integer NOT NULL CHECK (entry_no > 0),
    entry_hash   bytea NOT NULL,
    block_id     uuid NOT NULL REFERENCES register.block DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT issued_within_authorised CHECK (issued >= 0 AND issued <= authorised),
    CONSTRAINT nothing_left_when_ended CHECK (state NOT IN ('redeemed', 'deleted', 'cancelled') OR issued = 0)
);

CREATE TABLE register.entry (
    block_id         uuid NOT NULL REFERENCES register.block DEFERRABLE INITIALLY DEFERRED,
    position         integer NOT NULL CHECK (position > 0),
    isin             text NOT NULL,
    entry_no         integer NOT NULL CHECK (entry_no > 0),
    request_id       uuid NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('NEW', 'TOP_UP', 'DECREASE', 'AMEND', 'CANCEL')),
    delta            numeric NOT NULL,
    issued_after     numeric NOT NULL CHECK (issued_after >= 0),
    authorised_after numeric NOT NULL CHECK (authorised_after >= issued_after),
    arrived_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL CHECK (changed_at >= arrived_at),
    content          text NOT NULL,
    hash             bytea NOT NULL,
    PRIMARY KEY (block_id, position),
    UNIQUE (isin, entry_no),
    CONSTRAINT recorded_once UNIQUE (request_id)
);

CREATE TRIGGER block_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register.block
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register.entry
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER issue_kept BEFORE DELETE OR TRUNCATE ON register.issue
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- With the deferred foreign keys: what an issue or an entry names is a block of this very transaction, whose own
-- check (below) then looks at them at commit.
CREATE FUNCTION register.check_block_is_new() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed AS c JOIN register.block AS b ON b.id = c.block_id AND b.xact <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'a block is closed by its commit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'block_is_new';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER issue_added AFTER INSERT ON register.issue
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_new();
CREATE TRIGGER issue_changed AFTER UPDATE ON register.issue
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_new();
CREATE TRIGGER entry_added AFTER INSERT ON register.entry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION register.check_block_is_new();

-- At commit: for every issue of the block, register and ledger say the same, and its entries have no gap.
CREATE FUNCTION register.check_block() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    parted text;
BEGIN
    SELECT e.isin INTO parted
    FROM (
        SELECT isin, max(entry_no) AS last, min(entry_no) AS first, count(*) AS entries
        FROM register.entry WHERE block_id = NEW.id GROUP BY isin
    ) AS e
    LEFT JOIN register.issue AS i ON i.isin = e.isin
    LEFT JOIN register.entry AS l ON l.isin = e.isin AND l.entry_no = e.last
    LEFT JOIN register.entry AS p ON p.isin = e.isin AND p.entry_no = e.first - 1
    LEFT JOIN (
        SELECT asset, sum(quantity) AS quantity FROM ledger.v_position
        WHERE kind = 'issue_control' AND asset IN (SELECT isin FROM register.entry WHERE block_id = NEW.id)
        GROUP BY asset
    ) AS c ON c.asset = e.isin
    WHERE i.isin IS NULL
       OR i.issued <> l.issued_after OR i.authorised <> l.authorised_after
       OR i.entry_no <> e.last OR i.entry_hash <> l.hash
       OR i.issued <> -coalesce(c.quantity, 0)
       OR e.entries <> e.last - e.first + 1
       OR (e.first > 1 AND p.isin IS NULL)
       OR i.issued <> coalesce(p.issued_after, 0) + (
           SELECT sum(delta) FROM register.entry AS d WHERE d.block_id = NEW.id AND d.isin = e.isin
       )
    LIMIT 1;
    IF parted IS NOT NULL THEN
        RAISE EXCEPTION 'register and ledger part for %', parted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_equals_booked';
    END IF;
    IF EXISTS (
        SELECT FROM register.issue AS i
        WHERE i.block_id = NEW.id
          AND NOT EXISTS (SELECT FROM register.entry AS e WHERE e.block_id = NEW.id AND e.isin = i.isin)
    ) THEN
        RAISE EXCEPTION 'an issue changed without an entry'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issue_has_entry';
    END IF;
    IF NEW.entry_count <> (SELECT count(*) FROM register.entry WHERE block_id = NEW.id) THEN
        RAISE EXCEPTION 'a block counts its entries wrongly'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'block_counts_entries';
    END IF;
    RETURN NULL;
END
$$;
CREATE INDEX issue_by_block ON register.issue (block_id);
CREATE CONSTRAINT TRIGGER block_complete AFTER INSERT ON register.block
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_block();

-- At commit: whoever books on a control account, the register says the same afterwards.
CREATE FUNCTION register.check_control() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT DISTINCT p.asset FROM ledger.posting AS p
            JOIN ledger.account AS a ON a.id = p.account_id AND a.kind = 'issue_control'
            WHERE p.batch_id = NEW.id
        ) AS t
        LEFT JOIN register.issue AS i ON i.isin = t.asset
        WHERE coalesce(i.issued, 0) <> (
            SELECT -sum(quantity) FROM ledger.v_position AS v WHERE v.asset = t.asset AND v.kind = 'issue_control'
        )
    ) THEN
        RAISE EXCEPTION 'a control account moved without the register'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'issued_equals_booked';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER control_follows_register AFTER INSERT ON ledger.batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register.check_control();

CREATE VIEW register.v_entry AS
SELECT isin, entry_no, kind, request_id, arrived_at, changed_at FROM register.entry;

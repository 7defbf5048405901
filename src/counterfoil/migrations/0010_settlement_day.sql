-- The settlement day as data: what happens when, what a fail costs, and what was found at the end.

-- Times of day in Frankfurt. All rows of one `valid_from` are a version. `on_eve`: on the settlement day before; a time
-- before noon then belongs to the night that follows it. A window without `lasts` is open until the DvP cut-off.
CREATE TABLE settlement.timetable (
    valid_from date NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN (
        'start', 'night_cycle', 'night_end', 'real_time', 'partial_window', 'dvp_cut_off', 'batm_cut_off',
        'fop_cut_off', 'end'
    )),
    ordinal    smallint NOT NULL,
    on_eve     boolean NOT NULL,
    local_time time NOT NULL,
    lasts      interval CHECK (lasts IS NULL OR (lasts > '0' AND kind = 'partial_window')),
    PRIMARY KEY (valid_from, name),
    UNIQUE (valid_from, ordinal)
);
INSERT INTO settlement.timetable VALUES
    ('2015-06-22', 'start_of_day', 'start', 1, true, '18:45', NULL),
    ('2015-06-22', 'night_cycle_1', 'night_cycle', 2, true, '20:00', NULL),
    ('2015-06-22', 'night_cycle_2', 'night_cycle', 3, true, '22:20', NULL),
    ('2015-06-22', 'night_end', 'night_end', 4, true, '03:00', NULL),
    ('2015-06-22', 'real_time', 'real_time', 5, false, '05:00', NULL),
    ('2015-06-22', 'partial_1', 'partial_window', 6, false, '08:00', '30 minutes'),
    ('2015-06-22', 'partial_2', 'partial_window', 7, false, '10:00', '15 minutes'),
    ('2015-06-22', 'partial_3', 'partial_window', 8, false, '12:00', '15 minutes'),
    ('2015-06-22', 'partial_4', 'partial_window', 9, false, '14:00', '15 minutes'),
    ('2015-06-22', 'partial_5', 'partial_window', 10, false, '15:30', NULL),
    ('2015-06-22', 'dvp_cut_off', 'dvp_cut_off', 11, false, '16:00', NULL),
    ('2015-06-22', 'batm_cut_off', 'batm_cut_off', 12, false, '17:40', NULL),
    ('2015-06-22', 'fop_cut_off', 'fop_cut_off', 13, false, '18:00', NULL),
    ('2015-06-22', 'end_of_day', 'end', 14, false, '18:00', NULL);

CREATE TABLE settlement.day (
    business_date date PRIMARY KEY,
    state         text NOT NULL CHECK (state IN ('open', 'closed')),
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    CONSTRAINT closed_has_time CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_open_day ON settlement.day (state) WHERE state = 'open';

-- `shifted_from` is the time that the timetable gave; `shifted_by` and `reason` are those of the last shift.
CREATE TABLE settlement.day_event (
    business_date date NOT NULL,
    name          text NOT NULL,
    kind          text NOT NULL,
    ordinal       smallint NOT NULL,
    at            timestamptz NOT NULL,
    lasts         interval,
    shifted_from  timestamptz,
    shifted_by    text,
    reason        text,
    done_at       timestamptz,
    PRIMARY KEY (business_date, name),
    UNIQUE (business_date, ordinal),
    CONSTRAINT shift_complete CHECK (num_nonnulls(shifted_from, shifted_by, reason) IN (0, 3)),
    CONSTRAINT done_when_due CHECK (done_at >= at)
);

-- Every shift, also those that a later one has overtaken.
CREATE TABLE settlement.day_shift (
    id            uuid PRIMARY KEY,
    business_date date NOT NULL,
    name          text NOT NULL,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    shifted_at    timestamptz NOT NULL,
    actor         text NOT NULL,
    reason        text NOT NULL
);

-- What one unit of the issue's quantity was worth: `price` is money for a unit, or per cent of a nominal amount.
-- `asset_class` overrides what the CFI says, for instance for issues traded on SME growth markets.
CREATE TABLE settlement.reference_price (
    isin          text NOT NULL,
    business_date date NOT NULL,
    price         numeric NOT NULL CHECK (price >= 0 AND price < 'Infinity'),
    quotation     text NOT NULL DEFAULT 'unit' CHECK (quotation IN ('unit', 'percent')),
    currency      text NOT NULL,
    liquid        boolean NOT NULL DEFAULT false,
    asset_class   text,
    PRIMARY KEY (isin, business_date)
);

-- Per day, as a fraction: 0.0001 is one basis point (annex of Regulation (EU) 2017/389).
CREATE TABLE settlement.penalty_rate (
    asset_class text NOT NULL,
    valid_from  date NOT NULL,
    rate        numeric NOT NULL CHECK (rate BETWEEN 0 AND 1),
    PRIMARY KEY (asset_class, valid_from)
);
INSERT INTO settlement.penalty_rate VALUES
    ('liquid_share', '2022-02-01', 0.0001),
    ('illiquid_share', '2022-02-01', 0.00005),
    ('sme_growth', '2022-02-01', 0.000025),
    ('public_debt', '2022-02-01', 0.00001),
    ('debt', '2022-02-01', 0.00002),
    ('sme_growth_debt', '2022-02-01', 0.000015),
    ('other', '2022-02-01', 0.00005);

-- The central bank's rate for overnight credit, in per cent a year; a negative one counts as zero.
CREATE TABLE settlement.overnight_rate (
    currency     text NOT NULL,
    valid_from   date NOT NULL,
    rate_percent numeric NOT NULL CHECK (rate_percent BETWEEN -100 AND 1000),
    day_basis    smallint NOT NULL DEFAULT 360 CHECK (day_basis IN (360, 365)),
    PRIMARY KEY (currency, valid_from)
);
INSERT INTO settlement.overnight_rate VALUES ('EUR', '2025-06-11', 2.40, 360);

-- Parties whose accounts stand still since insolvency was opened over them: their fails cost nothing.
CREATE TABLE settlement.insolvency (
    party_lei   text PRIMARY KEY,
    opened_on   date NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor       text NOT NULL
);

-- `basis` says what the debtor owed and did not bring. `amount` = quantity x price (a hundredth of it for a price in per
-- cent, which stands here already divided) x rate, rounded half up to the currency's minor unit.
CREATE TABLE settlement.penalty (
    transaction_id uuid NOT NULL,
    business_date  date NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('SEFP', 'LMFP')),
    debtor_lei     text NOT NULL,
    basis          text NOT NULL CHECK (basis IN ('securities', 'cash')),
    creditor_lei   text NOT NULL,
    amount         numeric NOT NULL CHECK (amount >= 0),
    currency       text NOT NULL,
    rate           numeric NOT NULL CHECK (rate >= 0),
    price          numeric NOT NULL CHECK (price >= 0),
    quantity       numeric NOT NULL CHECK (quantity > 0),
    charged_on     date NOT NULL,
    PRIMARY KEY (transaction_id, business_date, kind, debtor_lei, basis)
);
CREATE INDEX penalty_by_day ON settlement.penalty (charged_on);

-- What was matched since the last end of day is found without reading what was matched before.
CREATE INDEX transaction_by_time ON settlement.transaction USING brin (matched_at);

CREATE TABLE settlement.end_of_day (
    business_date     date PRIMARY KEY,
    ran_at            timestamptz NOT NULL,
    actor             text NOT NULL,
    failing           integer NOT NULL,
    expired_unmatched integer NOT NULL,
    expired_matched   integer NOT NULL,
    expired_requests  integer NOT NULL,
    penalties         integer NOT NULL,
    unpriced          text[] NOT NULL,
    suspended         text[] NOT NULL,
    unsuspended       text[] NOT NULL
);

-- `mismatches` spells out some, `isins` names every issue that is concerned, `parted` those whose
-- control account is not what the register says. Which bookings the report has counted: those of the transactions in `snapshot`, and of its own one, `xact`, the
-- `own_batches`. The next report begins after them.
CREATE TABLE settlement.integrity_report (
    business_date  date PRIMARY KEY,
    made_at        timestamptz NOT NULL,
    issues         bigint NOT NULL,
    accounts       bigint NOT NULL,
    mismatch_count bigint NOT NULL,
    mismatches     jsonb NOT NULL,
    isins          text[] NOT NULL,
    parted         text[] NOT NULL,
    snapshot       pg_snapshot NOT NULL,
    xact           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    own_batches    uuid[] NOT NULL
);

-- What an account held of an asset at the end of each day on which it changed.
CREATE TABLE settlement.closing_balance (
    asset         text NOT NULL,
    account_id    uuid NOT NULL,
    business_date date NOT NULL,
    quantity      numeric NOT NULL,
    PRIMARY KEY (asset, account_id, business_date)
);

CREATE TRIGGER day_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF business_date, opened_at ON settlement.day
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER day_event_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF business_date, name, kind, ordinal
    ON settlement.day_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER day_shift_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.day_shift
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER penalty_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.penalty
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER end_of_day_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.end_of_day
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER integrity_report_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.integrity_report
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER closing_balance_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.closing_balance
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

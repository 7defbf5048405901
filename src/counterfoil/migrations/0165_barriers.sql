-- Prices as they come, and the barriers that they touch.

-- Barriers that prices can touch, until their security ends. `side` 1: hit at the level or below, -1: at it or above.
-- `reach` is side · level as it was (or will have been) on 1 January 2020 by the daily growth of the rate: so that one range
-- of one index has all barriers which a price touches on any day, and to look for them costs what is found. `touched`: at
-- least one source has seen it touched; `begins`: the first day by the terms, of which `first_day` is a later one where the
-- barrier was amended; `exchange`: the calendar of its prices; `hit_on`: that counts, and the security ends by it. The rest is what its end needs.
CREATE TABLE servicing.watched (
    isin          text NOT NULL,
    name          text NOT NULL,
    underlying    text NOT NULL,
    at_close      boolean NOT NULL,
    side          smallint NOT NULL CHECK (side IN (-1, 1)),
    level         numeric NOT NULL CHECK (level > 0 AND level < 'Infinity'),
    rate_percent  numeric NOT NULL CHECK (rate_percent > -36000 AND rate_percent < 'Infinity'),
    grows_from    date NOT NULL,
    reach         numeric NOT NULL,
    first_day     date NOT NULL,
    last_day      date,
    ends          boolean NOT NULL,
    terms_version integer NOT NULL CHECK (terms_version > 0),
    issuer_lei    text NOT NULL,
    currency      text NOT NULL,
    calendar      text NOT NULL,
    payment_lag   integer NOT NULL,
    begins        date NOT NULL,
    exchange      text NOT NULL,
    touched       boolean NOT NULL DEFAULT false,
    hit_on        date,
    PRIMARY KEY (isin, name),
    CONSTRAINT hit_after_touch CHECK (hit_on IS NULL OR (touched AND ends))
);
CREATE INDEX watched_by_reach ON servicing.watched (underlying, at_close, side, rate_percent, reach) WHERE hit_on IS NULL;
CREATE INDEX watched_until ON servicing.watched (underlying, last_day) WHERE hit_on IS NULL AND last_day IS NOT NULL;
CREATE INDEX watched_hit ON servicing.watched (underlying, hit_on) WHERE hit_on IS NOT NULL;
CREATE INDEX watched_touched ON servicing.watched (isin) WHERE touched AND hit_on IS NULL AND ends;
-- Every rate there ever was among them: few.
CREATE TABLE servicing.watched_rate (rate_percent numeric PRIMARY KEY);

-- A security is knocked out once.
CREATE UNIQUE INDEX knocked_out_once ON servicing.pending (isin) WHERE process = 'knock-out';

-- A price by a source; `at_close`: the closing price. A correction is a further version with its reason; without a price
-- it withdraws the tick. `sequence` tells ticks of one instant apart.
CREATE TABLE servicing.tick (
    underlying text NOT NULL CHECK (length(underlying) BETWEEN 1 AND 120),
    day        date NOT NULL,
    source     text NOT NULL,
    at         timestamptz NOT NULL,
    sequence   bigint NOT NULL CHECK (sequence >= 0),
    version    integer NOT NULL CHECK (version > 0),
    at_close   boolean NOT NULL,
    price      numeric CHECK (price >= 0 AND price < 'Infinity'),
    entered_at timestamptz NOT NULL,
    entered_by text NOT NULL,
    reason     text,
    PRIMARY KEY (underlying, day, source, at, sequence, version),
    CONSTRAINT tick_correction_has_reason CHECK ((version = 1) = (reason IS NULL)),
    CONSTRAINT tick_withdrawn_later CHECK (version > 1 OR price IS NOT NULL)
);
CREATE TRIGGER tick_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.tick
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- How far the prices of a source have gone on a day, of all of them or of the closing ones: the lowest side · price.
CREATE TABLE servicing.extreme (
    underlying text NOT NULL,
    day        date NOT NULL,
    source     text NOT NULL,
    at_close   boolean NOT NULL,
    side       smallint NOT NULL CHECK (side IN (-1, 1)),
    reach      numeric NOT NULL,
    PRIMARY KEY (underlying, day, source, at_close, side)
);

-- The tick by which a source saw a barrier touched, and the level it stood at: what the observation rests on. The
-- observation itself says "hit on this day", which two sources can say alike though their prices differ.
CREATE TABLE servicing.touch (
    observation_id uuid PRIMARY KEY,
    isin           text NOT NULL,
    name           text NOT NULL,
    underlying     text NOT NULL,
    day            date NOT NULL,
    source         text NOT NULL,
    at             timestamptz NOT NULL,
    sequence       bigint NOT NULL,
    tick_version   integer NOT NULL,
    price          numeric NOT NULL,
    level          numeric NOT NULL,
    terms_version  integer NOT NULL
);
CREATE INDEX touch_of_prices ON servicing.touch (underlying, day, source);
CREATE INDEX touch_of_issue ON servicing.touch (isin);
CREATE TRIGGER touch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON servicing.touch
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Where ticks stand while they are taken in, one batch at a time: filled, used and emptied by one transaction.
CREATE UNLOGGED TABLE servicing.staged_tick (
    underlying text NOT NULL,
    day        date NOT NULL,
    source     text NOT NULL,
    at         timestamptz NOT NULL,
    sequence   bigint NOT NULL,
    version    integer NOT NULL,
    at_close   boolean NOT NULL,
    price      numeric
);
-- A tick that goes further than those before it: it touches what lies from its own reach up to (not at) `before`.
CREATE UNLOGGED TABLE servicing.staged_step (
    underlying   text NOT NULL,
    day          date NOT NULL,
    source       text NOT NULL,
    at_close     boolean NOT NULL,
    side         smallint NOT NULL,
    reach        numeric NOT NULL,
    before       numeric,
    at           timestamptz NOT NULL,
    sequence     bigint NOT NULL,
    tick_version integer NOT NULL
);
CREATE UNLOGGED TABLE servicing.staged_touch (
    no            bigint NOT NULL,
    isin          text NOT NULL,
    name          text NOT NULL,
    underlying    text NOT NULL,
    day           date NOT NULL,
    source        text NOT NULL,
    at            timestamptz NOT NULL,
    sequence      bigint NOT NULL,
    tick_version  integer NOT NULL,
    price         numeric NOT NULL,
    level         numeric NOT NULL,
    terms_version integer NOT NULL,
    version       integer NOT NULL
);

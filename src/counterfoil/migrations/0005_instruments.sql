-- What a security is: one row an instrument, one row a version of its terms.
CREATE SCHEMA instruments;

CREATE TABLE instruments.instrument (
    isin       text PRIMARY KEY CHECK (isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'),
    class      text NOT NULL,
    issuer_lei text NOT NULL,
    name       text NOT NULL,
    currency   text NOT NULL,
    wkn        text,
    cfi        text NOT NULL,
    fisn       text NOT NULL,
    entered_at timestamptz NOT NULL
);
CREATE INDEX instrument_by_issuer ON instruments.instrument (issuer_lei, isin);
CREATE INDEX instrument_by_class ON instruments.instrument (class, isin);
CREATE INDEX instrument_by_entry ON instruments.instrument (entered_at, isin);

CREATE INDEX instrument_by_words ON instruments.instrument USING gin (core.words(name));

-- `canonical` is the very text that `hash` is the SHA-256 of (RFC 8785); it is stored as text because jsonb would
-- not keep its bytes.
CREATE TABLE instruments.terms (
    isin        text NOT NULL,
    version     integer NOT NULL CHECK (version > 0),
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    canonical   text NOT NULL,
    effect      text CHECK (effect IN ('technical', 'economic', 'identity')),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (isin, version),
    CONSTRAINT first_version_has_no_effect CHECK ((version = 1) = (effect IS NULL))
);
CREATE TRIGGER terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON instruments.terms
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Blocks of numbers that the numbering agency has assigned to this depository. A block holds 34^4 WKNs (prefix of two
-- characters) or 10^6 XS numbers (prefix of three digits). The sequences do not roll back: a gap in the numbers is
-- harmless, a lock held by every issuance is not.
CREATE TABLE instruments.isin_block (
    series  text NOT NULL CHECK (series IN ('DE', 'XS')),
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    prefix  text NOT NULL,
    PRIMARY KEY (series, ordinal),
    UNIQUE (series, prefix),
    CHECK (prefix ~ CASE series WHEN 'DE' THEN '^[0-9A-HJ-NP-Z]{2}$' ELSE '^[0-9]{3}$' END)
);
CREATE SEQUENCE instruments.isin_de MINVALUE 0 START 0;
CREATE SEQUENCE instruments.isin_xs MINVALUE 0 START 0;

INSERT INTO instruments.isin_block (series, ordinal, prefix) VALUES
    ('DE', 0, 'CF'), ('DE', 1, 'CG'), ('DE', 2, 'CH'), ('XS', 0, '900'), ('XS', 1, '901');

CREATE VIEW instruments.v_instrument AS
SELECT isin, class, issuer_lei, currency, cfi, name, wkn, fisn, entered_at, core.words(name) AS words
FROM instruments.instrument;

CREATE VIEW instruments.v_terms AS SELECT isin, version, hash, canonical FROM instruments.terms;

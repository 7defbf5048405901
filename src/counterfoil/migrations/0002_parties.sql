-- Legal entities as GLEIF states them, their BICs, and what they may do for each other.
CREATE SCHEMA parties;

CREATE TABLE parties.entity (
    lei                 text PRIMARY KEY CHECK (lei ~ '^[A-Z0-9]{18}[0-9]{2}$'),
    legal_name          text NOT NULL,
    country             text,
    legal_form          text,
    entity_status       text NOT NULL,
    registration_status text NOT NULL,
    next_renewal_on     date,
    updated_at          timestamptz NOT NULL
);
CREATE INDEX entity_by_words ON parties.entity USING gin (core.words(legal_name));

CREATE TABLE parties.bic (
    bic text NOT NULL,
    lei text NOT NULL,
    PRIMARY KEY (bic, lei)
);
CREATE INDEX bic_of ON parties.bic (lei);

-- `principal_lei` gives the mandate; an empty text stands for the role as such, for everybody.
CREATE TABLE parties.mandate (
    lei           text NOT NULL,
    role          text NOT NULL CHECK (role IN (
        'issuer', 'issuing_agent', 'paying_agent', 'dealer', 'custodian', 'csd_operator'
    )),
    principal_lei text NOT NULL,
    granted_at    timestamptz NOT NULL,
    granted_by    text NOT NULL,
    revoked_at    timestamptz,
    PRIMARY KEY (lei, role, principal_lei)
);
CREATE INDEX mandate_of_principal ON parties.mandate (principal_lei);

-- Parties that are told by ISO 20022 messages what happens to them. `bic` is the name that they use; without it, the LEI.
CREATE TABLE parties.correspondent (
    lei   text PRIMARY KEY,
    bic   text,
    since timestamptz NOT NULL,
    actor text NOT NULL
);

CREATE VIEW parties.v_correspondent AS SELECT lei FROM parties.correspondent;

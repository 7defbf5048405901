-- Process models and their instances. Only what is alive has rows in element_instance, subscription and message, so
-- finished instances cost nothing.
CREATE SCHEMA orchestration;

CREATE TABLE orchestration.process_definition (
    id          uuid PRIMARY KEY,
    process_id  text NOT NULL,
    version     integer NOT NULL CHECK (version > 0),
    name        text NOT NULL,
    resource    text NOT NULL,
    xml         bytea NOT NULL,
    sha256      bytea NOT NULL,
    deployed_at timestamptz NOT NULL,
    deployed_by text NOT NULL,
    UNIQUE (process_id, version)
);

CREATE TABLE orchestration.process_instance (
    id                uuid PRIMARY KEY,
    definition_id     uuid NOT NULL,
    business_key      text,
    asked_by          text,
    parent_element_id uuid,
    variables         jsonb NOT NULL,
    state             text NOT NULL CHECK (state IN ('active', 'completed', 'cancelled')),
    started_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    CHECK ((state = 'active') = (ended_at IS NULL))
) WITH (fillfactor = 70);
COMMENT ON COLUMN orchestration.process_instance.asked_by IS 'Who asked for what it does; NULL: nobody, it was due';
CREATE INDEX process_instance_cancelled ON orchestration.process_instance (business_key) WHERE state = 'cancelled';
CREATE INDEX process_instance_key ON orchestration.process_instance (business_key, id) WHERE business_key IS NOT NULL;
CREATE INDEX process_instance_child ON orchestration.process_instance (parent_element_id)
    WHERE parent_element_id IS NOT NULL;
-- Pages of a list, whichever versions and states it shows.
CREATE INDEX process_instance_page ON orchestration.process_instance (definition_id, state, id);

-- BPMN's tokens. `signal` is what it was woken with; `flow_id` the arrow by which it came to a join.
CREATE TABLE orchestration.element_instance (
    id            uuid PRIMARY KEY,
    instance_id   uuid NOT NULL,
    definition_id uuid NOT NULL,
    element_id    text NOT NULL,
    scope_id      uuid,
    flow_id       text,
    state         text NOT NULL CHECK (state IN ('ready', 'waiting', 'active', 'arrived', 'incident')),
    variables     jsonb,
    loop          jsonb,
    signal        jsonb,
    attempts      integer NOT NULL DEFAULT 0,
    entered_at    timestamptz NOT NULL,
    ready_at      timestamptz,
    CHECK ((state = 'ready') = (ready_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
CREATE INDEX element_instance_ready ON orchestration.element_instance (ready_at, id) WHERE state = 'ready';
CREATE INDEX element_instance_of ON orchestration.element_instance (instance_id);
-- What stands at an element: counted by the index alone.
CREATE INDEX element_instance_at ON orchestration.element_instance (definition_id, element_id, state, instance_id);

CREATE TABLE orchestration.subscription (
    element_instance_id uuid NOT NULL,
    event_id            text NOT NULL,
    instance_id         uuid NOT NULL,
    message_name        text,
    correlation_key     text,
    due_at              timestamptz,
    repeats             integer,
    every               interval,
    PRIMARY KEY (element_instance_id, event_id),
    CHECK ((message_name IS NULL) = (correlation_key IS NULL)),
    CHECK ((message_name IS NULL) <> (due_at IS NULL))
);
CREATE INDEX subscription_due ON orchestration.subscription (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscription_message ON orchestration.subscription (message_name, correlation_key)
    WHERE message_name IS NOT NULL;

-- Published messages that have not found their instance yet.
CREATE TABLE orchestration.message (
    id              uuid PRIMARY KEY,
    name            text NOT NULL,
    correlation_key text NOT NULL,
    variables       jsonb NOT NULL,
    published_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL
);
CREATE INDEX message_by_key ON orchestration.message (name, correlation_key);

-- Start events that are not reached by an arrow: one row for the latest version of a process.
CREATE TABLE orchestration.start_event (
    process_id    text NOT NULL,
    element_id    text NOT NULL,
    definition_id uuid NOT NULL,
    message_name  text,
    due_at        timestamptz,
    repeats       integer,
    every         interval,
    PRIMARY KEY (process_id, element_id)
);

CREATE TABLE orchestration.user_task (
    id               uuid PRIMARY KEY,
    instance_id      uuid NOT NULL,
    definition_id    uuid NOT NULL,
    element_id       text NOT NULL,
    name             text NOT NULL,
    candidate_groups text[] NOT NULL,
    asked_by         text,
    assignee         text,
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    completed_by     text,
    variables        jsonb,
    CONSTRAINT four_eyes CHECK (completed_by <> asked_by)
);
CREATE INDEX user_task_open ON orchestration.user_task (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX user_task_page ON orchestration.user_task (definition_id, id) WHERE ended_at IS NULL;
CREATE INDEX user_task_for ON orchestration.user_task USING gin (candidate_groups) WHERE ended_at IS NULL;
CREATE INDEX user_task_of ON orchestration.user_task (instance_id);

CREATE TABLE orchestration.incident (
    id                  uuid PRIMARY KEY,
    element_instance_id uuid NOT NULL,
    instance_id         uuid NOT NULL,
    definition_id       uuid NOT NULL,
    element_id          text NOT NULL,
    kind                text NOT NULL,
    message             text NOT NULL,
    raised_at           timestamptz NOT NULL,
    resolved_at         timestamptz,
    resolved_by         text
);
CREATE INDEX incident_open ON orchestration.incident (raised_at, id) WHERE resolved_at IS NULL;
CREATE INDEX incident_page ON orchestration.incident (definition_id, id) WHERE resolved_at IS NULL;
CREATE INDEX incident_at ON orchestration.incident (definition_id, element_id, id) WHERE resolved_at IS NULL;
CREATE INDEX incident_of_definition ON orchestration.incident (definition_id, id);
CREATE INDEX incident_of ON orchestration.incident (instance_id);

-- History: instances that moved together share one path; a visit is written once, however many took it.
CREATE TABLE orchestration.path (
    id            uuid PRIMARY KEY,
    definition_id uuid NOT NULL,
    instances     integer NOT NULL CHECK (instances > 0),
    elements      text[] NOT NULL,
    outcomes      text[] NOT NULL,
    entered_at    timestamptz[] NOT NULL,
    left_at       timestamptz[] NOT NULL
);
CREATE INDEX path_of_definition ON orchestration.path (definition_id, id);
CREATE TABLE orchestration.instance_path (
    instance_id uuid NOT NULL,
    path_id     uuid NOT NULL,
    PRIMARY KEY (instance_id, path_id)
);
CREATE INDEX instance_path_members ON orchestration.instance_path (path_id);

CREATE VIEW orchestration.v_element_visit AS
SELECT ip.instance_id, p.definition_id, v.element_id, v.outcome, v.entered_at, v.left_at, p.id AS path_id, v.ordinal
FROM orchestration.instance_path AS ip
JOIN orchestration.path AS p ON p.id = ip.path_id
CROSS JOIN LATERAL unnest(p.elements, p.outcomes, p.entered_at, p.left_at)
    WITH ORDINALITY AS v (element_id, outcome, entered_at, left_at, ordinal);

CREATE VIEW orchestration.v_instance AS
SELECT id, business_key, state, variables FROM orchestration.process_instance;

-- What stands still until a person acts.
CREATE VIEW orchestration.v_waiting AS
SELECT n.instance_id, i.business_key, 'incident' AS kind, n.id, n.element_id, n.message AS reason, n.raised_at AS since
FROM orchestration.incident AS n JOIN orchestration.process_instance AS i ON i.id = n.instance_id
WHERE n.resolved_at IS NULL
UNION ALL
SELECT t.instance_id, i.business_key, 'task', t.id, t.element_id, t.name, t.created_at
FROM orchestration.user_task AS t JOIN orchestration.process_instance AS i ON i.id = t.instance_id
WHERE t.ended_at IS NULL;

-- Who asked is said once, when an instance starts: nobody becomes a second person by changing it.
CREATE TRIGGER instance_asked_by BEFORE UPDATE OF asked_by ON orchestration.process_instance
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER user_task_asked_by BEFORE UPDATE OF asked_by ON orchestration.user_task
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER path_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orchestration.path
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER instance_path_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orchestration.instance_path
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

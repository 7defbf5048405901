-- Who did what, when: each room publishes the acts that it keeps, in one form, newest last by `key`. `about` says what
-- kind of thing `subject` names. A row is read by its key alone, so that a page of all rooms' acts is merged from the
-- ends of indexes: for that no part of a view has a condition of its own. What is no act has an empty `what` or no key.

-- A key for what has no id of its own from the time of the act: UUIDs of version 7 begin with the same milliseconds.
CREATE FUNCTION core.time_key(at timestamptz, tie text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(md5(tie), 1, 20))::uuid
$$;

CREATE VIEW parties.v_act AS
SELECT core.time_key(granted_at, lei || role || principal_lei) AS key, granted_at AS at, granted_by AS actor,
    'mandate_granted'::text AS what, 'party'::text AS about, lei AS subject,
    jsonb_build_object('role', role, 'principal', principal_lei) AS detail
FROM parties.mandate
UNION ALL
SELECT core.time_key(since, lei), since, actor, 'correspondent_named'::text, 'party'::text, lei,
    jsonb_build_object('bic', bic)
FROM parties.correspondent;

CREATE VIEW access.v_act AS
SELECT id AS key, created_at AS at, created_by AS actor, 'token_created'::text AS what, 'token'::text AS about,
    name || ' (' || id || ')' AS subject, jsonb_build_object('roles', roles, 'party', lei, 'approved_by', approved_by) AS detail
FROM access.token
UNION ALL
SELECT s.id, s.opened_at, (SELECT t.name || ' (' || t.id || ')' FROM access.token AS t WHERE t.id = s.token_id),
    'signed_in'::text, 'session'::text, s.id::text, '{}'::jsonb
FROM access.session AS s
UNION ALL
SELECT core.time_key(s.closed_at, s.id::text), s.closed_at,
    (SELECT t.name || ' (' || t.id || ')' FROM access.token AS t WHERE t.id = s.token_id),
    'signed_out'::text, 'session'::text, s.id::text, '{}'::jsonb
FROM access.session AS s
UNION ALL
SELECT s.id, s.opened_at, (SELECT t.name || ' (' || t.id || ')' FROM access.token AS t WHERE t.id = s.token_id),
    'signed_in'::text, 'session'::text, s.id::text, '{}'::jsonb
FROM access.past_session AS s
UNION ALL
SELECT core.time_key(s.ended_at, s.id::text), s.ended_at,
    (SELECT t.name || ' (' || t.id || ')' FROM access.token AS t WHERE t.id = s.token_id),
    CASE WHEN s.signed_out THEN 'signed_out' ELSE '' END, 'session'::text, s.id::text, '{}'::jsonb
FROM access.past_session AS s
UNION ALL
SELECT id, at, CASE kind WHEN 'act_refused' THEN source ELSE '' END, kind,
    CASE kind WHEN 'act_refused' THEN 'act' ELSE 'address' END,
    CASE kind WHEN 'act_refused' THEN subject ELSE source END,
    jsonb_build_object('code', code, 'times', times, 'last', last_at)
        || CASE WHEN kind = 'sign_in_failed' AND subject <> '' THEN jsonb_build_object('token', subject)
            ELSE '{}'::jsonb END
FROM access.refusal;
CREATE INDEX session_closed ON access.session (core.time_key(closed_at, id::text));
CREATE INDEX past_session_ended ON access.past_session (core.time_key(ended_at, id::text));

CREATE VIEW ledger.v_act AS
SELECT a.id AS key, a.opened_at AS at, a.opened_by AS actor,
    CASE a.kind WHEN 'issue_control' THEN '' ELSE 'account_opened' END AS what, 'account'::text AS about, a.number AS subject, jsonb_build_object('kind', a.kind, 'owner', a.owner_lei) AS detail
FROM ledger.account AS a
UNION ALL
SELECT core.time_key(e.happened_at, e.account_id::text || e.no), e.happened_at, e.actor,
    'account_' || lower(e.kind), 'account'::text,
    (SELECT a.number FROM ledger.account AS a WHERE a.id = e.account_id), jsonb_build_object('reason', e.reason)
FROM ledger.account_event AS e;
CREATE INDEX account_event_by_time ON ledger.account_event (core.time_key(happened_at, account_id::text || no));

CREATE VIEW register.v_act AS
SELECT request_id AS key, changed_at AS at, content::jsonb ->> 'instructed_by' AS actor,
    'register_' || lower(kind) AS what, 'instrument'::text AS about, isin AS subject,
    jsonb_build_object('entry', entry_no, 'delta', delta, 'issued', issued_after) AS detail
FROM register.entry;

CREATE VIEW settlement.v_act AS
SELECT id AS key, accepted_at AS at, actor, 'instructed'::text AS what, 'instruction'::text AS about,
    id::text AS subject, jsonb_build_object('party', party_lei, 'reference', reference, 'isin', isin) AS detail
FROM settlement.instruction
UNION ALL
SELECT id, at, actor, CASE kind WHEN 'CANCELLED' THEN '' ELSE 'instruction_' || lower(kind) END, 'instruction'::text,
    instruction_id::text, detail
FROM settlement.event
UNION ALL
SELECT core.time_key(c.cancelled_at, c.instruction_id::text), c.cancelled_at, c.actor,
    'instruction_cancelled'::text, 'instruction'::text, c.instruction_id::text,
    jsonb_build_object('code', c.code, 'reason', (
        SELECT e.detail ->> 'reason' FROM settlement.event AS e
        WHERE e.instruction_id = c.instruction_id AND e.kind = 'CANCELLED' LIMIT 1
    ))
FROM settlement.cancelled AS c
UNION ALL
SELECT id, received_at, submitted_by, 'instructions_handed_in'::text, 'instruction_batch'::text, id::text,
    jsonb_build_object('rows', item_count)
FROM settlement.batch
UNION ALL
SELECT id, shifted_at, actor, 'cut_off_shifted'::text, 'day'::text, business_date::text,
    jsonb_build_object('event', name, 'from', from_at, 'to', to_at, 'reason', reason)
FROM settlement.day_shift
UNION ALL
SELECT id, started_at, actor, 'cycle_run'::text, 'day'::text, business_date::text,
    jsonb_build_object('considered', considered, 'settled', settled, 'in_parts', in_parts)
FROM settlement.cycle
UNION ALL
SELECT core.time_key(ran_at, business_date::text), ran_at, actor, 'day_ended'::text, 'day'::text, business_date::text,
    jsonb_build_object('failing', failing, 'penalties', penalties)
FROM settlement.end_of_day;
CREATE INDEX cancelled_by_time ON settlement.cancelled (core.time_key(cancelled_at, instruction_id::text));

CREATE VIEW servicing.v_act AS
SELECT id AS key, entered_at AS at, entered_by AS actor, 'observation_entered'::text AS what,
    'observation'::text AS about, subject,
    jsonb_build_object('id', id, 'kind', kind, 'day', day, 'source', source, 'version', version, 'reason', reason) AS detail
FROM servicing.observation
UNION ALL
SELECT core.time_key(confirmed_at, observation_id::text || confirmed_by), confirmed_at, confirmed_by,
    'observation_confirmed'::text, 'observation'::text, observation_id::text, '{}'::jsonb
FROM servicing.confirmation
UNION ALL
SELECT id, raised_at, raised_by, 'observation_disputed'::text, 'observation'::text, observation_id::text,
    jsonb_build_object('reason', reason)
FROM servicing.dispute
UNION ALL
SELECT core.time_key(ended_at, dispute_id::text), ended_at, ended_by, 'dispute_ended'::text, 'dispute'::text,
    dispute_id::text, jsonb_build_object('upheld', upheld, 'reason', reason)
FROM servicing.dispute_end
UNION ALL
SELECT id, declared_at, declared_by, 'amount_declared'::text, 'event'::text, event_id::text,
    jsonb_build_object('amount', amount)
FROM servicing.declaration
UNION ALL
SELECT core.time_key(paid_at, event_id::text || no), paid_at, paid_by, 'event_paid'::text, 'event'::text,
    event_id::text, jsonb_build_object('payment', no)
FROM servicing.payment
UNION ALL
SELECT core.time_key(reversed_at, event_id::text || no), reversed_at, reversed_by, 'payment_reversed'::text,
    'event'::text, event_id::text, jsonb_build_object('payment', no, 'reason', reason)
FROM servicing.reversal
UNION ALL
SELECT core.time_key(released_at, event_id::text || account_id::text), released_at, released_by,
    'suspense_released'::text, 'event'::text, event_id::text, jsonb_build_object('reason', reason)
FROM servicing.release
UNION ALL
SELECT core.time_key(reopened_at, event_id::text), reopened_at, reopened_by, 'event_reopened'::text, 'event'::text,
    event_id::text, jsonb_build_object('reason', reason)
FROM servicing.reopening
UNION ALL
SELECT id, requested_at, requested_by, 'adjustment_requested'::text, 'underlying'::text, underlying,
    jsonb_build_object('factor', factor, 'ex_day', ex_day, 'reason', reason)
FROM servicing.adjustment
UNION ALL
SELECT core.time_key(decided_at, adjustment_id::text), decided_at, decided_by, 'adjustment_decided'::text,
    'adjustment'::text, adjustment_id::text, jsonb_build_object('approved', approved)
FROM servicing.adjustment_decision;
CREATE INDEX confirmation_by_time
    ON servicing.confirmation (core.time_key(confirmed_at, observation_id::text || confirmed_by));
CREATE INDEX payment_by_time ON servicing.payment (core.time_key(paid_at, event_id::text || no));

CREATE VIEW orchestration.v_act AS
SELECT core.time_key(ended_at, id::text) AS key, ended_at AS at, completed_by AS actor,
    CASE WHEN completed_by IS NULL THEN '' ELSE 'task_completed' END AS what, 'process'::text AS about,
    instance_id::text AS subject, jsonb_build_object('task', name, 'answers', variables) AS detail
FROM orchestration.user_task
UNION ALL
SELECT core.time_key(resolved_at, id::text), resolved_at, resolved_by,
    CASE WHEN resolved_by IS NULL THEN '' ELSE 'incident_resolved' END, 'process'::text, instance_id::text,
    jsonb_build_object('element', element_id, 'message', message)
FROM orchestration.incident;
CREATE INDEX user_task_completed ON orchestration.user_task (core.time_key(ended_at, id::text));
CREATE INDEX incident_resolved ON orchestration.incident (core.time_key(resolved_at, id::text));

CREATE VIEW processes.v_act AS
SELECT id AS key, received_at AS at, submitted_by AS actor, 'batch_handed_in'::text AS what, 'batch'::text AS about,
    id::text AS subject, jsonb_build_object('items', item_count, 'policy', policy) AS detail
FROM processes.batch;

CREATE VIEW messages.v_act AS
SELECT id AS key, received_at AS at, actor, 'message_received'::text AS what, 'message'::text AS about,
    id::text AS subject, jsonb_build_object('sender', sender_lei, 'definition', definition, 'outcome', outcome) AS detail
FROM messages.received;

-- What `verify` found when it was asked for while the house works: one row a run that came to its end.
CREATE TABLE core.verification (
    id         uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL CHECK (ended_at >= started_at),
    actor      text NOT NULL,
    holds      boolean NOT NULL,
    checks     jsonb NOT NULL
);
CREATE TRIGGER verification_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.verification
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE VIEW core.v_act AS
SELECT id AS key, started_at AS at, actor, 'verified'::text AS what, 'verification'::text AS about, id::text AS subject,
    jsonb_build_object('holds', holds) AS detail
FROM core.verification;

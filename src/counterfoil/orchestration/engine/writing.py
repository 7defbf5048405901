"""Writes what a stretch has done to the engine's tables: a fixed number of statements, however many instances."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.orchestration.bpmn.model import Element, ElementType
from counterfoil.orchestration.engine import errors
from counterfoil.orchestration.engine.claiming import Claim
from counterfoil.orchestration.engine.definitions import latest, load
from counterfoil.orchestration.engine.starting import NewInstance, copy_born, copy_instances
from counterfoil.orchestration.engine.state import Instance, Token, Visit, variables_of
from counterfoil.orchestration.engine.stretch import Stretch
from counterfoil.orchestration.engine.timers import due
from counterfoil.orchestration.feel import FeelError

SQL = queries(__file__)
_Subscription = tuple[UUID, str, UUID, str | None, str | None, Any, int | None, Any]


def write(tx: Transaction, stretch: Stretch, claim: Claim) -> None:
    """Store the state after the stretch."""
    instances = list(stretch.instances.values())
    if stretch.born:
        copy_born(tx, stretch.born)
    _start_calls(tx, stretch)
    tokens = [t for i in instances for t in i.tokens.values()]
    subscriptions = [s for t in tokens if t.subscribed and t.changed for s in _subscriptions(stretch, t)]
    _forget(tx, stretch, claim, tokens)
    _copy_tokens(tx, [t for t in tokens if t.changed])
    if subscriptions:
        tx.copy(
            "orchestration.subscription",
            (
                "element_instance_id", "event_id", "instance_id", "message_name", "correlation_key", "due_at",
                "repeats", "every",
            ),
            ("uuid", "text", "uuid", "text", "text", "timestamptz", "int4", "interval"),
            subscriptions,
        )  # fmt: skip
    _copy_user_tasks(tx, stretch)
    _copy_incidents(tx, stretch)
    _update_instances(tx, stretch, instances)
    _copy_history(tx, instances)
    if stretch.answers:
        tx.execute(
            SQL.answer,
            now=stretch.now,
            ids=list(stretch.answers),
            signals=[json.dumps(signal) for signal in stretch.answers.values()],
        )
        tx.notify("orchestration")


def _forget(tx: Transaction, stretch: Stretch, claim: Claim, tokens: Sequence[Token]) -> None:
    rewritten = [t.id for t in tokens if t.stored and t.changed]
    gone = list(stretch.left)
    if gone or rewritten:
        tx.execute(SQL.delete_tokens, ids=gone + rewritten)
    listening = [t.id for t in tokens if t.stored and t.changed and t.subscribed]
    if stretch.unsubscribed or listening:
        tx.execute(SQL.delete_subscriptions, ids=list(stretch.unsubscribed) + listening)
    if stretch.left_user_tasks:
        tx.execute(SQL.end_user_tasks, ids=stretch.left_user_tasks, now=stretch.now)
    if stretch.left_incidents:
        tx.execute(SQL.resolve_incidents, ids=stretch.left_incidents, now=stretch.now)
    if stretch.ended_calls:
        tx.execute(SQL.cancel_calls, ids=list(stretch.ended_calls), now=stretch.now)
    messages = [
        m for m in (*(f.message_id for f in claim.firings), *(b.message_id for b in claim.births)) if m
    ]
    if messages:
        tx.execute(SQL.delete_messages, ids=messages)
    timers = [f for f in claim.firings if f.message_id is None]
    again = [f for f in timers if f.every is not None and f.repeats != 0]
    for statement, fired in (
        (SQL.move_timers, again),
        (SQL.delete_timers, [f for f in timers if f not in again]),
    ):
        if fired:
            tx.execute(statement, tokens=[f.token_id for f in fired], events=[f.event_id for f in fired])
    starts = [b.process_id for b in claim.births if b.process_id]
    if starts:
        tx.execute(SQL.move_starts, processes=starts, now=stretch.now)


def _copy_tokens(tx: Transaction, tokens: Sequence[Token]) -> None:
    if not tokens:
        return
    tx.copy(
        "orchestration.element_instance",
        (
            "id", "instance_id", "definition_id", "element_id", "scope_id", "flow_id", "state", "variables", "loop",
            "signal", "attempts", "entered_at", "ready_at",
        ),
        (
            "uuid", "uuid", "uuid", "text", "uuid", "text", "text", "jsonb", "jsonb", "jsonb", "int4", "timestamptz",
            "timestamptz",
        ),
        (
            (
                t.id, t.instance.id, t.instance.definition.id, t.element_id, t.scope.id if t.scope else None,
                t.flow_id, t.state, t.variables, t.loop, t.signal, t.attempts, t.entered_at,
                t.ready_at,
            )
            for t in tokens
        ),
    )  # fmt: skip


def _subscriptions(stretch: Stretch, token: Token) -> Iterator[_Subscription]:
    """What a resting token listens to. An expression without a value makes an incident instead."""
    process = token.instance.definition.process
    element = token.element
    events = [process.elements[b] for b in element.boundary]
    if element.type is ElementType.EVENT_BASED_GATEWAY:
        events += [process.elements[f.target] for f in element.outgoing]
    elif element.type in (ElementType.INTERMEDIATE_CATCH_EVENT, ElementType.RECEIVE_TASK):
        events.append(element)
    try:
        yield from [
            _subscription(stretch, token, e) for e in events if e.message is not None or e.timer is not None
        ]
    except (FeelError, ValueError) as error:
        if token.state != "incident":
            stretch.incident(token, "subscription", str(error))


def _subscription(stretch: Stretch, token: Token, event: Element) -> _Subscription:
    variables = variables_of(token)
    if event.timer is not None:
        at = due(event.timer, variables, stretch.now)
        return token.id, event.id, token.instance.id, None, None, at.at, at.repeats, at.every
    if event.message is None or event.message.correlation_key is None:
        raise ValueError(f'"{event.id}" has no correlation key')
    key = event.message.correlation_key.evaluate(variables)
    if not isinstance(key, str | int):
        raise FeelError(f'the correlation key of "{event.id}" is neither text nor number: {key!r}')
    return token.id, event.id, token.instance.id, event.message.name, str(key), None, None, None


def _start_calls(tx: Transaction, stretch: Stretch) -> None:
    calls = [call for call in stretch.calls if call[0].state == "waiting"]
    if not calls:
        return
    try:
        ids = latest(tx, sorted({process for _, process, _ in calls}))
    except Refused as refused:
        for token, process, _ in calls:
            if any(process in r.detail for r in refused.refusals):
                stretch.incident(token, "unknown process", errors.UNKNOWN_PROCESS(process=process).detail)
        calls = [call for call in calls if call[0].state == "waiting"]
        ids = latest(tx, sorted({process for _, process, _ in calls})) if calls else {}
    loaded = load(tx, ids.values())
    by_process: dict[str, list[NewInstance]] = defaultdict(list)
    for token, process, variables in calls:
        caller = token.instance
        by_process[process].append(
            NewInstance(new_id(), variables, caller.business_key, token.id, caller.asked_by)
        )
    for process, children in by_process.items():
        copy_instances(tx, loaded[ids[process]], children, stretch.now)


def _copy_user_tasks(tx: Transaction, stretch: Stretch) -> None:
    tokens = [t for t in stretch.user_tasks if t.state == "waiting"]
    if tokens:
        tx.copy(
            "orchestration.user_task",
            (
                "id", "instance_id", "definition_id", "element_id", "name", "candidate_groups", "asked_by",
                "created_at",
            ),
            ("uuid", "uuid", "uuid", "text", "text", "text[]", "text", "timestamptz"),
            (
                (
                    t.id, t.instance.id, t.instance.definition.id, t.element_id, t.element.name,
                    list(t.element.candidate_groups), t.instance.asked_by, stretch.now,
                )
                for t in tokens
            ),
        )  # fmt: skip


def _copy_incidents(tx: Transaction, stretch: Stretch) -> None:
    found = [i for i in stretch.incidents if i[0].state == "incident"]
    if found:
        tx.copy(
            "orchestration.incident",
            (
                "id",
                "element_instance_id",
                "instance_id",
                "definition_id",
                "element_id",
                "kind",
                "message",
                "raised_at",
            ),
            ("uuid", "uuid", "uuid", "uuid", "text", "text", "text", "timestamptz"),
            (
                (id_, t.id, t.instance.id, t.instance.definition.id, t.element_id, kind, message, stretch.now)
                for id_, (t, kind, message) in zip(new_ids(len(found)), found, strict=True)
            ),
        )


def _update_instances(tx: Transaction, stretch: Stretch, instances: Sequence[Instance]) -> None:
    changed = [i for i in instances if i.state != "active" or i.variables_changed]
    if changed:
        tx.execute(
            SQL.update_instances,
            now=stretch.now,
            ids=[i.id for i in changed],
            states=[i.state for i in changed],
            variables=[json.dumps(i.variables) if i.variables_changed else None for i in changed],
        )


def _copy_history(tx: Transaction, instances: Sequence[Instance]) -> None:
    shared: dict[tuple[int, ...], tuple[list[Visit], list[Instance]]] = {}
    for instance in instances:
        if instance.visits:
            key = (id(instance.definition), *map(id, instance.visits))
            shared.setdefault(key, (instance.visits, []))[1].append(instance)
    ids = new_ids(len(shared))
    tx.copy(
        "orchestration.path",
        ("id", "definition_id", "instances", "elements", "outcomes", "entered_at", "left_at"),
        ("uuid", "uuid", "int4", "text[]", "text[]", "timestamptz[]", "timestamptz[]"),
        (
            (
                id_, members[0].definition.id, len(members), [v.element_id for v in visits],
                [v.outcome for v in visits], [v.entered_at for v in visits], [v.left_at for v in visits],
            )
            for id_, (visits, members) in zip(ids, shared.values(), strict=True)
        ),
    )  # fmt: skip
    tx.copy(
        "orchestration.instance_path",
        ("instance_id", "path_id"),
        ("uuid", "uuid"),
        ((i.id, id_) for id_, (_, members) in zip(ids, shared.values(), strict=True) for i in members),
    )

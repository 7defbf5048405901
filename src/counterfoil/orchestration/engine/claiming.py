"""Claims what is ready to move, and loads everything about its instances with a fixed number of statements.

The claim is the transaction itself: the rows of the instances stay locked until it ends, so a crash gives all back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.orchestration.engine.definitions import load as load_definitions
from counterfoil.orchestration.engine.state import Definition, Instance, Token

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Firing:
    """A timer or message that has come for a waiting token."""

    token_id: UUID
    event_id: str
    instance_id: UUID
    variables: dict[str, Any]
    message_id: UUID | None = None
    repeats: int | None = None
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """A timer or message that starts a new instance."""

    definition_id: UUID
    element_id: str
    variables: dict[str, Any]
    message_id: UUID | None = None
    process_id: str | None = None
    repeats: int | None = None
    every: timedelta | None = None


@dataclass(slots=True)
class Claim:
    """What a worker has taken for one stretch."""

    tokens: list[UUID] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)
    births: list[Birth] = field(default_factory=list)
    instances: dict[UUID, Instance] = field(default_factory=dict)
    definitions: dict[UUID, Definition] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tokens or self.firings or self.births)


def claim(tx: Transaction, now: datetime, limit: int, only: Sequence[UUID] | None = None) -> Claim:
    """Take up to `limit` ready tokens, oldest first, and the timers and messages due; or only some tokens."""
    taken = Claim()
    if only is not None:
        rows = tx.rows(SQL.claim_these, ids=list(only))
    else:
        rows = tx.rows(SQL.claim, now=now, limit=limit)
        taken.firings = _firings(tx, now, limit)
        taken.births = _births(tx, now, limit)
    taken.tokens = [id_ for id_, _ in rows]
    wanted = {instance for _, instance in rows} | {f.instance_id for f in taken.firings}
    if wanted or taken.births:
        _load(tx, taken, wanted)
    return taken


def _firings(tx: Transaction, now: datetime, limit: int) -> list[Firing]:
    firings = [
        Firing(token, event, instance, {}, None, repeats, every)
        for token, event, instance, repeats, every in tx.rows(SQL.claim_timers, now=now, limit=limit)
    ]
    messages: set[UUID] = set()
    waiting: set[tuple[UUID, str]] = set()
    for message, variables, token, event, instance in tx.rows(SQL.claim_messages, limit=limit):
        if message not in messages and (token, event) not in waiting:
            messages.add(message)
            waiting.add((token, event))
            firings.append(Firing(token, event, instance, variables, message))
    return firings


def _births(tx: Transaction, now: datetime, limit: int) -> list[Birth]:
    births = [
        Birth(definition, element, {}, None, process, repeats, every)
        for definition, element, _, _, repeats, every, process in tx.rows(SQL.claim_starts, now=now)
    ]
    for definition, element, message, variables in tx.rows(SQL.claim_message_starts, limit=limit):
        births.append(Birth(definition, element, variables, message))
    return births


def _load(tx: Transaction, taken: Claim, ids: Iterable[UUID]) -> None:
    wanted = list(ids)
    rows = tx.rows(SQL.instances, ids=wanted)
    taken.definitions.update(
        load_definitions(tx, {row[1] for row in rows} | {b.definition_id for b in taken.births})
    )
    for id_, definition, *said in rows:
        taken.instances[id_] = Instance(id_, taken.definitions[definition], *said)
    loaded: list[tuple[Token, UUID | None]] = []
    for row in tx.rows(SQL.tokens, ids=wanted):
        (
            id_,
            instance_id,
            element,
            scope,
            flow,
            state,
            variables,
            loop,
            signal,
            attempts,
            entered,
            subscribed,
        ) = row
        instance = taken.instances[instance_id]
        token = Token(
            id_, instance, element, None, entered, state, flow, variables, loop, signal, attempts,
            stored=True, changed=False, subscribed=subscribed,
        )  # fmt: skip
        instance.tokens[id_] = token
        loaded.append((token, scope))
    for token, scope in loaded:
        if scope is None:
            token.instance.children += 1
        else:
            token.scope = token.instance.tokens[scope]
            token.scope.children += 1

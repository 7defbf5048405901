"""Moves many instances together, as far as they go without waiting, inside one transaction.

Tokens are grouped by the element at which they stand; a group is moved at once. Nothing is written to the engine's
tables before the end (see `writing`); the tasks' own writes share the transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from counterfoil.core.clock import Clock, stopwatch
from counterfoil.core.db import Transaction, Unavailable
from counterfoil.core.errors import Bug, ensure
from counterfoil.core.ids import new_id
from counterfoil.orchestration.bpmn.model import Element, ElementType, EventKind
from counterfoil.orchestration.engine import activities, gateways
from counterfoil.orchestration.engine.state import Definition, Instance, Token, Visit, variables_of
from counterfoil.orchestration.engine.tasks import BpmnError, Done, Job, Outcome, Snooze, TaskContext, Tasks
from counterfoil.orchestration.feel import FeelError

LOG = structlog.get_logger("counterfoil.orchestration")
Observe = Callable[[str, int, float], None]
_FIRST_RETRY_S = 0.2
_LAST_RETRY_S = 30.0
_MAXIMUM_MOVES = 1_000_000
"""A stretch that makes more moves than this is taken for an endless loop in the model."""


class Stretch:
    """The instances claimed by a worker and what becomes of them in this transaction."""

    def __init__(
        self,
        tx: Transaction,
        tasks: Tasks,
        clock: Clock,
        observe: Observe,
        definitions: Mapping[UUID, Definition],
    ) -> None:
        self.tx = tx
        self.tasks = tasks
        self.clock = clock
        self.now = self.reached = clock.now()
        """When it began, and how far it has come: what is entered now was left last."""
        self.observe = observe
        self.definitions = dict(definitions)
        self.instances: dict[UUID, Instance] = {}
        self.born: list[Instance] = []
        self.groups: dict[tuple[UUID, str], list[Token]] = defaultdict(list)
        self.left: set[UUID] = set()
        self.left_user_tasks: list[UUID] = []
        self.left_incidents: list[UUID] = []
        self.unsubscribed: set[UUID] = set()
        self.incidents: list[tuple[Token, str, str]] = []
        self.user_tasks: list[Token] = []
        self.ended_calls: set[UUID] = set()
        self.answers: dict[UUID, dict[str, Any]] = {}
        self.calls: list[tuple[Token, str, dict[str, Any]]] = []
        self.moves = 0

    # -- tokens -------------------------------------------------------------------------------------------------

    def enter(
        self,
        instance: Instance,
        element_id: str,
        scope: Token | None,
        *,
        flow_id: str | None = None,
        variables: dict[str, Any] | None = None,
    ) -> Token:
        """A new token at an element; it is moved later in this stretch."""
        token = Token(
            new_id(), instance, element_id, scope, self.reached, flow_id=flow_id, variables=variables
        )
        token.ready_at = self.now
        instance.tokens[token.id] = token
        if scope is None:
            instance.children += 1
        else:
            scope.children += 1
        self.push(token)
        return token

    def push(self, token: Token) -> None:
        """Have a ready token moved later in this stretch."""
        self.groups[token.instance.definition.id, token.element_id].append(token)

    def drop(self, token: Token) -> None:
        """Take a token away, with everything inside it."""
        if token.children:
            for child in [t for t in token.instance.tokens.values() if t.scope is token]:
                self.drop(child)
        if token.instance.tokens.pop(token.id, None) is None:
            return
        if token.scope is None:
            token.instance.children -= 1
        else:
            token.scope.children -= 1
        if token.stored:
            self._forget(token)
        if token.subscribed:
            self.unsubscribed.add(token.id)
        token.state = "gone"

    def _forget(self, token: Token) -> None:
        """Note what else goes with the row of a token."""
        self.left.add(token.id)
        if token.state == "incident":
            self.left_incidents.append(token.id)
        if token.element.type is ElementType.USER_TASK:
            self.left_user_tasks.append(token.id)
        elif token.element.type is ElementType.CALL_ACTIVITY:
            self.ended_calls.add(token.id)

    def rest(self, token: Token, state: str) -> None:
        """Leave the token where it is, in `state`, to be stored at the end."""
        token.state = state
        token.changed = True
        token.ready_at = None

    def visit(self, tokens: Sequence[Token], outcome: str = "completed") -> None:
        """Enter into history that these tokens have left their element; those that came together share the line."""
        by_entry: dict[tuple[str, datetime], Visit] = {}
        now = self.reached = self.clock.now()
        for token in tokens:
            key = (token.element_id, token.entered_at)
            shared = by_entry.get(key)
            if shared is None:
                shared = by_entry[key] = Visit(token.element_id, outcome, token.entered_at, now)
            token.instance.visits.append(shared)

    def leave(self, tokens: Sequence[Token], outcome: str = "completed") -> None:
        """Move each token along all arrows that go out unconditionally."""
        self.visit(tokens, outcome)
        for token in tokens:
            self.follow(token, [flow.id for flow in token.element.outgoing])

    def follow(self, token: Token, flows: Sequence[str]) -> None:
        """Move a token along some arrows; without any its way ends here."""
        targets = [(f.id, f.target) for f in token.element.outgoing if f.id in flows]
        instance, scope = token.instance, token.scope
        if len(targets) == 1 and not token.stored and not token.subscribed:
            # the usual case: the token itself goes on, nothing is allocated
            token.flow_id, token.element_id = targets[0]
            token.entered_at = self.reached
            token.variables = None
            token.attempts = 0
            self.push(token)
            return
        for flow_id, target in targets:
            self.enter(instance, target, scope, flow_id=flow_id)
        self.drop(token)
        if not targets:
            self.close_scope(instance, scope)

    def close_scope(self, instance: Instance, scope: Token | None) -> None:
        """Complete a scope, or the whole instance, in which nothing is left."""
        if scope is None:
            if instance.children == 0 and instance.state == "active":
                instance.state = "completed"
                if instance.parent_element_id is not None:
                    self.answers[instance.parent_element_id] = {"variables": instance.variables}
        elif scope.children == 0 and scope.state == "active":
            activities.complete(self, scope, {})

    def clear_scope(self, instance: Instance, scope: Token | None) -> None:
        """Take away every token in a scope."""
        for token in [t for t in instance.tokens.values() if t.scope is scope]:
            self.drop(token)

    # -- trouble ------------------------------------------------------------------------------------------------

    def throw(self, token: Token, code: str, message: str) -> None:
        """Raise a BPMN error at a token: the nearest matching boundary event catches it, else an incident stands."""
        process = token.instance.definition.process
        for scope in token.scopes():
            if scope.is_loop_child:
                continue
            events = [process.elements[b] for b in scope.element.boundary]
            catching = [e for e in events if e.event is EventKind.ERROR and e.error_code in (code, None)]
            if catching:
                catcher = min(catching, key=lambda e: e.error_code is None)
                self.visit([scope], "error")
                self.enter(scope.instance, catcher.id, scope.scope)
                self.drop(scope)
                return
        if token.instance.parent_element_id is not None:
            self.clear_scope(token.instance, None)
            token.instance.state = "cancelled"
            self.answers[token.instance.parent_element_id] = {"error": code, "message": message}
            return
        self.incident(token, "uncaught error", f"{code} {message}".strip())

    def incident(self, token: Token, kind: str, message: str) -> None:
        """Stop a token for a person to look at."""
        self.rest(token, "incident")
        self.incidents.append((token, kind, message[:4000]))
        LOG.warning(
            "incident", instance=str(token.instance.id), element=token.element_id, kind=kind, reason=message
        )

    def failed(self, token: Token, error: Exception) -> None:
        """Count a technical failure: try again later, or raise an incident when the tries are used up."""
        token.attempts += 1
        if token.attempts >= token.element.retries:
            self.incident(token, type(error).__name__, str(error))
            return
        delay = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2 ** (token.attempts - 1))
        self.rest(token, "ready")
        token.ready_at = self.now + timedelta(seconds=delay)
        activities.subscribe(token)
        LOG.info("retry", instance=str(token.instance.id), element=token.element_id, error=str(error))

    # -- the loop -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Move everything until all tokens wait or are gone."""
        while self.groups:
            key = min(self.groups, key=self._rank)
            tokens = [t for t in self.groups.pop(key) if t.state == "ready"]
            if not tokens:
                continue
            self.moves += len(tokens)
            if self.moves > _MAXIMUM_MOVES:
                raise Bug("a process model loops without ever waiting")
            self._move(self.definitions[key[0]].process.elements[key[1]], tokens)

    def _rank(self, key: tuple[UUID, str]) -> tuple[int, bytes]:
        return self.definitions[key[0]].rank[key[1]], key[0].bytes

    def _move(self, element: Element, tokens: list[Token]) -> None:
        woken = [t for t in tokens if t.signal is not None]
        for token in woken:
            self._wake(token)
        fresh = [t for t in tokens if t.signal is None and t.state == "ready" and t.element_id == element.id]
        fresh = [t for t in fresh if t not in woken] if woken else fresh
        if not fresh:
            return
        try:
            if element.multi_instance is not None:
                self._dispatch(element, [t for t in fresh if t.is_loop_child], in_loop=True)
                fresh = [t for t in fresh if not t.is_loop_child]
            self._dispatch(element, fresh)
        except (FeelError, ValueError, LookupError) as error:
            if len(fresh) == 1:
                self.incident(fresh[0], type(error).__name__, str(error))
                return
            for token in fresh:  # the culprit is found by moving each alone; the others are not yet moved
                if token.state == "ready" and token.element_id == element.id:
                    self._move(element, [token])

    def _wake(self, token: Token) -> None:
        signal, token.signal = token.signal or {}, None
        token.changed = True
        if "error" in signal:
            self.throw(token, signal["error"], signal.get("message", ""))
        else:
            activities.complete(self, token, signal.get("variables", {}))

    def _dispatch(self, element: Element, tokens: list[Token], *, in_loop: bool = False) -> None:
        kind = element.type
        if element.multi_instance is not None and not in_loop:
            activities.start_loop(self, element, tokens)
        elif kind in (ElementType.SERVICE_TASK, ElementType.SEND_TASK):
            self._call(element, tokens)
        elif kind is ElementType.EXCLUSIVE_GATEWAY:
            gateways.exclusive(self, element, tokens)
        elif kind is ElementType.PARALLEL_GATEWAY:
            gateways.parallel(self, element, tokens)
        elif kind is ElementType.END_EVENT:
            activities.end(self, element, tokens)
        elif kind in (ElementType.START_EVENT, ElementType.BOUNDARY_EVENT):
            self.leave(tokens)
        else:
            activities.activate(self, element, tokens)

    def _call(self, element: Element, tokens: list[Token]) -> None:
        """Run a task on all tokens; where it raises, halve until the culprits stand alone."""
        ready = [t for t in tokens if activities.map_inputs(self, element, t)]
        started = stopwatch()
        self._call_batch(element, ready)
        self.observe(element.task_type or "", len(ready), stopwatch() - started)

    def _call_batch(self, element: Element, tokens: list[Token]) -> None:
        if not tokens:
            return
        jobs = [
            Job(
                t.instance.id, t.id, t.instance.business_key, variables_of(t), element.headers, t.attempts + 1
            )
            for t in tokens
        ]  # fmt: skip
        try:
            function = self.tasks.function(element.task_type or "")
            with self.tx.savepoint():
                outcomes = function(self.tx, jobs, TaskContext(self.now, self.clock))
                ensure(
                    len(outcomes) == len(jobs),
                    f"{element.task_type} gave {len(outcomes)} outcomes for {len(jobs)}",
                )
        except Unavailable:
            raise
        except LookupError as error:
            for token in tokens:
                self.incident(
                    token, "unknown task type" if "no function" in str(error) else "LookupError", str(error)
                )
        except Exception as error:  # noqa: BLE001 - whatever a task raises is an incident of its items, never ours
            if len(tokens) == 1:
                self.failed(tokens[0], error)
                return
            half = len(tokens) // 2
            self._call_batch(element, tokens[:half])
            self._call_batch(element, tokens[half:])
        else:
            self._apply(element, tokens, outcomes)

    def _apply(self, element: Element, tokens: Sequence[Token], outcomes: Sequence[Outcome]) -> None:
        done = []
        for token, outcome in zip(tokens, outcomes, strict=True):
            if isinstance(outcome, Done):
                if outcome.variables or element.outputs or token.scope is not None:
                    if activities.map_outputs(self, element, token, outcome.variables):
                        done.append(token)
                else:
                    done.append(token)
            elif isinstance(outcome, BpmnError):
                self.throw(token, outcome.code, outcome.message)
            elif isinstance(outcome, Snooze):
                self.rest(token, "ready")
                token.ready_at = self.now + outcome.delay
                activities.subscribe(token)
        loops = [t for t in done if t.is_loop_child]
        if loops:
            self.visit(loops)
            for token in loops:
                activities.loop_child_done(self, token)
            done = [t for t in done if not t.is_loop_child]
        self.leave(done)

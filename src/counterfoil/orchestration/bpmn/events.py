"""Event definitions: messages, timers, errors, termination, resolved from the model's root elements."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from counterfoil.orchestration.bpmn.extensions import extension
from counterfoil.orchestration.bpmn.model import ElementType, EventKind, Message, Timer, TimerKind
from counterfoil.orchestration.bpmn.problems import Problems
from counterfoil.orchestration.bpmn.reading import local_name, text_of
from counterfoil.orchestration.errors import (
    ERROR_WRONG,
    EVENT_UNSUPPORTED,
    MESSAGE_WRONG,
    REFERENCE_UNKNOWN,
    TIMER_WRONG,
)
from counterfoil.orchestration.feel import FixedText
from counterfoil.orchestration.iso8601 import parse_cycle, parse_duration, parse_instant

_KINDS = {
    "messageEventDefinition": EventKind.MESSAGE,
    "timerEventDefinition": EventKind.TIMER,
    "errorEventDefinition": EventKind.ERROR,
    "terminateEventDefinition": EventKind.TERMINATE,
}
_ALLOWED: Mapping[ElementType, frozenset[EventKind]] = {
    ElementType.START_EVENT: frozenset({EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER}),
    ElementType.END_EVENT: frozenset({EventKind.NONE, EventKind.ERROR, EventKind.TERMINATE}),
    ElementType.INTERMEDIATE_CATCH_EVENT: frozenset({EventKind.MESSAGE, EventKind.TIMER}),
    ElementType.BOUNDARY_EVENT: frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.ERROR}),
}
_CODE_MAX = 255


class Events:
    """Reads events; `messages` and `errors` are the root elements by id."""

    def __init__(
        self,
        problems: Problems,
        messages: Mapping[str, etree._Element],
        errors: Mapping[str, etree._Element],
    ) -> None:
        self._problems = problems
        self._messages = messages
        self._errors = errors

    def settings(self, node: etree._Element, kind: ElementType, *, top_level: bool) -> dict[str, Any]:
        """The fields of `Element` that an event's definition decides."""
        definitions = [c for c in node if local_name(c).endswith(("EventDefinition", "eventDefinitionRef"))]
        if len(definitions) > 1:
            self._problems.add(EVENT_UNSUPPORTED, node, event="more than one")
            return {}
        name = local_name(definitions[0]) if definitions else "none"
        event = _KINDS.get(name) if definitions else EventKind.NONE
        allowed = _ALLOWED[kind]
        if kind is ElementType.START_EVENT and not top_level:
            allowed = frozenset({EventKind.NONE})
        if event is None or event not in allowed:
            self._problems.add(EVENT_UNSUPPORTED, node, event=name)
            return {}
        found: dict[str, Any] = {"event": event}
        if event is EventKind.MESSAGE:
            keyed = kind is not ElementType.START_EVENT
            found["message"] = self.message(node, definitions[0].get("messageRef"), keyed=keyed)
        elif event is EventKind.TIMER:
            found["timer"] = self._timer(node, definitions[0], kind)
        elif event is EventKind.ERROR:
            found["error_code"] = self._error(node, definitions[0].get("errorRef"), kind)
        return found

    def message(self, node: etree._Element, reference: str | None, *, keyed: bool) -> Message | None:
        """The message that a node waits for; with its correlation key unless it starts a process."""
        message = self._messages.get(reference or "")
        if message is None:
            if reference:
                self._problems.add(REFERENCE_UNKNOWN, node, reference=reference, wanted="message")
            else:
                self._problems.add(MESSAGE_WRONG, node, reason="it references no message")
            return None
        name = (message.get("name") or "").strip()
        if not name or name.startswith("="):
            reason = "its message has no name" if not name else "the name of its message is an expression"
            self._problems.add(MESSAGE_WRONG, node, reason=reason)
        if not keyed:
            return Message(name, None)
        subscription = extension(message, "subscription")
        if subscription is None or not subscription.get("correlationKey"):
            self._problems.add(MESSAGE_WRONG, node, reason=f"its message {name!r} has no correlation key")
            return None
        key = self._problems.expression(node, "the correlation key", subscription.get("correlationKey"))
        return Message(name, key) if key is not None else None

    def _timer(self, node: etree._Element, definition: etree._Element, kind: ElementType) -> Timer | None:
        given = [c for c in definition if local_name(c) in set(TimerKind)]
        if len(given) != 1 or not text_of(given[0]):
            self._problems.add(TIMER_WRONG, node, reason="it needs exactly one date, duration or cycle")
            return None
        timer_kind, text = TimerKind(local_name(given[0])), text_of(given[0])
        forbidden = _forbidden_timer(node, kind, timer_kind)
        if forbidden is not None:
            self._problems.add(TIMER_WRONG, node, reason=forbidden)
        expression = self._problems.value(node, f"the {timer_kind}", text)
        if expression is None:
            return None
        if isinstance(expression, FixedText):
            try:
                _check_time(timer_kind, text)
            except ValueError as error:
                self._problems.add(TIMER_WRONG, node, reason=str(error))
        elif kind is ElementType.START_EVENT and expression.names:
            self._problems.add(TIMER_WRONG, node, reason="at a start event there are no variables yet")
        return Timer(timer_kind, expression)

    def _error(self, node: etree._Element, reference: str | None, kind: ElementType) -> str | None:
        if not reference:
            if kind is ElementType.END_EVENT:
                self._problems.add(ERROR_WRONG, node, reason="it references no error to raise")
            return None
        error = self._errors.get(reference)
        if error is None:
            self._problems.add(REFERENCE_UNKNOWN, node, reference=reference, wanted="error")
            return None
        code = (error.get("errorCode") or "").strip()
        if not code or code.startswith("=") or len(code) > _CODE_MAX:
            reason = (
                "its error has no code" if not code else "the code of its error is not a short fixed text"
            )
            self._problems.add(ERROR_WRONG, node, reason=reason)
        return code


def _forbidden_timer(node: etree._Element, kind: ElementType, timer: TimerKind) -> str | None:
    """Why this kind of timer has no meaning at this event."""
    if kind is ElementType.START_EVENT and timer is TimerKind.DURATION:
        return "a start event fires at a date or in a cycle"
    if timer is not TimerKind.CYCLE or kind is ElementType.START_EVENT:
        return None
    if kind is ElementType.INTERMEDIATE_CATCH_EVENT:
        return "a catch event fires once, not in a cycle"
    interrupting = node.get("cancelActivity", "true") != "false"
    return "an interrupting event fires once, not in a cycle" if interrupting else None


def _check_time(kind: TimerKind, text: str) -> None:
    """ValueError unless the engine can wait by `text`: an instant with its offset, or an exact span of time."""
    if kind is TimerKind.DATE:
        parse_instant(text)
        if datetime.fromisoformat(text).tzinfo is None:
            raise ValueError(f"{text!r} has no offset from UTC")
        return
    cycle = parse_cycle(text) if kind is TimerKind.CYCLE else None
    span = parse_duration(text) if cycle is None else cycle.interval
    if cycle is not None and (cycle.start is not None or span.exact < timedelta(seconds=1)):
        raise ValueError(f"{text!r} names a start or repeats within a second")
    if span.months or span.exact < timedelta():
        raise ValueError(f"{text!r} is negative or counts in months, whose length varies; use days or a date")

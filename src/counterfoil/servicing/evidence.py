"""What an event's amount depends on: which observations are looked for, how they stand, what is lacking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from counterfoil.core.db import Transaction
from counterfoil.instruments import Event, EventKind, Terms, planned_events
from counterfoil.servicing.adjusting import actions_on, moved_price
from counterfoil.servicing.foretelling import Action
from counterfoil.servicing.model import ServicingEvent
from counterfoil.servicing.observations import Key, ObservationKind
from counterfoil.servicing.standing import Judged, Range, Standing, as_dict, judged

_PRICED = (EventKind.INITIAL_FIXING, EventKind.OBSERVATION, EventKind.FINAL_FIXING)
_OF_THE_ISSUE = (ObservationKind.STRIKE, ObservationKind.UNWINDING, ObservationKind.CHOICE)
_MOVED = (ObservationKind.PRICE, ObservationKind.STRIKE, ObservationKind.UNWINDING)
"""Kinds that are levels of an underlying."""
_ONE = Decimal(1)
_DAILY_PRICES = "2300"
"""Constant leverage depends on every day's price."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A barrier: its name, and the day from which on it is known for good whether it was hit."""

    name: str
    known_on: date


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for on behalf of an event. `fallback`: daily prices that tell of a barrier nobody has stated."""

    days: tuple[Key, ...] = ()
    ranges: tuple[Range, ...] = ()
    fallback: tuple[Range, ...] = ()
    barriers: Mapping[str, Watched] = field(default_factory=dict)
    """Each barrier by its subject."""
    initial: date | None = None
    """Day of the initial fixing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Observations that count, in the form that payoffs take, with their sources; `waits_for` what does not count."""

    observations: dict[str, Any]
    sources: tuple[Mapping[str, object], ...]
    waits_for: tuple[Mapping[str, object], ...]


def look_for(terms: Terms, event: ServicingEvent) -> Looked:
    """What may have a say in the event's amount, from the terms alone."""
    events = planned_events(terms)
    until = _until(event)
    if (interest := getattr(terms, "interest", None)) is not None:
        rates = _rate_fixings(events, until)
        return Looked(tuple((ObservationKind.RATE.value, interest.index, day) for day in rates))
    underlyings = [(u.isin or u.symbol or u.name, u.currency) for u in getattr(terms, "underlyings", ())]
    initial = next((e.day for e in events if e.kind is EventKind.INITIAL_FIXING), None)
    priced = {e.day for e in events if e.kind in _PRICED and e.day <= until} | {until}
    days: list[Key] = [
        (ObservationKind.PRICE.value, name, day) for name, _ in underlyings for day in sorted(priced)
    ]
    if getattr(terms, "fx", "none") == "compo":
        pairs = sorted({f"{terms.currency}/{currency}" for _, currency in underlyings})
        days += [(ObservationKind.FX.value, pair, day) for pair in pairs for day in sorted(priced)]
    first = terms.issue_date
    ranges: list[Range] = [(kind.value, event.isin, first, until) for kind in _OF_THE_ISSUE]
    ranges += [
        (ObservationKind.CREDIT_EVENT.value, name, first, until)
        for entity in getattr(terms, "reference_entities", ())
        for name in filter(None, (entity.lei, entity.name))
    ]
    prices: list[Range] = [
        (ObservationKind.PRICE.value, name, min([first, *priced]), until) for name, _ in underlyings
    ]
    if terms.class_ == _DAILY_PRICES:
        return Looked(tuple(days), (*ranges, *prices), initial=initial)
    ends = {e.pointer: e.day for e in events if e.kind is EventKind.BARRIER_END}
    barriers = {
        f"{event.isin}/{e.pointer[1:]}": Watched(e.pointer[1:], min(ends.get(e.pointer, until), until))
        for e in events
        if e.kind is EventKind.BARRIER_START
    }
    ranges += [(ObservationKind.BARRIER.value, subject, first, until) for subject in barriers]
    return Looked(tuple(days), tuple(ranges), tuple(prices) if barriers else (), barriers, initial)


def gather(
    tx: Transaction, wanted: Sequence[tuple[ServicingEvent, Looked]], *, now: datetime
) -> list[Evidence]:
    """The evidence of each event, in order, with three statements for all."""
    ranges = [r for _, looked in wanted for r in (*_single(looked), *looked.ranges)]
    found = judged(tx, ranges, now=now)
    states = _states(found)
    unstated = {n for n, (_, look) in enumerate(wanted) if not _all_stated(look, states)}
    found |= judged(tx, [r for n in sorted(unstated) for r in wanted[n][1].fallback], now=now)
    by_subject: dict[tuple[str, str], list[Key]] = {}
    for key in sorted(found):
        by_subject.setdefault(key[:2], []).append(key)
    actions = actions_on(tx, sorted({event.isin for event, _ in wanted}))
    return [
        _evidence(
            event,
            looked,
            looked.fallback if n in unstated else (),
            found,
            by_subject,
            actions.get(event.isin, []),
        )
        for n, (event, looked) in enumerate(wanted)
    ]


def _evidence(
    event: ServicingEvent,
    looked: Looked,
    fallback: Sequence[Range],
    found: Mapping[Key, Judged],
    by_subject: Mapping[tuple[str, str], Sequence[Key]],
    actions: Sequence[Action],
) -> Evidence:
    keys = dict.fromkeys(key for key in looked.days if key in found)
    for kind, subject, first, last in (*looked.ranges, *fallback):
        keys |= dict.fromkeys(k for k in by_subject.get((kind, subject), ()) if first <= k[2] <= last)
    counting = {key: found[key] for key in keys if found[key].standing is Standing.COUNTS}
    waiting = [
        as_dict(key, found[key])
        for key in keys
        if found[key].standing not in (Standing.COUNTS, Standing.ABSENT)
    ]
    return Evidence(
        _as_observations(event, looked, counting, actions),
        tuple(_source(key, judgement, actions) for key, judgement in counting.items()),
        tuple(waiting),
    )


def _states(found: Mapping[Key, Judged]) -> dict[str, list[tuple[date, Judged]]]:
    """What has been stated of barriers, by subject."""
    states: dict[str, list[tuple[date, Judged]]] = {}
    for (kind, subject, day), judgement in found.items():
        if kind == ObservationKind.BARRIER:
            states.setdefault(subject, []).append((day, judgement))
    return states


def _all_stated(looked: Looked, states: Mapping[str, Sequence[tuple[date, Judged]]]) -> bool:
    """Whether somebody has stated of every barrier how it ended, so that no daily prices are searched."""
    return all(
        any(_is_known(looked, subject, day, judgement) for day, judgement in states.get(subject, ()))
        for subject in looked.barriers
    )


def _is_known(looked: Looked, subject: str, day: date, judgement: Judged) -> bool:
    said = judgement.statement
    return said is not None and (said.content.hit_on is not None or day >= looked.barriers[subject].known_on)


def _source(key: Key, judgement: Judged, actions: Sequence[Action]) -> Mapping[str, object]:
    """The observation as it was made, and the factor by which later actions on the underlying move it."""
    kind, subject, day = key
    name = subject if kind == ObservationKind.PRICE else None
    factor = moved_price(_ONE, day, actions, name) if kind in _MOVED else _ONE
    plain = dict(as_dict(key, judgement))
    return plain if factor == _ONE else {**plain, "factor": factor}


def _as_observations(
    event: ServicingEvent, looked: Looked, counting: Mapping[Key, Judged], actions: Sequence[Action]
) -> dict[str, Any]:
    """The form that payoffs take. Where a thing was stated for several days, the last of them is meant."""

    def moved(value: Decimal | None, day: date, underlying: str | None = None) -> Decimal | None:
        return None if value is None else moved_price(value, day, actions, underlying)

    plain: dict[str, Any] = {}
    for (kind, subject, day), judgement in sorted(counting.items(), key=lambda item: item[0][2]):
        if judgement.statement is None:
            continue
        content = judgement.statement.content
        match ObservationKind(kind):
            case ObservationKind.PRICE:
                prices = {"price": content.value, "low": content.low, "high": content.high}
                price = {name: moved(value, day, subject) for name, value in prices.items()}
                plain.setdefault("prices", []).append({"underlying": subject, "date": day, **price})
            case ObservationKind.RATE:
                plain.setdefault("rates", []).append({"date": day, "rate_percent": content.value})
            case ObservationKind.FX if day == looked.initial:
                plain["fx_rate_initial"] = content.value
            case ObservationKind.FX:
                plain["fx_rate"] = content.value
            case ObservationKind.BARRIER if _is_known(looked, subject, day, judgement):
                states = plain.setdefault("barriers", {})
                name = looked.barriers[subject].name
                states[name] = states.get(name) or content.hit_on
            case ObservationKind.CREDIT_EVENT:
                known = {"entity": subject, "date": day, "recovery_percent": content.value}
                plain.setdefault("credit_events", []).append(known)
            case ObservationKind.STRIKE:
                plain["current_strike"] = moved(content.value, day)
            case ObservationKind.UNWINDING:
                plain["unwinding_price"] = moved(content.value, day)
            case ObservationKind.CHOICE:
                plain["settlement"] = content.choice
            case ObservationKind.BARRIER:
                continue  # not hit so far, which says nothing of the days to come
    states = plain.pop("barriers", {})
    if states:
        plain["barriers"] = [{"barrier": name, "hit_on": hit} for name, hit in states.items()]
    return plain | {name: event.particulars[name] for name in _STATED if name in event.particulars}


_STATED = ("called_on", "valuation_date")
"""What the request for an event says, and the payoff asks for."""


def _single(looked: Looked) -> Iterator[Range]:
    return ((kind, subject, day, day) for kind, subject, day in looked.days)


def _until(event: ServicingEvent) -> date:
    stated = event.particulars.get("valuation_date")
    return date.fromisoformat(stated) if stated else event.day


def _rate_fixings(events: Sequence[Event], until: date) -> list[date]:
    """The fixings of all coupons up to a day: a payoff works out those before as well."""
    return [
        e.accrual.fixing
        for e in events
        if e.kind is EventKind.COUPON and e.day <= until and e.accrual is not None and e.accrual.fixing
    ]

"""Events that somebody calls for: early and partial redemptions, exercises, knock-outs, judged by the terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.calendar import add_business_days, is_business_day
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.ids import new_id, new_ids
from counterfoil.instruments import (
    EventKind,
    Terms,
    TermsVersion,
    current_terms,
    from_canonical,
    planned_events,
)
from counterfoil.ledger import Account, Booked, Move, SubBalance, accounts_by_id, accounts_by_number, move
from counterfoil.register import issues
from counterfoil.servicing import errors
from counterfoil.servicing.agenda import end_events, events_by_id
from counterfoil.servicing.hits import knocking_out, note_knocked_out
from counterfoil.servicing.model import CalledFor, Ending, ServicingEvent
from counterfoil.servicing.moments import exercise_deadline, record_date
from counterfoil.servicing.scheduling import store_events

_RIGHTS = {"issuer": EventKind.ISSUER_CALL, "holder": EventKind.HOLDER_PUT}


@dataclass(frozen=True, slots=True)
class Call:
    """A right to end the security on `day` is used. `share` is the part of everybody's units that is redeemed."""

    isin: str
    day: date
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A holder exercises units of an account (number); `day` is the day of their valuation."""

    isin: str
    account: str
    units: Decimal
    day: date


def call_early(
    tx: Transaction, wanted: Call, *, business_date: date, now: datetime, actor: str
) -> ServicingEvent:
    """Redeem early by a call or put of the terms, or by the issuer's termination of a product without an end.

    Raises `Refused` (SRV-040 to 042).
    """
    version, terms = _active(tx, wanted.isin)
    refusal, payment, said = _right(terms, wanted, business_date)
    if not 0 < wanted.share <= 1:
        refusal = errors.CALL_ODD("/share", reason="The share is above 0 and at most 1")
    if refusal is not None:
        raise Refused(refusal)
    kind = CalledFor.EARLY_REDEMPTION
    if wanted.share < 1:
        kind, said = CalledFor.PARTIAL_REDEMPTION, said | {"share": f"{wanted.share:f}"}
    event = _event(version, terms, kind, wanted.day, payment, said | {"called_by": actor})
    store_events(tx, [event], now=now)
    return event


def exercise(
    tx: Transaction, wanted: Exercise, *, business_date: date, now: datetime, actor: str
) -> ServicingEvent:
    """Exercise units: they are earmarked until they are paid for. Raises `Refused` (SRV-040, 041, 043, LED-…)."""
    version, terms = _active(tx, wanted.isin)
    account = accounts_by_number(tx, [wanted.account]).get(wanted.account)
    if refusal := _may_not_exercise(terms, wanted, account, business_date, now):
        raise Refused(refusal)
    request = new_id()
    (moved,) = move(
        tx,
        [
            Move(
                wanted.account, wanted.isin, wanted.units, SubBalance.AVAILABLE, SubBalance.EARMARKED,
                f"EX{request.hex[-20:]}".upper(), "exercised", request,
            )
        ],
        by_party=True, booked_at=now, actor=actor,
    )  # fmt: skip
    if not isinstance(moved, Booked):
        raise Refused(moved)
    said = {
        "account_id": str(account.id) if account else "", "units": f"{wanted.units:f}",
        "valuation_date": wanted.day.isoformat(), "called_by": actor,
    }  # fmt: skip
    payment = _payment_after(terms, wanted.day)
    event = _event(version, terms, CalledFor.EXERCISE, wanted.day, payment, said)
    store_events(tx, [event], now=now)
    return event


def knock_out(
    tx: Transaction, isins: Sequence[str], day: date, *, now: datetime
) -> list[ServicingEvent | Refusal]:
    """End securities whose barrier was hit on `day`: one event for each, in order, or why not. The hit itself is an
    observation, and counts as others do.
    """
    standing = issues(tx, isins)
    versions = current_terms(tx, isins)
    going = knocking_out(tx, isins)
    outcomes: list[ServicingEvent | Refusal] = []
    for isin in isins:
        if isin in going:
            outcomes.append(errors.KNOCKED_OUT("/isin", isin=isin))
            continue
        if day > now.date():
            outcomes.append(errors.NOT_YET("/day", day=day))
            continue
        issue = standing.get(isin)
        if issue is None or issue.state not in ("active", "suspended") or isin not in versions:
            outcomes.append(errors.NOT_LIVE("/isin", isin=isin))
            continue
        terms = from_canonical(versions[isin].canonical)
        payment = _payment_after(terms, day)
        outcomes.append(_event(versions[isin], terms, CalledFor.KNOCK_OUT, day, payment, {}))
    events = [e for e in outcomes if isinstance(e, ServicingEvent)]
    store_events(tx, events, now=now)
    note_knocked_out(tx, [e.isin for e in events], day)
    return outcomes


def _active(tx: Transaction, isin: str) -> tuple[TermsVersion, Terms]:
    version, issue = current_terms(tx, [isin]).get(isin), issues(tx, [isin]).get(isin)
    if version is None or issue is None or issue.state != "active":
        raise Refused(errors.NOT_LIVE("/isin", isin=isin))
    return version, from_canonical(version.canonical)


def _right(terms: Terms, wanted: Call, today: date) -> tuple[Refusal | None, date, dict[str, Any]]:
    """The payment date of a right that the terms give for the day, and what the payoff has to know of it."""
    rights = [e for e in planned_events(terms) if e.kind in _RIGHTS.values() and e.day == wanted.day]
    if rights and rights[0].payment is not None:
        late = errors.CALL_ODD("/day", reason=f"{wanted.day} has passed") if wanted.day < today else None
        return late, rights[0].payment, {"called_on": wanted.day.isoformat(), "right": rights[0].kind.value}
    notice = getattr(terms, "issuer_call_notice", None)
    if notice is None:
        return errors.NO_RIGHT("/day", isin=wanted.isin, day=wanted.day), wanted.day, {}
    payment = _payment_after(terms, wanted.day)
    if wanted.day < today + timedelta(days=notice):
        reason = f"The notice is {notice} days, so the first day is {today + timedelta(days=notice)}"
        return errors.CALL_ODD("/day", reason=reason), payment, {}
    return None, payment, {"valuation_date": wanted.day.isoformat()}


def _may_not_exercise(
    terms: Terms, wanted: Exercise, account: Account | None, today: date, now: datetime
) -> Refusal | None:
    events = {e.kind: e.day for e in planned_events(terms)}
    start, end = events.get(EventKind.EXERCISE_START), events.get(EventKind.EXERCISE_END)
    listed = getattr(terms, "exercise_dates", ())
    within = start is not None and start <= wanted.day and (end is None or wanted.day <= end)
    if not getattr(terms, "automatic_exercise", True):
        within = within or wanted.day == events.get(EventKind.FINAL_FIXING)
    minimum = getattr(terms, "minimum_exercise", None) or terms.denomination
    if account is None:
        return errors.EXERCISE_ODD("/account", reason=f"There is no account {wanted.account}")
    if not within and wanted.day not in listed:
        return errors.NO_RIGHT("/day", isin=wanted.isin, day=wanted.day)
    if not is_business_day(wanted.day, terms.calendar):
        return errors.EXERCISE_ODD("/day", reason=f"{wanted.day} is no business day")
    if wanted.day < today or now > exercise_deadline(wanted.day):
        return errors.EXERCISE_LATE("/day", day=wanted.day, deadline=exercise_deadline(wanted.day))
    if wanted.units < minimum or wanted.units % terms.denomination:
        reason = f"At least {minimum:f} are exercised, in multiples of {terms.denomination:f}"
        return errors.EXERCISE_ODD("/units", reason=reason)
    return None


def _payment_after(terms: Terms, day: date) -> date:
    return add_business_days(day, getattr(terms, "payment_lag", 2), terms.calendar)


def _event(
    version: TermsVersion, terms: Terms, kind: CalledFor, day: date, payment: date, said: dict[str, Any]
) -> ServicingEvent:
    id_: UUID = new_id()
    return ServicingEvent(
        id_, version.isin, version.version, kind.value, day, payment, record_date(payment, terms.calendar),
        f"/requests/{id_}", terms.issuer, terms.currency, said,
    )  # fmt: skip


def withdraw(tx: Transaction, ids: Sequence[UUID], *, reason: str, now: datetime, actor: str) -> None:
    """End events that a person has refused; what was earmarked for an exercise is available again."""
    events = events_by_id(tx, ids)
    moves = _released(tx, [e for e in events.values() if e.kind == CalledFor.EXERCISE])
    for outcome in move(tx, moves, by_party=False, booked_at=now, actor=actor):
        if not isinstance(outcome, Booked):
            raise Refused(outcome)
    end_events(tx, [(id_, Ending.WITHDRAWN) for id_ in ids], now=now, reason=reason)


def _released(tx: Transaction, exercised: Sequence[ServicingEvent]) -> list[Move]:
    accounts = accounts_by_id(tx, [UUID(e.particulars["account_id"]) for e in exercised])
    return [
        Move(
            accounts[UUID(e.particulars["account_id"])].number, e.isin, Decimal(e.particulars["units"]),
            SubBalance.EARMARKED, SubBalance.AVAILABLE, f"WD{e.id.hex[-20:]}".upper(), "exercise refused", id_,
        )
        for id_, e in zip(new_ids(len(exercised)), exercised, strict=True)
    ]  # fmt: skip

"""Corporate actions on underlyings: every live security on one gets a version of its terms that keeps its worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused, ensure
from counterfoil.core.ids import new_id, new_ids
from counterfoil.core.money import ARITHMETIC, Rounding, round_to
from counterfoil.instruments import (
    Change,
    Terms,
    TermsVersion,
    adjusted_terms,
    amend_instruments,
    canonical,
    current_terms,
    diff,
    effect,
    from_canonical,
    terms_hash,
)
from counterfoil.register import EntryKind, Instruction, issues, preview, record
from counterfoil.servicing import errors
from counterfoil.servicing.foretelling import Action, end_foretold, foretell
from counterfoil.servicing.underlyings import names_of

SQL = queries(__file__)
_SCALE = 8
_PRICE_SCALE = 12


@dataclass(frozen=True, slots=True)
class Adjusted:
    """How many securities an adjustment has moved now, and why some could not be."""

    moved: int
    left: tuple[tuple[str, Refusal], ...]


def request_adjustment(tx: Transaction, action: Action, reason: str, *, now: datetime, actor: str) -> UUID:
    """Note a corporate action, for another person to approve; its id. Raises `Refused` (SRV-070, 071)."""
    exponent = action.factor.as_tuple().exponent
    ensure(isinstance(exponent, int), "a factor is a number")
    if not 0 < action.factor < 1000 or action.factor == 1 or -int(exponent) > _SCALE:
        raise Refused(errors.FACTOR("/factor", factor=f"{action.factor:f}"))
    if tx.rows(SQL.standing, underlying=action.underlying, ex_day=action.ex_day):
        raise Refused(errors.ADJUSTED_ALREADY(underlying=action.underlying, day=action.ex_day))
    id_ = new_id()
    tx.execute(
        SQL.request, id=id_, underlying=action.underlying, factor=action.factor, ex_day=action.ex_day, reason=reason,
        actor=actor, now=now,
    )  # fmt: skip
    return id_


def decide_adjustment(tx: Transaction, id_: UUID, *, approved: bool, now: datetime, actor: str) -> None:
    """Note what a person decided; the first word stays. The database refuses approval by who requested it. What is
    approved is announced to the holders of all that it will move.
    """
    decided = tx.row(SQL.decide, id=id_, approved=approved, actor=actor, now=now)
    if decided is not None and approved:
        action = _action(tx, id_)
        foretell(tx, id_, action, _resting(tx, id_, action), now=now)


def adjust(tx: Transaction, id_: UUID, *, now: datetime, actor: str) -> Adjusted:
    """Give every live security on the underlying its adjusted terms and enter them; those that have them stay.

    What the register does not take (a suspended issue) is left, and moved when this is called again.
    """
    action = _action(tx, id_)
    resting = _resting(tx, id_, action)
    versions = {isin: version for isin, (version, _) in resting.items()}
    after = {isin: _after(version, terms, action) for isin, (version, terms) in resting.items()}
    changed = [isin for isin, version in after.items() if version[0].version > versions[isin].version]
    refusals = _enter(tx, changed, after, now, actor)
    moved = [isin for isin in after if isin not in refusals]
    tx.copy(
        "servicing.adjusted",
        ("adjustment_id", "isin", "terms_version", "terms_hash", "adjusted_at"),
        ("uuid", "text", "int4", "bytea", "timestamptz"),
        ((id_, isin, after[isin][0].version, after[isin][0].hash, now) for isin in moved),
    )
    end_foretold(tx, id_, action, {isin: resting[isin] for isin in moved}, now=now)
    return Adjusted(len(moved), tuple(sorted(refusals.items())))


def foresee_adjustment(
    tx: Transaction, id_: UUID, limit: int = 20
) -> tuple[int, tuple[tuple[str, tuple[Change, ...]], ...]]:
    """How many securities an adjustment would move now, and what it changes of the terms of the first of them. Raises
    `Refused` (SRV-072).
    """
    action = _action(tx, id_)
    resting = _resting(tx, id_, action)
    first = [(isin, *resting[isin]) for isin in sorted(resting)[:limit]]
    return len(resting), tuple(
        (isin, diff(version.canonical, _after(version, terms, action)[0].canonical))
        for isin, version, terms in first
    )


def adjustments(
    tx: Transaction, *, underlying: str | None = None, after: UUID, limit: int = 100
) -> list[dict[str, Any]]:
    """Adjustments in the order in which they were requested, with what was decided and how many they moved."""
    names = (
        "id", "underlying", "factor", "ex_day", "reason", "requested_by", "requested_at", "approved", "decided_by",
        "securities",
    )  # fmt: skip
    rows = tx.rows(SQL.page, underlying=underlying, after=after, limit=limit)
    return [dict(zip(names, row, strict=True)) for row in rows]


def adjusted_securities(
    tx: Transaction, id_: UUID, *, after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Whose terms an adjustment moved, and the version that it made."""
    if tx.row(SQL.one, id=id_) is None:
        raise Refused(errors.UNKNOWN_ADJUSTMENT(adjustment=id_))
    names = ("isin", "terms_version", "terms_hash", "adjusted_at")
    return [
        dict(zip(names, row, strict=True))
        for row in tx.rows(SQL.securities, id=id_, after=after, limit=limit)
    ]


def actions_on(tx: Transaction, isins: Sequence[str]) -> dict[str, list[Action]]:
    """The actions that have moved the terms of securities, in order of their days."""
    found: dict[str, list[Action]] = {}
    for isin, *action in tx.rows(SQL.in_force, isins=list(isins)):
        found.setdefault(isin, []).append(Action(*action))
    return found


def moved_price(
    value: Decimal, day: date, actions: Sequence[Action], underlying: str | None = None
) -> Decimal:
    """A price of a day as it reads after later actions; of the underlying named, or of any."""
    for action in actions:
        if day < action.ex_day and underlying in (None, action.underlying):
            with localcontext(ARITHMETIC):
                value = round_to(value * action.factor, _PRICE_SCALE, Rounding.HALF_UP)
    return value


def _action(tx: Transaction, id_: UUID) -> Action:
    row = tx.row(SQL.one, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN_ADJUSTMENT(adjustment=id_))
    return Action(*row)


def _resting(tx: Transaction, id_: UUID, action: Action) -> dict[str, tuple[TermsVersion, Terms]]:
    """The current terms of live securities on the underlying that the adjustment has not moved yet."""
    rows = tx.rows(SQL.affected, id=id_, underlying=action.underlying)
    versions = current_terms(tx, [isin for (isin,) in rows])
    read = ((isin, version, from_canonical(version.canonical)) for isin, version in versions.items())
    return {isin: (version, terms) for isin, version, terms in read if action.underlying in names_of(terms)}


def _after(version: TermsVersion, before: Terms, action: Action) -> tuple[TermsVersion, Terms]:
    terms = adjusted_terms(before, action.underlying, action.factor)
    text = canonical(terms)
    if text == version.canonical:
        return version, terms
    return TermsVersion(version.isin, version.version + 1, terms_hash(text), text), terms


def _enter(
    tx: Transaction,
    isins: Sequence[str],
    after: Mapping[str, tuple[TermsVersion, Terms]],
    now: datetime,
    actor: str,
) -> dict[str, Refusal]:
    """Store and enter the new versions; what the register refuses, and why."""
    known = issues(tx, isins)
    instructions = [
        Instruction(
            id_, EntryKind.AMEND, isin, now, issuer_lei=known[isin].issuer_lei,
            authorised=after[isin][1].volume.authorised, mode=known[isin].mode,
            content=known[isin].content | {"terms_hash": after[isin][0].hash.hex()},
            terms_version=after[isin][0].version,
            issuer_consent=True,  # the terms themselves provide for it; two persons have seen to the factor
        )
        for id_, isin in zip(new_ids(len(isins)), isins, strict=True)
    ]  # fmt: skip
    refusals = {
        isin: refusal
        for isin, refusal in zip(isins, preview(tx, instructions), strict=True)
        if refusal is not None
    }
    going = [i for i in instructions if i.isin not in refusals]
    if not going:
        return refusals
    before = current_terms(tx, [i.isin for i in going])
    amend_instruments(
        tx,
        [
            (
                after[i.isin][0], effect(diff(before[i.isin].canonical, after[i.isin][0].canonical)).value,
                after[i.isin][1].name, after[i.isin][1].cfi or "", after[i.isin][1].fisn or "",
            )
            for i in going
        ],
        now,
    )  # fmt: skip
    entered = record(tx, going, changed_at=now, actor=actor)
    ensure(not any(isinstance(e, Refusal) for e in entered), "the register takes what it said it would take")
    return refusals

"""Takes instructions in: every broken rule of each is found, what is sound is stored and waits to be matched."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from counterfoil.core.calendar import is_business_day
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.core.money import digits, fits_amount, fits_quantity, minor_units
from counterfoil.ledger import Account, accounts_by_number
from counterfoil.parties import Entity, agents_of, correspondents, entities
from counterfoil.register import Issue, issues
from counterfoil.settlement import advice, errors
from counterfoil.settlement.links import Graph, Linked
from counterfoil.settlement.model import CashDirection, Instruction, Payment

SQL = queries(__file__)
CALENDAR = "TARGET"
"""Settlement days."""
_DIGITS = 28
"""Digits of a quantity: as many as decimal arithmetic keeps."""
_FURTHEST = timedelta(days=366)
LOCKED_ONE_BY_ONE = 200
"""Up to so many instructions lock their match keys each for itself; a larger batch locks matching as a whole."""
_RESERVED_PRIORITY = 1
_OF_EVENTS = ("CLAI", "CORP")
"""Types of what follows from an event: its money may be owed when the security has been redeemed."""
_CASH_AGENTS = ("paying_agent", "issuing_agent")
"""Roles in which a party takes another's money, by mandate."""
Actor = str | Mapping[UUID, str]
"""Who hands instructions in: one for all of a batch, or each by the instruction's id."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The instruction is stored: SF I."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Rejected:
    """The instruction is not stored, for these reasons."""

    id: UUID
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class _Known:
    """What the batch names, as it stands."""

    issues: Mapping[str, Issue]
    accounts: Mapping[str, Account]
    parties: Mapping[str, Entity]
    used: set[tuple[str, str]]
    agents: Mapping[str, frozenset[str]]
    corresponding: frozenset[str]
    links: Graph


def lock_matching(tx: Transaction, instructions: Sequence[Instruction]) -> None:
    """Two sides that arrive together wait for each other here, so that the second one sees the first. What is linked
    marks others, so it must not meet one that is just being matched.
    """
    if len(instructions) > LOCKED_ONE_BY_ONE or any(i.links or i.pool for i in instructions):
        lock_all(tx)
    elif instructions:
        tx.execute(SQL.lock_some, keys=list({i.match_key for i in instructions}))


def lock_all(tx: Transaction) -> None:
    """Be the only one that takes in, matches or settles, until the transaction ends."""
    tx.execute(SQL.lock_all)


def lock_shared(tx: Transaction) -> None:
    """Take in what comes matched, while nobody links, runs a cycle or ends the day."""
    tx.execute(SQL.lock_shared)


def accept(
    tx: Transaction,
    instructions: Sequence[Instruction],
    *,
    now: datetime,
    business_date: date,
    actor: Actor,
) -> list[Accepted | Rejected]:
    """Validate and store a batch: one outcome for each, in order. What is sound waits to be matched.

    Raises `Conflict` (reference_once) where another transaction used a reference at this very moment: repeat.
    """
    alone = [(instruction,) for instruction in instructions]
    outcomes = accept_together(tx, alone, now=now, business_date=business_date, actor=actor)
    return [outcome for (outcome,) in outcomes]


def accept_together(
    tx: Transaction,
    groups: Sequence[tuple[Instruction, ...]],
    *,
    now: datetime,
    business_date: date,
    actor: Actor,
) -> list[tuple[Accepted | Rejected, ...]]:
    """The same for instructions that are taken in together or not at all: one outcome for each of each group."""
    if not groups:
        return []
    known = _look_up(tx, [instruction for group in groups for instruction in group])
    outcomes, sound = _judge(groups, known, business_date)
    _store(tx, sound, known, now, actor)
    return outcomes


def judge(
    tx: Transaction, instructions: Sequence[Instruction], *, business_date: date
) -> list[Accepted | Rejected]:
    """What `accept` would say to each now; nothing is stored."""
    if not instructions:
        return []
    known = _look_up(tx, instructions)
    outcomes, _ = _judge([(instruction,) for instruction in instructions], known, business_date)
    return [outcome for (outcome,) in outcomes]


def _judge(
    groups: Sequence[tuple[Instruction, ...]], known: _Known, business_date: date
) -> tuple[list[tuple[Accepted | Rejected, ...]], list[Instruction]]:
    """One outcome for each of each group, and the instructions that are sound."""
    outcomes: list[tuple[Accepted | Rejected, ...]] = []
    sound: list[Instruction] = []
    for group in groups:
        references = {(i.party_lei, i.reference) for i in group}
        refusals = [tuple(_broken_rules(i, known, business_date)) for i in group]
        if len(references) < len(group):
            first = group[0]
            refusals[-1] += (
                errors.REFERENCE_USED("/reference", party=first.party_lei, reference=first.reference),
            )
        if any(refusals):
            outcomes.append(tuple(Rejected(i.id, why) for i, why in zip(group, refusals, strict=True)))
            continue
        known.used |= references
        for instruction in group:
            known.links.add(_linked(instruction))
        sound += group
        outcomes.append(tuple(Accepted(i.id) for i in group))
    ensure(len(outcomes) == len(groups), "every instruction has one outcome")
    return outcomes, sound


def named_by_links(tx: Transaction, instructions: Sequence[Instruction]) -> set[UUID]:
    """Those that an instruction which came before them is linked to."""
    rows = tx.rows(
        SQL.linked_to,
        ids=[i.id for i in instructions],
        parties=[i.party_lei for i in instructions],
        references=[i.reference for i in instructions],
    )
    return {id_ for (id_,) in rows}


def _look_up(tx: Transaction, instructions: Sequence[Instruction]) -> _Known:
    numbers = {i.account for i in instructions} | {i.cash_account for i in instructions if i.cash_account}
    parties = {i.party_lei for i in instructions} | {i.counterparty_lei for i in instructions}
    used = tx.rows(
        SQL.used_references,
        parties=[i.party_lei for i in instructions],
        references=[i.reference for i in instructions],
    )
    accounts = accounts_by_number(tx, sorted(numbers))
    foreign = {
        i.party_lei
        for i in instructions
        if i.cash_account and not _owns(i.party_lei, accounts.get(i.cash_account))
    }
    return _Known(
        issues(tx, sorted({i.isin for i in instructions})),
        accounts,
        entities(tx, sorted(parties)),
        {(lei, reference) for lei, reference in used},
        agents_of(tx, sorted(foreign), _CASH_AGENTS),
        frozenset(correspondents(tx, parties)),
        Graph(tx, [_linked(i) for i in instructions if i.links or i.pool]),
    )


def _linked(i: Instruction) -> Linked:
    return Linked(i.party_lei, i.reference, i.links, i.pool)


def _broken_rules(i: Instruction, known: _Known, business_date: date) -> Iterable[Refusal]:
    if (i.party_lei, i.reference) in known.used:
        yield errors.REFERENCE_USED("/reference", party=i.party_lei, reference=i.reference)
    if i.counterparty_lei not in known.parties:
        yield errors.UNKNOWN_COUNTERPARTY("/counterparty", party=i.counterparty_lei)
    if not _owns(i.party_lei, known.accounts.get(i.account)):
        yield errors.SECURITIES_ACCOUNT("/account", account=i.account, party=i.party_lei)
    if i.counterparty_account == i.account:
        yield errors.OWN_COUNTERPARTY("/counterparty_account", account=i.account)
    yield from _broken_security_rules(i, known.issues.get(i.isin))
    yield from _broken_cash_rules(i, known)
    yield from _broken_dates(i, business_date)
    yield from _broken_conditions(i)
    yield from known.links.broken_rules(_linked(i))


def _owns(party: str, account: Account | None) -> bool:
    return account is not None and account.owner_lei == party and not account.closed


def _broken_security_rules(i: Instruction, issue: Issue | None) -> Iterable[Refusal]:
    too_long = not fits_quantity(i.quantity) or digits(i.quantity)[0] > _DIGITS
    if too_long or i.quantity < 0 or (i.quantity == 0 and i.payment is Payment.FREE):
        yield errors.QUANTITY("/quantity", quantity=i.quantity)
        return
    if issue is None:
        yield errors.UNKNOWN_SECURITY("/isin", isin=i.isin)
        return
    if issue.state not in ("active", "suspended") and not (
        i.quantity == 0 and i.transaction_type in _OF_EVENTS
    ):
        yield errors.SECURITY_NOT_ACTIVE("/isin", isin=i.isin, state=issue.state)
    unit = settlement_unit(issue)
    if 0 < i.quantity < unit:
        yield errors.BELOW_MINIMUM(
            "/quantity", quantity=f"{i.quantity:f}", denomination=f"{unit:f}", isin=i.isin
        )
    elif Fraction(i.quantity) % Fraction(unit):
        yield errors.NOT_A_MULTIPLE(
            "/quantity", quantity=f"{i.quantity:f}", denomination=f"{unit:f}", isin=i.isin
        )


def settlement_unit(issue: Issue) -> Decimal:
    """Smallest quantity that settles, and what every quantity is a multiple of: a unit, or the denomination."""
    return Decimal(1) if issue.content.get("unit") == "units" else Decimal(issue.content["denomination"])


def _broken_cash_rules(i: Instruction, known: _Known) -> Iterable[Refusal]:
    cash = (i.currency, i.amount, i.cash_direction, i.cash_account)
    wanted = i.payment is Payment.AGAINST
    if any((field is not None) != wanted for field in cash):
        yield errors.PAYMENT_INCOMPLETE("/payment")
        return
    if i.currency is None or i.amount is None:
        return
    decimals = minor_units(i.currency)
    if decimals is None:
        yield errors.CURRENCY("/currency", currency=i.currency)
    elif not fits_amount(i.amount) or i.amount <= 0 or i.amount != round(i.amount, decimals):
        yield errors.AMOUNT("/amount", amount=i.amount, currency=i.currency)
    if not _may_use(i, known.accounts.get(i.cash_account or ""), known.agents):
        yield errors.CASH_ACCOUNT("/cash_account", account=i.cash_account, party=i.party_lei)


def _may_use(i: Instruction, account: Account | None, agents: Mapping[str, frozenset[str]]) -> bool:
    """Its own account, or for money that comes in that of its paying or issuing agent."""
    if _owns(i.party_lei, account):
        return True
    if account is None or account.closed or i.cash_direction is not CashDirection.CREDIT:
        return False
    return account.owner_lei in agents.get(i.party_lei, ())


def _broken_dates(i: Instruction, business_date: date) -> Iterable[Refusal]:
    limit = min(business_date, i.intended_date)
    if i.trade_date > limit:
        yield errors.TRADE_DATE("/trade_date", trade_date=i.trade_date, limit=limit)
    far = abs(i.intended_date - business_date) > _FURTHEST
    if far or not is_business_day(i.intended_date, CALENDAR):
        yield errors.INTENDED_DATE("/intended_date", intended_date=i.intended_date)


def _broken_conditions(i: Instruction) -> Iterable[Refusal]:
    if i.priority <= _RESERVED_PRIORITY or i.priority > 4:
        yield errors.PRIORITY("/priority", priority=i.priority, party=i.party_lei)
    if i.pool is not None and (not i.pool.name or i.pool.size < 2):
        yield errors.POOL("/pool")
    if any(link.reference == i.reference for link in i.links):
        yield errors.LINKED_TO_ITSELF("/links", reference=i.reference)
    repeated = [key for key, n in Counter((k.kind, k.reference) for k in i.links).items() if n > 1]
    for kind, reference in repeated:
        yield errors.LINKED_TWICE("/links", reference=reference, kind=kind.value)


_INSTRUCTION = {
    "id": "uuid", "party_lei": "text", "reference": "text", "movement": "text", "payment": "text", "isin": "text",
    "quantity": "numeric", "account_id": "uuid", "counterparty_lei": "text", "counterparty_account": "text",
    "currency": "text", "amount": "numeric", "cash_direction": "text", "cash_account_id": "uuid",
    "trade_date": "date", "intended_date": "date", "transaction_type": "text", "common_reference": "text",
    "client": "text", "counterparty_client": "text", "opt_out": "bool", "ex_cum": "text", "match_key": "uuid",
    "accepted_at": "timestamptz", "actor": "text",
}  # fmt: skip
_UNMATCHED = {
    "instruction_id": "uuid", "match_key": "uuid", "movement": "text", "currency": "text", "amount": "numeric",
    "account": "text", "counterparty_account": "text", "common_reference": "text", "client": "text",
    "counterparty_client": "text", "holds": "int2", "priority": "int2", "partial": "text", "linked": "bool",
    "advised": "bool", "changed_at": "timestamptz",
}  # fmt: skip


def _store(
    tx: Transaction, sound: Sequence[Instruction], looked_up: _Known, now: datetime, actor: Actor
) -> None:
    if not sound:
        return
    actors = dict.fromkeys((i.id for i in sound), actor) if isinstance(actor, str) else actor
    known = looked_up.accounts
    advised = {
        i.id for i in sound if not looked_up.corresponding.isdisjoint((i.party_lei, i.counterparty_lei))
    }
    keyed = [(i, i.match_key) for i in sound]
    tx.copy(
        "settlement.instruction", tuple(_INSTRUCTION), tuple(_INSTRUCTION.values()),
        (
            (
                i.id, i.party_lei, i.reference, i.movement.value, i.payment.value, i.isin, i.quantity,
                known[i.account].id, i.counterparty_lei, i.counterparty_account, i.currency, i.amount,
                i.cash_direction and i.cash_direction.value, i.cash_account and known[i.cash_account].id,
                i.trade_date, i.intended_date, i.transaction_type, i.common_reference, i.client,
                i.counterparty_client, i.opt_out, i.ex_cum, key, now, actors[i.id],
            )
            for i, key in keyed
        ),
    )  # fmt: skip
    tx.copy(
        "settlement.unmatched", tuple(_UNMATCHED), tuple(_UNMATCHED.values()),
        (
            (
                i.id, key, i.movement.value, i.currency, i.amount, i.account, i.counterparty_account,
                i.common_reference, i.client, i.counterparty_client, int(i.holds), i.priority, i.partial.value,
                i.depends_on_others, i.id in advised, now,
            )
            for i, key in keyed
        ),
    )  # fmt: skip
    tx.copy(
        "settlement.link", ("instruction_id", "kind", "party_lei", "reference"), ("uuid", "text", "text", "text"),
        ((i.id, k.kind.value, i.party_lei, k.reference) for i in sound for k in i.links),
    )  # fmt: skip
    tx.copy(
        "settlement.pool_member", ("instruction_id", "party_lei", "pool", "size"), ("uuid", "text", "text", "int2"),
        ((i.id, i.party_lei, i.pool.name, i.pool.size) for i in sound if i.pool),
    )  # fmt: skip
    advice.announce_instructions(tx, advised)

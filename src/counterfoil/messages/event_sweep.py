"""Tells holders that use messages of events: what is announced, due, booked and withdrawn, each once.

An announcement says of which event to tell, and from behind which account on: an event of very many holders is told
in several sweeps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import ensure
from counterfoil.core.outbox import announce
from counterfoil.messages.addresses import as_they_name_themselves
from counterfoil.messages.corporate_actions import EligibleBalance
from counterfoil.messages.event_bookings import still_to_tell
from counterfoil.messages.event_holders import Due, Holder, Suspended, Told
from counterfoil.messages.event_notices import (
    action_of,
    agents_of,
    cancellation_of,
    is_open,
    is_to_remind,
    notification_of,
    replaced_action,
    status_of,
    told_to_agents,
    version_of,
)
from counterfoil.messages.instructing import form_of
from counterfoil.messages.mail import Letter
from counterfoil.messages.model import PartyId, Quantity, QuantityForm
from counterfoil.parties import correspondents
from counterfoil.register import issues
from counterfoil.servicing import EVENT, Ending, EventStanding, event_standings

SQL = queries(__file__)
MOST = 5000
"""Rows read in one sweep: accounts, and what each record has of them."""
_ACCOUNTS_MOST = 500
"""Accounts in one notification."""
_FIRST = UUID(int=0)
_Held = tuple[Holder, Told]


def tell_of_events(
    tx: Transaction, subjects: Sequence[str], *, depository: PartyId, now: datetime, limit: int = MOST
) -> list[Letter]:
    """Letters about the events announced, in order; what is left for another sweep is announced again."""
    after: dict[UUID, UUID] = {}
    for subject in subjects:
        event, _, account = subject.partition(" ")
        behind = UUID(account) if account else _FIRST
        after[UUID(event)] = min(behind, after.get(UUID(event), behind))
    new = {UUID(subject) for subject in subjects if " " not in subject}
    standings = event_standings(tx, sorted(after))
    holders, rest = _holders(tx, standings, after, limit)
    told = _told(tx, holders)
    known = issues(tx, sorted({s.event.isin for s in standings.values()}))
    letters: list[Letter] = []
    now_told: dict[tuple[UUID, UUID], Told] = {}
    for id_, several in holders.items():
        standing = standings[id_]
        form = form_of(known[standing.event.isin]) if standing.event.isin in known else QuantityForm.UNITS
        pairs = [(holder, told.get((id_, holder.account_id), Told())) for holder in several]
        letters += _notices(standing, pairs, form, now)
        for holder, before in pairs:
            informed = before
            if is_open(standing):
                reminded = before.reminded or is_to_remind(standing)
                informed = replace(before, notified=version_of(standing), reminded=reminded)
            messages, later = still_to_tell(standing, holder, form, informed, depository, now)
            letters += [Letter(holder.lei, message) for message in messages]
            if later != before:
                now_told[id_, holder.account_id] = later
    _keep(tx, now_told)
    letters += _to_agents(tx, [standings[id_] for id_ in sorted(new) if id_ in standings], now)
    withdrawn, more = _withdrawn(tx, standings, limit)
    announce(tx, EVENT, [*rest, *more])
    return [*letters, *withdrawn]


def _notices(
    standing: EventStanding, pairs: Sequence[_Held], form: QuantityForm, now: datetime
) -> Iterator[Letter]:
    """One notification for the accounts of an owner that know the same."""
    if not is_open(standing):
        return
    version = version_of(standing)
    groups: dict[tuple[str, int | None], list[EligibleBalance]] = {}
    for holder, told in pairs:
        reminds = is_to_remind(standing) and not told.reminded
        if told.notified is None or told.notified < version or reminds:
            balance = EligibleBalance(holder.number, Quantity(holder.held, form), holder.owner)
            groups.setdefault((holder.lei, told.notified), []).append(balance)
    for (lei, notified), balances in groups.items():
        for some in _in_parts(balances):
            if (action := replaced_action(standing, notified)) is not None:
                yield Letter(lei, cancellation_of(action, status_of(standing), some))
            yield Letter(lei, notification_of(standing, some, form, notified, now))


def _to_agents(tx: Transaction, standings: Sequence[EventStanding], now: datetime) -> Iterator[Letter]:
    """Paying agents that use messages learn of an event as such, when it is announced and when that changes."""
    known = correspondents(tx, {lei for standing in standings for lei in agents_of(standing)})
    for standing in standings:
        for lei in agents_of(standing):
            if lei not in known:
                continue
            if is_open(standing):
                told = told_to_agents(standing)
                yield Letter(lei, notification_of(standing, (), QuantityForm.UNITS, told, now))
            else:
                yield Letter(lei, cancellation_of(action_of(standing, None), status_of(standing), ()))


def _in_parts(balances: Sequence[EligibleBalance]) -> Iterator[Sequence[EligibleBalance]]:
    return (balances[at : at + _ACCOUNTS_MOST] for at in range(0, len(balances), _ACCOUNTS_MOST))


def _holders(
    tx: Transaction, standings: Mapping[UUID, EventStanding], after: Mapping[UUID, UUID], limit: int
) -> tuple[dict[UUID, list[Holder]], list[str]]:
    """Accounts of correspondents by event: those that hold now or, from the record on, those recorded. Beside them
    what is left to announce again.
    """
    recorded = {id_: s for id_, s in standings.items() if s.record is not None}
    open_ = {id_: s for id_, s in standings.items() if s.record is None and is_open(s)}
    holding = tx.rows(
        SQL.holding, events=list(open_), isins=[s.event.isin for s in open_.values()],
        issuers=[s.event.issuer_lei for s in open_.values()], afters=[after[id_] for id_ in open_],
        only=[s.event.particulars.get("account_id") for s in open_.values()], limit=limit,
    )  # fmt: skip
    wanted = [(id_, no) for id_, s in recorded.items() for no in _record_numbers(s)]
    entitled = tx.rows(
        SQL.entitled, events=[id_ for id_, _ in wanted], nos=[no for _, no in wanted],
        afters=[after[id_] for id_, _ in wanted], limit=limit,
    )  # fmt: skip
    pages = [_page(holding, list(open_), after, limit), _page(entitled, list(recorded), after, limit)]
    rows = [row for page, _ in pages for row in page]
    names = as_they_name_themselves(tx, {row[3] for row in rows})
    found: dict[tuple[UUID, UUID], tuple[Row, dict[int, Due]]] = {}
    for row in rows:
        _, due = found.setdefault((row[0], row[1]), (row, {}))
        if row[4] is not None:
            due[row[4]] = Due(*row[5:])
    suspended = _suspended(tx, found)
    holders: dict[UUID, list[Holder]] = {}
    for (event, account), (row, due) in found.items():
        held = due[max(due)].units if due else _concerned(standings[event], row[5])
        kept = suspended.get((event, account), {})
        holders.setdefault(event, []).append(Holder(account, row[2], row[3], names[row[3]], held, due, kept))
    return holders, [subject for _, rest in pages for subject in rest]


def _suspended(
    tx: Transaction, keys: Iterable[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], dict[int, Suspended]]:
    """Payments that went into suspense, by event and account."""
    found: dict[tuple[UUID, UUID], dict[int, Suspended]] = {}
    pairs = list(keys)
    rows = (
        tx.rows(SQL.suspended, events=[e for e, _ in pairs], accounts=[a for _, a in pairs]) if pairs else []
    )
    for event, account, no, *released in rows:
        found.setdefault((event, account), {})[no] = Suspended(*released)
    return found


def _concerned(standing: EventStanding, held: Decimal) -> Decimal:
    """What of a holding an event is about: of an exercise, what is exercised."""
    exercised = standing.event.particulars.get("units")
    return held if exercised is None else min(held, Decimal(exercised))


def _record_numbers(standing: EventStanding) -> set[int]:
    """The records that something is told of: the last one, and those that were paid."""
    last = {standing.record.no} if standing.record else set()
    return last | {run.record_no for run in standing.runs}


def _page(
    rows: Sequence[Row], events: Sequence[UUID], after: Mapping[UUID, UUID], limit: int
) -> tuple[Sequence[Row], list[str]]:
    """The rows without the last account's, which may be cut off, and what comes behind them."""
    if len(rows) < limit:
        return rows, []
    last_event, last_account = rows[-1][:2]
    whole = [row for row in rows if row[:2] != (last_event, last_account)]
    ensure(bool(whole), "a sweep gets on by an account at least")
    behind = max((row[1] for row in whole if row[0] == last_event), default=after[last_event])
    return whole, [f"{last_event} {behind}", *(f"{id_} {after[id_]}" for id_ in events if id_ > last_event)]


def _told(tx: Transaction, holders: Mapping[UUID, Sequence[Holder]]) -> dict[tuple[UUID, UUID], Told]:
    keys = [(event, holder.account_id) for event, several in holders.items() for holder in several]
    if not keys:
        return {}
    rows = tx.rows(SQL.told, events=[event for event, _ in keys], accounts=[account for _, account in keys])
    return {(event, account): Told(*rest) for event, account, *rest in rows}


def _keep(tx: Transaction, told: Mapping[tuple[UUID, UUID], Told]) -> None:
    if told:
        tx.execute(
            SQL.keep, events=[event for event, _ in told], accounts=[account for _, account in told],
            notified=[t.notified for t in told.values()], advised=[t.advised for t in told.values()],
            runs=[t.runs for t in told.values()], reminded=[t.reminded for t in told.values()],
        )  # fmt: skip


def _withdrawn(
    tx: Transaction, standings: Mapping[UUID, EventStanding], limit: int
) -> tuple[list[Letter], list[UUID]]:
    """Events that were announced and have ended without a payment: their accounts are told, and which have more."""
    over = [id_ for id_, s in standings.items() if s.ending not in (None, Ending.APPLIED) and not s.runs]
    rows = tx.rows(SQL.withdraw, events=over, limit=limit) if over else []
    groups: dict[tuple[UUID, int, str], list[EligibleBalance]] = {}
    for event, notified, number, lei in rows:
        groups.setdefault((event, notified, lei), []).append(EligibleBalance(number))
    letters: list[Letter] = []
    for (event, notified, lei), balances in groups.items():
        standing = standings[event]
        action = action_of(standing, standing.determination if notified else None)
        letters += [
            Letter(lei, cancellation_of(action, status_of(standing), some)) for some in _in_parts(balances)
        ]
    return letters, over if len(rows) == limit else []

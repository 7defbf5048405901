"""What must be true before a transaction may settle: its day, its holds, its links. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from counterfoil.ledger import Account
from counterfoil.register import Issue
from counterfoil.settlement.model import Blocking, Hold
from counterfoil.settlement.pending import Dependency, IncompletePool, Pending

TOGETHER = frozenset({"WITH", "POOL"})
_DEPOSITORY = "CSD"
_HOLD_CODES = ((Hold.CSD, "CSDH"), (Hold.VALIDATION, "CVAL"), (Hold.COSD, "CDLR"))


def group(
    found: Mapping[UUID, Pending], dependencies: Mapping[UUID, Sequence[Dependency]]
) -> list[tuple[Pending, ...]]:
    """The transactions in units that settle together or not at all; most are alone."""
    parent = {id_: id_ for id_ in found}

    def root(id_: UUID) -> UUID:
        while parent[id_] != id_:
            parent[id_] = id_ = parent[parent[id_]]
        return id_

    for id_, wanted in dependencies.items():
        for dependency in wanted:
            if dependency.kind in TOGETHER and dependency.other in parent:
                parent[root(id_)] = root(dependency.other)
    units: dict[UUID, list[Pending]] = {}
    for id_, pending in found.items():
        units.setdefault(root(id_), []).append(pending)
    return [tuple(unit) for unit in units.values()]


def not_yet(
    p: Pending,
    accounts: Mapping[UUID, Account],
    issues: Mapping[str, Issue],
    dependencies: Mapping[UUID, Sequence[Dependency]],
    pools: Mapping[UUID, IncompletePool],
    business_date: date,
) -> Blocking | None:
    """The conditions that are not met, the first one in front, or None. Codes are those of ISO 20022's pending and
    failing reasons, seen from the side that is to act.
    """
    parties = (accounts[p.from_account].owner_lei, accounts[p.to_account].owner_lei)
    return Blocking.of((
        *_not_due(p, issues.get(p.isin), business_date),
        *_barred(p, accounts),
        *_held(p, *parties),
        *_linked(dependencies.get(p.id, ()), pools.get(p.id), parties),
    ))  # fmt: skip


def _not_due(p: Pending, issue: Issue | None, business_date: date) -> Iterator[Blocking]:
    if p.intended_date > business_date:
        detail = f"It is to settle on {p.intended_date}."
        yield Blocking("FUTU", detail, "Wait for that day.", (_DEPOSITORY,))
    # Cash alone settles whatever the security's state: it moves none of it.
    if p.quantity and issue is not None and issue.state != "active":
        detail = f"The issue {p.isin} is {issue.state}."
        yield Blocking("SBLO", detail, "The issue must be active again.", (_DEPOSITORY,))


def _barred(p: Pending, accounts: Mapping[UUID, Account]) -> Iterator[Blocking]:
    gives = (p.from_account if p.quantity else None, p.payer_account)
    takes = (p.to_account if p.quantity else None, p.payee_account)
    found = [a for id_ in gives if id_ and (a := accounts[id_]).blocked_debit]
    found += [a for id_ in takes if id_ and (a := accounts[id_]).blocked_credit]
    for account in dict.fromkeys(found):
        if account.closed:
            detail, remedy, who = "is closed", "Cancel it and instruct another account.", account.owner_lei
        else:
            detail, remedy = "is blocked", "Have it unblocked."
            who = _DEPOSITORY if account.blocked_by_csd else account.owner_lei
        yield Blocking("BLOC", f"{account.number} {detail}.", remedy, (who,), account.number)


def _held(p: Pending, deliverer: str, receiver: str) -> Iterator[Blocking]:
    sides = ((p.standing_holds, deliverer), (p.receive_holds, receiver))
    parties = tuple(party for holds, party in sides if Hold.PARTY in holds)
    if len(parties) > 1:
        yield Blocking("BOTH", "Held by both parties.", "Both release it.", parties)
    elif parties:
        yield Blocking("PREA", "Held by its party.", "Release it.", parties)
    both = p.standing_holds | p.receive_holds
    for hold, code in _HOLD_CODES:
        if hold in both:
            yield Blocking(code, "Held by the depository.", "The depository releases it.", (_DEPOSITORY,))


def held_rest(deliverer: str) -> Blocking:
    """What is left of a held delivery whose released part has settled."""
    return Blocking(
        "PREA", "Held by its party, but for the part that has settled.", "Release it.", (deliverer,)
    )


def kept_back(p: Pending, reason: Blocking, accounts: Mapping[UUID, Account]) -> Blocking:
    """What a transaction is told that would settle, but for another that settles with it or not at all."""
    detail = f"What it settles together with waits ({reason.code})."
    parties = (accounts[p.from_account].owner_lei, accounts[p.to_account].owner_lei)
    return Blocking("LINK", detail, "Free that, or take out the link.", parties)


def _linked(
    dependencies: Iterable[Dependency], pool: IncompletePool | None, parties: tuple[str, str]
) -> Iterator[Blocking]:
    if pool is not None:
        detail = f"The pool {pool.name} has {pool.there} of {pool.size} instructions."
        yield Blocking("INBC", detail, "Instruct the others.", (parties[not pool.of_deliverer],))
    for d in dependencies:
        if d.kind == "BEFO" or _is_met(d):
            continue
        who = (parties[not d.of_deliverer],)
        if d.is_cancelled:
            yield Blocking("LINK", f"The linked {d.reference} was cancelled.", "Take out the link.", who)
        elif d.other is None:
            yield Blocking("LINK", f"The linked {d.reference} is not matched.", "Have it matched.", who)
        else:
            yield Blocking("LINK", f"The linked {d.reference} settles first.", "Have it settle.", who)


def _is_met(d: Dependency) -> bool:
    """Settled already, or one that settles together with it and is there to do so."""
    return d.other is not None and not d.is_cancelled and (d.kind in TOGETHER or not d.is_pending)

"""What must be true before a transaction may settle: its day, its holds, its links. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from counterfoil.ledger import Account
from counterfoil.register import Issue
from counterfoil.settlement.model import Blocking, Hold
from counterfoil.settlement.pending import Dependency, Pending

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
    pools: Mapping[UUID, tuple[str, int, int]],
    business_date: date,
) -> Blocking | None:
    """The first condition that is not met, or None. Codes are those of ISO 20022's pending and failing reasons, seen
    from the side that is to act.
    """
    if p.intended_date > business_date:
        return Blocking(
            "FUTU", f"It is to settle on {p.intended_date}.", "Wait for that day.", (_DEPOSITORY,)
        )
    issue = issues.get(p.isin)
    if issue is not None and issue.state != "active":
        detail = f"The issue {p.isin} is {issue.state}."
        return Blocking("SBLO", detail, "The issue must be active again.", (_DEPOSITORY,))
    parties = (accounts[p.from_account].owner_lei, accounts[p.to_account].owner_lei)
    return (
        _barred(p, accounts)
        or _held(p, *parties)
        or _linked(dependencies.get(p.id, ()), pools.get(p.id), parties)
    )


def _barred(p: Pending, accounts: Mapping[UUID, Account]) -> Blocking | None:
    gives = (p.from_account if p.quantity else None, p.payer_account)
    takes = (p.to_account if p.quantity else None, p.payee_account)
    found = [a for id_ in gives if id_ and (a := accounts[id_]).blocked_debit]
    found += [a for id_ in takes if id_ and (a := accounts[id_]).blocked_credit]
    if not found:
        return None
    first = found[0]
    if first.closed:
        remedy = "Cancel it and instruct another account."
        return Blocking("BLOC", f"{first.number} is closed.", remedy, (first.owner_lei,), first.number)
    who = _DEPOSITORY if first.blocked_by_csd else first.owner_lei
    return Blocking("BLOC", f"{first.number} is blocked.", "Have it unblocked.", (who,), first.number)


def _held(p: Pending, deliverer: str, receiver: str) -> Blocking | None:
    sides = ((p.standing_holds, deliverer), (p.receive_holds, receiver))
    parties = tuple(party for holds, party in sides if Hold.PARTY in holds)
    if parties:
        code = "BOTH" if len(parties) > 1 else "PREA"
        detail = "Held by both parties." if len(parties) > 1 else "Held by its party."
        return Blocking(code, detail, "Release it.", parties)
    both = p.standing_holds | p.receive_holds
    for hold, code in _HOLD_CODES:
        if hold in both:
            return Blocking(code, "Held by the depository.", "The depository releases it.", (_DEPOSITORY,))
    return None


def held_rest(deliverer: str) -> Blocking:
    """What is left of a held delivery whose released part has settled."""
    return Blocking(
        "PREA", "Held by its party, but for the part that has settled.", "Release it.", (deliverer,)
    )


def _linked(
    dependencies: Iterable[Dependency], pool: tuple[str, int, int] | None, parties: tuple[str, ...]
) -> Blocking | None:
    if pool is not None:
        name, there, size = pool
        detail = f"The pool {name} has {there} of {size} instructions."
        return Blocking("INBC", detail, "Instruct the others.", parties)
    for d in dependencies:
        if d.kind == "BEFO" or _is_met(d):
            continue
        if d.is_cancelled:
            return Blocking("LINK", f"The linked {d.reference} was cancelled.", "Take out the link.", parties)
        if d.other is None:
            return Blocking("LINK", f"The linked {d.reference} is not matched.", "Have it matched.", parties)
        return Blocking("LINK", f"The linked {d.reference} settles first.", "Have it settle.", parties)
    return None


def _is_met(d: Dependency) -> bool:
    """Settled already, or one that settles together with it and is there to do so."""
    return d.other is not None and not d.is_cancelled and (d.kind in TOGETHER or not d.is_pending)

"""What a transaction lacks that was tried: every position that is short, how much, and who can bring it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from counterfoil.ledger import Account, Lack
from counterfoil.register import Issue
from counterfoil.settlement.conditions import kept_back
from counterfoil.settlement.instructions import settlement_unit
from counterfoil.settlement.model import Blocking, Partial
from counterfoil.settlement.parts import part_of
from counterfoil.settlement.pending import Pending

_DEPOSITORY = "CSD"
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of the accounts. `restricted` is what each (asset, account) has but cannot deliver, `rates` what
    currencies are worth in EUR.
    """

    accounts: Mapping[UUID, Account]
    issues: Mapping[str, Issue]
    restricted: Mapping[tuple[str, UUID], Mapping[str, Decimal]]
    rates: Mapping[str, Decimal]


def what_it_lacks(p: Pending, lacks: tuple[Lack, ...], books: Books, *, in_parts: bool) -> Blocking:
    """All that it lacks itself; where nothing, it waits for what settles together with it. `in_parts` says that parts
    were tried too.
    """
    own = {(p.isin, books.accounts[p.from_account].number): p.from_account}
    if p.currency and p.payer_account:
        own[p.currency, books.accounts[p.payer_account].number] = p.payer_account
    mine = [(lack, own[lack.asset, lack.account]) for lack in lacks if (lack.asset, lack.account) in own]
    if not mine:
        code = "LACK" if lacks[0].asset in books.issues else "MONY"
        return kept_back(p, Blocking(code, "", "", ()), books.accounts)
    reasons = [_position(p, lack, books.accounts[id_], books) for lack, id_ in mine]
    only_units = len(lacks) == 1 and lacks[0].asset == p.isin
    return (
        Blocking.of((*reasons, *(_parts(p, lacks[0], books, in_parts=in_parts) if only_units else ())))
        or reasons[0]
    )


def _position(p: Pending, lack: Lack, account: Account, books: Books) -> Blocking:
    missing = lack.needed - lack.held
    elsewhere = books.restricted.get((lack.asset, account.id), {})
    detail = f"{lack.account} holds {lack.held:f} {lack.asset}; {lack.needed:f} are needed."
    remedy = f"Bring {missing:f} {lack.asset} to {lack.account}"
    if elsewhere:
        told = ", ".join(f"{quantity:f} {name}" for name, quantity in sorted(elsewhere.items()))
        detail, remedy = f"{detail} It has {told} besides.", f"{remedy}, or have them made available"
    return Blocking(
        _code(p, lack, missing, elsewhere, books), detail, f"{remedy}.", (account.owner_lei,), lack.account,
        lack.asset, lack.held, lack.needed,
    )  # fmt: skip


def _code(p: Pending, lack: Lack, missing: Decimal, elsewhere: Mapping[str, Decimal], books: Books) -> str:
    if p.released_part is not None:
        return "PREL"
    if lack.asset not in books.issues:
        return "MONY"
    return "COLL" if elsewhere.get("pledged", _NONE) >= missing else "LACK"


def _parts(p: Pending, lack: Lack, books: Books, *, in_parts: bool) -> Iterator[Blocking]:
    """Why what there is does not settle as a part."""
    deliverer, receiver = (books.accounts[id_].owner_lei for id_ in (p.from_account, p.to_account))
    sides = ((p.deliver_partial, deliverer), (p.receive_partial, receiver))
    unwilling = [party for partial, party in sides if partial is Partial.NOT_ALLOWED]
    issue = books.issues[p.isin]
    if lack.held < settlement_unit(issue) or p.linked:
        return
    if len(unwilling) == 1:
        detail = f"Of {lack.needed:f} {p.isin} a part could settle, but one side wants none."
        yield Blocking("PATD", detail, "Allow parts.", (unwilling[0],))
    elif not unwilling and not in_parts and p.released_part is None:
        part = part_of(p, lack.held, settlement_unit(issue), issue.content.get("unit", "units"), books.rates)
        if part is not None:
            detail = "What there is can settle as a part."
            yield Blocking("PART", detail, "It is tried in the next window for parts.", (_DEPOSITORY,))

"""Who the buyers of a distribution are, where they and the issuer take units and money, and who may act for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal
from counterfoil.ledger import Account, accounts_by_number
from counterfoil.parties import Entity, agents_of, entities, principals_of
from counterfoil.processes import errors
from counterfoil.processes.issuance.distribution import Allotment
from counterfoil.register import issuer_account

_FOR_BUYERS = ("dealer", "custodian", "issuing_agent")
"""Roles in which a party may instruct for another that has given it the mandate."""
_FOR_ISSUERS = ("paying_agent", "issuing_agent")
"""Roles in which a party may take an issuer's proceeds."""


@dataclass(frozen=True, slots=True)
class Sales:
    """A distribution with who hands it in. `principals` are the parties it may act for; None: every party."""

    allotments: Sequence[Allotment]
    proceeds_account: str | None
    issuer: str
    submitter: str
    principals: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with the parties and accounts of a distribution, and the buyers that the submitter acts for."""

    refusals: tuple[Refusal, ...]
    acts_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Known:
    parties: Mapping[str, Entity]
    accounts: Mapping[str, Account]
    principals: Mapping[str, frozenset[str]]
    agents: Mapping[str, frozenset[str]]


def find_buyers(tx: Transaction, batch: Sequence[Sales]) -> list[Found]:
    """Look up what the distributions name: one outcome for each, in order, with a fixed number of statements."""
    allotments = [a for sales in batch for a in sales.allotments]
    numbers = {a.buyer_account for a in allotments} | {
        s.proceeds_account for s in batch if s.proceeds_account
    }
    known = _Known(
        entities(tx, [a.buyer for a in allotments]),
        accounts_by_number(tx, sorted(numbers)),
        principals_of(tx, sorted({s.submitter for s in batch if s.principals is not None}), _FOR_BUYERS),
        agents_of(tx, sorted({s.issuer for s in batch if s.proceeds_account}), _FOR_ISSUERS),
    )
    return [_find(sales, known) for sales in batch]


def _find(sales: Sales, known: _Known) -> Found:
    buyers = frozenset(a.buyer for a in sales.allotments)
    acts_for = buyers
    if sales.principals is not None:
        acts_for = buyers & (sales.principals | known.principals.get(sales.submitter, frozenset()))
    return Found(tuple(_broken_rules(sales, known, acts_for)), acts_for)


def _broken_rules(sales: Sales, known: _Known, acts_for: frozenset[str]) -> Iterable[Refusal]:
    for n, allotment in enumerate(sales.allotments):
        buyer, number = allotment.buyer, allotment.buyer_account
        if buyer not in known.parties:
            yield errors.UNKNOWN_BUYER(f"/distribution/{n}/buyer", lei=buyer)
        # A buyer that instructs its own side chooses its account itself.
        elif (allotment.account or buyer in acts_for) and not _open(known.accounts.get(number), {buyer}):
            yield errors.BUYER_ACCOUNT(f"/distribution/{n}/account", account=number, lei=buyer)
    number = sales.proceeds_account or ""
    if not number or number == issuer_account(sales.issuer):
        return
    takers = {sales.issuer, *known.agents.get(sales.issuer, ())}
    if not _open(known.accounts.get(number), takers):
        yield errors.PROCEEDS_ACCOUNT("/proceeds_account", account=number, lei=sales.issuer)


def _open(account: Account | None, owners: set[str]) -> bool:
    return account is not None and not account.closed and account.owner_lei in owners

"""Fundings and movements between sub-balances: each is done once, by whoever may, with the reason kept."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.db import Conflict, Database
from counterfoil.core.errors import Refusal
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    Booked,
    Funding,
    Move,
    Step,
    SubBalance,
    central_bank_account,
    checks,
    fund,
    holdings,
    move,
    positions,
    statement,
)
from tests.ledger.books import NOON, accounts_of, change, endow, statements_counted

A, E, B, P = SubBalance


def funded(database: Database, *fundings: Funding) -> list[str]:
    """The outcomes: "ok" or a code."""
    with database.transaction() as tx:
        outcomes = fund(tx, fundings, booked_at=NOON, actor="test")
    return [o.code if isinstance(o, Refusal) else "ok" for o in outcomes]


def moved(database: Database, *moves: Move, by_party: bool = False) -> list[str]:
    """The outcomes: "ok" or a code."""
    with database.transaction() as tx:
        outcomes = move(tx, moves, by_party=by_party, booked_at=NOON, actor="test")
    return [o.code if isinstance(o, Refusal) else "ok" for o in outcomes]


def funding(
    amount: str, number: str = "a", currency: str = "EUR", reference: str = "F1", request: UUID | None = None
) -> Funding:
    return Funding(number, currency, Decimal(amount), reference, request or new_id())


def shift(quantity: str, source: SubBalance, target: SubBalance, **more: Any) -> Move:
    fields = {
        "number": "a",
        "asset": "DE1",
        "reference": "M1",
        "reason": "why",
        "request_id": new_id(),
        **more,
    }
    return Move(quantity=Decimal(quantity), source=source, target=target, **fields)


def held(database: Database, account: str = "a") -> dict[tuple[str, str], Decimal]:
    with database.transaction() as tx:
        return {(r["asset"], r["sub_balance"]): r["quantity"] for r in holdings(tx, account)}


def test_money_comes_from_the_central_bank_and_goes_back(database: Database) -> None:
    accounts_of(database, "a")
    assert funded(database, funding("100.50"), funding("-0.25"), funding("7", currency="JPY")) == ["ok"] * 3
    assert held(database) == {("EUR", "available"): Decimal("100.25"), ("JPY", "available"): 7}
    assert held(database, central_bank_account("EUR")) == {("EUR", "available"): Decimal("-100.25")}
    assert funded(database, funding("-100.26")) == ["LED-001"]


def test_a_request_that_comes_again_changes_nothing(database: Database) -> None:
    accounts_of(database, "a", "b")
    once = funding("100")
    assert funded(database, once, once) == ["ok", "ok"]
    assert funded(database, once) == ["ok"]
    for other in (
        once._replace(amount=Decimal(99)), once._replace(number="b"), once._replace(currency="USD"),
    ):  # fmt: skip
        assert funded(database, other) == ["LED-005"]
    assert held(database) == {("EUR", "available"): 100}
    assert held(database, "b") == {}


def test_of_two_that_book_one_request_at_once_the_second_repeats_and_finds_it(database: Database) -> None:
    accounts_of(database, "a")
    funded(database, funding("1"))
    once = funding("100")
    with database.transaction() as first:
        fund(first, [once], booked_at=NOON, actor="test")
        first._connection.commit()
        # The second has looked before the first committed: the database refuses the booking's id.
        with pytest.raises(Conflict), database.transaction() as second:
            second.execute(
                "INSERT INTO ledger.booking VALUES (%(id)s::uuid, %(id)s::uuid, 'x', %(id)s::uuid)",
                id=once.request_id,
            )
    assert funded(database, once) == ["ok"]
    assert held(database) == {("EUR", "available"): 101}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (funding("0"), "LED-004"), (funding("NaN"), "LED-004"), (funding("Infinity"), "LED-004"),
        (funding("1.005"), "LED-004"), (funding("1.5", currency="JPY"), "LED-004"),
        (funding("1", currency="XXX"), "LED-004"), (funding("1E+18"), "LED-004"),
        (funding("1", number="nobody"), "LED-002"), (funding("1", number="control"), "LED-010"),
        (funding("1", number="bank"), "LED-010"), (funding("1", reference=""), "LED-019"),
        (funding("1", reference="x" * 36), "LED-019"), (funding("1", reference=" x"), "LED-019"),
        (funding("1", reference="a\nb"), "LED-019"), (funding("1", number="blocked"), "LED-006"),
        (funding("1", number="closed"), "LED-007"),
    ],
)  # fmt: skip
def test_what_cannot_be_funded_is_refused_and_the_others_are(
    shared_database: Database, wrong: Funding, code: str
) -> None:
    _, blocked, closed, *_ = accounts_of(shared_database, "a", "blocked", "closed", "control", "bank")
    change(shared_database, blocked, Step.BLOCK, "credit")
    change(shared_database, closed, Step.CLOSE)
    assert funded(shared_database, wrong, funding("1")) == [code, "ok"]


def test_a_central_bank_account_that_is_blocked_stops_its_currency(database: Database) -> None:
    accounts_of(database, "a")
    funded(database, funding("1"), funding("1", currency="USD"))
    (central,) = [a for a in accounts_of_numbers(database, central_bank_account("EUR")) if a is not None]
    change(database, central, Step.BLOCK, "debit")
    assert funded(database, funding("1"), funding("1", currency="USD"), funding("-1")) == [
        "LED-006",
        "ok",
        "ok",
    ]


def accounts_of_numbers(database: Database, *numbers: str) -> list[Any]:
    from counterfoil.ledger import accounts_by_number

    with database.transaction() as tx:
        found = accounts_by_number(tx, numbers)
    return [found.get(number) for number in numbers]


@pytest.mark.parametrize("source", list(SubBalance))
@pytest.mark.parametrize("target", list(SubBalance))
def test_the_depository_moves_everything_and_an_owner_frees_what_is_earmarked_alone(
    shared_database: Database, source: SubBalance, target: SubBalance
) -> None:
    number = f"m-{source}-{target}"
    (account,) = accounts_of(shared_database, number)
    endow(shared_database, account, "DE1", 10)
    if source is not A:
        assert moved(shared_database, shift("10", A, source, number=number)) == ["ok"]
    wanted = shift("4", source, target, number=number)
    if source is target:
        assert moved(shared_database, wanted) == ["LED-017"]
        return
    allowed = source in (A, E)
    assert moved(shared_database, wanted, by_party=True) == ["ok" if allowed else "LED-018"]
    assert moved(shared_database, wanted) == ["ok"]
    assert held(shared_database, number) == {("DE1", source.value): 6, ("DE1", target.value): 4}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (shift("0", A, E), "LED-016"), (shift("-1", A, E), "LED-016"), (shift("NaN", A, E), "LED-016"),
        (shift("sNaN", A, E), "LED-016"), (shift("1E+40", A, E), "LED-016"),
        (shift("0.001", A, E, asset="EUR"), "LED-016"), (shift("11", A, E), "LED-001"),
        (shift("1", A, E, asset="DE9"), "LED-001"), (shift("1", P, A), "LED-001"),
        (shift("1", A, E, number="nobody"), "LED-002"), (shift("1", A, E, number="bank"), "LED-010"),
        (shift("1", A, E, reason=""), "LED-012"), (shift("1", A, E, reference=""), "LED-019"),
        (shift("1", A, E, number="blocked"), "LED-006"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_is_refused_and_the_others_are(
    shared_database: Database, wrong: Move, code: str
) -> None:
    a, blocked, _ = accounts_of(shared_database, "a", "blocked", "bank")
    change(shared_database, blocked, Step.BLOCK, "debit")
    if ("DE1", "available") not in held(shared_database):
        endow(shared_database, a, "DE1", 10)
    right = [shift("1", A, E), shift("1", E, A)]
    assert moved(shared_database, wrong, *right) == [code, "ok", "ok"]


def test_a_statement_tells_what_a_person_gave_with_a_movement(database: Database) -> None:
    (a,) = accounts_of(database, "a")
    endow(database, a, "DE1", 10)
    order = shift("4", A, B, reference="ORDER-7", reason="court order")
    moved(database, order)
    with database.transaction() as tx:
        told = statement(tx, "a", "DE1", NOON, NOON.replace(hour=13))
        blocked = statement(tx, "a", "DE1", NOON, NOON.replace(hour=13), sub_balance=B)
    gift, *legs = told["movements"]
    assert (gift["kind"], gift["own_reference"], gift["reason"]) == ("transfer", None, None)
    assert [(m["kind"], m["own_reference"], m["reason"], m["sub_balance"], m["amount"]) for m in legs] == [
        ("sub_balance", "ORDER-7", "court order", "available", -4),
        ("sub_balance", "ORDER-7", "court order", "blocked", 4),
    ]
    assert {m["reference"] for m in legs} == {m["booking"] for m in legs} == {order.request_id}
    assert (told["opening"], told["closing"]) == (0, 10)
    assert (blocked["opening"], blocked["closing"], len(blocked["movements"])) == (0, 4, 1)


def test_the_number_of_statements_does_not_grow_with_the_batch(database: Database) -> None:
    (a,) = accounts_of(database, "a")
    endow(database, a, "DE1", 100)
    funded(database, funding("100"))
    sent = []
    for size in (1, 50):
        with database.transaction() as tx, statements_counted() as calls:
            outcomes = fund(tx, [funding("1") for _ in range(size)], booked_at=NOON, actor="test")
            assert {type(o) for o in outcomes} == {Booked}
            assert {type(o) for o in move(tx, [shift("1", A, E) for _ in range(size)], by_party=False,
                                          booked_at=NOON, actor="test")} == {Booked}  # fmt: skip
            sent.append(calls())
            assert fund(tx, [], booked_at=NOON, actor="test") == []
            assert move(tx, [], by_party=False, booked_at=NOON, actor="test") == []
            assert calls() == sent[-1]
    assert sent[0] == sent[1]


@dataclass
class Purse:
    """One account, its four sub-balances and the requests that were carried out: small and obviously right."""

    held: dict[SubBalance, int] = field(default_factory=lambda: dict.fromkeys(SubBalance, 0))
    done: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def order(self, orders: list[tuple[int, tuple[Any, ...], dict[SubBalance, int]]]) -> list[str]:
        """A batch; within it a request is the first that comes under its number."""
        told: list[str] = []
        first: dict[int, tuple[tuple[Any, ...], str]] = {r: (what, "ok") for r, what in self.done.items()}
        for request, what, changes in orders:
            if request not in first:
                after = {sub: self.held[sub] + changes.get(sub, 0) for sub in SubBalance}
                first[request] = what, "LED-001" if min(after.values()) < 0 else "ok"
                if first[request][1] == "ok":
                    self.held, self.done[request] = after, what
            told.append(first[request][1] if first[request][0] == what else "LED-005")
        return told


ORDERS = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(-3, 5).filter(bool), st.sampled_from(list(SubBalance)),
        st.sampled_from(list(SubBalance)),
    ),
    max_size=10,
)  # fmt: skip


@settings(max_examples=60)
@given(batches=st.lists(ORDERS, max_size=3))
def test_orders_and_their_repeats_do_what_a_purse_would(
    shared_database: Database, batches: list[list[tuple[int, int, SubBalance, SubBalance]]]
) -> None:
    """Where source and target are one, it is a funding."""
    number = f"p{new_id().hex}"
    accounts_of(shared_database, number)
    purse, ids = Purse(), [new_id() for _ in range(6)]
    for batch in batches:
        for kind in (True, False):
            chosen = [order for order in batch if (order[2] is order[3]) is kind]
            orders = []
            for request, amount, source, target in chosen:
                changes = {A: amount} if kind else {source: -abs(amount), target: abs(amount)}
                what = ("fund", amount) if kind else ("move", abs(amount), source, target)
                orders.append((request, what, changes))
            expected = purse.order(orders)
            if kind:
                told = funded(
                    shared_database, *(funding(str(a), number, request=ids[r]) for r, a, _, _ in chosen)
                )
            else:
                told = moved(
                    shared_database,
                    *(
                        shift(str(abs(a)), s, t, number=number, asset="EUR", request_id=ids[r])
                        for r, a, s, t in chosen
                    ),
                )
            assert told == expected
    assert held(shared_database, number) == {("EUR", s.value): q for s, q in purse.held.items() if q}
    with shared_database.snapshot() as tx:
        assert [check for check in checks(tx) if not check.holds] == []
        assert sum(p["quantity"] for p in positions(tx, asset="EUR")) == 0

"""Why has it not settled? A table that an expert can read: the situation, what each side is told, what is missing,
who can act. Anna delivers 10 units to Bert, who pays 100 where there is money in it.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from unittest.mock import patch

import pytest

from counterfoil.core.ids import new_id
from counterfoil.ledger import Booked, Move, SubBalance, move
from counterfoil.settlement import (
    Change,
    Hold,
    Link,
    LinkKind,
    Partial,
    Pool,
    cancel,
    change,
    explain_unmatched,
    find_instructions,
    realtime,
)
from counterfoil.settlement.hours import Hours
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOTES, Market, own

PENDING = """
situation                                        deliverer   receiver    missing  who can act
the day has not come                             FUTU        FUTU        -        CSD
it is held before its day                        FUTU PREA   FUTU PRCY   -        CSD Anna
the deliverer holds                              PREA        PRCY        -        Anna
the receiver holds                               PRCY        PREA        -        Bert
both hold                                        BOTH        BOTH        -        Anna Bert
the depository holds                             CSDH        CSDH        -        CSD
the depository checks                            CVAL        CVAL        -        CSD
a conditional delivery awaits its release        CDLR        CDLR        -        CSD
deliverer and depository hold                    PREA CSDH   PRCY CSDH   -        Anna CSD
no securities                                    LACK        CLAC        10       Anna
too few securities and no part wanted by both    LACK        CLAC        6        Anna
too few securities and one side wants no part    LACK PATD   CLAC PATD   6        Anna Bert
too few securities outside a window for parts    LACK PART   CLAC PART   6        Anna CSD
a part has settled                               LACK        CLAC        6        Anna
the securities are pledged                       COLL        CLAC        10       Anna
the securities are blocked on the account        LACK        CLAC        10       Anna
no money                                         CMON        MONY        100      Bert
neither securities nor money                     LACK CMON   CLAC MONY   10 100   Anna Bert
a part was released and lacks securities         PREL        PREL        3        Anna
the deliverer's account is blocked by its owner  BLOC        BLOC        -        Anna
the issue is suspended                           SBLO        SBLO        -        CSD
it comes after one that has not settled          LINK        LINK        -        Anna
it is linked to what was never instructed        LINK        LINK        -        Bert
what it was linked to was cancelled              LINK        LINK        -        Anna
it settles with one that is held                 LINK        LINK        -        Anna Bert
its pool is incomplete                           INBC        INBC        -        Anna
it was not tried yet                             OTHR        OTHR        -        CSD
"""
UNMATCHED = """
what the counterparty has                        told        fields
nothing                                          CMIS        -
another security                                 DSEC        isin
another quantity                                 DQUA        quantity
another amount                                   DMON        amount
another amount within the tolerance              DTRD        trade_date
another currency                                 DMON        currency
another trade date                               DTRD        trade_date
another settlement date                          DDAT        intended_date
the same direction                               DELN        movement
free of payment                                  DELN        payment
another counterparty                             ICAG        party
another client                                   ICUS        counterparty_client
another account of mine                          SAFE        account
cum where ex was agreed                          DCMX        ex_cum
no market claims wanted                          OTHR        opt_out
another common reference                         IIND        common_reference
two things wrong                                 DQUA        quantity intended_date
"""


def rows(table: str, *, columns: tuple[int, ...]) -> list[tuple[str, ...]]:
    _, *lines = table.strip("\n").splitlines()
    edges = [*columns, 200]
    return [tuple(line[a:b].strip() for a, b in pairwise(edges)) for line in lines]


PEOPLE = {ANNA: "Anna", BERT: "Bert", CORA: "Cora", "CSD": "CSD"}


def held(flags: Hold, *, buyer: Hold = Hold.NONE, **both):
    return lambda m: m.trade(ANNA, BERT, FIXED, 10, None, sell_holds=flags, buy_holds=buyer, both=both)


def short(*, units: int = 0, money: int = 0, **more):
    def make(m: Market):
        if units:
            m.give(ANNA, units, FIXED)
        if money:
            m.give(BERT, money)
        return m.trade(ANNA, BERT, FIXED, 10, 100, **more)

    return make


def moved_to(sub_balance: SubBalance):
    def make(m: Market):
        m.give(ANNA, 10, FIXED)
        with m.database.transaction() as tx:
            wanted = Move(
                own(ANNA), FIXED, Decimal(10), SubBalance.AVAILABLE, sub_balance, "O1", "an order", new_id()
            )
            (outcome,) = move(tx, [wanted], by_party=False, booked_at=m.now, actor="test")
        assert isinstance(outcome, Booked), outcome
        return m.trade(ANNA, BERT, FIXED, 10, None)

    return make


def part_released(m: Market):
    sell, buy = m.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    m.submit(sell, buy)
    with m.database.transaction() as tx:
        wanted = Change(release_quantity=Decimal(3), by=ANNA)
        change(tx, sell.id, wanted, now=m.now, business_date=m.today, actor="test")
    return sell, buy


def blocked_account(m: Market):
    with m.database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")
        tx.execute("UPDATE ledger.account SET blocks = 1 WHERE number = %(n)s::text", n=own(ANNA))
    return m.trade(ANNA, BERT, FIXED, 10, None)


def suspended(m: Market):
    sides = m.trade(ANNA, BERT, FIXED, 10, None)
    m.submit(*sides)
    with m.database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")
        tx.execute("UPDATE register.issue SET state = 'suspended' WHERE isin = %(i)s::text", i=FIXED)
    return sides


def linked(
    kind: LinkKind, *, other: Hold = Hold.PARTY, side: str = "sell", there: bool = True, gone: bool = False
):
    def make(m: Market):
        m.give(ANNA, 20, FIXED)
        first = m.trade(ANNA, CORA, FIXED, 1, None, sell_reference="FIRST", sell_holds=other)
        if there:
            m.submit(*first)
        sides = m.trade(ANNA, BERT, FIXED, 10, None, **{f"{side}_links": (Link(kind, "FIRST"),)})
        m.submit(*sides)
        if gone:
            with m.database.transaction() as tx:
                cancel(tx, first[0].id, by=None, now=m.now, actor="test")
        return sides

    return make


SITUATIONS = {
    "the day has not come": held(Hold.NONE, intended_date=date(2026, 11, 24)),
    "it is held before its day": held(Hold.PARTY, intended_date=date(2026, 11, 24)),
    "the deliverer holds": held(Hold.PARTY),
    "the receiver holds": held(Hold.NONE, buyer=Hold.PARTY),
    "both hold": held(Hold.PARTY, buyer=Hold.PARTY),
    "the depository holds": held(Hold.CSD),
    "the depository checks": held(Hold.NONE, buyer=Hold.VALIDATION),
    "a conditional delivery awaits its release": held(Hold.COSD),
    "deliverer and depository hold": held(Hold.PARTY | Hold.CSD),
    "no securities": short(money=100),
    "too few securities and no part wanted by both": short(
        units=4, money=100, both={"partial": Partial.NOT_ALLOWED}
    ),
    "too few securities and one side wants no part": short(
        units=4, money=100, buy_partial=Partial.NOT_ALLOWED
    ),
    "too few securities outside a window for parts": short(units=4, money=100),
    "a part has settled": short(units=4, money=100),
    "the securities are pledged": moved_to(SubBalance.PLEDGED),
    "the securities are blocked on the account": moved_to(SubBalance.BLOCKED),
    "no money": short(units=10),
    "neither securities nor money": short(),
    "a part was released and lacks securities": part_released,
    "the deliverer's account is blocked by its owner": blocked_account,
    "the issue is suspended": suspended,
    "it comes after one that has not settled": linked(LinkKind.AFTER),
    "it is linked to what was never instructed": linked(LinkKind.AFTER, side="buy", there=False),
    "what it was linked to was cancelled": linked(LinkKind.AFTER, gone=True),
    "it settles with one that is held": linked(LinkKind.WITH),
    "its pool is incomplete": lambda m: m.trade(ANNA, BERT, FIXED, 10, None, sell_pool=Pool("P", 2)),
    "it was not tried yet": short(units=10, money=100),
}


@pytest.mark.parametrize(
    ("situation", "deliverer", "receiver", "missing", "who"), rows(PENDING, columns=(0, 49, 61, 73, 82))
)
def test_each_side_is_told_what_it_waits_for(market: Market, situation, deliverer, receiver, missing, who):
    outside = situation == "too few securities outside a window for parts"
    with patch.object(realtime, "hours_at", lambda *_, **__: Hours(in_parts=not outside)):
        sides = SITUATIONS[situation](market)
        if sides[0] not in market.submitted:
            market.submit(*sides, at_once=situation != "it was not tried yet")
    with market.database.transaction() as tx:
        found = find_instructions(
            tx, business_date=market.today, now=market.now, ids=[side.id for side in sides]
        )
    seen = {status["party"]: all_reasons(status["waits_for"]) for status in found}
    assert " ".join(r["code"] for r in seen[ANNA]) == deliverer
    assert " ".join(r["code"] for r in seen[BERT]) == receiver
    assert " ".join(PEOPLE[lei] for lei in dict.fromkeys(w for r in seen[ANNA] for w in r["who"])) == who
    lacks = [
        Decimal(r["needed"]) - Decimal(r["held"]) for lei in (ANNA, BERT) for r in seen[lei] if "held" in r
    ]
    assert " ".join(f"{lack:f}" for lack in lacks) == (missing if missing != "-" else "")
    for lei, other in ((ANNA, BERT), (BERT, ANNA)):
        for reason in seen[lei]:
            assert reason["detail"]
            assert reason["remedy"]
            assert own(other) not in str(reason), "the other's account is not told"
            assert "FIRST" not in str(reason) or lei == ANNA or "buy" in situation or "never" in situation


def all_reasons(reason: dict) -> list[dict]:
    return [reason, *reason.get("also", ())]


THEIRS = {
    "nothing": None,
    "another security": {"isin": NOTES},
    "another quantity": {"quantity": 11},
    "another amount": {"amount": 150},
    "another amount within the tolerance": {"amount": 101, "trade_date": date(2026, 11, 20)},
    "another currency": {"currency": "USD"},
    "another trade date": {"trade_date": date(2026, 11, 20)},
    "another settlement date": {"intended_date": date(2026, 11, 24)},
    "the same direction": {"movement": "DELI"},
    "free of payment": {"amount": None},
    "another counterparty": {"counterparty": CORA},
    "another client": {"client": "C2"},
    "another account of mine": {"counterparty_account": own(CORA)},
    "cum where ex was agreed": {"ex_cum": "CCPN"},
    "no market claims wanted": {"opt_out": True},
    "another common reference": {"common_reference": "C2"},
    "two things wrong": {"quantity": 11, "intended_date": date(2026, 11, 24)},
}


@pytest.mark.parametrize(("situation", "told", "fields"), rows(UNMATCHED, columns=(0, 49, 61)))
def test_a_mismatch_names_its_fields(market: Market, situation, told, fields):
    more = {"counterparty_client": "C1", "common_reference": "C1"}
    quantity = 10_000 if situation == "another security" else 10
    mine = market.side("DELI", ANNA, BERT, FIXED, quantity, 100, ex_cum="XCPN", **more)
    market.submit(mine)
    if (theirs := THEIRS[situation]) is not None:
        given = {
            "isin": FIXED,
            "quantity": quantity,
            "amount": 100,
            "ex_cum": "XCPN",
            "movement": "RECE",
        } | theirs
        movement, counterparty = given.pop("movement"), given.pop("counterparty", ANNA)
        isin, units, amount = (given.pop(name) for name in ("isin", "quantity", "amount"))
        assert market.submit(market.side(movement, BERT, counterparty, isin, units, amount, **given)) == [
            "ok"
        ]
    with market.database.transaction() as tx:
        found = explain_unmatched(tx, mine.id)
    assert found["code"] == told
    assert " ".join(d["field"] for d in found["differs"]) == fields.replace("-", "")
    for secret in (CORA, own(CORA), "C2"):
        if situation not in ("another account of mine", "another common reference"):
            assert secret not in str(found), "what the counterparty told the depository is not told on"


def test_whom_the_counterparty_trades_with_cannot_be_found_out_by_asking(market: Market):
    """Naming somebody in an instruction of one's own shows none of its instructions with others."""
    market.submit(market.side("RECE", BERT, CORA, FIXED, 77, 770))
    probe = market.side("DELI", ANNA, BERT, FIXED, 1, 1)
    market.submit(probe)
    with market.database.transaction() as tx:
        assert explain_unmatched(tx, probe.id)["differs"] == []

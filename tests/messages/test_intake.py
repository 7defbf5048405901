"""Every message is kept, acted on once, and answered; what is wrong with it is said in ISO 20022's codes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from counterfoil.core.db import Conflict, Database, Transaction
from counterfoil.core.errors import Refused
from counterfoil.messages import Outcome, inbox, message, unpack
from counterfoil.settlement import Hold, Link, LinkKind, Pool
from tests.messages.conftest import Schema
from tests.messages.exchange import (
    ANNA,
    BERT,
    CORA,
    HOLD,
    RELEASE,
    Exchange,
    cancellation,
    conditions,
    enveloped,
    exchange,
    instruction,
)
from tests.settlement.market import FIXED, NOTES, own


@pytest.fixture
def market(database: Database, schema: Schema) -> Exchange:
    return exchange(database, schema)


@pytest.fixture(scope="module")
def standing(shared_database: Database, schema: Schema) -> Exchange:
    return exchange(shared_database, schema)


def codes(receipt) -> list[str]:
    return [f"{e['code']} {e['iso']}" for e in receipt.errors]


def test_an_instruction_is_accepted_and_its_party_told_so(market: Exchange):
    sell = market.market.side("DELI", ANNA, BERT, FIXED, 10, 100)
    (receipt,) = market.instruct(sell)
    assert (receipt.outcome, receipt.business_id) == (Outcome.ACCEPTED, "M1")
    assert market.mail(ANNA) == [f"024 {sell.reference} AckdAccptd"]
    with market.market.database.transaction() as tx:
        assert message(tx, receipt.id)["replies"][0]["id"] == receipt.answers[0][0]


def test_both_sides_in_one_file_settle_at_once(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    market.market.give(BERT, 100)
    market.instruct(*market.market.trade(ANNA, BERT, FIXED, 10, 100))
    assert market.market.held(BERT, FIXED) == 10


def test_a_party_without_bic_is_known_by_its_lei(market: Exchange):
    side = market.market.side("RECE", CORA, ANNA, FIXED, 10, None)
    assert market.instruct(side)[0].outcome is Outcome.ACCEPTED
    assert market.mail(CORA) == [f"024 {side.reference} AckdAccptd"]


WRONG = {
    "unknown security": ({"isin": "DE000CF00006"}, {}, "SET-001 DSEC"),
    "account of another": ({"account": own(BERT)}, {}, "SET-003 SAFE, SET-004 CASH"),
    "account unknown": ({"account": "NONE"}, {}, "SET-003 SAFE, SET-004 CASH"),
    "unknown currency": ({"currency": "XXX"}, {}, "SET-011 NCRR"),
    "too many decimals": ({"amount": Decimal("1.005")}, {}, "SET-010 DMON"),
    "below one unit": ({"isin": NOTES, "quantity": Decimal(10)}, {}, "SET-009 MINO"),
    "no multiple": ({"isin": NOTES, "quantity": Decimal(1500)}, {}, "SET-008 MUNO"),
    "no settlement day": ({"intended_date": timedelta(days=5)}, {}, "SET-014 DDAT"),
    "trade of tomorrow": ({"trade_date": timedelta(days=1)}, {}, "SET-013 DTRD"),
    "linked to itself": ({"links": (Link(LinkKind.WITH, "R1"),)}, {}, "SET-017 INVL"),
    "face amount of units": ({}, {"form": "FaceAmt"}, "MSG-108 DQUA"),
    "for another": ({}, {"own": "<Id><AnyBIC>BERTDEFFXXX</AnyBIC></Id>"}, "MSG-106 ICAG"),
    "elsewhere": ({}, {"depository": "DAKVDEFFXXX"}, "MSG-107 DEPT"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_instructed_is_rejected_with_its_code(standing: Exchange, wrong: str):
    market = standing
    fields, texts, expected = WRONG[wrong]
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, 100, reference="R1")
    days = {k: getattr(side, k) + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    side = replace(side, **days)
    (receipt,) = market.send(market.message(ANNA, instruction(side, **texts)))
    assert (receipt.outcome, ", ".join(codes(receipt))) == (Outcome.REJECTED, expected)
    iso = " ".join(part.split()[1] for part in expected.split(", "))
    assert market.mail(ANNA) == [f"024 R1 Rjctd {iso}"]
    assert market.market.rows("SELECT count(*) FROM settlement.instruction") == [(0,)]


def test_an_unknown_counterparty_is_named_in_the_refusal(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    stranger = "<Id><AnyBIC>NONEDEFFXXX</AnyBIC></Id>"
    (receipt,) = market.send(market.message(ANNA, instruction(side, other=stranger)))
    assert receipt.errors[0]["code"] == "SET-005"
    assert "NONEDEFFXXX" in receipt.errors[0]["detail"]


def test_a_reference_that_is_used_is_refused(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    market.instruct(side)
    assert codes(market.instruct(side)[0]) == ["SET-006 REFE"]


def test_a_message_that_is_sent_again_gets_the_same_receipt_and_changes_nothing(market: Exchange):
    sent = market.message(ANNA, instruction(market.market.side("DELI", ANNA, BERT, FIXED, 10, None)))
    first, twin = market.send(sent, sent)
    (again,) = market.send(sent, party=ANNA)
    assert replace(again, is_repeated=False) == first
    assert (first.is_repeated, twin, again.is_repeated) == (False, again, True)
    assert len(market.mail(ANNA)) == 1


def test_another_message_under_a_used_id_is_refused(market: Exchange):
    one, other = (instruction(market.market.side("DELI", ANNA, BERT, FIXED, n, None)) for n in (1, 2))
    market.send(market.message(ANNA, one, id_="X"))
    (receipt,) = market.send(market.message(ANNA, other, id_="X"))
    assert codes(receipt) == ["MSG-101 OTHR"]
    assert market.send(market.message(CORA, one, id_="X"))[0].errors[0]["code"] == "MSG-106"
    assert market.mail(ANNA)[-1] == "002 X MSG-101"


def test_a_possible_duplicate_may_have_another_header(market: Exchange):
    one, other = (instruction(market.market.side("DELI", ANNA, BERT, FIXED, n, None)) for n in (1, 2))
    (first,) = market.send(market.message(ANNA, one, id_="X"))
    same, differs, new = market.send(
        market.message(ANNA, one, id_="X", duplicate=True),
        market.message(ANNA, other, id_="X", duplicate=True),
        market.message(ANNA, other, id_="Y", duplicate=True),
    )
    assert (same.id, same.is_repeated) == (first.id, True)
    assert codes(differs) == ["MSG-101 OTHR"]
    assert new.outcome is Outcome.ACCEPTED


def test_nobody_sends_for_another(market: Exchange):
    sent = market.message(ANNA, instruction(market.market.side("DELI", ANNA, BERT, FIXED, 10, None)))
    assert codes(market.send(sent, party=BERT)[0]) == ["MSG-104 OTHR"]
    assert market.mail(BERT) == ["002 M1 MSG-104"]
    assert market.mail(ANNA) == []
    assert market.send(sent, party=ANNA)[0].outcome is Outcome.ACCEPTED


def test_envelopes_that_are_wrong_are_returned(market: Exchange):
    document = instruction(market.market.side("DELI", ANNA, BERT, FIXED, 10, None))
    bare = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:sese.023.001.12">{document}</Document>'.encode()
    elsewhere = market.message(ANNA, document, to="DAKVDEFFXXX")
    stranger = market.message(ANNA, document).replace(b"ANNADEFFXXX", b"NONEDEFFXXX")
    receipts = market.send(bare, elsewhere, stranger, b"<x", enveloped(ANNA, "U", "sese.023.001.12", "<x/>"))
    assert [codes(r)[0].split()[0] for r in receipts] == [
        "MSG-102",
        "MSG-105",
        "MSG-103",
        "MSG-003",
        "MSG-020",
    ]
    assert [r.outcome for r in receipts] == [Outcome.REJECTED] * 3 + [Outcome.UNREADABLE] * 2
    assert market.mail(ANNA) == ["002 M1 MSG-105", "002 U MSG-020"]
    assert market.send(bare, party=ANNA)[0].outcome is Outcome.ACCEPTED


def test_held_then_released_by_message_settles(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    market.instruct(sell, buy)
    assert market.market.held(BERT, FIXED) == 0
    (receipt,) = market.send(market.message(ANNA, conditions((sell.reference, RELEASE))))
    assert receipt.outcome is Outcome.ACCEPTED
    assert market.market.held(BERT, FIXED) == 10
    assert market.mail(ANNA)[-1] == f"031 {sell.reference} Cmpltd"


def test_each_request_of_a_message_is_answered(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    market.instruct(side)
    market.mail(ANNA)
    (receipt,) = market.send(
        market.message(ANNA, conditions((side.reference, HOLD), ("NONE", HOLD), (side.reference, RELEASE)))
    )
    assert (receipt.outcome, codes(receipt)) == (Outcome.PARTLY, ["SET-018 REFE"])
    assert market.mail(ANNA) == [
        f"031 {side.reference} Cmpltd", "031 NONE Rjctd REFE", f"031 {side.reference} Cmpltd",
    ]  # fmt: skip


def test_links_come_and_go_by_message(market: Exchange):
    market.market.give(ANNA, 10, FIXED)
    sell, buy = market.market.trade(ANNA, BERT, FIXED, 10, None, sell_holds=Hold.PARTY)
    market.instruct(sell, buy)
    linked = "<Lkg><Cd>{}</Cd></Lkg><Lnkgs>{}<Ref><SctiesSttlmTxId>LATER</SctiesSttlmTxId></Ref></Lnkgs>"
    link = linked.format("LINK", "<PrcgPos><Cd>AFTE</Cd></PrcgPos>")
    for change, held in ((link, 0), (RELEASE, 0), (linked.format("UNLK", ""), 10)):
        market.send(market.message(ANNA, conditions((sell.reference, change))))
        assert market.market.held(BERT, FIXED) == held


def test_one_side_cancels_what_is_unmatched(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    market.instruct(side)
    first, again, unknown = market.send(
        market.message(ANNA, cancellation(side)),
        market.message(ANNA, cancellation(side)),
        market.message(ANNA, cancellation(replace(side, reference="NONE"))),
    )
    assert [first.outcome, codes(again), codes(unknown)] == [
        Outcome.ACCEPTED, ["SET-020 DCAN"], ["SET-018 REFE"],
    ]  # fmt: skip
    assert market.mail(ANNA)[1:] == [
        f"027 {side.reference} Canc CANI", f"027 {side.reference} Dnd DCAN", "027 NONE Rjctd REFE",
    ]  # fmt: skip


def test_a_cancellation_that_tells_of_another_instruction_is_rejected(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    market.instruct(side)
    other = market.market.side("RECE", ANNA, BERT, FIXED, 10, None, reference=side.reference)
    assert codes(market.send(market.message(ANNA, cancellation(other)))[0]) == ["MSG-109 REFE"]
    assert codes(market.send(market.message(BERT, cancellation(side)))[0]) == ["SET-018 REFE"]


ANOTHER_ACCOUNT = f"<SfkpgAcct><Id>{own(BERT)}</Id></SfkpgAcct>"


@pytest.mark.parametrize("account", [own(BERT), "NONE"])
def test_a_request_about_another_account_is_rejected(market: Exchange, account: str):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    market.instruct(side)
    market.mail(ANNA)
    for named, expected in ((account, "MSG-118 SAFE"), (own(ANNA), None)):
        told = f"<SfkpgAcct><Id>{named}</Id></SfkpgAcct>"
        cancel = cancellation(side).replace("</AcctOwnrTxId>", f"</AcctOwnrTxId>{told}")
        hold = conditions((side.reference, HOLD)).replace("<ReqDtls>", f"{told}<ReqDtls>")
        receipts = market.send(market.message(ANNA, hold), market.message(ANNA, cancel))
        assert [codes(r) for r in receipts] == [[expected] if expected else []] * 2
    assert market.mail(ANNA) == [
        f"031 {side.reference} Rjctd SAFE", f"027 {side.reference} Rjctd SAFE",
        f"031 {side.reference} Cmpltd", f"027 {side.reference} Canc CANI",
    ]  # fmt: skip


def test_the_depositorys_reference_alone_names_an_instruction_of_the_senders_own(market: Exchange):
    side = market.market.side("DELI", ANNA, BERT, FIXED, 10, None)
    (first,) = market.instruct(side)

    def hold(party: str, id_: UUID, account: str = ""):
        named = f"<AcctSvcrTxId>{id_.hex}</AcctSvcrTxId>"
        request = f"{account}<ReqDtls><Ref>{named}</Ref>{HOLD}</ReqDtls>"
        document = f"<SctiesSttlmCondsModReq>{request}</SctiesSttlmCondsModReq>"
        (receipt,) = market.send(market.message(party, document))
        return codes(receipt), receipt.instruction

    assert hold(BERT, first.id) == (["SET-018 REFE"], None)
    assert hold(ANNA, UUID(int=1)) == (["SET-018 REFE"], None)
    assert hold(ANNA, first.id, ANOTHER_ACCOUNT) == (["MSG-118 SAFE"], first.id)
    assert hold(ANNA, first.id) == ([], first.id)


def test_numbers_of_a_mailbox_have_no_gaps(market: Exchange):
    sides = [market.market.side("DELI", ANNA, BERT, FIXED, n + 1, None, pool=Pool("P", 9)) for n in range(5)]
    market.instruct(*sides[:3])
    market.instruct(*sides[3:], market.market.side("RECE", BERT, ANNA, FIXED, 77, None))
    with market.market.database.transaction() as tx:
        assert [m["number"] for m in inbox(tx, ANNA)] == [1, 2, 3, 4, 5]
        assert [m["number"] for m in inbox(tx, ANNA, after=2, limit=2)] == [3, 4]
        assert [m["number"] for m in inbox(tx, BERT)] == [1]


def test_nothing_is_half_stored(market: Exchange):
    sent = market.message(ANNA, instruction(market.market.side("DELI", ANNA, BERT, FIXED, 10, None)))
    database = market.market.database
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:  # noqa: PT012 - it fails at the end
        market.market.database = _Always(tx)
        market.send(sent)
        raise ZeroDivisionError
    market.market.database = database
    counted = market.market.rows(
        "SELECT (SELECT count(*) FROM messages.received), (SELECT count(*) FROM messages.outgoing),"
        " (SELECT count(*) FROM settlement.instruction), (SELECT count(*) FROM parties.correspondent)"
    )
    assert counted == [(0, 0, 0, 0)]


class _Always:
    """A database with one transaction, which somebody else ends."""

    def __init__(self, tx) -> None:
        self.tx = tx

    def transaction(self):
        return self

    def __enter__(self):
        return self.tx

    def __exit__(self, *_):
        return False


def test_a_larger_file_costs_no_more_statements(market: Exchange, monkeypatch: pytest.MonkeyPatch):
    sent: list[str] = []

    def counted(name: str) -> None:
        original = getattr(Transaction, name)

        def spy(self, statement, *rest, **more):
            sent.append(statement)
            return original(self, statement, *rest, **more)

        monkeypatch.setattr(Transaction, name, spy)

    counted("_run")
    counted("copy")
    counts = []
    for size in (3, 40):
        sides = [s for _ in range(size) for s in market.market.trade(ANNA, BERT, FIXED, 1, 1)]
        wrong = [market.market.side("DELI", ANNA, BERT, FIXED, "0.5", 1) for _ in range(size)]
        sent.clear()
        assert {r.outcome.value for r in market.instruct(*sides, *wrong)} == {"accepted", "rejected"}
        counts.append(len(sent))
        sent.clear()
        asked = [market.message(i.party_lei, cancellation(i)) for i in (*sides, *wrong)]
        assert {r.outcome.value for r in market.send(*asked)} == {"accepted", "pending", "rejected"}
        counts.append(len(sent))
        waiting = [market.market.side("DELI", ANNA, BERT, FIXED, n + 1, None) for n in range(size)]
        market.instruct(*waiting)
        sent.clear()
        wanted = [(i.reference, change) for change in (HOLD, RELEASE) for i in (*waiting, sides[0])]
        assert [r.outcome.value for r in market.send(market.message(ANNA, conditions(*wanted)))] == ["partly"]
        counts.append(len(sent))
    assert counts[3] <= counts[0] < 60
    assert counts[4] <= counts[1] < 30
    assert counts[5] <= counts[2] < 50


def test_a_message_that_comes_twice_at_once_is_acted_on_once(market: Exchange):
    sides = [market.market.side("DELI", ANNA, BERT, FIXED, n + 1, None) for n in range(5)]
    sent = [market.message(ANNA, instruction(side)) for side in sides]

    def send(_: int):
        while True:
            try:
                return market.send(*sent)
            except Conflict:
                continue

    with ThreadPoolExecutor(4) as senders:
        receipts = list(senders.map(send, range(4)))
    assert len({tuple(r.id for r in each) for each in receipts}) == 1
    assert market.market.rows("SELECT count(*) FROM settlement.instruction") == [(5,)]
    assert len(market.mail(ANNA)) == 5


FILE = b'<Xchg xmlns="urn:iso:std:iso:20022:tech:xsd:head.002.001.01"><PyldDesc/>%b</Xchg>'


def test_a_file_holds_messages_byte_by_byte():
    body = FILE % b"<Pyld><a xmlns='b'>1</a></Pyld>\n<Pyld x='y'>\n<c/></Pyld>"
    assert unpack(body) == [b"<a xmlns='b'>1</a>", b"\n<c/>"]
    assert unpack(b"<a/>") == [b"<a/>"]


@pytest.mark.parametrize(
    "inside",
    [
        b"", b"<Pyld><a/>", b"<Pyld><Pyld></Pyld></Pyld>", b"<Pyld/>", b"<Pyld><!-- </Pyld> --></Pyld>",
        b"</Pyld><Pyld>",
    ],
)  # fmt: skip
def test_what_is_no_file_is_refused(inside: bytes):
    with pytest.raises(Refused) as refused:
        unpack(FILE % inside)
    assert refused.value.refusals[0].code == "MSG-110"


def test_a_file_has_a_largest_number():
    with pytest.raises(Refused) as refused:
        unpack(FILE % (b"<Pyld><a/></Pyld>" * 5001))
    assert refused.value.refusals[0].code == "MSG-111"

"""Reports are valid, add up on every page, and come at the end of a day to who is told by messages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from lxml import etree

from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.ledger import Move, SubBalance, accounts_by_number, move
from counterfoil.messages import ReportKind, advise, report, reports
from counterfoil.settlement.advice import announce_end_of_day
from tests.messages.conftest import Schema
from tests.messages.exchange import ANNA, BERT, NAMESPACE, Exchange, exchange
from tests.settlement.market import FIXED, NOTES, own

DAY = timedelta(days=1)


@pytest.fixture
def market(database: Database, schema: Schema) -> Exchange:
    found = exchange(database, schema)
    found.market.give(ANNA, 10, FIXED)
    found.market.give(ANNA, 5000, NOTES)
    found.market.give(BERT, 500)
    found.instruct(*found.market.trade(ANNA, BERT, FIXED, 4, 100))
    found.market.submit(*found.market.trade(ANNA, BERT, NOTES, 2000, 50))
    return found


def pages(market: Exchange, kind: ReportKind, party: str, schema: Schema, until=DAY) -> list:
    """The documents of a report, valid by their schema."""
    m = market.market
    with m.database.transaction() as tx:
        account = accounts_by_number(tx, [own(party)])[own(party)]
        found = report(tx, kind, account, m.now - DAY, m.now + until, now=m.now)
    documents = [etree.fromstring(content)[1] for content in found]
    for document in documents:
        schema(str(etree.QName(document).namespace).removeprefix(NAMESPACE)).assertValid(document)
    return documents


def number(element) -> str:
    """The number in an element, whatever its form."""
    return "".join(element.itertext()).removeprefix("LONG")


def texts(document, path: str) -> list[str]:
    return [str(e.text) for e in document.iterfind(f".//{{*}}{path.replace('/', '/{*}')}")]


def test_a_cash_notification_lists_what_was_booked(market: Exchange, schema: Schema):
    (document,) = pages(market, ReportKind.CASH, BERT, schema)
    assert texts(document, "Ntry/Amt") == ["500", "100", "50"]
    assert texts(document, "Ntry/CdtDbtInd") == ["CRDT", "DBIT", "DBIT"]
    assert texts(document, "AcctOwnrTxId") == ["R2", "R4"]


def test_a_posting_report_adds_up_by_security(market: Exchange, schema: Schema):
    (document,) = pages(market, ReportKind.POSTINGS, ANNA, schema)
    assert texts(document, "FinInstrmDtls/FinInstrmId/ISIN") == [FIXED, NOTES]
    for security in document.iterfind(".//{*}FinInstrmDtls"):
        moved = Decimal(0)
        for posting in security.iterfind(".//{*}TxDtls"):
            sign = 1 if texts(posting, "SctiesMvmntTp") == ["RECE"] else -1
            moved += sign * Decimal(number(posting.find(".//{*}PstngQty")))
        opening, closing = (Decimal(number(security.find(f"{{*}}{n}"))) for n in ("OpngBal", "ClsgBal"))
        assert opening + moved == closing
    assert texts(document, "Tx/AcctOwnrTxId") == ["NONREF", "R1", "NONREF", "R3"]


def test_a_large_report_comes_in_pages_that_add_up(
    market: Exchange, schema: Schema, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reports, "PAGE", 1)
    found = pages(market, ReportKind.POSTINGS, ANNA, schema)
    assert [texts(d, "Pgntn/LastPgInd") for d in found] == [["false"]] * 3 + [["true"]]
    balances = [[number(d.find(f".//{{*}}{n}")) for n in ("OpngBal", "ClsgBal")] for d in found]
    assert balances == [["0", "10"], ["10", "6"], ["0", "5000"], ["5000", "3000"]]
    assert len(pages(market, ReportKind.HOLDINGS, ANNA, schema)) == 2


def test_holdings_are_told_by_sub_balance(market: Exchange, schema: Schema):
    m = market.market
    with m.database.transaction() as tx:
        kinds = (SubBalance.AVAILABLE, SubBalance.PLEDGED)
        pledge = Move(own(ANNA), FIXED, Decimal(1), *kinds, "P1", "pledge", new_id())
        move(tx, [pledge], by_party=True, booked_at=m.now, actor="test")
    (document,) = pages(market, ReportKind.HOLDINGS, ANNA, schema)
    first, second = document.iterfind(".//{*}BalForAcct")
    assert [number(first.find(f"{{*}}{n}")) for n in ("AggtBal", "AvlblBal")] == ["6", "5"]
    assert texts(first, "SubBalTp/Cd") == ["PLED"]
    assert texts(second, "FaceAmt") == ["3000", "3000"]
    assert pages(market, ReportKind.HOLDINGS, ANNA, schema, until=-DAY)[0].find(".//{*}BalForAcct") is None


def test_a_period_that_ends_before_it_begins_is_refused(market: Exchange, schema: Schema):
    with pytest.raises(Refused) as refused:
        pages(market, ReportKind.CASH, ANNA, schema, until=-2 * DAY)
    assert refused.value.refusals[0].code == "MSG-114"


def test_at_the_end_of_a_day_reports_come_by_themselves_and_go_on_where_they_ended(market: Exchange):
    m = market.market

    def ended(days: int) -> list[str]:
        with m.database.transaction() as tx:
            announce_end_of_day(tx, m.today + days * DAY, m.now + timedelta(hours=7) + days * DAY)
        with m.database.transaction() as tx:
            assert advise(tx, now=m.now)
        return [line.split()[0] for line in market.mail(ANNA) if not line.startswith(("024", "025"))]

    assert ended(0) == ["054", "017", "002"]
    assert ended(1) == ["017", "002"]
    assert len(m.rows("SELECT DISTINCT receiver_lei FROM messages.outgoing")) == 2

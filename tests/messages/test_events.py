"""Holders that use messages are told of events once, from announcement to reversal."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from counterfoil.core.db import Database
from counterfoil.messages import advise, checks, correspond, inbox
from counterfoil.parties import import_bics
from counterfoil.servicing import Call, call_early, correct, declare
from tests.messages.conftest import Schema
from tests.messages.exchange import NAMESPACE
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, BERT, CORA, House, own


class Correspondence:
    """A house whose holders read their mail. Every message that they get is valid by its schema."""

    def __init__(self, clockwork: Clockwork, schema: Schema) -> None:
        self.clockwork = clockwork
        self.house: House = clockwork.house
        self._schema = schema
        self._seen: dict[str, int] = {}

    def sweep(self, limit: int = 1000) -> None:
        """Tell all that is to be told."""
        while True:
            with self.house.database.transaction() as tx:
                if not advise(tx, now=self.house.now, limit=limit):
                    return

    def until(self, moment: str, step: timedelta = timedelta(days=14)) -> None:
        self.clockwork.until(moment, step)
        self.sweep()

    def mail(self, party: str) -> list[str]:
        """What a party finds new, in short."""
        self.sweep()
        with self.house.database.transaction() as tx:
            found = inbox(tx, party, after=self._seen.get(party, 0), limit=1000)
        if found:
            self._seen[party] = found[-1]["number"]
        return [self._short(item["content"]) for item in found]

    def _short(self, content: str) -> str:
        _, document = etree.fromstring(content.encode())
        definition = str(etree.QName(document).namespace).removeprefix(NAMESPACE)
        self._schema(definition).assertValid(document)
        said = [definition[5:8]]
        for path in _TOLD:
            said += ["".join(e.itertext()) for e in document.iterfind(f".//{{*}}{path}")]
        return " ".join(said)


_TOLD = (
    "NtfctnTp", "MvmntPrlimryAdvcGnlInf/{*}Tp", "EvtTp/{*}Cd", "EvtCmpltnsSts", "EvtConfSts", "RjctgPtyRsn",
    "GrssIntrstRateUsdForPmt", "AmtPricPerFinInstrmQty/{*}PricVal", "CxlRsnCd", "TtlElgblBal//{*}Qty", "EntitldAmt",
    "ConfdBal//{*}Qty", "PstngQty", "PstngAmt", "WhldgTaxAmt", "Ntry/{*}Amt", "RvslInd",
)  # fmt: skip


@pytest.fixture
def post(database: Database, schema: Schema) -> Correspondence:
    """Anna and Cora are told by messages, Bert is not."""
    clockwork = open_clockwork(database)
    with database.transaction() as tx:
        import_bics(tx, ["LEI,BIC\n", f"{ANNA},ANNADEFFXXX\n"])
        correspond(tx, ANNA, "ANNADEFFXXX", now=clockwork.house.now, actor="test")
        correspond(tx, CORA, None, now=clockwork.house.now, actor="test")
    return Correspondence(clockwork, schema)


def nothing_new(post: Correspondence) -> bool:
    """Whether a repeated sweep tells nothing more, and what was told is true."""
    with post.house.database.snapshot() as tx:
        broken = [c.name for c in checks(tx) if not c.holds]
    return broken == [] and post.mail(ANNA) == post.mail(CORA) == []


def test_a_coupon_from_announcement_to_money(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.give(BERT, isin, 3_000)
    house.fund(10_000)
    post.until("2027-11-25T12:00:00")
    assert post.mail(ANNA) == ["031 NEWM INTR INCO CONF 100000"]
    house.give(CORA, isin, 2_000)
    post.until("2027-11-30T20:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["031 REPL INTR COMP CONF 2.875 100000", "035 NEWM INTR 100000 2875"]
    assert post.mail(CORA) == ["031 NEWM INTR COMP CONF 2.875 2000", "035 NEWM INTR 2000 57.5"]
    assert nothing_new(post)
    post.until("2027-12-01T12:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["036 INTR 100000 2875", "054 2875"]
    assert post.mail(CORA) == ["036 INTR 2000 57.5", "054 57.5"]
    assert post.mail(BERT) == []
    assert nothing_new(post)


def test_a_redemption_takes_the_units_and_brings_the_money(post: Correspondence):
    house = post.house
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 300_000)
    house.pledge(ANNA, isin, 100_000)
    house.fund(300_000)
    post.until("2027-02-20T12:00:00")
    assert post.mail(ANNA) == ["031 NEWM REDM INCO CONF 300000"]
    post.until("2027-02-26T20:00:00", timedelta(hours=12))
    (replaced, advised) = post.mail(ANNA)
    assert replaced.startswith("031 REPL REDM COMP CONF")
    assert advised == "035 NEWM REDM 300000 300000"
    post.until("2027-03-01T12:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["036 REDM 300000 300000 300000", "054 300000"]
    assert nothing_new(post)

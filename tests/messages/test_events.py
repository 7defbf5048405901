"""Holders that use messages are told of events once, from announcement to reversal."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from lxml import etree

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id
from counterfoil.core.outbox import take
from counterfoil.ledger import AccountKind, Booking, Posting, accounts_by_number, book, open_accounts
from counterfoil.messages import MovementConfirmation, PartyId, advise, checks, correspond, inbox
from counterfoil.messages.event_sweep import tell_of_events
from counterfoil.parties import import_bics
from counterfoil.processes import start_adjustment, sweep_events
from counterfoil.servicing import (
    EVENT,
    Action,
    Exercise,
    correct,
    exercise,
    knock_out,
    set_withholding,
    withdraw,
)
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
    "NtfctnTp", "MvmntPrlimryAdvcGnlInf/{*}Tp", "EvtTp/{*}Cd", "EvtCmpltnsSts", "EvtConfSts", "ChngTp/{*}Cd",
    "FctvDt", "RjctgPtyRsn",
    "GrssIntrstRateUsdForPmt", "AmtPricPerFinInstrmQty/{*}PricVal", "CxlRsnCd", "TtlElgblBal//{*}Qty", "EntitldAmt",
    "ConfdBal//{*}Qty", "MktClmTp", "MktClmDtls//{*}CdtDbtInd", "RltdSttlmQty",
    "PstngQty", "PstngAmt", "WhldgTaxAmt", "Ntry/{*}Amt", "RvslInd",
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


def test_an_autocall_is_unconfirmed_before_its_fixing_and_confirmed_after(post: Correspondence):
    house = post.house
    isin = house.issue("1260")
    house.give(ANNA, isin, 5_000)
    house.fund(10_000)
    post.until("2027-06-10T12:00:00")
    assert post.mail(ANNA) == ["031 NEWM MCAL INCO UCON 5000"]
    post.until("2027-06-17T18:00:00", timedelta(days=1))
    house.price("2027-06-17", 151)
    post.until("2027-06-18T18:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["031 REPL MCAL COMP CONF 4 1000 5000", "035 NEWM MCAL 5000 5200"]
    post.until("2027-06-21T12:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["036 MCAL 5000 5000 5200", "054 5200"]
    assert nothing_new(post)


def test_what_was_announced_and_does_not_come_is_cancelled_once(post: Correspondence):
    house = post.house
    isin = house.issue("1260")
    house.give(ANNA, isin, 5_000)
    post.until("2027-06-17T18:00:00", timedelta(days=7))
    assert post.mail(ANNA) == ["031 NEWM MCAL INCO UCON 5000"]
    house.price("2027-06-17", 99)
    post.until("2027-06-18T18:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["039 MCAL COMP CONF WITH"]
    assert nothing_new(post)


def test_a_correction_is_told_as_reversal_and_new_payment(post: Correspondence):
    house = post.house
    isin = house.issue("1200")
    house.give(ANNA, isin, 100)
    house.fund(20_000)
    post.until("2027-12-17T18:00:00")
    house.price("2027-12-17", 150)
    post.until("2027-12-23T12:00:00", timedelta(hours=12))
    assert post.mail(ANNA)[-2:] == ["036 REDM 100 100 15000", "054 15000"]
    house.price("2027-12-17", 149, reason="typed wrongly")
    with house.database.transaction() as tx:
        correct(tx, house.event(isin, "redemption")["id"], "typed wrongly", now=house.now, actor="test")
    assert post.mail(ANNA) == [
        "037 REDM 100 15000", "054 15000 true", "036 REDM 100 14900", "054 14900",
    ]  # fmt: skip
    assert nothing_new(post)


def test_tax_that_is_withheld_is_told_apart(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.fund(10_000)
    with house.database.transaction() as tx:
        set_withholding(tx, ANNA, date(2027, 1, 1), Decimal("26.375"))
    post.until("2027-12-01T12:00:00", timedelta(days=6))
    assert post.mail(ANNA)[-2:] == ["036 INTR 100000 2116.72 758.28", "054 2116.72"]


def test_an_exercise_is_told_to_who_exercises_alone(post: Correspondence):
    house = post.house
    isin = house.issue("2100")
    house.give(ANNA, isin, 1_000)
    house.give(CORA, isin, 1_000)
    house.fund(10_000)
    post.until("2027-03-01T09:00:00")
    with house.database.transaction() as tx:
        wanted = Exercise(isin, own(ANNA), Decimal(400), date(2027, 3, 1))
        exercise(tx, wanted, business_date=house.now.date(), now=house.now, actor="Anna")
    post.clockwork.work()
    assert post.mail(ANNA) == ["031 NEWM EXWA INCO CONF 400"]
    house.at("2027-03-01T18:00:00")
    house.price("2027-03-01", "172.5")
    post.until("2027-03-02T18:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["031 REPL EXWA COMP CONF 1.25 400", "035 NEWM EXWA 400 500"]
    post.until("2027-03-03T12:00:00", timedelta(hours=12))
    assert post.mail(ANNA) == ["036 EXWA 400 400 500", "054 500"]
    assert post.mail(CORA) == []
    assert nothing_new(post)


def test_many_holders_are_told_in_several_sweeps_and_each_once(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    numbers = [f"ANNA-{n:02}" for n in range(23)]
    house.give(ANNA, isin, 23_000)
    with house.database.transaction() as tx:
        accounts = open_accounts(tx, [(n, AccountKind.OWN, ANNA) for n in numbers], house.now)
        giver = accounts_by_number(tx, [own(ANNA)])[own(ANNA)]
        legs = [Posting(accounts[n], isin, Decimal(1000)) for n in numbers]
        book(
            tx, [Booking(new_id(), "spread", new_id(), (Posting(giver, isin, Decimal(-23_000)), *legs))],
            booked_at=house.now, actor="test",
        )  # fmt: skip
    house.fund(10_000)
    post.clockwork.until("2027-12-01T12:00:00", timedelta(hours=200))
    coupon = house.event(isin, "coupon")["id"]
    subjects, rounds, booked = [str(coupon)], 0, []
    with house.database.transaction() as tx:
        take(tx, [EVENT], limit=1000)
    while subjects:
        with house.database.transaction() as tx:
            letters = tell_of_events(tx, subjects, depository=PartyId(lei=ANNA), now=house.now, limit=5)
            subjects = [subject for _, subject in take(tx, [EVENT], limit=1000)]
        booked += [m.message.balance.account for m in letters if isinstance(m.message, MovementConfirmation)]
        rounds += 1
    assert (sorted(booked), rounds) == (numbers, 6)
    with house.database.transaction() as tx:
        again = tell_of_events(tx, [str(coupon)], depository=PartyId(lei=ANNA), now=house.now, limit=5000)
    assert again == []


def test_a_sweep_that_is_rolled_back_tells_the_same_later(post: Correspondence):
    house = post.house
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 300_000)
    house.fund(300_000)
    post.clockwork.until("2027-03-01T12:00:00", timedelta(days=5))
    with suppress(RuntimeError), house.database.transaction() as tx:
        assert advise(tx, now=house.now)
        raise RuntimeError("the sweeper dies before its commit")
    assert post.mail(ANNA) == ["036 REDM 300000 300000 300000", "054 300000"]
    assert nothing_new(post)


def test_what_a_person_withdraws_is_cancelled(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    post.until("2027-11-19T12:00:00")
    assert post.mail(ANNA) == ["031 NEWM INTR INCO CONF 100000"]
    before = house.event(isin, "coupon")["id"]
    with house.database.transaction() as tx:
        withdraw(tx, [before], reason="refused by a person", now=house.now, actor="test")
    assert post.mail(ANNA) == ["039 INTR INCO CONF WITH"]
    assert nothing_new(post)


def test_what_stands_in_suspense_is_told_when_it_is_released(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    for holder in (ANNA, CORA):
        house.give(holder, isin, 100_000)
    house.fund(10_000)
    post.until("2027-11-30T20:00:00", timedelta(days=1))
    for party in (ANNA, CORA):
        assert post.mail(party)[-1] == "035 NEWM INTR 100000 2875"
    house.block(own(ANNA))
    post.until("2027-12-01T12:00:00", timedelta(hours=12))
    assert post.mail(CORA) == ["036 INTR 100000 2875", "054 2875"]
    assert nothing_new(post)
    house.unblock(own(ANNA))
    sweep_events(house.database, house.now)
    assert post.mail(ANNA) == ["036 INTR 100000 2875", "054 2875"]
    assert nothing_new(post)


def options_told(post: Correspondence, party: str) -> list[tuple[str, str, str, str]]:
    """Of the last notification: kind, default, deadline and period of each option."""
    with post.house.database.transaction() as tx:
        content = inbox(tx, party, limit=1000)[-1]["content"]
    found = etree.fromstring(content.encode()).iterfind(".//{*}CorpActnOptnDtls")
    return [
        (
            option.findtext(".//{*}OptnTp/{*}Cd"), option.findtext(".//{*}DfltOptnInd"),
            option.findtext(".//{*}RspnDdln/{*}Dt/{*}DtTm"), option.findtext(".//{*}ActnPrd//{*}EndDt//{*}Dt/{*}Dt"),
        )
        for option in found
    ]  # fmt: skip


@pytest.mark.parametrize("automatic", [True, False])
def test_a_window_is_announced_when_it_opens_and_once_more_before_it_closes(
    post: Correspondence, automatic: bool
):
    house = post.house
    isin = house.issue("2100", automatic_exercise=automatic)
    house.give(ANNA, isin, 1_000)
    house.fund(10_000)

    def sweep(moment: str) -> list[str]:
        post.until(moment)
        sweep_events(house.database, house.now)
        return post.mail(ANNA)

    assert sweep("2027-01-04T12:00:00") == ["031 NEWM EXWA INCO CONF 1000"]
    default, other = ("true", "false") if automatic else ("false", "true")
    deadline = "2027-12-17T17:00:00.000Z"
    wanted = [("EXER", default, deadline, "2027-12-17"), ("LAPS", other, deadline, "2027-12-17")]
    assert options_told(post, ANNA) == wanted
    house.give(CORA, isin, 500)
    assert sweep("2027-12-09T12:00:00") == []
    assert sweep("2027-12-10T12:00:00") == ["031 RMDR EXWA INCO CONF 1000"]
    assert post.mail(CORA) == ["031 NEWM EXWA INCO CONF 500"]
    assert options_told(post, ANNA) == wanted
    assert (sweep("2027-12-13T12:00:00"), nothing_new(post)) == ([], True)
    house.at("2027-12-17T18:00:00")
    house.price("2027-12-17", "172.5")
    replaced, advised = sweep("2027-12-22T20:00:00")
    assert replaced.startswith("031 REPL EXWA COMP CONF")
    assert advised == ("035 NEWM EXWA 1000 1250" if automatic else "035 NEWM EXWA 1000")


def test_both_sides_of_a_trade_are_told_of_its_claim_and_of_its_settlement(post: Correspondence):
    house = post.house
    isin = house.issue("bond", calls=[])
    house.give(ANNA, isin, 100_000)
    house.fund(10_000)
    post.until("2027-11-26T12:00:00")
    house.sell(isin, 40_000, 39_000, to=CORA, traded=house.now.date())
    house.sell(isin, 10_000, 9_000, to=BERT, traded=house.now.date())
    post.until("2027-12-01T12:00:00", timedelta(hours=12))
    for party in (ANNA, CORA):
        post.mail(party)
    sweep_events(house.database, house.now)
    claims = [m for m in post.mail(CORA) if m.startswith("050")]
    assert claims == ["050 INTR 1150 MKTC CRDT 40000"]
    told = post.mail(ANNA)
    assert sorted(m for m in told if m.startswith("050")) == [
        "050 INTR 1150 MKTC DBIT 40000",
        "050 INTR 287.5 MKTC DBIT 10000",
    ]
    assert len([m for m in told if m.startswith("025")]) == 2, "the confirmations of what was paid for them"
    assert nothing_new(post)


BREAK = {
    "a payment that was not told": "UPDATE messages.told_event SET runs = 0",
    "a payment that was told too often": "UPDATE messages.told_event SET runs = 2",
}


@pytest.mark.parametrize("statement", BREAK.values(), ids=BREAK)
def test_the_checks_find_what_was_not_told_or_did_not_happen(post: Correspondence, statement: str):
    house = post.house
    isin = house.issue("commercial_paper")
    house.give(ANNA, isin, 300_000)
    house.fund(300_000)
    post.until("2027-03-01T12:00:00", timedelta(days=5))
    assert nothing_new(post) or post.mail(ANNA) == []
    with house.database.transaction() as tx:
        tx.execute(statement)
    with house.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == ["messages.events"]


def split(house: House, day: str) -> None:
    with house.database.transaction() as tx:
        action = Action("DE0007164600", Decimal("0.5"), date.fromisoformat(day))
        start_adjustment(tx, action, "split", now=house.now, requester="Ada")


def test_an_adjustment_is_announced_when_approved_and_replaced_when_applied(post: Correspondence):
    house = post.house
    agent = [{"role": "paying_agent", "lei": CORA}]
    isin, other = house.issue("1200", agents=agent), house.issue("1200")
    for holder in (ANNA, BERT):
        house.give(holder, isin, 100)
    split(house, "2027-03-01")
    post.clockwork.work()
    assert post.mail(ANNA) == post.mail(CORA) == [], "nobody has approved it"
    post.clockwork.answer(approved=True)
    assert post.mail(ANNA) == ["031 NEWM CHAN INCO CONF TERM 2027-03-01 100"]
    assert post.mail(CORA) == ["031 NEWM CHAN INCO CONF TERM 2027-03-01"]
    house.pass_on(ANNA, CORA, isin, 40)
    late = house.issue("1200", agents=agent)
    assert nothing_new(post)
    post.until("2027-03-01T00:00:00")
    assert post.mail(ANNA) == ["031 REPL CHAN COMP CONF TERM 2027-03-01 60"]
    assert post.mail(CORA) == [
        "031 NEWM CHAN COMP CONF TERM 2027-03-01 40", "031 REPL CHAN COMP CONF TERM 2027-03-01",
        "031 NEWM CHAN COMP CONF TERM 2027-03-01",
    ]  # fmt: skip
    for moved in (isin, other, late):
        (event,) = [e for e in house.events(moved) if e["kind"] == "adjustment"]
        assert (event["state"], event["day"]) == ("applied", date(2027, 3, 1))
    assert nothing_new(post)


def test_an_adjustment_of_what_ends_before_it_is_withdrawn(post: Correspondence):
    house = post.house
    agent = [{"role": "paying_agent", "lei": CORA}]
    isin = house.issue("2200", agents=agent)
    house.give(ANNA, isin, 100)
    split(house, "2027-05-03")
    post.clockwork.work()
    post.clockwork.answer(approved=True)
    post.until("2027-03-01T15:00:00")
    assert [post.mail(ANNA), post.mail(CORA)] == [
        ["031 NEWM CHAN INCO CONF TERM 2027-05-03 100"],
        ["031 NEWM CHAN INCO CONF TERM 2027-05-03"],
    ]
    house.observe("barrier", f"{isin}/barrier", "2027-03-01", hit_on="2027-03-01")
    with house.database.transaction() as tx:
        knock_out(tx, [isin], date(2027, 3, 1), now=house.now)
    post.until("2027-05-03T12:00:00")
    assert "039 CHAN INCO CONF WITH" in post.mail(ANNA)
    assert post.mail(CORA) == ["039 CHAN INCO CONF WITH"]
    assert [e["state"] for e in house.events(isin) if e["kind"] == "adjustment"] == ["lapsed"]
    assert nothing_new(post)

"""An exercise that comes by message is carried out once, or refused with a reason that the sender knows."""

from datetime import date

import pytest
from lxml import etree

from counterfoil.core.db import Database
from counterfoil.messages import Outcome, Receipt, inbox, read, take_in
from counterfoil.parties import import_bics
from tests.messages.conftest import Schema
from tests.messages.exchange import BICS, NAMESPACE, enveloped
from tests.servicing.house import ANNA, BERT, House, open_house, own

DAY = "2027-03-01"


def election(isin: str, account: str, **changed: str) -> str:
    """seev.033. `changed` replaces texts: `event`, `kind`, `option`, `number`, `quantity`, `day`."""
    quantity = changed.get("quantity", "<Cd>QALL</Cd>")
    return (
        f"<CorpActnInstr><CorpActnGnlInf><CorpActnEvtId>{changed.get('event', 'NONREF')}</CorpActnEvtId>"
        f"<EvtTp><Cd>{changed.get('kind', 'EXWA')}</Cd></EvtTp>"
        f"<UndrlygScty><FinInstrmId><ISIN>{isin}</ISIN></FinInstrmId></UndrlygScty></CorpActnGnlInf>"
        f"<AcctDtls><SfkpgAcct>{account}</SfkpgAcct></AcctDtls>"
        f"<CorpActnInstr><OptnNb><Nb>{changed.get('number', '001')}</Nb></OptnNb>"
        f"<OptnTp><Cd>{changed.get('option', 'EXER')}</Cd></OptnTp>"
        f"<SctiesQtyOrInstdAmt><SctiesQty><InstdQty>{quantity}</InstdQty></SctiesQty></SctiesQtyOrInstdAmt>"
        f"<ExctnReqdDtTm><Dt>{changed.get('day', DAY)}</Dt></ExctnReqdDtTm></CorpActnInstr></CorpActnInstr>"
    )


def send(house: House, sender: str, document: str, name: str = "M1") -> Receipt:
    message = enveloped(sender, name, "seev.033.001.13", document)
    with house.database.transaction() as tx:
        (receipt,) = take_in(
            tx, read([message]), party=sender, now=house.now, business_date=house.now.date(), actor="test"
        )
    return receipt


def answer(house: House, party: str, schema: Schema) -> tuple[str, list[str]]:
    """The last message of a party: what it is, its status and reasons."""
    with house.database.transaction() as tx:
        content = inbox(tx, party)[-1]["content"]
    _, document = etree.fromstring(content.encode())
    definition = str(etree.QName(document).namespace).removeprefix(NAMESPACE)
    schema(definition).assertValid(document)
    status = document.find(".//{*}InstrPrcgSts")
    assert status is not None
    reasons = [str(code.text) for code in status.iterfind(".//{*}RsnCd/{*}Cd")]
    return definition, [etree.QName(status[0]).localname, *reasons]


@pytest.fixture
def house(database: Database) -> House:
    with database.transaction() as tx:
        import_bics(tx, ["LEI,BIC\n", *(f"{lei},{bic}\n" for lei, bic in BICS.items())])
    return open_house(database)


@pytest.fixture
def warrant(house: House) -> str:
    isin = house.issue("2100")
    house.give(ANNA, isin, 1_000)
    house.lay_out()
    house.at(f"{DAY}T09:00:00")
    return isin


def test_all_that_is_held_is_exercised_once(house: House, warrant: str, schema: Schema):
    message = election(warrant, own(ANNA))
    assert send(house, ANNA, message).outcome is Outcome.ACCEPTED
    assert answer(house, ANNA, schema) == ("seev.034.001.15", ["AccptdForFrthrPrcg"])
    assert send(house, ANNA, message).is_repeated
    (event,) = [e for e in house.events(warrant) if e["kind"] == "exercise"]
    assert event["day"] == date(2027, 3, 1)
    held = house.rows(
        "SELECT sub_balance, quantity FROM ledger.v_position"
        " WHERE account = %(n)s AND asset = %(a)s AND quantity > 0",
        n=own(ANNA), a=warrant,
    )  # fmt: skip
    assert held == [("earmarked", 1_000)]


def test_a_part_is_exercised_by_the_id_of_an_event(house: House, warrant: str, schema: Schema):
    event = house.event(warrant, "redemption")["id"]
    part = election(warrant, own(ANNA), event=event.hex, quantity="<Qty><Unit>400</Unit></Qty>")
    assert send(house, ANNA, part).outcome is Outcome.ACCEPTED


REFUSED = {
    "more than is held": ({"quantity": "<Qty><Unit>1001</Unit></Qty>"}, "LACK"),
    "a quantity of nominal": ({"quantity": "<Qty><FaceAmt>100</FaceAmt></Qty>"}, "DQUA"),
    "nothing": ({"quantity": "<Qty><Unit>0</Unit></Qty>"}, "DQUA"),
    "an event of another security": ({"event": "0" * 32}, "EVNM"),
    "an event that nobody knows": ({"event": "CA1"}, "EVNM"),
    "a choice between options": ({"option": "CASH"}, "OPTY"),
    "an option that is none": ({"number": "003"}, "OPNM"),
    "a put": ({"kind": "BPUT", "option": "MPUT"}, "OPTY"),
}


@pytest.mark.parametrize(("changed", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_exercised_is_rejected_with_its_reason(
    house: House, warrant: str, schema: Schema, changed: dict[str, str], reason: str
):
    assert send(house, ANNA, election(warrant, own(ANNA), **changed)).outcome is Outcome.REJECTED
    assert answer(house, ANNA, schema) == ("seev.034.001.15", ["Rjctd", reason])
    assert [e for e in house.events(warrant) if e["kind"] == "exercise"] == []


def test_what_comes_too_late_is_rejected_as_late(house: House, warrant: str, schema: Schema):
    house.at(f"{DAY}T17:00:01")
    assert send(house, ANNA, election(warrant, own(ANNA))).outcome is Outcome.REJECTED
    assert answer(house, ANNA, schema) == ("seev.034.001.15", ["Rjctd", "LATE"])


@pytest.mark.parametrize("account", [own(ANNA), "NOBODY"])
def test_nobody_exercises_what_another_holds(house: House, warrant: str, schema: Schema, account: str):
    assert send(house, BERT, election(warrant, account)).outcome is Outcome.REJECTED
    assert answer(house, BERT, schema)[1][:2] == ["Rjctd", "SAFE"]
    assert house.held(own(ANNA), warrant) == 1_000

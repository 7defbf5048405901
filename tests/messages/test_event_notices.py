"""What a notification says is what others that follow the standard say."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from lxml import etree

from counterfoil.messages import (
    AnnouncedCash,
    CorporateAction,
    EventNotification,
    EventProcessing,
    EventStatus,
    Header,
    NotificationKind,
    Option,
    OptionChosen,
    PartyId,
    Percentage,
    encode,
)
from counterfoil.settlement import CashDirection
from tests.messages.conftest import Schema
from tests.messages.samples import AT
from tests.messages.test_encoding import check

HEADER = Header(PartyId(bic="DAKVDEFFXXX"), PartyId(bic="BANKDEFFXXX"), "M1", AT)


def test_a_coupon_is_announced_as_in_the_sample(shared_samples: Path, schema: Schema):
    action = CorporateAction(
        "CA2026000001", "INTR", "DE000A0D6554", processing=EventProcessing.DISTRIBUTION,
        record_date=date(2026, 11, 19),
    )  # fmt: skip
    cash = AnnouncedCash(CashDirection.CREDIT, date(2026, 11, 20), Percentage(Decimal("3.5")))
    notice = EventNotification(
        "N1", NotificationKind.NEW, action, EventStatus(is_complete=True, is_confirmed=True),
        options=(Option(OptionChosen(1, "CASH"), is_default=True, cash=(cash,)),),
    )  # fmt: skip
    said = check(encode(notice, HEADER), schema)
    (name,) = said.iterfind(".//{*}NtfctnId")
    name.getparent().remove(name)
    sample = etree.parse(shared_samples / "iso20022-messages" / "seev.031.001.15-handmade.xml").getroot()
    assert etree.tostring(etree.fromstring(etree.tostring(said)), method="c14n") == etree.tostring(
        sample, method="c14n"
    )

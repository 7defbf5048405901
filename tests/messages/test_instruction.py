"""sese.023: what a participant writes is what the depository reads."""

from datetime import date
from decimal import Decimal

from counterfoil.messages import PartyId, QuantityForm, ReceivedInstruction, decode
from counterfoil.settlement import CashDirection, Movement, Payment
from tests.messages.samples import INSTRUCTION


def test_a_delivery_against_payment_is_read_in_full() -> None:
    received = decode(INSTRUCTION.encode())
    assert received.definition == "sese.023.001.12"
    assert received.header is None
    assert received.message == ReceivedInstruction(
        reference="SI1",
        movement=Movement.DELIVER,
        payment=Payment.AGAINST,
        isin="DE000A0D6554",
        quantity=Decimal(100000),
        quantity_form=QuantityForm.FACE_AMOUNT,
        account="SAC1",
        party=PartyId(bic="BANKDEFFXXX"),
        counterparty=PartyId(bic="BNKBDEFFXXX"),
        places=(PartyId(bic="DAKVDEFFXXX"),),
        trade_date=date(2026, 11, 18),
        intended_date=date(2026, 11, 20),
        currency="EUR",
        amount=Decimal("99500.25"),
        cash_direction=CashDirection.CREDIT,
        common_reference="TRADE1",
    )

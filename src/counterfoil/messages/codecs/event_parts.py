"""Complex types that several messages of corporate actions share."""

from collections.abc import Collection
from datetime import date

from counterfoil.messages.codecs.parts import isin, party_choice
from counterfoil.messages.codecs.writing import (
    code,
    coded,
    element,
    inexpressible,
    plain_day,
    quantity,
    text,
)
from counterfoil.messages.corporate_actions import CorporateAction, EligibleBalance, EventStatus, OptionChosen
from counterfoil.messages.model import Quantity

_LARGEST_OPTION = 999
_PROCESSING = frozenset({"GENL", "DISN", "REOR"})


def reference(name: str, value: str | None) -> str:
    """DocumentIdentification31 and 9."""
    return element(name, text("Id", value))


def identified(action: CorporateAction, kinds: Collection[str]) -> str:
    """Event and kind: how every general information begins."""
    return "".join(
        (
            text("CorpActnEvtId", action.id),
            text("OffclCorpActnEvtId", action.official_id),
            coded("EvtTp", action.kind, kinds),
        )
    )


def described(action: CorporateAction, kinds: Collection[str]) -> str:
    """CorporateActionGeneralInformation176 and 178: with how the event is processed and who decides."""
    how = element("EvtPrcgTp", code("Cd", action.processing, _PROCESSING))
    return element(
        "CorpActnGnlInf",
        text("CorpActnEvtId", action.id),
        text("OffclCorpActnEvtId", action.official_id),
        how,
        coded("EvtTp", action.kind, kinds),
        participation(action),
        element("UndrlygScty", isin(action.isin)),
    )


def participation(action: CorporateAction) -> str:
    """CorporateActionMandatoryVoluntary3Choice."""
    return f"<MndtryVlntryEvtTp><Cd>{action.participation.value}</Cd></MndtryVlntryEvtTp>"


def dates(action: CorporateAction) -> str:
    """Record and ex date (CorporateActionDate85 and 86), in the details of an event."""
    return element(
        "CorpActnDtls", element("DtDtls", known_day("RcrdDt", action.record_date), ex_date(action))
    )


def known_day(name: str, value: date | None) -> str:
    """DateFormat30Choice of a date that may be left out."""
    return element(name, plain_day("Dt", value))


def ex_date(action: CorporateAction) -> str:
    """From when on the security trades without the right."""
    return known_day("ExDvddDt", action.ex_date)


def due_day(name: str, value: date | None) -> str:
    """DateFormat30Choice of a date that has to be there: unknown where there is none."""
    return known_day(name, value) or f"<{name}><DtCd><Cd>UKWN</Cd></DtCd></{name}>"


def status(found: EventStatus) -> str:
    """CorporateActionEventStatus1."""
    complete = "COMP" if found.is_complete else "INCO"
    confirmed = "CONF" if found.is_confirmed else "UCON"
    return f"<EvtCmpltnsSts>{complete}</EvtCmpltnsSts><EvtConfSts>{confirmed}</EvtConfSts>"


def accounts(name: str, found: Collection[EligibleBalance], listed: str, *, balances: bool) -> str:
    """AccountIdentification70, 71 and 73Choice: each account in an element `listed`, or all of the receiver's."""
    if not found:
        return f"<{name}><ForAllAccts><IdCd>GENR</IdCd></ForAllAccts></{name}>"
    several = (
        element(listed, account_of(balance), _eligible(balance) if balances else "") for balance in found
    )
    return element(name, *several)


def account_of(balance: EligibleBalance) -> str:
    """Number and owner."""
    return text("SfkpgAcct", balance.account) + party_choice("AcctOwnr", balance.owner)


def _eligible(balance: EligibleBalance) -> str:
    """TotalEligibleBalanceFormat10."""
    if balance.quantity is None:
        return ""
    return element(
        "Bal",
        element(
            "TtlElgblBal", element("Bal", element("QtyChc", element("SgndQty", signed(balance.quantity))))
        ),
    )


def confirmed_balance(balance: EligibleBalance) -> str:
    """BalanceFormat11Choice of what counted for the event."""
    if balance.quantity is None:
        raise inexpressible("ConfdBal", None, "a confirmation says for which balance it is")
    return element("ConfdBal", element("ElgblBal", signed(balance.quantity)))


def signed(value: Quantity) -> str:
    """SignedQuantityFormat10."""
    if not value.value.is_finite():
        raise inexpressible(value.form.value, value.value, "it is no number")
    side = "SHOR" if value.value < 0 else "LONG"
    return f"<ShrtLngPos>{side}</ShrtLngPos>" + element(
        "Qty", quantity(Quantity(value.value.copy_abs(), value.form))
    )


def option_number(option: OptionChosen) -> str:
    """Exact3NumericText."""
    if not 1 <= option.number <= _LARGEST_OPTION:
        raise inexpressible("OptnNb", option.number, "options have three digits")
    return f"{option.number:03}"


def option_booked(option: OptionChosen, kinds: Collection[str]) -> str:
    """OptionNumber1Choice and the option's kind."""
    return f"<OptnNb><Nb>{option_number(option)}</Nb></OptnNb>" + coded("OptnTp", option.kind, kinds)


def option_announced(option: OptionChosen, kinds: Collection[str]) -> str:
    """The same where the number stands alone."""
    return f"<OptnNb>{option_number(option)}</OptnNb>" + coded("OptnTp", option.kind, kinds)

"""seev.031.001.15 and seev.039.001.13: an event is announced, replaced, reminded of, cancelled."""

from datetime import date

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.event_parts import (
    accounts,
    dates,
    described,
    due_day,
    ex_date,
    identified,
    known_day,
    option_announced,
    participation,
    reference,
    status,
)
from counterfoil.messages.codecs.parts import isin
from counterfoil.messages.codecs.writing import (
    code,
    day,
    element,
    moment_of,
    money,
    narrative,
    number,
    quantity,
    text,
    yes_no,
)
from counterfoil.messages.corporate_actions import (
    AnnouncedCash,
    AnnouncedSecurities,
    EventCancellation,
    EventNotification,
    Option,
    Percentage,
    PerUnit,
    Price,
)

_RATE_DIGITS, _RATE_DECIMALS = 14, 13
_RATIO_DIGITS, _RATIO_DECIMALS = 18, 17
_LONGEST_TEXT = 8000


def write_notification(notice: EventNotification) -> str:
    """CorporateActionNotificationV15."""
    general = element(
        "NtfctnGnlInf",
        text("NtfctnId", notice.reference),
        f"<NtfctnTp>{notice.kind.value}</NtfctnTp>",
        element("PrcgSts", element("Cd", status(notice.status))),
    )
    return "".join(
        (
            general,
            reference("PrvsNtfctnId", notice.previous),
            described(notice.action, codes.ANNOUNCED_EVENTS),
            accounts("AcctDtls", notice.accounts, "AcctsListAndBalDtls", balances=True),
            _details(notice),
            *(_option(option) for option in notice.options),
            element("AddtlInf", _text(notice.text)),
        )
    )


def _details(notice: EventNotification) -> str:
    """CorporateAction84."""
    action = notice.action
    days = element(
        "DtDtls",
        element("AnncmntDt", moment_of("Dt", notice.announced_at)),
        known_day("FctvDt", notice.effective_date),
        element("FxgDt", day("Dt", notice.fixing_date)),
        known_day("RcrdDt", action.record_date),
        ex_date(action),
        known_day("PmtDt", notice.payment_date),
    )
    interest = notice.interest_period
    period = "" if interest is None else element("PrdDtls", element("IntrstPrd", _period(*interest)))
    change = element("ChngTp", code("Cd", notice.change, codes.CHANGES))
    return element("CorpActnDtls", days, period, change)


def _period(first: date, last: date) -> str:
    """Period11."""
    return element("Prd", element("StartDt", day("Dt", first)), element("EndDt", day("Dt", last)))


def _option(option: Option) -> str:
    """CorporateActionOption236."""
    acting = ""
    if option.first_day is not None and option.last_day is not None:
        acting = element("PrdDtls", element("ActnPrd", _period(option.first_day, option.last_day)))
    return element(
        "CorpActnOptnDtls",
        option_announced(option.chosen, codes.ANNOUNCED_OPTIONS),
        element("DfltPrcgOrStgInstr", yes_no("DfltOptnInd", option.is_default)),
        element("DtDtls", element("RspnDdln", moment_of("Dt", option.deadline))),
        acting,
        *(_securities(found) for found in option.securities),
        *(_cash(found) for found in option.cash),
    )


def _securities(found: AnnouncedSecurities) -> str:
    """SecuritiesOption113."""
    rate = ""
    if found.new is not None and found.old is not None:
        new = number("Qty1", found.new, _RATIO_DIGITS, _RATIO_DECIMALS)
        old = number("Qty2", found.old, _RATIO_DIGITS, _RATIO_DECIMALS)
        rate = f"<RateDtls><NewToOd><QtyToQty><Qty1>{new}</Qty1><Qty2>{old}</Qty2></QtyToQty></NewToOd></RateDtls>"
    return element(
        "SctiesMvmntDtls",
        element("SctyDtls", isin(found.isin)),
        f"<CdtDbtInd>{found.direction.value}</CdtDbtInd>",
        element("DtDtls", due_day("PmtDt", found.payment_date)),
        rate,
    )


def _cash(found: AnnouncedCash) -> str:
    """CashOption107."""
    return element(
        "CshMvmntDtls",
        f"<CdtDbtInd>{found.direction.value}</CdtDbtInd>",
        element("DtDtls", due_day("PmtDt", found.payment_date)),
        element("RateAndAmtDtls", element("GrssIntrstRateUsdForPmt", _rate(found.interest))),
        element("PricDtls", element("GncCshPricRcvdPerPdct", _price(found.redemption))),
    )


def _rate(rate: Percentage | PerUnit | None) -> str:
    match rate:
        case None:
            return ""
        case Percentage(value):
            return f"<Rate>{number('Rate', value, _RATE_DIGITS, _RATE_DECIMALS)}</Rate>"
        case PerUnit(value, currency):
            return money("Amt", value, currency, _RATE_DECIMALS)


def _price(price: Price | None) -> str:
    """AmountPricePerFinancialInstrumentQuantity10."""
    if price is None:
        return ""
    return element(
        "AmtPricPerFinInstrmQty",
        "<AmtPricTp>ACTU</AmtPricTp>",
        money("PricVal", price.value, price.currency, _RATE_DECIMALS),
        element("FinInstrmQty", quantity(price.quantity)),
    )


def _text(said: str | None) -> str:
    if not said:
        return ""
    return element("AddtlTxt", "<Lang>en</Lang>", narrative("AddtlInf", said, _LONGEST_TEXT))


def write_event_cancellation(cancelled: EventCancellation) -> str:
    """CorporateActionCancellationAdviceV13."""
    action = cancelled.action
    return "".join(
        (
            element(
                "CxlAdvcGnlInf",
                f"<CxlRsnCd>{cancelled.cause.value}</CxlRsnCd>",
                element("PrcgSts", status(cancelled.status)),
            ),
            element(
                "CorpActnGnlInf",
                identified(action, codes.ANNOUNCED_EVENTS),
                participation(action),
                isin(action.isin),
            ),
            accounts("AcctsDtls", cancelled.accounts, "AcctsList", balances=False),
            dates(action),
            narrative("AddtlTxt", cancelled.text, _LONGEST_TEXT),
        )
    )

"""Complex types that several messages share: codes, dates, quantities, accounts, parties."""

from counterfoil.messages.codecs import values as forms
from counterfoil.messages.codecs.leaves import HARMLESS, codes, leaf, money_amount, not_served
from counterfoil.messages.codecs.reading import (
    Block,
    Content,
    Field,
    Group,
    Take,
    Values,
    choice,
    maybe,
    one,
    sequence,
)
from counterfoil.messages.model import PartyId, QuantityForm
from counterfoil.parties import is_lei
from counterfoil.settlement import CashDirection, Partial

PARTIAL = leaf("partial", forms.CodeOf(Partial), "OTHR")
_ELSEWHERE = "holding securities outside the depository's accounts"


def coded(code: Content, other: Content) -> Block:
    """A code of ISO 20022, or one of somebody's own."""
    return choice(one("Cd", code), one("Prtry", other))


def date_or_time(key: str, iso: str) -> Block:
    """DateAndDateTime2Choice: the date; a time is left."""
    return choice(one("Dt", leaf(key, forms.iso_date, iso)), one("DtTm", leaf(key, forms.date_of_time, iso)))


def quantity(iso: str) -> Block:
    """FinancialInstrumentQuantity33Choice: the value under the form that it is counted in."""
    return choice(
        one("Unit", leaf(QuantityForm.UNITS, forms.units, iso)),
        one("FaceAmt", leaf(QuantityForm.FACE_AMOUNT, forms.face_amount, iso)),
        one("AmtsdVal", not_served(iso, "amortised values")),
        one("DgtlTknUnit", leaf(QuantityForm.TOKENS, forms.tokens, iso)),
    )


PROPRIETARY_ID = sequence(
    one("Id", leaf("id", forms.text35, "OTHR")), one("Issr", HARMLESS), maybe("SchmeNm", HARMLESS)
)
"""GenericIdentification36: an identifier of the issuer's own."""


def _wallet(iso: str) -> Take:
    return not_served(iso, "settlement on a distributed ledger by message")


def account(key: str, iso: str) -> Block:
    """SecuritiesAccount19."""
    return sequence(one("Id", leaf(key, forms.text35, iso)), maybe("Tp", HARMLESS), maybe("Nm", HARMLESS))


def cash_account(key: str) -> Block:
    """CashAccountIdentification9Choice."""
    return choice(
        one("IBAN", leaf(key, forms.iban, "CASH")),
        one("BlckChainCshWllt", _wallet("CASH")),
        one("Prtry", leaf(key, forms.text34, "CASH")),
    )


def wallet(iso: str = "SAFE") -> Field:
    """A wallet in the place of an account."""
    return maybe("BlckChainAdrOrWllt", _wallet(iso))


def _id(iso: str, *others: Field) -> Field:
    return one(
        "Id",
        choice(
            one("AnyBIC", leaf("bic", forms.bic, iso)), one("PrtryId", Group("own", PROPRIETARY_ID)), *others
        ),
    )


def owner(iso: str) -> Block:
    """PartyIdentification144."""
    return sequence(_id(iso), maybe("LEI", leaf("lei", forms.lei, iso)))


def reference_owner(iso: str) -> Block:
    """PartyIdentification127Choice."""
    return choice(one("AnyBIC", leaf("bic", forms.bic, iso)), one("PrtryId", Group("own", PROPRIETARY_ID)))


def _settlement_party(iso: str) -> Block:
    """PartyIdentificationAndAccount196."""
    return sequence(
        _id(iso, one("NmAndAdr", HARMLESS)),
        maybe("LEI", leaf("lei", forms.lei, iso)),
        maybe("AltrnId", HARMLESS),
        maybe("SfkpgAcct", account("account", "SAFE")),
        wallet(),
        maybe("PrcgDt", HARMLESS),
        maybe("PrcgId", HARMLESS),
        maybe("AddtlInf", HARMLESS),
    )


_DEPOSITORY = sequence(
    one(
        "Id",
        choice(
            one("AnyBIC", leaf("bic", forms.bic, "DEPT")),
            one("NmAndAdr", HARMLESS),
            one("Ctry", HARMLESS),
            one("DgtlLdgrId", not_served("DEPT", _ELSEWHERE)),
        ),
    ),
    maybe("LEI", leaf("lei", forms.lei, "DEPT")),
    maybe("AltrnId", HARMLESS),
    maybe("PrcgDt", HARMLESS),
    maybe("PrcgId", HARMLESS),
    maybe("AddtlInf", HARMLESS),
)

SETTLEMENT_PARTIES = sequence(
    maybe("Dpstry", Group("depository", _DEPOSITORY)),
    maybe("Pty1", Group("party", _settlement_party("ICAG"))),
    maybe("Pty2", Group("client", _settlement_party("ICUS"))),
    maybe("Pty3", HARMLESS),
    maybe("Pty4", HARMLESS),
    maybe("Pty5", HARMLESS),
)
"""SettlementParties126: the depository, its participant, the participant's client; those behind them are left."""

SAFEKEEPING_FORM = choice(
    one("Id", not_served("INPS", _ELSEWHERE)),
    one("Ctry", HARMLESS),
    one("DgtlLdgrId", not_served("INPS", _ELSEWHERE)),
    one(
        "TpAndId",
        sequence(
            one(
                "SfkpgPlcTp",
                codes("type", "INPS", left=("CUST", "ICSD", "NCSD"), refused={"SHHE": _ELSEWHERE}),
            ),
            one("Id", leaf("bic", forms.bic, "INPS")),
        ),
    ),
    one("Prtry", not_served("INPS", _ELSEWHERE)),
)
"""SafekeepingPlaceFormat41Choice and 42Choice."""

SAFEKEEPING_PLACE = sequence(
    maybe("SfkpgPlcFrmt", SAFEKEEPING_FORM),
    maybe("LEI", leaf("lei", forms.lei, "INPS")),
)
"""SafeKeepingPlace5."""

SECURITY = sequence(
    maybe("ISIN", leaf("isin", forms.isin, "DSEC")),
    Field("OthrId", HARMLESS, 0, many=True),
    maybe("Desc", HARMLESS),
)
"""SecurityIdentification19."""

SETTLEMENT_AMOUNT = sequence(
    maybe("AcrdIntrstInd", HARMLESS),
    maybe("StmpDtyInd", HARMLESS),
    maybe("BrkrgAmtInd", HARMLESS),
    maybe("RsrchFeeInd", HARMLESS),
    one("Amt", money_amount),
    one("CdtDbtInd", leaf("cash_direction", forms.CodeOf(CashDirection), "DMON")),
    maybe("OrgnlCcyAndOrdrdAmt", HARMLESS),
    maybe("FXDtls", not_served("NCRR", "foreign exchange")),
    maybe("ValDt", date_or_time("value_date", "DDAT")),
)
"""AmountAndDirection94."""


def party_id(found: Values | None) -> PartyId | None:
    """The party of a group of values, by LEI or BIC; None where it is named in other ways only."""
    if found is None:
        return None
    lei, bic = found.get("lei"), found.get("bic")
    if lei is None and "own" in found and is_lei(found["own"]["id"]):
        lei = found["own"]["id"]
    return PartyId(lei, bic) if lei or bic else None


def client_text(found: Values) -> str | None:
    """A client by BIC or else LEI or else an identifier of its bank's own; None where only its name is given."""
    named: str | None = found.get("bic") or found.get("lei") or found.get("own", {}).get("id")
    return named

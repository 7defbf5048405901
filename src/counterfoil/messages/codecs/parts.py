"""Complex types that several outgoing messages share: parties, accounts, securities, reasons, sides of a trade."""

import re
from collections.abc import Collection

from counterfoil.messages.codecs.writing import code, day, element, matching, narrative, quantity, text
from counterfoil.messages.model import PartyId, Reason, Transaction
from counterfoil.parties import is_bic, is_lei
from counterfoil.settlement import Hold, Movement

_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_PRIORITY = re.compile(r"[0-9]{4}")
_EX_OR_CUM = frozenset({"CCPN", "XCPN"})
_LONGEST_REASON = 210
_LONGEST_NAME = 350
_HOLDS = {Hold.PARTY: "PTYH", Hold.CSD: "CSDH", Hold.VALIDATION: "CVAL", Hold.COSD: "CDEL"}


def bic(name: str, value: str | None) -> str:
    """AnyBICDec2014Identifier."""
    return matching(name, value, _BIC, "a BIC")


def lei(value: str | None) -> str:
    """LEIIdentifier."""
    return matching("LEI", value, _LEI, "a LEI")


def isin(value: str | None) -> str:
    """SecurityIdentification19 by its ISIN."""
    return element("FinInstrmId", matching("ISIN", value, _ISIN, "an ISIN"))


def owner(name: str, party: PartyId | None) -> str:
    """PartyIdentification144 and 136: by BIC or, where there is none, by its LEI as an identifier of GLEIF's own."""
    return "" if party is None else element(name, _identified(party))


def party_choice(name: str, party: PartyId | None) -> str:
    """PartyIdentification127Choice: the same without a LEI beside a BIC."""
    return "" if party is None else element(name, _known(party))


def _identified(party: PartyId) -> str:
    return element("Id", _known(party)) + lei(party.lei)


def _known(party: PartyId) -> str:
    return bic("AnyBIC", party.bic) if party.bic else _own_id(party.lei or "", "GLEIF", "LEI")


def _own_id(identifier: str, issuer: str, scheme: str | None = None) -> str:
    return element("PrtryId", text("Id", identifier), text("Issr", issuer), text("SchmeNm", scheme))


def organisation(party: PartyId) -> str:
    """PartyIdentification272 of an organisation."""
    return element("Id", element("OrgId", bic("AnyBIC", party.bic), lei(party.lei)))


def institution(party: PartyId) -> str:
    """BranchAndFinancialInstitutionIdentification8."""
    return element("FinInstnId", bic("BICFI", party.bic), lei(party.lei))


def account(number: str | None) -> str:
    """SecuritiesAccount19, 26 and 36."""
    return element("SfkpgAcct", text("Id", number))


def cash_account(number: str | None, name: str = "CshAcct") -> str:
    """CashAccountIdentification9Choice."""
    if number is None:
        return ""
    known = text("IBAN", number) if is_iban(number) else text("Prtry", number, 34)
    return element(name, known)


def is_iban(number: str) -> bool:
    """Whether it is an IBAN (ISO 13616) with its check digits."""
    if _IBAN.fullmatch(number) is None:
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def reasons(found: Collection[Reason], allowed: Collection[str], name: str = "Cd") -> str:
    """Why, by code in the element `name`; a code that the schema does not list here is told in the text of OTHR."""
    if not found:
        return "<NoSpcfdRsn>NORE</NoSpcfdRsn>"
    return "".join(_reason(reason, allowed, name) for reason in found)


def _reason(reason: Reason, allowed: Collection[str], name: str) -> str:
    listed = reason.code in allowed
    said = reason.text if listed else f"{reason.code}: {reason.text}" if reason.text else reason.code
    return element(
        "Rsn",
        f"<{name}><Cd>{reason.code if listed else 'OTHR'}</Cd></{name}>",
        narrative("AddtlRsnInf", said, _LONGEST_REASON),
    )


def explained(name: str, found: Collection[Reason]) -> str:
    """A status that has no list of codes: each code stands in the text."""
    said = "; ".join(f"{r.code}: {r.text}" if r.text else r.code for r in found)
    return f"<{name}>{narrative('AddtlRsnInf', said, _LONGEST_REASON)}</{name}>"


def movement(side: Transaction) -> str:
    """The direction of the securities, and whether they move against payment."""
    return f"<SctiesMvmntTp>{side.movement.value}</SctiesMvmntTp><Pmt>{side.payment.value}</Pmt>"


def conditions(side: Transaction) -> str:
    """SettlementTransactionCondition34Choice: opted out of market claims."""
    return "<SttlmTxCond><Cd>NOMC</Cd></SttlmTxCond>" if side.opt_out else ""


def partial(side: Transaction) -> str:
    """Whether it may settle in parts."""
    return "" if side.partial is None else f"<PrtlSttlmInd>{side.partial.value}</PrtlSttlmInd>"


def hold(holds: Hold) -> str:
    """HoldIndicator6: every hold by its code."""
    if not holds:
        return ""
    why = "".join(f"<Rsn><Cd><Cd>{name}</Cd></Cd></Rsn>" for flag, name in _HOLDS.items() if flag in holds)
    return f"<HldInd><Ind>true</Ind>{why}</HldInd>"


def priority(value: int | None) -> str:
    """PriorityNumeric4Choice."""
    return "" if value is None else f"<Prty>{matching('Nmrc', f'{value:04}', _PRIORITY, 'a priority')}</Prty>"


def ex_or_cum(side: Transaction) -> str:
    """TradeTransactionCondition5Choice: whether a coupon goes with the securities."""
    if side.ex_cum is None:
        return ""
    return element("TradTxCond", code("Cd", side.ex_cum, _EX_OR_CUM))


def sides(side: Transaction) -> tuple[str, str]:
    """The parties of the delivering and of the receiving side (SettlementParties125 and 126)."""
    own = _participant(side.party, side.account, side.client)
    other = _participant(side.counterparty, side.counterparty_account, side.counterparty_client)
    return _both(side.movement, place(side.depository), own, other)


def settlement_parties(
    movement: Movement, depository: PartyId | None, party: PartyId | None, counterparty: PartyId | None
) -> tuple[str, str]:
    """The same of a booking, as far as they are known."""
    where = place(depository) if depository else ""
    own = _participant(party) if party else ""
    other = _participant(counterparty) if counterparty else ""
    return _both(movement, where, own, other)


def _both(movement: Movement, where: str, own: str, other: str) -> tuple[str, str]:
    delivering, receiving = (own, other) if movement is Movement.DELIVER else (other, own)
    return element("DlvrgSttlmPties", where, delivering), element("RcvgSttlmPties", where, receiving)


def _participant(party: PartyId, number: str | None = None, client: str | None = None) -> str:
    """PartyIdentificationAndAccount195 and 196: the participant and, where it names one, its client."""
    behind = "" if client is None else element("Pty2", _client(client, party))
    return element("Pty1", _identified(party), account(number)) + behind


def place(depository: PartyId) -> str:
    """The depository: it has no identifier of its own but a BIC; a LEI stands as its name, too."""
    known = bic("AnyBIC", depository.bic)
    if not known:
        known = element("NmAndAdr", text("Nm", depository.lei, _LONGEST_NAME))
    return element("Dpstry", element("Id", known), lei(depository.lei))


def _client(client: str, bank: PartyId) -> str:
    """A client by BIC, LEI, its bank's number or, where that is longer than numbers are, as a name."""
    if is_bic(client):
        return element("Id", bic("AnyBIC", client))
    if is_lei(client):
        return _identified(PartyId(lei=client))
    if len(client) <= 35:
        return element("Id", _own_id(client, bank.bic or bank.lei or ""))
    return element("Id", element("NmAndAdr", text("Nm", client, _LONGEST_NAME)))


def quantity_of(name: str, side: Transaction) -> str:
    """Quantity51Choice."""
    return element(name, element("Qty", quantity(side.quantity)))


def trade_date(side: Transaction) -> str:
    """TradeDate8Choice."""
    return element("TradDt", day("Dt", side.trade_date))


def intended_date(side: Transaction) -> str:
    """SettlementDate17Choice and 19Choice."""
    return element("SttlmDt", day("Dt", side.intended_date))

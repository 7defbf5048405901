"""sese.023: what stands in the elements becomes an instruction, where its parts agree with each other."""

from typing import Any

from counterfoil.core.errors import Rule
from counterfoil.messages import errors
from counterfoil.messages.codecs.blocks import client_text, party_id
from counterfoil.messages.codecs.reading import Fault, Values
from counterfoil.messages.model import PartyId, QuantityForm
from counterfoil.messages.received import ReceivedInstruction
from counterfoil.settlement import CashDirection, Hold, Link, LinkKind, Movement, Partial, Payment, Pool

_ROOT = "/SctiesSttlmTxInstr"
_BOTH = frozenset({"CCPN", "XCPN"})


def build(values: Values, faults: list[Fault]) -> ReceivedInstruction | None:
    """The instruction; None where `faults` have grown."""
    delivers = values["movement"] is Movement.DELIVER
    sides: tuple[Values, Values] = (values.get("delivering", {}), values.get("receiving", {}))
    own, other = sides if delivers else sides[::-1]
    fields = _security(values, faults) | _cash(values, faults) | _conditions(values, faults)
    fields |= _own_side(values, own, faults) | _other_side(other, delivers, faults)
    fields["links"], fields["pool"] = _links(values, fields["party"], faults)
    fields["places"] = _places(values, sides, faults)
    if faults:
        return None
    return ReceivedInstruction(
        reference=values["reference"],
        movement=values["movement"],
        payment=values["payment"],
        trade_date=values["trade_date"],
        intended_date=values["intended_date"],
        common_reference=values.get("common_reference"),
        transaction_type=values["transaction_type"],
        **fields,
    )


def _at_fault(
    faults: list[Fault], rule: Rule, iso: str, path: str, reason: str, element: str | None = None
) -> None:
    said = {"element": element} if element else {}
    faults.append(Fault(iso, rule(f"{_ROOT}/{path}", iso=iso, reason=reason, **said)))


def _needed(faults: list[Fault], iso: str, path: str, reason: str) -> None:
    _at_fault(faults, errors.NEEDED, iso, path, reason, path.rpartition("/")[2])


def _security(values: Values, faults: list[Fault]) -> dict[str, Any]:
    if "isin" not in values:
        _needed(faults, "DSEC", "FinInstrmId/ISIN", "securities are known by their ISIN")
    if "trade_date" not in values:
        _needed(faults, "DTRD", "TradDtls/TradDt", "it must match the counterparty's")
    form = next(form for form in QuantityForm if form in values)
    return {"isin": values.get("isin"), "quantity": values[form], "quantity_form": form}


def _cash(values: Values, faults: list[Fault]) -> dict[str, Any]:
    """The amount, and the cash account: under the quantity, or with the party that pays or is paid."""
    direction = values.get("cash_direction")
    account = values.get("cash_account")
    if direction is not None:
        named = values.get("creditor" if direction is CashDirection.CREDIT else "debtor", {}).get(
            "cash_account"
        )
        if account is not None and named is not None and account != named:
            reason = f"the cash account is {account} in one place and {named} in another"
            _at_fault(faults, errors.CONTRADICTION, "CASH", "CshPties", reason)
        account = account or named
        if values.get("value_date", values["intended_date"]) != values["intended_date"]:
            reason = "money and securities move on the same day: the value date is another"
            _at_fault(faults, errors.CONTRADICTION, "DDAT", "SttlmAmt/ValDt", reason)
    elif values["payment"] is Payment.AGAINST:
        _needed(faults, "DMON", "SttlmAmt", "the instruction is against payment")
    return {
        "cash_direction": direction,
        "cash_account": account,
        "amount": values.get("amount"),
        "currency": values.get("currency"),
    }


def _conditions(values: Values, faults: list[Fault]) -> dict[str, Any]:
    ex_cum = values.get("ex_cum")
    if ex_cum and _BOTH.issubset(ex_cum):
        _at_fault(faults, errors.CONTRADICTION, "OTHR", "TradDtls/TradTxCond", "both cum and ex coupon")
    return {
        "ex_cum": ex_cum[0] if ex_cum else None,
        "opt_out": "conditions" in values,
        "holds": Hold.PARTY if values.get("hold") else Hold.NONE,
        "priority": values.get("priority", 4),
        "partial": values.get("partial", Partial.ALLOWED),
    }


def _own_side(values: Values, own: Values, faults: list[Fault]) -> dict[str, Any]:
    party = own.get("party")
    account = values.get("account")
    if party is not None:
        named = party.get("account", account)
        if account is not None and named != account:
            reason = f"the securities account is {account} in one place and {named} in another"
            _at_fault(faults, errors.CONTRADICTION, "SAFE", "QtyAndAcctDtls/SfkpgAcct", reason)
        account = named
    if account is None:
        _needed(faults, "SAFE", "QtyAndAcctDtls/SfkpgAcct", "the instruction is for an account")
    return {
        "account": account,
        "party": _party(party, "ICAG", "Pty1", faults),
        "account_owner": _party(values.get("account_owner"), "SAFE", "QtyAndAcctDtls/AcctOwnr", faults),
        "client": _client(own, faults),
    }


def _other_side(other: Values, delivers: bool, faults: list[Fault]) -> dict[str, Any]:
    party = other.get("party")
    path = f"{'RcvgSttlmPties' if delivers else 'DlvrgSttlmPties'}/Pty1"
    if party is None:
        _needed(faults, "ICAG", path, "it is the counterparty")
    return {
        "counterparty": _party(party, "ICAG", path, faults),
        "counterparty_account": None if party is None else party.get("account"),
        "counterparty_client": _client(other, faults),
    }


def _party(found: Values | None, iso: str, path: str, faults: list[Fault]) -> PartyId | None:
    party = party_id(found)
    if found is not None and party is None:
        _at_fault(
            faults, errors.NEEDED, iso, path, "parties are known by BIC or LEI", f"BIC or LEI of {path}"
        )
    return party


def _client(side: Values, faults: list[Fault]) -> str | None:
    found = side.get("client")
    if found is None:
        return None
    client = client_text(found)
    if client is None:
        reason = "clients are compared by BIC, LEI or their bank's number"
        _at_fault(faults, errors.NEEDED, "ICUS", "Pty2", reason, "identification of Pty2")
    return client


def _links(values: Values, own: PartyId | None, faults: list[Fault]) -> tuple[tuple[Link, ...], Pool | None]:
    links: list[Link] = []
    pools: set[str] = set()
    for number, found in enumerate(values.get("links", ())):
        path = f"Lnkgs/{number}"
        kind = found.get("position")
        if "pool" in found and kind in (None, LinkKind.WITH, LinkKind.INFORMATION):
            pools.add(found["pool"])
        elif "reference" in found and kind is not None:
            links.append(Link(kind, found["reference"]))
        elif not ("foreign" in found and kind is LinkKind.INFORMATION):
            reason = "links name the party's own reference (SctiesSttlmTxId) and a position, or a pool"
            _at_fault(faults, errors.CONTRADICTION, "INVL", path, reason)
        if kind is not LinkKind.INFORMATION and _is_foreign(found, own):
            _at_fault(
                faults,
                errors.CONTRADICTION,
                "INVL",
                path,
                "links are between whole instructions of one party",
            )
    return tuple(links), _pool(values, pools, faults)


def _is_foreign(found: Values, own: PartyId | None) -> bool:
    """Whether the link is to a part of a quantity, or to another party's instruction."""
    owner = party_id(found.get("owner"))
    if "owner" in found and (owner is None or own is None):
        return True
    theirs = owner is not None and own is not None and not _may_be_same(owner, own)
    return "quantity" in found or theirs


def _may_be_same(one: PartyId, other: PartyId) -> bool:
    if one.bic and other.bic:
        return one.bic.removesuffix("XXX") == other.bic.removesuffix("XXX")
    return one.lei == other.lei


def _pool(values: Values, pools: set[str], faults: list[Fault]) -> Pool | None:
    size = values.get("size")
    if not pools and (size is None or size == 1):
        return None
    if len(pools) != 1 or size is None or size < 2:
        reason = "a pool has one PoolId among the links and, as NbCounts/TtlNb, a total of at least two"
        _at_fault(faults, errors.CONTRADICTION, "INVL", "NbCounts", reason)
        return None
    return Pool(pools.pop(), size)


def _places(values: Values, sides: tuple[Values, Values], faults: list[Fault]) -> tuple[PartyId, ...]:
    """Every depository or place of safekeeping that is named."""
    places: list[PartyId] = []
    for side in sides:
        place = _party(side.get("depository"), "DEPT", "Dpstry", faults)
        if place is not None and place not in places:
            places.append(place)
    place = party_id(values.get("safekeeping_place"))
    if place is not None and place not in places:
        places.append(place)
    return tuple(places)

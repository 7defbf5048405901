"""CFI codes (ISO 10962:2021) of groups D, E and R: which are valid, what they say, which one fits given terms."""

from counterfoil.instruments.eusipa import CLASSES
from counterfoil.instruments.terms import Bond, CommercialPaper, Envelope, Structured
from counterfoil.instruments.terms.fields import UnderlyingKind
from counterfoil.instruments.terms.structured import KnockOut, MiniFuture, Warrant

# fmt: off
_INTEREST = {"F": "fixed rate", "Z": "zero rate", "V": "variable", "K": "payment in kind"}
_GUARANTEE = {
    "T": "government guarantee", "G": "joint guarantee", "S": "secured", "U": "unsecured", "P": "negative pledge",
    "N": "senior", "O": "senior subordinated", "Q": "junior", "J": "junior subordinated", "C": "supranational",
}
_REDEMPTION = {
    "F": "fixed maturity", "G": "fixed maturity with call", "C": "fixed maturity with put",
    "D": "fixed maturity with put and call", "A": "amortisation plan", "B": "amortisation plan with call",
    "T": "amortisation plan with put", "L": "amortisation plan with put and call", "P": "perpetual",
    "Q": "perpetual with call", "R": "perpetual with put", "E": "extendible",
}
_FORM = {"B": "bearer", "R": "registered", "N": "bearer or registered", "M": "other form"}
_DEBT_DISTRIBUTION = {
    "F": "fixed interest", "D": "dividend", "V": "variable interest", "Y": "no payments", "M": "other payments",
}
_STRUCTURED_ASSET = {
    "B": "basket", "S": "equities", "D": "debt", "T": "commodities", "C": "currencies", "I": "indices",
    "N": "interest rates", "M": "other underlying",
}
_PARTICIPATION_ASSET = {
    "B": "basket", "S": "equities", "D": "debt", "G": "derivatives", "T": "commodities", "C": "currencies",
    "I": "indices", "N": "interest rates", "M": "other underlying",
}
_WARRANT_ASSET = {
    "B": "basket", "S": "equities", "D": "debt", "T": "commodities", "C": "currencies", "I": "indices",
    "M": "other underlying",
}
_STYLE = {"E": "european", "A": "american", "B": "bermudan", "M": "other style"}
GROUPS: dict[str, tuple[str, tuple[dict[str, str], ...]]] = {
    "DB": ("bond", (_INTEREST | {"C": "cash payment"}, _GUARANTEE, _REDEMPTION, _FORM)),
    "DT": ("medium-term note", (_INTEREST, _GUARANTEE, _REDEMPTION, _FORM)),
    "DY": ("money market instrument", (_INTEREST, _GUARANTEE, {}, _FORM)),
    "DS": ("structured, capital protected", (
        {"A": "participation", "B": "convertible", "C": "barrier", "D": "coupons", "M": "other type"},
        _DEBT_DISTRIBUTION,
        {"F": "fixed cash repayment", "V": "variable cash repayment", "M": "other repayment"},
        _STRUCTURED_ASSET,
    )),
    "DE": ("structured, without capital protection", (
        {"A": "discount", "B": "barrier discount", "C": "reverse convertible", "D": "barrier reverse convertible",
         "E": "express", "M": "other type"},
        _DEBT_DISTRIBUTION,
        {"R": "cash repayment", "S": "repayment in assets", "C": "in cash and assets", "T": "in cash or assets",
         "M": "other repayment"},
        _STRUCTURED_ASSET,
    )),
    "EY": ("structured, participation", (
        {"A": "tracker", "B": "outperformance", "C": "bonus", "D": "outperformance bonus", "E": "twin-win",
         "M": "other type"},
        {"D": "dividend payments", "Y": "no payments", "M": "other payments"},
        {"F": "cash repayment", "V": "physical repayment", "E": "elect at settlement", "M": "other repayment"},
        _PARTICIPATION_ASSET,
    )),
    "RW": ("warrant", (
        _WARRANT_ASSET, {"T": "traditional", "N": "naked", "C": "covered"},
        {"C": "call", "P": "put", "B": "call and put"}, _STYLE,
    )),
    "RF": ("mini-future, knock-out or constant leverage", (
        _WARRANT_ASSET, {"T": "barrier on the underlying", "N": "barrier on the instrument", "M": "other barrier"},
        {"C": "long", "P": "short", "M": "other direction"}, _STYLE,
    )),
}
_LETTER = {
    UnderlyingKind.EQUITY: "S", UnderlyingKind.INDEX: "I", UnderlyingKind.FUND: "M", UnderlyingKind.COMMODITY: "T",
    UnderlyingKind.CURRENCY: "C", UnderlyingKind.RATE: "N", UnderlyingKind.DEBT: "D",
}
# fmt: on


def is_valid(cfi: str) -> bool:
    """Whether every letter has a meaning in its group; `X` (unknown) may stand in the last four places."""
    return describe(cfi) is not None


def describe(cfi: str) -> tuple[str, ...] | None:
    """The meaning of group and attributes, or None for a code of another category or with an unknown letter.

    >>> describe("RFSTCB")[1:]
    ('equities', 'barrier on the underlying', 'long', 'bermudan')
    """
    group = GROUPS.get(cfi[:2])
    if group is None or len(cfi) != 6:
        return None
    meanings = [group[0]]
    for letter, attribute in zip(cfi[2:], group[1], strict=True):
        if letter == "X":
            meanings.append("not applicable" if not attribute else "unknown")
        elif letter in attribute:
            meanings.append(attribute[letter])
        else:
            return None
    return tuple(meanings)


def fits(cfi: str, class_: str) -> bool:
    """Whether a CFI belongs to the class: the letters that the class fixes are the same."""
    return cfi.startswith(required_letters(class_))


def propose(terms: Envelope) -> str:
    """The CFI that these terms imply."""
    if isinstance(terms, Bond | CommercialPaper):
        return _propose_debt(terms)
    if not isinstance(terms, Structured):
        raise TypeError(f"no CFI rule for {type(terms).__name__}")
    prefix = required_letters(terms.class_)
    asset = _asset(terms)
    if prefix == "RW":
        right = "C" if getattr(terms, "option_type", "call") == "call" else "P"
        style = _letter_of_style(terms.style) if isinstance(terms, Warrant) else "E"
        return f"RW{asset if asset != 'N' else 'M'}N{right}{style}"
    if prefix == "RF":
        side = (
            "P"
            if getattr(terms, "direction", getattr(terms, "option_type", "long")) in ("short", "put")
            else "C"
        )
        barrier = "T" if isinstance(terms, KnockOut | MiniFuture) or terms.class_ == "2230" else "M"
        style = "E" if terms.final_valuation_date else "A"
        return f"RF{asset if asset != 'N' else 'M'}{barrier}{side}{style}"
    pays = _pays(terms)
    if prefix.startswith("DS"):
        return f"{prefix}{pays}{'F' if terms.class_ == '1140' else 'V'}{asset}"
    settlement = {"cash": "RF", "physical": "SV", "issuer_choice": "TE"}[terms.settlement]
    if prefix.startswith("DE"):
        return f"{prefix}{pays}{settlement[0]}{asset}"
    return f"{prefix}{'Y' if pays == 'Y' else 'M'}{settlement[1]}{asset}"


def required_letters(class_: str) -> str:
    """The two or three letters that every CFI of the class starts with."""
    return {"bond": "DB", "note": "DT", "commercial_paper": "DY"}.get(class_) or CLASSES[class_].cfi


def _asset(terms: Structured) -> str:
    if not terms.underlyings:
        return "M"
    return "B" if len(terms.underlyings) > 1 else _LETTER[terms.underlyings[0].kind]


def _pays(terms: Structured) -> str:
    if getattr(terms, "coupons", None) is not None:
        return "F"
    return "V" if terms.class_ in ("1140", "1260") else "Y"


def _letter_of_style(style: str) -> str:
    return {"european": "E", "american": "A", "bermudan": "B"}[style]


def _propose_debt(terms: Bond | CommercialPaper) -> str:
    guarantee = "G" if terms.guaranteed else "N"
    if isinstance(terms, CommercialPaper):
        return f"DY{'F' if terms.pricing == 'interest' else 'Z'}{guarantee}XB"
    interest = {"fixed": "F", "step": "F", "floating": "V", "zero": "Z"}[terms.interest.kind]
    rank = {"senior_secured": "S", "subordinated": "J"}.get(terms.rank, guarantee)
    holders = {call.by for call in terms.calls}
    redemption = {frozenset(): "F", frozenset({"issuer"}): "G", frozenset({"holder"}): "C"}.get(
        frozenset(holders), "D"
    )
    return f"{required_letters(terms.class_)}{interest}{rank}{redemption}B"

"""CFI codes (ISO 10962:2021) of groups D, E and R: which are valid, what they say, which one fits given terms."""

from counterfoil.instruments.cfi_tables import GROUPS
from counterfoil.instruments.eusipa import CLASSES
from counterfoil.instruments.terms import Bond, CommercialPaper, Envelope, Structured
from counterfoil.instruments.terms.fields import UnderlyingKind
from counterfoil.instruments.terms.structured import KnockOut, MiniFuture, Warrant

# fmt: off
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

"""Makes valid items invalid, in many ways: what issuers get wrong, and what attackers try.

A defect changes an item in place and says whether it could: a barrier cannot be on the wrong side where there is
none. Every defect makes the item one that must be rejected, whatever its class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random  # noqa: TID251  # the one place with randomness, always seeded
from typing import Any

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """An item to spoil, the source of chance, the business date, and the LEIs of those who may issue."""

    item: Item
    chance: Random
    today: date
    issuers: frozenset[str]

    @property
    def terms(self) -> dict[str, Any]:
        """The terms inside the item."""
        terms: dict[str, Any] = self.item["instrument"]
        return terms


Defect = Callable[[Case], bool]

_STRANGERS = ("HWUPKR0MPOU8FGXBT394", "INR2EJN1ERAN0W5ZP974", "7H6GLXDRUGQFU57RNE97", "5493001KJTIIGC8Y1R12")
"""Right LEIs of companies that issue nothing here."""
_HOSTILE = (
    "'; DROP TABLE instruments.instrument; --", '<script>alert("x")</script>', "{{7*7}}", "${jndi:ldap://x/a}",
    "../../../../etc/passwd", "a\u0000b", "\u001b[2J\u001b[1;1H", "user\u202egnp.exe", "👩\u200d👩\u200d👧",
    "\ufeffSAP", "=HYPERLINK(0)", "ＤＥ０００７１６４６００", "x" * 10_000, " ", "",
)  # fmt: skip
_CODE_FIELDS = ("issuer", "isin", "cfi", "currency", "calendar", "governing_law", "quotation")
_NAMES = tuple(
    text
    for text in _HOSTILE
    if not text.isprintable() or text != text.strip() or len(text) not in range(1, 141)
)
_WRONG_TYPES: tuple[tuple[str, object], ...] = (
    ("name", 4711), ("name", None), ("volume", ["100000"]), ("volume", "100000"), ("volume", True),
    ("denomination", True), ("denomination", {"amount": "1"}), ("issue_price", [98]), ("issue_price", "ninety"),
    ("issue_date", 20261201), ("issue_date", True), ("agents", {"role": "dealer"}), ("documents", "terms.pdf"),
    ("issuer", {"lei": "x"}), ("class", 2200), ("class", ["1200"]), ("currency", 978),
)  # fmt: skip
_ABSURD: tuple[tuple[str, object], ...] = (
    ("issue_price", "1" + "0" * 30), ("issue_price", "-5"), ("issue_price", "0"), ("issue_price", 10**25),
    ("denomination", "0.0000000000000000001"), ("denomination", "1e5"), ("denomination", "9" * 5000),
    ("issue_price", "NaN"), ("issue_price", "-Infinity"), ("denomination", "0x10"),
)  # fmt: skip
_BAD_DATES = (
    "2027-02-30",
    "01.12.2026",
    "2026-12-01T00:00:00Z",
    "20261201",
    "0000-00-00",
    "99999-01-01",
    "tomorrow",
    "",
)


def isin_check_digit(case: Case) -> bool:
    case.terms["isin"] = f"DE000A0D655{case.chance.choice('012356789')}"
    return True


def issuer_check_digits(case: Case) -> bool:
    lei = case.terms["issuer"]
    case.terms["issuer"] = f"{lei[:18]}{(int(lei[18:]) + case.chance.randint(1, 96)) % 100:02d}"
    return True


def unknown_issuer(case: Case) -> bool:
    strangers = [lei for lei in _STRANGERS if lei not in case.issuers]
    if not strangers:
        return False
    case.terms["issuer"] = case.chance.choice(strangers)
    return True


def underlying_check_digit(case: Case) -> bool:
    members = case.terms.get("underlyings")
    if not members or "isin" not in members[0]:
        return False
    isin = members[0]["isin"]
    members[0]["isin"] = f"{isin[:11]}{(int(isin[11]) + case.chance.randint(1, 9)) % 10}"
    return True


def barrier_side(case: Case) -> bool:
    """Far beyond the strike and the price, to the side where it would have been hit already."""
    terms = case.terms
    up = terms["class"] == "1130" or (
        terms["class"] in ("2200", "2205", "2210") and terms["direction"] == "short"
    )
    level = "0.01" if up else "90000000"
    if "stop_loss" in terms:
        terms["stop_loss"] = level
    elif "barrier" in terms:
        terms["barrier"]["level"] = level
    elif "upper_barrier" in terms:
        terms["upper_barrier"]["level"] = "0.01"
    else:
        return False
    return True


def levels_out_of_order(case: Case) -> bool:
    """A cap below the strike, the upper strike of a spread below the lower one."""
    terms = case.terms
    if "lower_strike" in terms:
        terms["lower_strike"], terms["upper_strike"] = terms["upper_strike"], terms["lower_strike"]
    elif "cap" in terms and ("strike" in terms or "bonus_level" in terms):
        terms["cap"] = "0.01"
    else:
        return False
    return True


def past(case: Case) -> bool:
    case.terms["issue_date"] = (case.today - timedelta(days=case.chance.randint(1, 4000))).isoformat()
    return True


def end_before_issue(case: Case) -> bool:
    terms = case.terms
    if "maturity_date" not in terms:
        return False
    terms["maturity_date"] = (case.today - timedelta(days=case.chance.randint(1, 30))).isoformat()
    return True


def closed_day(case: Case) -> bool:
    """Christmas, or the Sunday that comes next."""
    sunday = case.today + timedelta(days=7 - case.today.isoweekday() or 7)
    christmas = date(case.today.year + (case.today >= date(case.today.year, 12, 25)), 12, 25)
    case.terms["issue_date"] = case.chance.choice((sunday, christmas)).isoformat()
    return True


def bad_date(case: Case) -> bool:
    case.terms["issue_date"] = case.chance.choice(_BAD_DATES)
    return True


def missing_field(case: Case) -> bool:
    del case.terms[
        case.chance.choice(("name", "issuer", "currency", "volume", "issue_price", "issue_date", "class"))
    ]
    return True


def empty(case: Case) -> bool:
    case.item["instrument"] = {}
    return True


def unknown_field(case: Case) -> bool:
    name = case.chance.choice(
        ("isuer", "Name", "strike_price", "ISIN", "__proto__", "a\u0000b", "name ", "💥", "x" * 3000)
    )
    case.terms[name] = "x"
    return True


def wrong_type(case: Case) -> bool:
    name, value = case.chance.choice(_WRONG_TYPES)
    case.terms[name] = value
    return True


def absurd_size(case: Case) -> bool:
    if case.chance.random() < 0.5:
        case.terms["volume"]["authorised"] = case.chance.choice(
            ("0", "-1", "1" + "0" * 16, "9" * 40, "1e400")
        )
    else:
        name, value = case.chance.choice(_ABSURD)
        case.terms[name] = value
    return True


def hostile_text(case: Case) -> bool:
    """In a code nothing hostile is allowed; in a name only what can be printed is."""
    if case.chance.random() < 0.5:
        case.terms[case.chance.choice(_CODE_FIELDS)] = case.chance.choice(_HOSTILE)
    else:
        case.terms["name"] = case.chance.choice(_NAMES)
    return True


def unknown_class(case: Case) -> bool:
    case.terms["class"] = case.chance.choice(("9999", "1201", "share", "", "12000", "２２００"))
    return True


def unknown_currency(case: Case) -> bool:
    case.terms["currency"] = case.chance.choice(("DEM", "XXX", "EU", "eur", "€"))
    return True


def odd_volume(case: Case) -> bool:
    volume = case.terms["volume"]
    volume["authorised"] = str(Decimal(volume["authorised"]) + Decimal("0.5"))
    return True


def wrong_cfi(case: Case) -> bool:
    case.terms["cfi"] = case.chance.choice(("ESVUFR", "QQQQQQ", "CIOGEU", "ABCDEF"))
    return True


def wrong_wkn(case: Case) -> bool:
    case.terms.update({"isin": "DE000A0D6554", "wkn": case.chance.choice(("A0D656", "XY1234", "716460"))})
    return True


def basket_weights(case: Case) -> bool:
    terms = case.terms
    if not terms.get("underlyings"):
        return False
    (first, *_) = terms["underlyings"]
    other = {"kind": "index", "name": "Other", "symbol": "OTHER", "weight": "0.3"}
    terms["underlyings"] = [first | {"weight": "0.3"}, other]
    return True


def quoted_otherwise(case: Case) -> bool:
    terms = case.terms
    terms["quotation"] = "unit" if terms.get("quotation") == "percent" else "percent"
    return True


def deep(case: Case) -> bool:
    """Nested as deep as the reader of JSON still takes."""
    value: Any = "1"
    for _ in range(case.chance.randint(5, 25)):
        value = {"volume": value} if case.chance.random() < 0.5 else [value]
    case.terms["volume"] = value
    return True


def crowd(case: Case) -> bool:
    """Lists far longer than any term sheet's."""
    case.terms["agents"] = [{"role": "dealer", "bic": "DAKVDEFFXXX"}] * case.chance.randint(21, 1000)
    return True


DEFECTS: tuple[Defect, ...] = (
    isin_check_digit, issuer_check_digits, unknown_issuer, underlying_check_digit, barrier_side,
    levels_out_of_order, past, end_before_issue, closed_day, bad_date, missing_field, empty, unknown_field,
    wrong_type, absurd_size, hostile_text, unknown_class, unknown_currency, odd_volume, wrong_cfi, wrong_wkn,
    basket_weights, quoted_otherwise, deep, crowd,
)  # fmt: skip

BROKEN_LINES: tuple[bytes, ...] = (
    b'{"reference": "broken-1", "instrument": {"class": "1200"',
    b'{"reference": "broken-2", "instrument": {"issue_price": NaN}}',
    b'{"reference": "broken-3", "instrument": {"issue_price": -Infinity}}',
    b'{"reference": "broken-4", "reference": "broken-4b", "instrument": {}}',
    b'{"reference": "broken-5", "instrument": {"name": "\xff\xfe"}}',
    b'{"reference": "broken-6", "instrument": {"name": "\\ud800"}}',
    b'{"reference": "broken-7", "instrument": {"denomination": ' + b"9" * 5000 + b"}}",
    b'{"reference": "broken-8", "instrument": {"denomination": 1e999999999}}',
    b'{"reference": "broken-9", "instrument": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"not JSON at all",
    b"42",
    b"null",
    b"\x00\x01\x02",
)
"""Lines that are no items: cut off, not a number, twice the same name, wrong bytes, too deep, too long."""

"""What a corporate action on an underlying does to terms: its R-factor moves every level and the ratio.

R is the price after the action over the price before it (a split of one into two has R = 0.5). Levels in the currency
of the underlying are multiplied by R and rounded half up to four decimals; the ratio is divided by it and rounded
half up to eight, so that what the product is worth stays the same. A basket is measured in percent of its start: of
it, only the member's initial fixing moves.
"""

from decimal import Decimal, localcontext
from typing import Any

from counterfoil.core.money import ARITHMETIC, Rounding, round_to
from counterfoil.instruments.terms import MODELS, Structured, Terms

_LEVEL_SCALE, _RATIO_SCALE = 4, 8
_LEVELS = (
    "strike", "cap", "bonus_level", "conversion_price", "lower_strike", "upper_strike", "financing_level",
    "stop_loss",
)  # fmt: skip
_BARRIERS = ("barrier", "lower_barrier", "upper_barrier")
_OF_OBSERVATIONS = ("call_level", "coupon_barrier")
_WITHOUT_RATIO = "2300"
"""Its value follows the moves of the price, whatever the price is."""


def adjusted_terms(terms: Terms, underlying: str, factor: Decimal) -> Terms:
    """The terms after an action on the underlying (ISIN or symbol); the same where nothing depends on its level.

    >>> from tests.instruments.paying import terms_of
    >>> after = adjusted_terms(terms_of("1250", cap=190), "DE0007164600", Decimal("0.5"))
    >>> f"{after.cap:f} {after.barrier.level:f}"
    '95 60'
    """
    if not isinstance(terms, Structured):
        return terms
    raw: dict[str, Any] = terms.model_dump(by_alias=True, exclude_none=True)
    with localcontext(ARITHMETIC):
        for member in raw["underlyings"]:
            if underlying in (member.get("isin"), member.get("symbol")):
                _move(member, ("initial_fixing",), factor)
        if len(raw["underlyings"]) == 1:
            _move_single(raw, factor)
    return MODELS[terms.class_].model_validate(raw)


def _move_single(raw: dict[str, Any], factor: Decimal) -> None:
    _move(raw, _LEVELS, factor)
    for name in _BARRIERS:
        _move(raw.get(name, {}), ("level",), factor)
    for observation in raw.get("observations", ()):
        _move(observation, _OF_OBSERVATIONS, factor)
    if raw["class"] != _WITHOUT_RATIO:
        raw["ratio"] = round_to(raw["ratio"] / factor, _RATIO_SCALE, Rounding.HALF_UP)


def _move(part: dict[str, Any], names: tuple[str, ...], factor: Decimal) -> None:
    for name in names:
        if name in part:
            part[name] = round_to(part[name] * factor, _LEVEL_SCALE, Rounding.HALF_UP)

"""A day of issue requests, drawn from a seed; a share of them invalid."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random  # noqa: TID251  # the one place with randomness, always seeded
from typing import Any, BinaryIO

from counterfoil.core.errors import ensure
from counterfoil.instruments import isin_from_wkn
from counterfoil.sample.defects import BROKEN_LINES, DEFECTS, Case, Item
from counterfoil.sample.distributions import Distributions
from counterfoil.sample.products import Market

_WKN_SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_OWN_ISIN_SHARE = 0.01
_DUPLICATE_SHARE = 0.05  # of the invalid items
_BROKEN_LINE_SHARE = 0.03  # of the invalid items


def sample_items(
    count: int,
    seed: int,
    invalid_share: float,
    business_date: date,
    issuers: Sequence[tuple[str, str]],
    placed_share: float = 0.0,
) -> Iterator[dict[str, Any]]:
    """`count` requests as parsed JSON: `{"reference", "kind": "NEW", "instrument": {…terms}}`.

    About `placed_share` (0 to 1) of the valid items also have a `distribution` to one to three of the fictional
    buyers, who must be known and have their own accounts; the instruments are the same with any share.

    `issuers` are (LEI, name) of those who may issue. About `invalid_share` (0 to 1) of the items must be rejected:
    nearly all by validation alone; some because their issuer is not among `issuers`, some because an item before
    them has the same ISIN. Only with `invalid_share` above 0 do items bring ISINs of their own. The same arguments
    give the same items.
    """
    for _, item in drawn(count, seed, invalid_share, business_date, issuers, placed_share):
        yield item


def write_sample(
    stream: BinaryIO,
    count: int,
    seed: int,
    invalid_share: float,
    business_date: date,
    issuers: Sequence[tuple[str, str]],
    placed_share: float = 0.0,
) -> int:
    """Write `count` lines of NDJSON in UTF-8. A few of the invalid ones are no JSON at all. Returns the bytes."""
    chance = Random(seed)  # noqa: S311  # reproducible, not secret
    written = 0
    for defect, item in drawn(count, seed, invalid_share, business_date, issuers, placed_share):
        if defect and chance.random() < _BROKEN_LINE_SHARE:
            line = chance.choice(BROKEN_LINES)
        else:
            line = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
        written += stream.write(line + b"\n")
    return written


def drawn(
    count: int,
    seed: int,
    invalid_share: float,
    business_date: date,
    issuers: Sequence[tuple[str, str]],
    placed_share: float = 0.0,
) -> Iterator[tuple[str, Item]]:
    """The items, each with the name of its defect ("" where it has none)."""
    shares_fit = 0 <= invalid_share <= 1 and 0 <= placed_share <= 1
    ensure(count >= 0 and shares_fit, "a count and shares are expected")
    ensure(bool(issuers), "a day needs issuers")
    chance = Random(seed)  # noqa: S311  # reproducible, not secret
    market = Market(chance, business_date, issuers)
    distributions = Distributions(seed, placed_share, business_date)
    known = frozenset(lei for lei, _ in issuers)
    isins: list[str] = []
    for i in range(count):
        item: Item = {"reference": f"S{seed}-{i + 1:07d}", "kind": "NEW", "instrument": market.product()}
        if chance.random() < invalid_share:
            yield _spoilt(Case(item, chance, business_date, known), isins), item
        else:
            if invalid_share and chance.random() < _OWN_ISIN_SHARE:
                isins.append(_own_isin(chance))
                item["instrument"]["isin"] = isins[-1]
            if sold := distributions.draw(item["instrument"]):
                item["distribution"] = sold
            yield "", item


def _spoilt(case: Case, isins: Sequence[str]) -> str:
    """Give the item a defect that it can have; its name."""
    if isins and case.chance.random() < _DUPLICATE_SHARE:
        case.terms["isin"] = case.chance.choice(isins)
        return "duplicate_isin"
    while True:
        defect = case.chance.choice(DEFECTS)
        if defect(case):
            return defect.__name__


def _own_isin(chance: Random) -> str:
    """An ISIN that the issuer brings: its WKN starts with letters that the depository's own blocks do not use."""
    return isin_from_wkn("ZY" + "".join(chance.choices(_WKN_SIGNS, k=4)))

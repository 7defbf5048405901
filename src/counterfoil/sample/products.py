"""Makes valid terms of each class around the spot of an underlying. All arithmetic is in whole cents."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate
from random import Random  # noqa: TID251  # the one place with randomness, always seeded
from typing import Any

from counterfoil.core.calendar import Convention, add_business_days, add_months, adjust
from counterfoil.sample.market import CLASS_WEIGHTS, HOME, INDICES, SHARES, WORLD, Asset

_CALENDAR = "TARGET"
_MONTHS = (1, 2, 3, 4, 6, 7, 9, 12, 13, 16, 18, 19, 24, 25, 30, 36)
_DENOMINATION = 1000
Terms = dict[str, Any]


class Market:
    """One business day's market: draws products from a seeded source of chance."""

    def __init__(self, chance: Random, business_date: date, issuers: Sequence[tuple[str, str]]) -> None:
        self.chance = chance
        self.issuers = issuers
        self.issue_days = [add_business_days(business_date, n, _CALENDAR) for n in (1, 2, 3)]
        self.first_fixing = self.issue_days[0]
        self.expiries = [_third_friday(business_date, months) for months in _MONTHS]
        self.payments = {day: add_business_days(day, 5, _CALENDAR) for day in self.expiries}
        self._classes = list(CLASS_WEIGHTS)
        self._class_steps = list(accumulate(CLASS_WEIGHTS.values()))
        self._assets = {
            id(pool): list(accumulate(a.weight for a in pool)) for pool in (HOME, WORLD, SHARES, INDICES)
        }

    def product(self) -> Terms:
        """Valid terms of a class drawn by its weight."""
        (class_,) = self.chance.choices(self._classes, cum_weights=self._class_steps)
        return _BUILDERS[class_](self, class_)

    def asset(self, pool: Sequence[Asset]) -> Asset:
        """An underlying drawn by its weight."""
        return self.chance.choices(pool, cum_weights=self._assets[id(pool)])[0]

    def near(self, asset: Asset, low: int, high: int) -> int:
        """A level between `low` and `high` percent of the spot, in cents."""
        return max(1, asset.spot_cents * self.chance.randint(low * 10, high * 10) // 1000)

    def expiry(self, at_least: int = 0) -> date:
        """An expiry day, not one of the nearest `at_least`."""
        return self.expiries[self.chance.randint(at_least, len(self.expiries) - 1)]


def cents(amount: int) -> str:
    """12345 is 123.45.

    >>> cents(12345), cents(7)
    ('123.45', '0.07')
    """
    return f"{amount // 100}.{amount % 100:02d}"


def _third_friday(day: date, months: int) -> date:
    first = add_months(day.replace(day=1), months)
    friday = first.replace(day=15 + (4 - first.weekday()) % 7)
    return adjust(friday, Convention.PRECEDING, _CALENDAR)


def _envelope(market: Market, class_: str, name: str) -> Terms:
    chance = market.chance
    terms: Terms = {
        "class": class_,
        "name": name,
        "issuer": chance.choice(market.issuers)[0],
        "currency": "EUR",
        "issue_date": chance.choice(market.issue_days).isoformat(),
    }
    if chance.random() < 0.5:
        sha256 = chance.randbytes(32).hex()
        terms["documents"] = [{"kind": "final_terms", "name": f"Final Terms {sha256[:8]}", "sha256": sha256}]
    return terms


def _structured(market: Market, class_: str, asset: Asset, name: str, expiry: date | None) -> Terms:
    terms = _envelope(market, class_, name)
    underlying: Terms = {"kind": asset.kind, "name": asset.name, "currency": asset.currency}
    underlying["isin" if asset.isin else "symbol"] = asset.isin or asset.symbol
    underlying["initial_fixing"] = cents(asset.spot_cents)
    terms["underlyings"] = [underlying]
    if asset.currency != "EUR":
        terms["fx"] = "quanto" if market.chance.random() < 0.1 else "compo"
    if asset.isin and asset.isin[:2] == "DE":
        terms["fixing"] = {"mic": "XETR", "price_type": "auction" if asset.kind == "index" else "close"}
    if expiry:
        terms["initial_valuation_date"] = market.first_fixing.isoformat()
        terms["final_valuation_date"] = expiry.isoformat()
        terms["maturity_date"] = market.payments[expiry].isoformat()
    return terms


def _units(market: Market, terms: Terms, price_cents: int) -> Terms:
    """Counted in units; leverage products mostly as an up-to issue."""
    chance = market.chance
    up_to = chance.random() < (0.4 if terms["class"][0] == "2" else 0.15)
    terms["denomination"] = "1"
    terms["volume"] = {
        "unit": "units",
        "mode": "up_to" if up_to else "fixed",
        "authorised": str(chance.choice((100_000, 250_000, 500_000, 1_000_000, 5_000_000, 10_000_000))),
    }
    terms["issue_price"] = cents(max(1, price_cents))
    return terms


def _nominal(market: Market, terms: Terms, price: str = "100") -> Terms:
    """Counted in currency of nominal, quoted in percent."""
    terms["denomination"] = str(_DENOMINATION)
    volume = _DENOMINATION * market.chance.choice((1_000, 5_000, 10_000, 25_000, 50_000))
    terms["volume"] = {"unit": "nominal", "mode": "fixed", "authorised": str(volume)}
    terms["quotation"] = "percent"
    terms["issue_price"] = price
    return terms


def _ratio(asset: Asset) -> tuple[str, int]:
    """The usual ratio of the underlying, and its denominator."""
    denominator = 100 if asset.spot_cents >= 200_000 else 10 if asset.spot_cents >= 2_000 else 1
    return {100: "0.01", 10: "0.1", 1: "1"}[denominator], denominator


def _knock_out(market: Market, class_: str) -> Terms:
    asset = market.asset(WORLD)
    long = market.chance.random() < 0.55
    strike = market.near(asset, 60, 97) if long else market.near(asset, 104, 140)
    gap = max(1, asset.spot_cents // 200)  # a stop-loss stands half a percent before the financing level
    stop = strike + gap if long else strike - gap
    end = market.expiry() if class_ == "2200" else None
    word = "Long" if long else "Short"
    kind = {"2200": "Turbo", "2205": "Turbo open end", "2210": "Mini-Future"}[class_]
    terms = _structured(market, class_, asset, f"{kind} {word} {asset.name} {cents(strike)}", end)
    terms["direction"] = word.lower()
    terms["ratio"], denominator = _ratio(asset)
    if class_ == "2210":
        terms["financing_level"], terms["stop_loss"] = cents(strike), cents(stop)
    else:
        terms["strike"], terms["barrier"] = cents(strike), {"level": cents(strike)}
    if end is None:
        terms["financing_percent"] = cents(market.chance.randint(150, 600))
    return _units(market, terms, abs(asset.spot_cents - strike) // denominator)


def _warrant(market: Market, class_: str) -> Terms:
    asset, expiry = market.asset(WORLD), market.expiry()
    right = market.chance.choice(("call", "call", "put"))
    strike = market.near(asset, 75, 130)
    name = f"{right.capitalize()} {asset.name} {cents(strike)} {expiry:%m/%Y}"
    terms = _structured(market, class_, asset, name, expiry)
    terms["option_type"] = right
    terms["ratio"], denominator = _ratio(asset)
    if class_ == "2110":
        terms["lower_strike"], terms["upper_strike"] = cents(strike), cents(strike * 11 // 10 + 1)
    else:
        terms["strike"] = cents(strike)
        terms["style"] = market.chance.choice(("american", "american", "european"))
    return _units(market, terms, asset.spot_cents * market.chance.randint(1, 15) // 100 // denominator)


def _double_knock_out(market: Market, class_: str) -> Terms:
    asset, expiry = market.asset(INDICES), market.expiry()
    lower, upper = market.near(asset, 70, 90), market.near(asset, 110, 130)
    terms = _structured(market, class_, asset, f"Inline {asset.name} {cents(lower)}-{cents(upper)}", expiry)
    terms |= {
        "strike": cents(lower), "option_type": "call", "lower_barrier": {"level": cents(lower)},
        "upper_barrier": {"level": cents(upper)}, "ratio": _ratio(asset)[0],
    }  # fmt: skip
    return _units(market, terms, market.chance.randint(100, 900))


def _factor(market: Market, class_: str) -> Terms:
    asset, leverage = market.asset(WORLD), market.chance.choice((2, 3, 4, 5, 6, 8, 10, 15))
    direction = market.chance.choice(("long", "short"))
    terms = _structured(market, class_, asset, f"Factor {leverage}x {direction} {asset.name}", None)
    terms |= {
        "leverage": str(leverage), "direction": direction, "costs_percent": "1.2",
        "reset_threshold_percent": str(80 // leverage),
    }  # fmt: skip
    return _units(market, terms, 1000)


def _certificate(market: Market, class_: str) -> Terms:
    """Discount, bonus, outperformance and their kin: one unit follows a share or index."""
    asset, expiry, chance = market.asset(HOME), market.expiry(2), market.chance
    kind, fields = _CERTIFICATES[class_]
    barrier, strike = market.near(asset, 55, 80), market.near(asset, 82, 105)
    bonus = max(strike, asset.spot_cents) * chance.randint(105, 130) // 100 + 1
    cap = (
        bonus * chance.randint(100, 125) // 100 + 1
        if "bonus_level" in fields
        else market.near(asset, 106, 130)
    )
    level = cap if "cap" in fields else strike
    terms = _structured(market, class_, asset, f"{kind} {asset.name} {cents(level)} {expiry:%m/%Y}", expiry)
    ratio, denominator = ("0.01", 100) if asset.kind == "index" else ("1", 1)
    values: Terms = {
        "barrier": {"level": cents(barrier), "monitoring": chance.choice(("continuous", "continuous", "close"))},
        "strike": cents(strike), "bonus_level": cents(bonus), "cap": cents(cap),
        "participation_percent": str(chance.randint(11, 20) * 10),
    }  # fmt: skip
    terms |= {name: values[name] for name in fields}
    terms["ratio"] = ratio
    if asset.kind == "equity" and chance.random() < 0.3:
        terms["settlement"] = "physical"
    return _units(market, terms, asset.spot_cents * chance.randint(80, 99) // 100 // denominator)


_CERTIFICATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "1200": ("Discount", ("cap",)),
    "1210": ("Barrier Discount", ("cap", "barrier")),
    "1240": ("Sprint", ("strike", "cap", "participation_percent")),
    "1250": ("Capped Bonus", ("bonus_level", "barrier", "cap")),
    "1310": ("Outperformance", ("strike", "participation_percent")),
    "1320": ("Bonus", ("bonus_level", "barrier")),
    "1330": ("Outperformance Bonus", ("strike", "participation_percent", "bonus_level", "barrier")),
    "1340": ("Twin-Win", ("strike", "barrier")),
}


def _reverse_convertible(market: Market, class_: str) -> Terms:
    asset, expiry, chance = market.asset(SHARES), market.expiry(2), market.chance
    strike, rate = market.near(asset, 85, 102), chance.randint(300, 1500)
    name = f"Aktienanleihe {cents(rate)} % {asset.name} {expiry:%m/%Y}"
    terms = _structured(market, class_, asset, name, expiry)
    terms["strike"] = cents(strike)
    terms["coupons"] = {
        "rate_percent": cents(rate),
        "frequency": chance.choice((0, 1)),
        "day_count": "30E/360",
    }
    terms["settlement"] = "physical"
    if class_ == "1230":
        terms["barrier"] = {"level": cents(market.near(asset, 55, 80)), "monitoring": "continuous"}
    return _nominal(market, terms)


def _observation_days(market: Market, expiry: date, step_months: int) -> list[date]:
    """Days before the expiry in equal steps, and the expiry itself."""
    days, n = [expiry], 1
    while (day := adjust(add_months(expiry, -n * step_months), Convention.PRECEDING, _CALENDAR)) > max(
        market.issue_days
    ):
        days.insert(0, day)
        n += 1
    return days


def _express(market: Market, class_: str) -> Terms:
    asset, expiry, chance = market.asset(HOME), market.expiry(8), market.chance
    barrier, coupon = market.near(asset, 50, 70), str(chance.randint(4, 10))
    terms = _structured(market, class_, asset, f"Express {asset.name} {expiry:%m/%Y}", expiry)
    terms["observations"] = [
        {"date": day.isoformat(), "call_level": cents(asset.spot_cents), "coupon_percent": coupon,
         "coupon_barrier": cents(barrier)}
        for day in _observation_days(market, expiry, chance.choice((3, 6, 12)))
    ]  # fmt: skip
    terms |= {
        "strike": cents(asset.spot_cents), "memory": chance.random() < 0.5,
        "barrier": {"level": cents(barrier), "monitoring": "final"},
    }  # fmt: skip
    return _nominal(market, terms)


def _protected(market: Market, class_: str) -> Terms:
    asset, expiry, chance = market.asset(INDICES), market.expiry(9), market.chance
    terms = _structured(market, class_, asset, f"Capital Protection {asset.name} {expiry:%m/%Y}", expiry)
    spot = cents(asset.spot_cents)
    terms["floor_percent"] = str(chance.choice((90, 95, 100)))
    if class_ == "1110":
        terms["conversion_price"] = cents(market.near(asset, 105, 120))
    elif class_ == "1140":
        terms["observations"] = [
            {
                "date": day.isoformat(),
                "coupon_percent": cents(chance.randint(150, 450)),
                "coupon_barrier": spot,
            }
            for day in _observation_days(market, expiry, 12)
        ]
    else:
        terms["participation_percent"], terms["strike"] = str(chance.randint(5, 12) * 10), spot
    if class_ == "1120":
        terms["cap"] = cents(market.near(asset, 120, 150))
    elif class_ == "1130":
        terms["barrier"] = {"level": cents(market.near(asset, 130, 160))}
    return _nominal(market, terms)


def _tracker(market: Market, class_: str) -> Terms:
    asset = market.asset(INDICES)
    terms = _structured(market, class_, asset, f"Index certificate {asset.name} open end", None)
    terms |= {"ratio": "0.01", "management_fee_percent": "0.5", "issuer_call_notice": 90}
    return _units(market, terms, asset.spot_cents // 100)


def _credit_linked(market: Market, class_: str) -> Terms:
    name = market.asset(SHARES).name
    terms = _envelope(market, class_, f"Credit-linked note {name}")
    expiry = market.expiry(9)
    terms |= {
        "reference_entities": [{"name": name}], "recovery_percent": "40",
        "coupons": {"rate_percent": cents(market.chance.randint(250, 600)), "day_count": "30E/360"},
        "final_valuation_date": expiry.isoformat(), "maturity_date": market.payments[expiry].isoformat(),
    }  # fmt: skip
    return _nominal(market, terms)


def _free(market: Market, class_: str) -> Terms:
    asset = market.asset(HOME)
    terms = _structured(
        market, class_, asset, f"Certificate on {asset.name}, special terms", market.expiry(5)
    )
    terms["free_terms"] = {"payoff": "see final terms, annex 2", "lookback_days": 20, "capped": True}
    return _units(market, terms, asset.spot_cents)


def _bond(market: Market, class_: str) -> Terms:
    chance = market.chance
    years, rate = chance.randint(2, 15), cents(chance.randint(175, 525))
    terms = _envelope(market, class_, f"{'Bond' if class_ == 'bond' else 'Note'} {rate} % {years} years")
    issue = date.fromisoformat(terms["issue_date"])
    end = adjust(add_months(issue, 12 * years), Convention.FOLLOWING, _CALENDAR)
    middle = adjust(add_months(issue, 6 * years), Convention.FOLLOWING, _CALENDAR)
    steps = [(issue, "2"), (middle, rate)]
    interest: dict[str, Terms] = {
        "fixed": {"rate_percent": rate, "frequency": 1, "day_count": "ACT/ACT ICMA"},
        "step": {"steps": [{"from_date": day.isoformat(), "rate_percent": r} for day, r in steps]},
        "floating": {"index": "EURIBOR 3M", "margin_percent": "0.85", "floor_percent": "0"},
        "zero": {},
    }
    kind = chance.choice(("fixed", "fixed", "step", "floating", "zero"))
    terms["maturity_date"] = end.isoformat()
    terms["interest"] = {"kind": kind, **interest[kind]}
    return _nominal(market, terms, cents(10_000 - years * 250) if kind == "zero" else "100")


def _paper(market: Market, class_: str) -> Terms:
    chance = market.chance
    terms = _envelope(market, class_, f"Commercial paper {chance.randint(100, 999)}")
    issue = date.fromisoformat(terms["issue_date"])
    end = add_business_days(issue, chance.randint(5, 240), _CALENDAR)
    basis_points, units = chance.randint(150, 350), chance.choice((50, 100, 250, 500, 1000))
    growth = 3_600_000 + basis_points * (end - issue).days
    millionths = (2 * 100 * 10**6 * 3_600_000 + growth) // (2 * growth)  # price in percent, rounded half up
    terms |= {
        "maturity_date": end.isoformat(), "pricing": "yield", "rate_percent": cents(basis_points),
        "denomination": "100000", "quotation": "percent", "programme": "ECP-1",
        "volume": {"unit": "nominal", "mode": "fixed", "authorised": str(units * 100_000)},
        "issue_price": f"{millionths // 10**6}.{millionths % 10**6:06d}",
    }  # fmt: skip
    return terms


_BUILDERS: dict[str, Callable[[Market, str], Terms]] = {
    **dict.fromkeys(("2200", "2205", "2210"), _knock_out),
    **dict.fromkeys(("2100", "2110"), _warrant),
    "2230": _double_knock_out,
    "2300": _factor,
    **dict.fromkeys(_CERTIFICATES, _certificate),
    **dict.fromkeys(("1220", "1230"), _reverse_convertible),
    "1260": _express,
    **dict.fromkeys(("1100", "1110", "1120", "1130", "1140"), _protected),
    "1300": _tracker,
    "1400": _credit_linked,
    "1299": _free,
    **dict.fromkeys(("bond", "note"), _bond),
    "commercial_paper": _paper,
}

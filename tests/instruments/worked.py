"""Worked examples of every class: terms, what is observed, and what is paid, by arithmetic that anyone can follow.

The arithmetic is written out from the formulas of the classes and knows nothing of the code that is tested. Payoffs are
tested against it in this directory, whole lives in `tests/processes`; `docs/worked-examples.md` shows it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from counterfoil.core.calendar import is_business_day
from counterfoil.instruments import isin_from_wkn
from tests.instruments.examples import DAX, SAP, example

MARCH, JUNE, FINAL = "2027-03-01", "2027-06-17", "2027-12-17"
"""A day within the life, the first day of observation, the final valuation; each is paid as follows."""
PAID_MARCH, PAID_JUNE, PAID_FINAL = "2027-03-03", "2027-06-21", "2027-12-23"
HELD: Mapping[str, str | None] = {"barrier": None}
HIT: Mapping[str, str | None] = {"barrier": MARCH}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Due:
    """Money and shares for one basis on a day: the arithmetic, and the digits that come of it."""

    day: str
    arithmetic: str
    digits: str
    shares: int = 0

    def by_hand(self) -> Decimal:
        """The arithmetic in exact fractions, rounded half up to as many decimals as the digits have."""
        exact = eval(
            NUMBER.sub(lambda m: f"F('{m[0]}')", self.arithmetic),
            {"F": Fraction, "max": max, "min": min, "abs": abs},
        )
        scale = len(self.digits.partition(".")[2])
        return Decimal(int(Fraction(exact) * 10**scale + Fraction(1, 2))).scaleb(-scale)


@dataclass(frozen=True)
class Worked:
    """One example. `prices` of the underlying by day: a price, (price, low, high), or a list of a basket's prices."""

    class_: str
    title: str
    dues: tuple[Due, ...]
    terms: Mapping[str, Any] = field(default_factory=dict)
    section: str = "1.2"
    prices: Mapping[str, Any] = field(default_factory=dict)
    hits: Mapping[str, str | None] = field(default_factory=dict)
    unwound: str | None = None
    strike: str | None = None
    failed: str | None = None
    rates: Mapping[str, str] = field(default_factory=dict)
    fx: str | None = None
    called: str | None = None
    """Day for which the issuer ends it."""
    declared: str | None = None
    """What the paying agent says of free terms."""

    @property
    def name(self) -> str:
        """How the example is called."""
        return f"{self.class_}: {self.title}"

    @property
    def ends(self) -> str | None:
        """The day of a knock-out."""
        hit = next((day for day in self.hits.values() if day), None)
        return hit if self.class_ in ("2200", "2205", "2210", "2230") else None


def raw_terms(worked: Worked, number: int) -> dict[str, Any]:
    """The terms of an example, on underlyings and debtors of its own, so that many can live side by side."""
    raw = example(worked.class_) | dict(worked.terms)
    for n, underlying in enumerate(raw.get("underlyings", ())):
        raw["underlyings"] = list(raw["underlyings"])
        raw["underlyings"][n] = {**underlying, "isin": isin_from_wkn(f"U{n}{number:04d}")}
    if "reference_entities" in raw:
        raw["reference_entities"] = [{"name": f"Debtor {number}"}]
    return {name: value for name, value in raw.items() if value is not None} | {"name": worked.title}


def short(**changes: Any) -> dict[str, Any]:
    """A bond of two years with other interest."""
    bond = example("bond")
    given = {name: changes.pop(name) for name in list(changes) if name in bond}
    return {"maturity_date": "2028-12-01", "calls": [], **given, "interest": {**bond["interest"], **changes}}


def every_day(usual: Any) -> dict[str, Any]:
    """A price for each day on which the exchange is open, from the issue to the final valuation."""
    days = (date(2026, 12, 1) + timedelta(days=n) for n in range(382))
    return {day.isoformat(): usual for day in days if is_business_day(day, "XETR")}


STARTS_AT_100 = {"underlyings": [{**SAP, "initial_fixing": "100"}]}
FACTOR = {**STARTS_AT_100, "issue_price": "10", "costs_percent": "0", "issuer_call_notice": 0}
INTEREST = (
    Due("2026-12-23", "1000 * 7.25 / 100 * 22 / 360", "4.43"),
    Due(PAID_FINAL, "1000 * 7.25 / 100", "72.50"),
)
FREE = {
    "initial_valuation_date": "2026-11-24", "final_valuation_date": FINAL, "maturity_date": PAID_FINAL,
}  # fmt: skip


def at_end(arithmetic: str, digits: str, shares: int = 0) -> tuple[Due, ...]:
    return (Due(PAID_FINAL, arithmetic, digits, shares),)


WORKED: tuple[Worked, ...] = (
    # Capital protection: N·(p + a·max(0, (S_T-K)/S_0))
    Worked("1100", "gain above the strike", at_end("1000 * (0.95 + 0.8 * (180 - 150) / 150)", "1110.00"), prices={FINAL: "180"}),
    Worked("1100", "floor", at_end("1000 * 0.95", "950.00"), prices={FINAL: "75"}),
    Worked("1110", "converted", at_end("1000 * 198 / 165", "1200.00"), prices={FINAL: "198"}),
    Worked("1110", "floor", at_end("1000 * 1", "1000.00"), prices={FINAL: "120"}),
    Worked("1110", "shares and a fraction", at_end("(1000 / 165 - 6) * 198", "12.00", 6), {"settlement": "physical"}, prices={FINAL: "198"}),
    Worked("1120", "gain up to the cap", at_end("1000 * (1 + 1 * (190 - 150) / 150)", "1266.67"), prices={FINAL: "250"}),
    Worked("1130", "barrier held", at_end("1000 * (1 + 1 * (180 - 150) / 150)", "1200.00"), prices={FINAL: "180"}, hits=HELD),
    Worked("1130", "barrier hit: floor and rebate", at_end("1000 * (1 + 0.03)", "1030.00"), prices={FINAL: "180"}, hits=HIT),
    Worked("1140", "one coupon of two", (Due(PAID_JUNE, "1000 * 0.02", "20.00"), *at_end("1000 * 1", "1000.00")),
           prices={JUNE: "150", FINAL: "149"}, section="2.3"),
    Worked("1199", "as the agent declares", at_end("987.65", "987.65"), FREE, declared="987.65"),
    # Yield enhancement
    Worked("1200", "below the cap", at_end("1 * min(152.36, 160)", "152.36"), prices={FINAL: "152.36"}, section="2.3"),
    Worked("1200", "capped", at_end("1 * min(171, 160)", "160.00"), prices={FINAL: "171"}),
    Worked("1200", "shares and a fraction", at_end("0.5 * 120", "60.00", 2), {"ratio": "2.5", "settlement": "physical"}, prices={FINAL: "120"}, section="2.3"),
    Worked("1200", "worthless", at_end("0", "0.00"), prices={FINAL: "0"}),
    Worked("1210", "barrier never hit", at_end("1 * 160", "160.00"), prices={FINAL: "120"}, hits=HELD),
    Worked("1210", "barrier hit", at_end("1 * min(120, 160)", "120.00"), prices={FINAL: "120"}, hits=HIT),
    Worked("1220", "stub coupon, loss in cash", (*INTEREST, *at_end("1000 * 120 / 150", "800.00")), {"settlement": "cash"}, prices={FINAL: "120"}, section="2.3"),
    Worked("1220", "stub coupon, shares and a fraction", (*INTEREST, *at_end("(1000 / 150 - 6) * 120", "80.00", 6)), prices={FINAL: "120"}, section="2.3"),
    Worked("1220", "at the strike", (*INTEREST, *at_end("1000", "1000.00")), prices={FINAL: "150"}),
    Worked("1230", "below the strike, barrier held", (*INTEREST, *at_end("1000", "1000.00")), prices={FINAL: "120"}, hits=HELD),
    Worked("1230", "below the strike, barrier hit", (*INTEREST, *at_end("1000 * 120 / 150", "800.00")), prices={FINAL: "120"}, hits=HIT),
    Worked("1240", "outperforming", at_end("1 * min(200, 170 + (2 - 1) * (170 - 150))", "190.00"), prices={FINAL: "170"}),
    Worked("1240", "capped", at_end("1 * min(200, 180 + (2 - 1) * (180 - 150))", "200.00"), prices={FINAL: "180"}),
    Worked("1250", "bonus", at_end("1 * min(180, max(170, 130))", "170.00"), prices={FINAL: "130"}, hits=HELD, section="2.3"),
    Worked("1250", "barrier hit", at_end("1 * min(180, 130)", "130.00"), prices={FINAL: "130"}, hits=HIT, section="2.3"),
    Worked("1260", "memory coupons", at_end("1000 * (0.04 + 0.04) + 1000", "1080.00"), prices={JUNE: "95", FINAL: "120"}, section="2.3"),
    Worked("1260", "called on the first date", (Due(PAID_JUNE, "1000 + 1000 * 0.04", "1040.00"),), prices={JUNE: "150"}, section="2.3"),
    Worked("1260", "below the barrier", at_end("1000 * 84 / 150", "560.00"), prices={JUNE: "99", FINAL: "84"}, section="2.3"),
    Worked("1260", "no memory", at_end("1000 * 0.04 + 1000", "1040.00"), {"memory": False}, prices={JUNE: "95", FINAL: "120"}, section="2.3"),
    Worked("1299", "as the agent declares", at_end("101.01", "101.01"), FREE, declared="101.01"),
    # Participation
    Worked("1300", "ended after notice, fee of a year", (Due("2027-12-03", "0.01 * 25000 * (1 - 0.005 * 365 / 365)", "248.75"),),
           prices={"2027-12-01": "25000"}, called="2027-12-01", section="2.3"),
    Worked("1310", "outperforming", at_end("1 * (170 + (1.5 - 1) * (170 - 150))", "180.00"), prices={FINAL: "170"}),
    Worked("1320", "bonus", at_end("1 * max(170, 130)", "170.00"), prices={FINAL: "130"}, hits=HELD),
    Worked("1320", "barrier hit", at_end("1 * 130", "130.00"), prices={FINAL: "130"}, hits=HIT),
    Worked("1320", "only closes count: a low below the barrier is no hit", at_end("1 * max(170, 141)", "170.00"), {"barrier": {"level": "105", "monitoring": "close"}},
           prices=every_day(("140", "100", "141")) | {FINAL: "141"}),
    Worked("1320", "only closes count: a close at the barrier is a hit", at_end("1 * 141", "141.00"), {"barrier": {"level": "105", "monitoring": "close"}},
           prices=every_day(("140", "100", "141")) | {"2027-05-05": "105", FINAL: "141"}),
    Worked("1320", "continuous: a low at the barrier is a hit", at_end("1 * 141", "141.00"),
           prices=every_day(("140", "139", "142")) | {"2027-05-05": ("140", "105", "142"), FINAL: ("141", "139", "142")}),
    Worked("1320", "basket", at_end("max(120, 100 * (0.6 * 225 / 150 + 0.4 * 21600 / 24000))", "126.00"),
           {"underlyings": [{**SAP, "weight": "0.6"}, {**DAX, "weight": "0.4"}], "bonus_level": "120", "barrier": {"level": "70", "monitoring": "close"}},
           prices={FINAL: ["225", "21600"]}, hits=HELD),
    Worked("1330", "bonus", at_end("1 * max(165, 160 + (1.3 - 1) * (160 - 150))", "165.00"), prices={FINAL: "160"}, hits=HELD),
    Worked("1330", "barrier hit", at_end("1 * (160 + (1.3 - 1) * (160 - 150))", "163.00"), prices={FINAL: "160"}, hits=HIT),
    Worked("1340", "barrier held", at_end("1 * (150 + abs(120 - 150))", "180.00"), prices={FINAL: "120"}, hits=HELD),
    Worked("1340", "barrier hit", at_end("1 * 120", "120.00"), prices={FINAL: "120"}, hits=HIT),
    Worked("1399", "as the agent declares", at_end("12.34", "12.34"), FREE, declared="12.34"),
    # Reference entities: N unless a credit event, then recovery
    Worked("1400", "no credit event", (*INTEREST, *at_end("1000", "1000.00"))),
    Worked("1400", "recovery", (INTEREST[0], *at_end("1000 * 0.40", "400.00")), failed="2027-06-01"),
    Worked("1410", "no credit event", (*INTEREST, *at_end("1000", "1000.00"))),
    Worked("1420", "recovery", (INTEREST[0], *at_end("1000 * 0.40", "400.00")), failed="2027-06-01"),
    Worked("1430", "recovery", (INTEREST[0], *at_end("1000 * 0.40", "400.00")), failed=FINAL),
    Worked("1499", "as the agent declares", at_end("400.00", "400.00"), FREE, declared="400"),
    # Leverage
    Worked("2100", "call", at_end("0.1 * max(0, 172.5 - 160)", "1.25"), prices={FINAL: "172.5"}, section="2.3"),
    Worked("2100", "put", at_end("0.1 * max(0, 160 - 120)", "4.00"), {"option_type": "put"}, prices={FINAL: "120"}),
    Worked("2100", "out of the money", at_end("0", "0.00"), prices={FINAL: "160"}),
    Worked("2110", "call", at_end("0.1 * max(0, min(150, 160) - 140)", "1.00"), prices={FINAL: "150"}),
    Worked("2110", "call above both strikes", at_end("0.1 * max(0, min(170, 160) - 140)", "2.00"), prices={FINAL: "170"}),
    Worked("2199", "as the agent declares", at_end("0.5", "0.50"), FREE, declared="0.5"),
    Worked("2200", "never hit", at_end("0.1 * (151 - 120)", "3.10"), prices={FINAL: "151"}, hits=HELD),
    Worked("2200", "hit: zero residual", (Due(PAID_MARCH, "0", "0.00"),), hits=HIT, section="2.3"),
    Worked("2200", "hit: token amount of the terms", (Due(PAID_MARCH, "max(0, 0.001)", "0.001"),), {"knock_out_amount": "0.001"}, hits=HIT, section="2.3"),
    Worked("2200", "hit before the strike: residual", (Due(PAID_MARCH, "0.1 * (124 - 120)", "0.40"),), {"barrier": {"level": "125"}}, hits=HIT, unwound="124", section="2.3"),
    Worked("2200", "short, compo", at_end("0.1 * (180 - 100) * 0.8", "6.40"),
           {"direction": "short", "strike": "180", "barrier": {"level": "180"}, "fx": "compo", "underlyings": [{**SAP, "currency": "USD"}]},
           prices={FINAL: "100"}, hits=HELD, fx="0.8"),
    Worked("2205", "hit: residual by the published strike", (Due(PAID_MARCH, "0.1 * (179.5 - 175.25)", "0.43"),), hits=HIT, unwound="175.25", strike="179.5", section="2.3"),
    Worked("2205", "ended by the issuer, negative financing of a year", (Due("2027-12-03", "0.1 * (180 * (1 - 2.5 / 36000) ** 365 - 150)", "2.55"),),
           {"issuer_call_notice": 0}, prices={"2027-12-01": "150"}, hits=HELD, called="2027-12-01", section="2.3"),
    Worked("2210", "stop-loss hit", (Due(PAID_MARCH, "0.1 * (114.2 - 110)", "0.42"),), {"financing_percent": None},
           hits={"stop_loss": MARCH}, unwound="114.2", section="2.3"),
    Worked("2210", "stop-loss hit, unwound below the financing level", (Due(PAID_MARCH, "0.1 * max(0, 109 - 110)", "0.00"),), {"financing_percent": None},
           hits={"stop_loss": MARCH}, unwound="109", section="2.3"),
    Worked("2210", "ended by the issuer", (Due("2027-12-03", "0.1 * (150 - 115)", "3.50"),), {"issuer_call_notice": 0},
           prices={"2027-12-01": "150"}, hits={"stop_loss": None}, strike="115", called="2027-12-01"),
    Worked("2230", "neither hit", at_end("0.1 * (151 - 100)", "5.10"), prices={FINAL: "151"}, hits={"lower_barrier": None, "upper_barrier": None}),
    Worked("2230", "one hit", (Due(PAID_MARCH, "0", "0.00"),), hits={"upper_barrier": MARCH}),
    Worked("2299", "as the agent declares", at_end("0.01", "0.01"), FREE, declared="0.01"),
    Worked("2300", "two days", (Due("2026-12-07", "10 * (1 + 5 * (102 / 100 - 1)) * (1 + 5 * (96.9 / 102 - 1))", "8.25"),),
           FACTOR, prices={"2026-12-02": "102", "2026-12-03": "96.9"}, called="2026-12-03"),
    Worked("2300", "reset within the day", (Due("2026-12-04", "10 * (1 + 5 * (90 / 100 - 1)) * (1 + 5 * (85 / 90 - 1))", "3.61"),),
           {**FACTOR, "reset_threshold_percent": "10"}, prices={"2026-12-02": ("85", "84", "100")}, called="2026-12-02", section="2.3"),
    Worked("2399", "as the agent declares", at_end("7.77", "7.77"), FREE, declared="7.77"),
    # Debt
    Worked("bond", "fixed", (Due("2027-12-01", "1000 * 2.875 / 100", "28.75"), Due("2028-12-01", "1000 * 2.875 / 100 + 1000", "1028.75")), short(), "2.2"),
    Worked("bond", "short first period", (Due("2027-06-01", "1000 * 2.875 / 100 * 182 / 365", "14.34"), Due("2028-06-01", "1000 * 2.875 / 100 + 1000", "1028.75")),
           short(maturity_date="2028-06-01"), "2.2"),
    Worked("bond", "month-ends, February of a leap year",
           (Due("2027-03-01", "1000 * 2.875 / 100 / 2 * 89 / 181", "7.07"), Due("2027-08-31", "1000 * 2.875 / 100 / 2", "14.38"), Due("2028-02-29", "1000 * 2.875 / 100 / 2 + 1000", "1014.38")),
           short(maturity_date="2028-02-29", frequency=2, end_of_month=True), "5"),
    Worked("bond", "step-up", (Due("2027-12-01", "1000 * 0.02", "20.00"), Due("2028-12-01", "1000 * 0.025 + 1000", "1025.00")),
           {"maturity_date": "2028-12-01", "calls": [], "interest": {"kind": "step", "steps": [
               {"from_date": "2026-12-01", "rate_percent": "2"}, {"from_date": "2027-12-01", "rate_percent": "2.5"}]}}, "2.2"),
    Worked("bond", "zero", (Due("2028-12-01", "1000", "1000.00"),), {"maturity_date": "2028-12-01", "calls": [], "issue_price": "95", "interest": {"kind": "zero"}}, "2.2"),
    Worked("bond", "called at 101", (Due("2027-12-01", "1000 * 2.875 / 100 + 1000 * 1.01", "1038.75"),),
           short(calls=[{"date": "2027-12-01", "price_percent": "101", "by": "issuer"}]), "2.2", called="2027-12-01"),
    Worked("note", "floor, cap, and a margin",
           (Due("2027-03-01", "1000 * (2 + 0.75) / 100 * 90 / 360", "6.88"), Due("2027-09-01", "1000 * 6 / 100 * 92 / 360", "15.33"),
            Due("2027-12-01", "1000 * (1.25 + 0.75) / 100 * 91 / 360 + 1000", "1005.06")),
           {"maturity_date": "2027-12-01"}, "2.2", rates={"2026-11-27": "2", "2027-02-25": "-3", "2027-05-28": "9", "2027-08-30": "1.25"}),
    Worked("note", "negative rate, no floor: nothing is taken from holders",
           (Due("2027-03-01", "1000 * (-0.25 + 0.75) / 100 * 90 / 360", "1.25"), Due("2027-06-01", "1000", "1000.00")),
           {"maturity_date": "2027-06-01", "interest": {"kind": "floating", "index": "EURIBOR 6M", "margin_percent": "0.75", "fixing_lag": 2, "frequency": 4, "day_count": "ACT/360"}},
           "2.2", rates={"2026-11-27": "-0.25", "2027-02-25": "-3"}),
    Worked("commercial_paper", "par at maturity", (Due(MARCH, "100000", "100000.00"),), section="2.2"),
    Worked("commercial_paper", "interest at maturity", (Due(MARCH, "100000 * 2.35 / 100 * 90 / 360 + 100000", "100587.50"),), {"pricing": "interest", "issue_price": "100"}, "5"),
)  # fmt: skip

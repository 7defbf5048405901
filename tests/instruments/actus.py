"""ACTUS test cases as terms of this house: what fits, why the rest does not, and both sides' cash flows.

ACTUS (Algorithmic Contract Types Unified Standards) publishes contracts with the cash flows that they must give.
Ours are those of the holder of one denomination; signs of a borrower's role are turned.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from counterfoil.core.calendar import add_months
from counterfoil.instruments.payoff import Observations, payoff
from counterfoil.instruments.schedule import Event, EventKind, schedule
from counterfoil.instruments.terms import TERMS, Bond
from counterfoil.instruments.terms.debt import FloatingInterest
from tests.instruments.examples import example

FILES = ("pam", "lam", "ann")
_DAY_COUNTS = {"A365": "ACT/365F", "A360": "ACT/360", "AA": "ACT/ACT ISDA", "30E360": "30E/360"}
_CONVENTIONS = {
    "SCF": "following",
    "SCMF": "modified_following",
    "SCP": "preceding",
    "SCMP": "modified_preceding",
}
_CALENDARS = {None: "WEEKEND", "NC": "WEEKEND", "MF": "WEEKEND"}
_CYCLE = re.compile(r"P(\d+)([DWMY])L([01])")
_FREQUENCY = {(1, "M"): 12, (3, "M"): 4, (6, "M"): 2, (12, "M"): 1, (1, "Y"): 1}
_TYPES = {
    "LAM": "linear amortiser: principal is paid back in parts at planned days, interest runs on what is left",
    "ANN": "annuity: equal payments of interest and principal together",
}
Flow = tuple[date, str, Fraction]
"""Day, `interest` or `principal`, and the exact amount."""


@dataclass(frozen=True)
class Case:
    """A published contract with its terms, market data and flows. `obstacle`: why our terms cannot express it."""

    name: str
    terms: dict[str, Any]
    data: dict[str, Any]
    results: list[dict[str, Any]]

    @property
    def kind(self) -> str:
        """The contract type; the files are named after theirs."""
        return self.name[:3].upper()

    @property
    def obstacle(self) -> str | None:
        """None where it can be compared."""
        if self.kind in _TYPES:
            return _TYPES[self.kind]
        if "capitalizationEndDate" in self.terms:
            return "interest is added to the principal until a day"
        if self._cycle()[:2] not in _FREQUENCY:
            return "interest is paid every so many days, not months"
        return None

    @property
    def long_last_period(self) -> bool:
        return self._cycle()[2] == "0"

    def _cycle(self) -> tuple[int, str, str]:
        found = _CYCLE.fullmatch(self.terms["cycleOfInterestPayment"])
        assert found, self.terms["cycleOfInterestPayment"]
        return int(found[1]), found[2], found[3]

    def day(self, name: str) -> date:
        return date.fromisoformat(self.terms[name][:10])

    def bond(self) -> Bond:
        """The contract as a bond of one denomination, the principal."""
        t = self.terms
        start, maturity = self.day("initialExchangeDate"), self.day("maturityDate")
        if start < self.day("statusDate"):  # it is looked at from then on, with the interest that is given
            assert Decimal(t["accruedInterest"]) == 0
            start = self.day("statusDate")
        raw = example("bond") | {
            "currency": t.get("currency", "CHF"), "denomination": str(t["notionalPrincipal"]).strip(),
            "issue_date": start.isoformat(), "maturity_date": maturity.isoformat(), "calls": [],
            "calendar": _CALENDARS[t.get("calendar")],
            "convention": _CONVENTIONS.get(t.get("businessDayConvention"), "unadjusted"),
            "interest": self._interest(start, maturity),
        }  # fmt: skip
        terms = TERMS.validate_python(raw)
        assert isinstance(terms, Bond)
        return terms

    def _interest(self, start: date, maturity: date) -> dict[str, Any]:
        t = self.terms
        days = list(self._payments(start, maturity))
        common = {
            "frequency": _FREQUENCY[self._cycle()[:2]], "day_count": _DAY_COUNTS[t["dayCountConvention"]],
            "first_date": days[0].isoformat(), "end_of_month": t.get("endOfMonthConvention") == "EOM",
            "adjusted": "businessDayConvention" in t,
        }  # fmt: skip
        if self.long_last_period and len(days) > 1:
            common["last_date"] = days[-1].isoformat()
        percent = Decimal(str(t["nominalInterestRate"])) * 100
        if "cycleOfRateReset" not in t:
            return {"kind": "fixed", "rate_percent": f"{percent:f}", **common}
        margin = Decimal(t["rateSpread"]) * 100
        return {
            "kind": "floating",
            "index": "INDEX",
            "margin_percent": f"{margin:f}",
            "fixing_lag": 0,
            **common,
        }

    def _payments(self, start: date, maturity: date) -> Iterator[date]:
        """Regular days after the start; without the last before maturity where the odd period is to be long."""
        number, unit, _ = self._cycle()
        months = number * (12 if unit == "Y" else 1)
        anchor = self.day("cycleAnchorDateOfInterestPayment")
        at_end = self.terms.get("endOfMonthConvention") == "EOM"
        days, count = [], 0
        while (day := add_months(anchor, count * months, end_of_month=at_end)) <= maturity:
            days += [day] if day > start else []
            count += 1
        if days[-1] == maturity or self.long_last_period:
            days.pop()
        yield from days

    def expected(self) -> list[Flow]:
        """The published flows that change money after the first exchange, without those of nothing."""
        kinds = {"IP": "interest", "MD": "principal"}
        sign = -1 if self.terms.get("contractRole") == "RPL" else 1
        found = ((r, Fraction(str(r["payoff"])) * sign) for r in self.results if r["eventType"] in kinds)
        return sorted(
            (date.fromisoformat(r["eventDate"][:10]), kinds[r["eventType"]], v) for r, v in found if v
        )

    def ours(self) -> tuple[list[Flow], list[Flow]]:
        """Exact flows by the schedule, and what the payoff rounds them to."""
        terms = self.bond()
        planned = schedule(terms)
        rates = dict(self._rates(terms, planned))
        exact: list[Flow] = []
        for event in planned:
            if event.kind is EventKind.COUPON and event.accrual and event.payment:
                margin = terms.interest.margin_percent if isinstance(terms.interest, FloatingInterest) else 0
                found = event.accrual.rate_percent
                percent = (
                    Fraction(found) if found is not None else rates[event.accrual.fixing] + Fraction(margin)
                )
                amount = Fraction(terms.denomination) * percent / 100 * event.accrual.fraction
                exact.append((event.payment, "interest", amount))
        observed = [
            {"date": d, "rate_percent": round(Decimal(r.numerator) / r.denominator, 12)}
            for d, r in rates.items()
        ]
        result = payoff(terms, Observations.model_validate({"rates": observed}))
        assert result.payment is not None
        principal = (result.payment, "principal", Fraction(result.cash))
        coupons: list[Flow] = [(c.payment, "interest", Fraction(c.amount)) for c in result.coupons]
        return sorted([*exact, principal]), sorted([*coupons, principal])

    def _rates(self, terms: Bond, planned: tuple[Event, ...]) -> Iterator[tuple[Any, Fraction]]:
        """A rate that is reset less often than it is paid is told to us again for every period."""
        if not isinstance(terms.interest, FloatingInterest):
            return
        first = Fraction(str(self.terms["nominalInterestRate"])) * 100 - Fraction(
            terms.interest.margin_percent
        )
        series = self.data[self.terms["marketObjectCodeOfRateReset"]]["data"]
        resets = sorted((date.fromisoformat(p["timestamp"][:10]), Fraction(p["value"]) * 100) for p in series)
        for event in planned:
            if event.kind is EventKind.COUPON and event.accrual:
                known = [rate for day, rate in resets if day <= event.accrual.start]
                yield event.accrual.fixing, known[-1] if known else first


def cases(folder: Path) -> list[Case]:
    """Every published case, in order."""
    found = []
    for name in FILES:
        for key, raw in json.loads((folder / f"actus-tests-{name}.json").read_text()).items():
            found.append(Case(key, raw["terms"], raw["dataObserved"], raw["results"]))
    return found


def differences(case: Case) -> list[str]:
    """How our flows differ, event by event; the exact amounts to 1e-7, the paid ones to the cent."""
    expected, (exact, paid) = case.expected(), case.ours()
    found = []
    if [f[:2] for f in expected] != [f[:2] for f in exact]:
        return [f"days: {_days(expected)} there, {_days(exact)} here"]
    for theirs, our, rounded in zip(expected, exact, paid, strict=True):
        if abs(theirs[2] - our[2]) > Fraction(1, 10**7):
            found.append(
                f"{theirs[1]} of {theirs[0]}: {float(theirs[2]):.4f} there, {float(our[2]):.4f} here"
            )
        elif abs(rounded[2] - our[2]) > Fraction(1, 200):
            found.append(f"{theirs[1]} of {theirs[0]}: paid {float(rounded[2]):.2f}, due {float(our[2]):.6f}")
    return found


def _days(flows: list[Flow]) -> str:
    return " ".join(f[0].isoformat() for f in flows)

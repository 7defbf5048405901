"""One valid example of the terms of every class, as parsed JSON; other rooms' tests use them too."""

from copy import deepcopy
from datetime import date
from typing import Any

BUSINESS_DATE = date(2026, 11, 20)
ISSUER = "529900T8BM49AURSDO55"
"""A LEI with right check digits (the pattern's example in ISO 17442 texts)."""

SAP = {"kind": "equity", "name": "SAP SE", "isin": "DE0007164600", "initial_fixing": "150"}
DAX = {"kind": "index", "name": "DAX", "isin": "DE0008469008", "initial_fixing": "24000"}

_ENVELOPE: dict[str, Any] = {
    "issuer": ISSUER,
    "currency": "EUR",
    "denomination": "1",
    "volume": {"unit": "units", "mode": "fixed", "authorised": "100000"},
    "issue_price": "98.50",
    "issue_date": "2026-12-01",
}
_STRUCTURED = {
    **_ENVELOPE,
    "underlyings": [SAP],
    "initial_valuation_date": "2026-11-24",
    "final_valuation_date": "2027-12-17",
    "maturity_date": "2027-12-23",
    "fixing": {"mic": "XETR", "price_type": "close"},
}
_OPEN_END = {
    name: value
    for name, value in _STRUCTURED.items()
    if name not in ("final_valuation_date", "maturity_date", "initial_valuation_date")
}
_NOMINAL = {
    "denomination": "1000",
    "volume": {"unit": "nominal", "mode": "fixed", "authorised": "5000000"},
    "issue_price": "100",
    "quotation": "percent",
}
_COUPONS = {"rate_percent": "7.25", "frequency": 1, "day_count": "30E/360"}
_BARRIER = {"level": "105", "monitoring": "continuous"}

_CLASS_TERMS: dict[str, dict[str, Any]] = {
    "1100": {**_STRUCTURED, **_NOMINAL, "floor_percent": "95", "participation_percent": "80", "strike": "150"},
    "1110": {**_STRUCTURED, **_NOMINAL, "floor_percent": "100", "conversion_price": "165"},
    "1120": {
        **_STRUCTURED, **_NOMINAL, "floor_percent": "100", "participation_percent": "100", "strike": "150",
        "cap": "190",
    },
    "1130": {
        **_STRUCTURED, **_NOMINAL, "floor_percent": "100", "participation_percent": "100", "strike": "150",
        "barrier": {"level": "200", "monitoring": "continuous"}, "rebate_percent": "3",
    },
    "1140": {
        **_STRUCTURED, **_NOMINAL, "floor_percent": "100",
        "observations": [
            {"date": "2027-06-17", "coupon_percent": "2", "coupon_barrier": "150"},
            {"date": "2027-12-17", "coupon_percent": "2", "coupon_barrier": "150"},
        ],
    },
    "1200": {**_STRUCTURED, "cap": "160"},
    "1210": {**_STRUCTURED, "cap": "160", "barrier": _BARRIER},
    "1220": {**_STRUCTURED, **_NOMINAL, "strike": "150", "coupons": _COUPONS, "settlement": "physical"},
    "1230": {**_STRUCTURED, **_NOMINAL, "strike": "150", "barrier": _BARRIER, "coupons": _COUPONS},
    "1240": {**_STRUCTURED, "strike": "150", "participation_percent": "200", "cap": "200"},
    "1250": {**_STRUCTURED, "bonus_level": "170", "barrier": _BARRIER, "cap": "180"},
    "1260": {
        **_STRUCTURED, **_NOMINAL, "strike": "150", "memory": True,
        "barrier": {"level": "90", "monitoring": "final"},
        "observations": [
            {"date": "2027-06-17", "call_level": "150", "coupon_percent": "4", "coupon_barrier": "100"},
            {"date": "2027-12-17", "call_level": "150", "coupon_percent": "4", "coupon_barrier": "100"},
        ],
    },
    "1300": {
        **_OPEN_END, "underlyings": [DAX], "ratio": "0.01", "management_fee_percent": "0.5",
        "issuer_call_notice": 90,
    },
    "1310": {**_STRUCTURED, "strike": "150", "participation_percent": "150"},
    "1320": {**_STRUCTURED, "bonus_level": "170", "barrier": _BARRIER},
    "1330": {
        **_STRUCTURED, "strike": "150", "participation_percent": "130", "bonus_level": "165", "barrier": _BARRIER,
    },
    "1340": {**_STRUCTURED, "strike": "150", "barrier": _BARRIER},
    "14": {
        **_STRUCTURED, **_NOMINAL, "underlyings": [], "coupons": _COUPONS, "recovery_percent": "40",
        "reference_entities": [{"name": "Muster AG", "lei": ISSUER}],
    },
    "2100": {**_STRUCTURED, "ratio": "0.1", "strike": "160", "option_type": "call", "style": "american"},
    "2110": {**_STRUCTURED, "ratio": "0.1", "lower_strike": "140", "upper_strike": "160", "option_type": "call"},
    "2200": {
        **_STRUCTURED, "ratio": "0.1", "strike": "120", "direction": "long", "barrier": {"level": "120"},
    },
    "2205": {
        **_OPEN_END, "ratio": "0.1", "strike": "180", "direction": "short", "barrier": {"level": "175"},
        "financing_percent": "-2.5",
    },
    "2210": {
        **_OPEN_END, "ratio": "0.1", "financing_level": "110", "stop_loss": "115", "direction": "long",
        "financing_percent": "4.5",
    },
    "2230": {
        **_STRUCTURED, "ratio": "0.1", "strike": "100", "option_type": "call", "lower_barrier": {"level": "120"},
        "upper_barrier": {"level": "200"},
    },
    "2300": {
        **_OPEN_END, "leverage": "5", "direction": "long", "reset_threshold_percent": "15", "costs_percent": "1.2",
    },
    "99": {**_OPEN_END, "free_terms": {"payoff": "see final terms, annex 2", "floor_percent": "90"}},
    "bond": {
        **_ENVELOPE, **_NOMINAL, "maturity_date": "2031-12-01",
        "interest": {"kind": "fixed", "rate_percent": "2.875", "frequency": 1, "day_count": "ACT/ACT ICMA"},
        "calls": [{"date": "2030-12-01", "price_percent": "101", "by": "issuer"}],
    },
    "note": {
        **_ENVELOPE, **_NOMINAL, "maturity_date": "2029-12-03",
        "interest": {
            "kind": "floating", "index": "EURIBOR 3M", "margin_percent": "0.75", "floor_percent": "0",
            "cap_percent": "6", "fixing_lag": 2, "frequency": 4, "day_count": "ACT/360",
        },
    },
    "commercial_paper": {
        **_ENVELOPE, "denomination": "100000", "quotation": "percent", "issue_price": "99.4159",
        "volume": {"unit": "nominal", "mode": "fixed", "authorised": "50000000"},
        "maturity_date": "2027-03-01", "pricing": "yield", "rate_percent": "2.35", "day_count": "ACT/360",
        "programme": "ECP-2026", "programme_ceiling": "2000000000",
    },
}  # fmt: skip

_CODES = {
    "14": ("1400", "1410", "1420", "1430"),
    "99": ("1199", "1299", "1399", "1499", "2199", "2299", "2399"),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    code: {"class": code, "name": f"Example of class {code}", **terms}
    for key, terms in _CLASS_TERMS.items()
    for code in _CODES.get(key, (key,))
}
"""Class code to its example. Use `example(code)` for a copy that may be changed."""

STEP_UP_BOND = {
    **EXAMPLES["bond"],
    "interest": {
        "kind": "step",
        "steps": [
            {"from_date": "2026-12-01", "rate_percent": "2"},
            {"from_date": "2028-12-01", "rate_percent": "2.5"},
        ],
    },
}
ZERO_BOND = {**EXAMPLES["bond"], "issue_price": "88.4", "calls": [], "interest": {"kind": "zero"}}
BASKET_NOTE = {
    **EXAMPLES["1320"],
    "name": "Bonus on a basket",
    "underlyings": [{**SAP, "weight": "0.6"}, {**DAX, "weight": "0.4"}],
}
FULL_ENVELOPE = {
    **EXAMPLES["1200"],
    "isin": "DE000A0D6554",
    "wkn": "A0D655",
    "cfi": "DEAYRS",
    "fisn": "MUSTERBANK/DISC SAP 160 20271217",
    "value_date": "2026-12-03",
    "calendar": "TARGET+XETR",
    "convention": "modified_following",
    "register_form": "crypto",
    "entry_form": "single",
    "agents": [{"role": "paying_agent", "lei": ISSUER}],
    "documents": [{"kind": "final_terms", "name": "Final Terms 4711", "sha256": "ab" * 32}],
    "target_market": "Retail clients with basic knowledge; one year or longer",
}
VARIANTS: tuple[dict[str, Any], ...] = (STEP_UP_BOND, ZERO_BOND, BASKET_NOTE, FULL_ENVELOPE)


def example(class_: str) -> dict[str, Any]:
    """A copy of the example of a class, free to change."""
    return deepcopy(EXAMPLES[class_])

"""The classification tables of ISO 10962:2021 for debt (D), equities (E) and entitlements (R), in our own words.

A group has a name and four attributes; an attribute without letters is "not applicable" and written X.
"""

Attribute = dict[str, str]

_NONE: Attribute = {}
_FORM = {"B": "bearer", "R": "registered", "N": "bearer or registered", "M": "other form"}

# Debt ------------------------------------------------------------------------------------------------------------
_RATE = {"F": "fixed rate", "Z": "zero rate", "V": "variable"}
_RATE_OR_KIND = _RATE | {"K": "payment in kind"}
_GUARANTEE = {
    "T": "government guarantee", "G": "joint guarantee", "S": "secured", "U": "unsecured", "P": "negative pledge",
    "N": "senior", "O": "senior subordinated", "Q": "junior", "J": "junior subordinated", "C": "supranational",
}  # fmt: skip
_DEBT_REDEMPTION = {
    "F": "fixed maturity", "G": "fixed maturity with call", "C": "fixed maturity with put",
    "D": "fixed maturity with put and call", "A": "amortisation plan", "B": "amortisation plan with call",
    "T": "amortisation plan with put", "L": "amortisation plan with put and call", "P": "perpetual",
    "Q": "perpetual with call", "R": "perpetual with put", "E": "extendible",
}  # fmt: skip
_DEBT_IN_KIND = (_RATE_OR_KIND, _GUARANTEE, _DEBT_REDEMPTION, _FORM)
_DEBT_PLAIN = (_RATE, _GUARANTEE, _DEBT_REDEMPTION, _FORM)
_PROTECTED = {"A": "participation", "B": "convertible", "C": "barrier", "D": "coupons", "M": "other type"}
_UNPROTECTED = {
    "A": "discount", "B": "barrier discount", "C": "reverse convertible", "D": "barrier reverse convertible",
    "E": "express", "M": "other type",
}  # fmt: skip
_DEBT_DISTRIBUTION = {
    "F": "fixed interest", "D": "dividend", "V": "variable interest", "Y": "no payments", "M": "other payments",
}  # fmt: skip
_PROTECTED_REPAYMENT = {"F": "fixed cash repayment", "V": "variable cash repayment", "M": "other repayment"}
_UNPROTECTED_REPAYMENT = {
    "R": "cash repayment", "S": "repayment in assets", "C": "in cash and assets", "T": "in cash or assets",
    "M": "other repayment",
}  # fmt: skip
_DEBT_ASSET = {
    "B": "basket", "S": "equities", "D": "debt", "T": "commodities", "C": "currencies", "I": "indices",
    "N": "interest rates", "M": "other underlying",
}  # fmt: skip
_DEPOSITED_DEBT = {
    "B": "on bonds", "C": "on convertible bonds", "W": "on bonds with warrants", "T": "on medium-term notes",
    "Y": "on money market instruments", "G": "on mortgage-backed securities", "A": "on asset-backed securities",
    "N": "on municipal bonds", "M": "on other debt",
}  # fmt: skip

# Equities --------------------------------------------------------------------------------------------------------
_VOTING = {"V": "voting", "N": "non-voting", "R": "restricted voting", "E": "enhanced voting"}
_OWNERSHIP = {"T": "restricted ownership", "U": "free ownership"}
_PAID = {"F": "fully paid", "O": "nil paid", "P": "partly paid"}
_SHARE_REDEMPTION = {
    "R": "redeemable", "E": "extendible", "T": "redeemable and extendible", "G": "exchangeable",
    "A": "redeemable, exchangeable and extendible", "C": "redeemable and exchangeable", "N": "perpetual",
}  # fmt: skip
_INCOME = {
    "F": "fixed rate", "C": "cumulative, fixed rate", "P": "participating", "Q": "cumulative, participating",
    "A": "adjustable rate", "N": "normal rate", "U": "auction rate",
}  # fmt: skip
_SHARE = (_VOTING, _OWNERSHIP, _PAID, _FORM)
_PREFERRED = (_VOTING, _SHARE_REDEMPTION, _INCOME, _FORM)
_DEPOSITED_SHARE = {
    "S": "on common shares", "P": "on preferred shares", "C": "on convertible shares",
    "F": "on convertible preferred shares", "L": "on partnership units", "M": "on other equities",
}  # fmt: skip
_RECEIPT_REDEMPTION = {
    "R": "redeemable", "N": "perpetual", "B": "convertible", "D": "convertible and redeemable",
}  # fmt: skip
_PARTICIPATION = {
    "A": "tracker", "B": "outperformance", "C": "bonus", "D": "outperformance bonus", "E": "twin-win",
    "M": "other type",
}  # fmt: skip
_SHARE_DISTRIBUTION = {"D": "dividend payments", "Y": "no payments", "M": "other payments"}
_SHARE_REPAYMENT = {
    "F": "cash repayment", "V": "physical repayment", "E": "elect at settlement", "M": "other repayment",
}  # fmt: skip
_SHARE_ASSET = _DEBT_ASSET | {"G": "derivatives"}

# Entitlements ----------------------------------------------------------------------------------------------------
_RIGHT_ASSET = {
    "S": "common shares", "P": "preferred shares", "C": "convertible shares", "F": "convertible preferred shares",
    "B": "bonds", "I": "combined instruments", "M": "other assets",
}  # fmt: skip
_LEVERAGE_ASSET = {
    "B": "basket", "S": "equities", "D": "debt", "T": "commodities", "C": "currencies", "I": "indices",
    "M": "other underlying",
}  # fmt: skip
_WARRANT_TYPE = {"T": "traditional", "N": "naked", "C": "covered"}
_WARRANT_RIGHT = {"C": "call", "P": "put", "B": "call and put"}
_BARRIER = {"T": "barrier on the underlying", "N": "barrier on the instrument", "M": "other barrier"}
_SIDE = {"C": "long", "P": "short", "M": "other direction"}
_STYLE = {"E": "european", "A": "american", "B": "bermudan", "M": "other style"}
_DEPOSITED_RIGHT = {
    "A": "on allotment rights", "S": "on subscription rights", "P": "on purchase rights", "W": "on warrants",
    "M": "on other rights",
}  # fmt: skip

GROUPS: dict[str, tuple[str, tuple[Attribute, Attribute, Attribute, Attribute]]] = {
    "DB": ("bond", (_RATE_OR_KIND | {"C": "cash payment"}, _GUARANTEE, _DEBT_REDEMPTION, _FORM)),
    "DC": ("convertible bond", _DEBT_IN_KIND),
    "DW": ("bond with warrants", _DEBT_IN_KIND),
    "DT": ("medium-term note", _DEBT_IN_KIND),
    "DY": ("money market instrument", (_RATE_OR_KIND, _GUARANTEE, _NONE, _FORM)),
    "DS": (
        "structured, capital protected",
        (_PROTECTED, _DEBT_DISTRIBUTION, _PROTECTED_REPAYMENT, _DEBT_ASSET),
    ),
    "DE": (
        "structured, without capital protection",
        (_UNPROTECTED, _DEBT_DISTRIBUTION, _UNPROTECTED_REPAYMENT, _DEBT_ASSET),
    ),
    "DG": ("mortgage-backed security", _DEBT_PLAIN),
    "DA": ("asset-backed security", _DEBT_PLAIN),
    "DN": ("municipal bond", _DEBT_PLAIN),
    "DD": (
        "depository receipt on debt",
        (_DEPOSITED_DEBT, _RATE | {"C": "cash payment"}, _GUARANTEE, _DEBT_REDEMPTION),
    ),
    "DM": (
        "other debt",
        ({"B": "bank loan", "P": "promissory note", "M": "other type"}, _NONE, _NONE, _FORM),
    ),
    "ES": ("common share", _SHARE),
    "EP": ("preferred share", _PREFERRED),
    "EC": ("convertible share", _SHARE),
    "EF": ("convertible preferred share", _PREFERRED),
    "EL": ("limited partnership unit", _SHARE),
    "ED": ("depository receipt on equities", (_DEPOSITED_SHARE, _RECEIPT_REDEMPTION, _INCOME, _FORM)),
    "EY": (
        "structured, participation",
        (_PARTICIPATION, _SHARE_DISTRIBUTION, _SHARE_REPAYMENT, _SHARE_ASSET),
    ),
    "EM": ("other equity", (_NONE, _NONE, _NONE, _FORM)),
    "RA": ("allotment right", (_NONE, _NONE, _NONE, _FORM)),
    "RS": ("subscription right", (_RIGHT_ASSET, _NONE, _NONE, _FORM)),
    "RP": ("purchase right", (_RIGHT_ASSET, _NONE, _NONE, _FORM)),
    "RW": ("warrant", (_LEVERAGE_ASSET, _WARRANT_TYPE, _WARRANT_RIGHT, _STYLE)),
    "RF": ("mini-future, knock-out or constant leverage", (_LEVERAGE_ASSET, _BARRIER, _SIDE, _STYLE)),
    "RD": ("depository receipt on entitlements", (_DEPOSITED_RIGHT, _NONE, _NONE, _FORM)),
    "RM": ("other entitlement", (_NONE, _NONE, _NONE, _NONE)),
}
"""Group letters to name and attributes (positions 3 to 6)."""

"""The EUSIPA derivative map as data, with the CFI group that each class implies.

Sources: EUSIPA Derivative Map (11 to 13 investment products, 14 with reference entity, 20 leverage products); the
CFI letters are Counterfoil's proposal under ISO 10962:2021, which the numbering agency confirms.
"""

from typing import NamedTuple

VERSION = "2025-01"


class EusipaClass(NamedTuple):
    """A class: name, category, the CFI letters in front (two or three), the abbreviation for a FISN."""

    name: str
    category: str
    cfi: str
    short: str


_CP, _YE, _PA, _RE, _LV = (
    "Capital protection", "Yield enhancement", "Participation", "With reference entity", "Leverage",
)  # fmt: skip
CLASSES: dict[str, EusipaClass] = {
    "1100": EusipaClass("Uncapped capital protection", _CP, "DSA", "CAP PROT"),
    "1110": EusipaClass("Exchangeable certificate", _CP, "DSB", "EXCH"),
    "1120": EusipaClass("Capped capital protection", _CP, "DSA", "CAP PROT"),
    "1130": EusipaClass("Capital protection with knock-out", _CP, "DSC", "CAP PROT KO"),
    "1140": EusipaClass("Capital protection with coupon", _CP, "DSD", "CAP PROT CPN"),
    "1199": EusipaClass("Miscellaneous capital protection", _CP, "DSM", "CAP PROT"),
    "1200": EusipaClass("Discount certificate", _YE, "DEA", "DISC"),
    "1210": EusipaClass("Barrier discount certificate", _YE, "DEB", "BAR DISC"),
    "1220": EusipaClass("Reverse convertible", _YE, "DEC", "RC"),
    "1230": EusipaClass("Barrier reverse convertible", _YE, "DED", "BAR RC"),
    "1240": EusipaClass("Capped outperformance certificate", _YE, "DEM", "CAP OUTP"),
    "1250": EusipaClass("Capped bonus certificate", _YE, "DEM", "CAP BON"),
    "1260": EusipaClass("Express certificate", _YE, "DEE", "EXP"),
    "1299": EusipaClass("Miscellaneous yield enhancement", _YE, "DEM", "CTF"),
    "1300": EusipaClass("Tracker certificate", _PA, "EYA", "TRACK"),
    "1310": EusipaClass("Outperformance certificate", _PA, "EYB", "OUTP"),
    "1320": EusipaClass("Bonus certificate", _PA, "EYC", "BON"),
    "1330": EusipaClass("Outperformance bonus certificate", _PA, "EYD", "OUTP BON"),
    "1340": EusipaClass("Twin-win certificate", _PA, "EYE", "TWIN"),
    "1399": EusipaClass("Miscellaneous participation", _PA, "EYM", "CTF"),
    "1400": EusipaClass("Credit-linked note", _RE, "DEM", "CLN"),
    "1410": EusipaClass("Conditional capital protection", _RE, "DSM", "CLN CAP PROT"),
    "1420": EusipaClass("Yield enhancement with reference entity", _RE, "DEM", "CLN YE"),
    "1430": EusipaClass("Participation with reference entity", _RE, "EYM", "CLN PART"),
    "1499": EusipaClass("Miscellaneous with reference entity", _RE, "DEM", "CLN"),
    "2100": EusipaClass("Warrant", _LV, "RW", "WT"),
    "2110": EusipaClass("Spread warrant", _LV, "RW", "SPREAD WT"),
    "2199": EusipaClass("Miscellaneous without knock-out", _LV, "RW", "WT"),
    "2200": EusipaClass("Knock-out warrant", _LV, "RF", "KO"),
    "2205": EusipaClass("Open-end knock-out warrant", _LV, "RF", "KO OE"),
    "2210": EusipaClass("Mini-future", _LV, "RF", "MINI"),
    "2230": EusipaClass("Double knock-out warrant", _LV, "RF", "DBL KO"),
    "2299": EusipaClass("Miscellaneous with knock-out", _LV, "RF", "KO"),
    "2300": EusipaClass("Constant leverage certificate", _LV, "RF", "FACT"),
    "2399": EusipaClass("Miscellaneous constant leverage", _LV, "RF", "FACT"),
}


def class_name(class_: str) -> str:
    """What a class is called; debt, which is outside the map, by its own word."""
    return CLASSES[class_].name if class_ in CLASSES else class_.replace("_", " ").capitalize()

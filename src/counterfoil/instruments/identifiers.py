"""Identifiers of securities: ISIN, WKN, CFI, FISN, DTI, UTI and MIC, by form and check digit."""

import re

_ISO_3166 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
ISIN_PREFIXES = frozenset((_ISO_3166 + " XS EU XA XB XC XD QS XT").split())
"""ISO 3166 country codes and the prefixes that ISO 6166 adds; XT marks digital tokens."""

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", re.ASCII)
_WKN = re.compile(r"[0-9A-HJ-NP-Z]{6}", re.ASCII)
_CFI = re.compile(r"[A-Z]{6}", re.ASCII)
_FISN = re.compile(r"[A-Z0-9 .\-]{1,15}/[A-Z0-9 .\-/%+&]{1,33}", re.ASCII)
_DTI = re.compile(r"[1-9B-DF-HJ-NP-TV-XZ][0-9B-DF-HJ-NP-TV-XZ]{8}", re.ASCII)
_UTI = re.compile(r"[A-Z0-9]{18}[0-9]{2}[A-Z0-9]{0,32}", re.ASCII)
_MIC = re.compile(r"[A-Z0-9]{4}", re.ASCII)
_NUMBERS = str.maketrans({chr(65 + i): str(10 + i) for i in range(26)})
_DOUBLED = str.maketrans("0123456789", "0246813579")
"""A digit doubled, with the digits of the result added up: the Luhn step."""


def isin_check_digit(body: str) -> int:
    """The check digit of an ISIN's first eleven characters (ISO 6166: letters as 10 to 35, then Luhn).

    >>> isin_check_digit("DE000A0D655")
    4
    """
    digits = body.translate(_NUMBERS)[::-1]
    return -(sum(map(int, digits[0::2].translate(_DOUBLED))) + sum(map(int, digits[1::2]))) % 10


def is_isin(text: str) -> bool:
    """Form, prefix and check digit."""
    return (
        _ISIN.fullmatch(text) is not None
        and text[:2] in ISIN_PREFIXES
        and isin_check_digit(text[:11]) == int(text[11])
    )


def is_wkn(text: str) -> bool:
    """Six digits or capital letters without I and O; a WKN has no check digit."""
    return _WKN.fullmatch(text) is not None


def isin_from_wkn(wkn: str) -> str:
    """The German ISIN of a WKN: A0D655 becomes DE000A0D6554."""
    body = "DE000" + wkn
    return body + str(isin_check_digit(body))


def wkn_from_isin(isin: str) -> str | None:
    """The WKN inside a German ISIN, or None."""
    return isin[5:11] if isin.startswith("DE000") and is_wkn(isin[5:11]) else None


def is_cfi_form(text: str) -> bool:
    """Six capital letters; whether the letters mean anything is decided by `cfi.is_valid`."""
    return _CFI.fullmatch(text) is not None


def is_fisn(text: str) -> bool:
    """ISO 18774: issuer short name of at most 15, a slash, a description; 35 characters in all."""
    return len(text) <= 35 and _FISN.fullmatch(text) is not None


def is_dti(text: str) -> bool:
    """ISO 24165 by pattern; the algorithm of its check character is not public."""
    return _DTI.fullmatch(text) is not None


def is_uti(text: str) -> bool:
    """ISO 23897 by pattern: it starts with the LEI of its generator."""
    return _UTI.fullmatch(text) is not None


def is_mic(text: str) -> bool:
    """ISO 10383 by pattern."""
    return _MIC.fullmatch(text) is not None

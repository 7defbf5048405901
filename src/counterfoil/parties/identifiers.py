"""Identifiers of legal entities: LEI (ISO 17442) and BIC (ISO 9362)."""

import re

_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}", re.ASCII)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_NUMBERS = str.maketrans({chr(65 + i): str(10 + i) for i in range(26)})


def is_lei(text: str) -> bool:
    """Form and check digits: letters as 10 to 35, the whole number modulo 97 is 1.

    >>> is_lei("529900T8BM49AURSDO55"), is_lei("529900T8BM49AURSDO56")
    (True, False)
    """
    return _LEI.fullmatch(text) is not None and int(text.translate(_NUMBERS)) % 97 == 1


def lei_check_digits(body: str) -> str:
    """The two digits that make an 18-character body a LEI."""
    return f"{98 - int((body + '00').translate(_NUMBERS)) % 97:02d}"


def is_bic(text: str) -> bool:
    """Form only: ISO 9362 has no check digit. 8 or 11 characters."""
    return _BIC.fullmatch(text) is not None

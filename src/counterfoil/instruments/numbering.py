"""Allocates ISINs from the blocks that the numbering agency has assigned (ISO 6166, WKN rules)."""

from enum import StrEnum

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused, rule
from counterfoil.instruments.identifiers import isin_check_digit, isin_from_wkn
from counterfoil.instruments.store import known_isins

SQL = queries(__file__)
_WKN_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

BLOCK_EXHAUSTED = rule(
    "INS-900", "No ISIN left", "The blocks of series {series} hold no free number.",
    "Have the numbering agency assign a further block and enter it in instruments.isin_block.",
    status=503, transient=True,
)  # fmt: skip


class Series(StrEnum):
    """Where a new ISIN comes from: a German WKN, or the international XS range."""

    DE = "DE"
    XS = "XS"


_CAPACITY = {Series.DE: 34**4, Series.XS: 10**6}


def allocate_isins(tx: Transaction, series: Series, count: int) -> list[str]:
    """`count` ISINs that no instrument has, in increasing order of number.

    Numbers once taken are never given again, also when the transaction rolls back. Raises `Refused` (INS-900).
    """
    if count == 0:
        return []
    blocks: dict[int, str] = dict(tx.rows(SQL.blocks, series=series.value))
    free: list[str] = []
    while len(free) < count:  # a second round is needed only where an issuer brought a number of our block
        statement = SQL.next_de if series is Series.DE else SQL.next_xs
        numbers = [int(number) for (number,) in tx.rows(statement, count=count - len(free))]
        made = [_isin(series, number, blocks) for number in numbers]
        taken = known_isins(tx, made)
        free += [isin for isin in made if isin not in taken]
    return free


def _isin(series: Series, number: int, blocks: dict[int, str]) -> str:
    ordinal, offset = divmod(number, _CAPACITY[series])
    if ordinal not in blocks:
        raise Refused(BLOCK_EXHAUSTED(series=series.value))
    if series is Series.DE:
        digits = ""
        for _ in range(4):
            offset, digit = divmod(offset, 34)
            digits = _WKN_ALPHABET[digit] + digits
        return isin_from_wkn(blocks[ordinal] + digits)
    body = f"XS{blocks[ordinal]}{offset:06d}"
    return body + str(isin_check_digit(body))

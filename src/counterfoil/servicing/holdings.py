"""The forms in which units are held. Each yields who held what at a moment; their sum counts every unit once."""

from typing import Protocol

from counterfoil.core.db import queries

SQL = queries(__file__)


class Holdings(Protocol):
    """One form of holding. Where the ledger shows a pool account for units that are held in another form (as tokens,
    in transit), that form yields the pool's units with the opposite sign beside those of its holders.
    """

    @property
    def selection(self) -> str:
        """A query that yields event, account, sub-balance and units. Its parameters are `events`, `isins` and
        `moments`: what each ISIN's holders held up to and with its moment. An account may come several times.
        """


class Withholding(Protocol):
    """What is withheld from interest as tax."""

    @property
    def selection(self) -> str:
        """A query that yields event, account and rate in per cent, each account once an event. Its parameters are
        `events` and `days`, the payment dates.
        """


class AccountHoldings:
    """Units in securities accounts, of every sub-balance, from what was booked up to the moment."""

    selection = SQL.accounts


class AsRecordedBefore:
    """What the record before has of each event: a correction pays the same holders anew."""

    selection = SQL.recorded_before


class WithholdingByOwner:
    """Rates by the owner of the account, as entered."""

    selection = SQL.withholding


ALL_FORMS: tuple[Holdings, ...] = (AccountHoldings(),)
"""The forms in which units are held here."""

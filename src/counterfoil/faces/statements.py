"""A statement of account as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from counterfoil.faces.results import PAGE, as_file
from counterfoil.faces.services import Services
from counterfoil.ledger import Place, SubBalance, statement

COLUMNS = (
    "booked_at",
    "kind",
    "reference",
    "own_reference",
    "reason",
    "sub_balance",
    "amount",
    "booking",
    "leg",
    "batch",
)
FORMS = ("csv", "ndjson")
"""The forms of `MEDIA` that a statement is given in."""


def statement_file(
    services: Services,
    form: str,
    account: str,
    asset: str,
    start: datetime,
    until: datetime,
    *,
    sub_balance: SubBalance | None = None,
) -> Iterator[bytes]:
    """The movements of a period, all of them, read page by page while the client takes its time. Between the pages
    nothing can come in before their place but what a transaction still open has booked: of a period that is over,
    nothing.
    """

    def pages() -> Iterator[Sequence[dict[str, Any]]]:
        place: Place | None = None
        while True:
            with services.transaction() as tx:
                told = statement(
                    tx, account, asset, start, until, sub_balance=sub_balance, after=place, limit=PAGE
                )
            yield told["movements"]
            place = told["next"]
            if place is None:
                return

    return as_file(form, pages(), COLUMNS, reasons="")

"""What became of the items of a batch, as files: every one with its reasons, nothing that a spreadsheet evaluates."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from counterfoil.core.json import dumps
from counterfoil.faces.spreadsheet import workbook
from counterfoil.faces.uploads import chunks_of

PAGE = 5000
"""Results that are read at once."""
MEDIA = {
    "ndjson": "application/x-ndjson", "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
"""The forms in which results are given."""
Pages = Iterable[Sequence[Mapping[str, Any]]]


def paged(read: Callable[[int], Sequence[Mapping[str, Any]]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Page by page, `read` from behind a position: no transaction is open while a client takes its time."""
    after = 0
    while page := read(after):
        yield page
        after = page[-1]["position"]


def as_file(form: str, pages: Pages, columns: Sequence[str], *, reasons: str) -> Iterator[bytes]:
    """The results in one of the forms of `MEDIA`. In tables an item with several reasons, which stand under the name
    `reasons`, has as many rows.
    """
    if form == "ndjson":
        return ("".join(dumps(row) + "\n" for row in page).encode() for page in pages)
    if form == "csv":
        return _as_csv(pages, columns, reasons)
    return _as_workbook(pages, columns, reasons)


def _flat(page: Sequence[Mapping[str, Any]], columns: Sequence[str], reasons: str) -> Iterator[list[Any]]:
    for row in page:
        for reason in row.get(reasons) or [{}]:
            yield [reason.get(name, row.get(name)) for name in columns]


def _as_csv(pages: Pages, columns: Sequence[str], reasons: str) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for page in pages:
        writer.writerows([harmless(cell) for cell in row] for row in _flat(page, columns, reasons))
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _as_workbook(pages: Pages, columns: Sequence[str], reasons: str) -> Iterator[bytes]:
    rows = (row for page in pages for row in _flat(page, columns, reasons))
    with workbook("Results", columns, rows) as file:
        yield from chunks_of(file)


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if is_formula else value

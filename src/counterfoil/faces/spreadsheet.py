"""Tables as workbooks (ECMA-376, SpreadsheetML): numbers and texts, and nothing that a spreadsheet would evaluate."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

_IN_MEMORY = 4 * 1024 * 1024
_ROWS = 1_048_575
"""Of a sheet, below its titles."""
_CELL = 32_767
"""Characters that a cell may have."""
_AT_ONCE = 1000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_LINKS = "application/vnd.openxmlformats-package.relationships+xml"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """A workbook with the rows below the columns' titles; a further sheet begins where one is full. The caller closes
    it.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    coming, sheets = iter(rows), 0
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=3) as archive:
        first: list[Sequence[object]] = []
        while first or not sheets:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                for text in _sheet(chain([columns], first, islice(coming, _ROWS - len(first)))):
                    sheet.write(text.encode())
            first = list(islice(coming, 1))
        for name, text in _parts(title, sheets):
            archive.writestr(name, _HEAD + text)
    file.seek(0)
    return file


def _sheet(rows: Iterator[Sequence[object]]) -> Iterator[str]:
    """A sheet whose titles stay in sight."""
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<sheetData>'
    while chunk := list(islice(rows, _AT_ONCE)):
        yield "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in chunk)
    yield "</sheetData></worksheet>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"<c><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"<c><v>{value}</v></c>"
    text = _LIKE_AN_ESCAPE.sub("_x005F_", _NOT_XML.sub("\ufffd", str(value)[:_CELL]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _parts(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    """What says where in the package the sheets are."""
    numbers = range(1, sheets + 1)
    entries = "".join(
        f'<sheet name={quoteattr(title if n == 1 else f"{title} {n}")} sheetId="{n}" r:id="rId{n}"/>'
        for n in numbers
    )
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets></workbook>'
    yield "xl/workbook.xml", book
    links = "".join(_link(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    yield (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
    )
    link = _link(1, "officeDocument", "xl/workbook.xml")
    yield "_rels/.rels", f'<Relationships xmlns="{_PACKAGE}/relationships">{link}</Relationships>'
    kinds = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in [
            ("workbook", "sheet.main"), *((f"worksheets/sheet{n}", "worksheet") for n in numbers),
        ]
    )  # fmt: skip
    rels = f'<Default Extension="rels" ContentType="{_LINKS}"/>'
    yield "[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{rels}{kinds}</Types>'


def _link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'

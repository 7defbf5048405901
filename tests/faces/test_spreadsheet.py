"""A workbook holds what it was given, as numbers and texts; whatever looks like a formula is a text."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.faces import spreadsheet
from counterfoil.faces.spreadsheet import workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(
    *rows: list[object], columns: tuple[str, ...] = ("A", "B")
) -> list[list[list[tuple[str, str | None]]]]:
    """Of each sheet the rows with the kind and the value of every cell."""
    with workbook("Results", columns, rows) as file, ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if "worksheets/" in name)
        assert archive.testzip() is None
        for name in archive.namelist():
            ET.fromstring(archive.read(name))
        trees = [ET.fromstring(archive.read(name)) for name in names]
    assert [list(tree.iter(f"{MAIN}f")) for tree in trees] == [[] for _ in trees], "no formulas"
    return [
        [[(cell.get("t", ""), "".join(cell.itertext())) for cell in row] for row in tree.iter(f"{MAIN}row")]
        for tree in trees
    ]


def test_numbers_are_numbers_and_everything_else_is_a_text() -> None:
    ((titles, row),) = sheets([7, Decimal("1E+3"), "=1+1", None, True, "007"], columns=tuple("ABCDEF"))
    assert titles == [("inlineStr", letter) for letter in "ABCDEF"]
    assert row == [
        ("", "7"),
        ("", "1000"),
        ("inlineStr", "=1+1"),
        ("", ""),
        ("inlineStr", "True"),
        ("inlineStr", "007"),
    ]


@given(st.text())
def test_every_text_comes_back_but_what_xml_cannot_hold(text: str) -> None:
    ((_, ((kind, found), _)),) = sheets([text, "x"])
    expected = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    # XML itself takes carriage returns for line ends; a spreadsheet reads _x005F_ as an underline.
    assert found.replace("_x005F_", "_") == expected.replace("\r\n", "\n").replace("\r", "\n")
    assert kind == ("inlineStr" if text else "")


@pytest.mark.parametrize(("rows", "expected"), [(0, [1]), (3, [4]), (4, [4, 2]), (7, [4, 4, 2])])
def test_a_further_sheet_begins_where_one_is_full(
    monkeypatch: pytest.MonkeyPatch, rows: int, expected: list[int]
) -> None:
    monkeypatch.setattr(spreadsheet, "_ROWS", 3)
    found = sheets(*([n, "x"] for n in range(rows)))
    assert [len(sheet) for sheet in found] == expected
    assert [row[0][1] for sheet in found for row in sheet[1:]] == [str(n) for n in range(rows)]

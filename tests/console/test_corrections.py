"""Refused items as they were handed in: a table of them, corrected, says the same again."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.console.corrections import to_correct
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads
from counterfoil.processes import payloads

WHY = [{"pointer": "/a", "detail": "It is wrong.", "code": "X-001"}]
NAMES = st.text("abcxyz", min_size=1, max_size=3)
TEXTS = st.sampled_from(["1", "-0.25", "a,b", 'say "x"', "two\nlines", "it's", "ä€", " x"])
INNER = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=2)
VALUES = TEXTS | INNER | st.lists(TEXTS | INNER, min_size=1, max_size=2)
ITEMS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


@settings(max_examples=60)
@given(item=ITEMS)
def test_a_table_handed_in_again_is_the_same_item(item: dict) -> None:
    table = b"".join(to_correct("csv", lambda: [(dumps(item).encode(), WHY)]))
    (again,) = payloads([table], "text/csv", "")
    assert loads(again) == item


def test_reasons_stand_in_the_last_column() -> None:
    items = [(b'{"a": "1"}', WHY), (b'{"b": 2, "a": null}', WHY * 2), (b"[no", WHY)]
    rows = list(csv.reader(io.StringIO(b"".join(to_correct("csv", lambda: items)).decode())))
    assert rows[0] == ["a", "b", "#refused"]
    assert rows[1] == ["1", "", "/a It is wrong. (X-001)"]
    assert rows[3][2].endswith("(X-001): [no")


def test_an_item_on_several_lines_becomes_one_line() -> None:
    assert b"".join(to_correct("ndjson", lambda: [(b'{\n "a": 1\r\n}', WHY)])) == b'{  "a": 1 }\n'


def test_a_table_of_too_many_columns_is_refused() -> None:
    items = [(dumps({f"f{n}": 1}).encode(), WHY) for n in range(600)]
    with pytest.raises(Refused, match="CON-426"):
        to_correct("csv", lambda: items)

"""Whatever a line says, it ends as one rejected item with a code; the next line is issued, and nothing waits."""

import json
from collections.abc import Callable

import pytest

from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps
from tests.processes.desk import Desk, Item, codes, new, terms

PLACES: dict[str, Callable[[str], Item]] = {
    "reference": new,
    "group": lambda s: new(group=s),
    "kind": lambda s: new(kind=s),
    "isin": lambda s: {"kind": "CANCEL", "isin": s},
    "unknown field": lambda s: {**new(), s: 1},
    "name of terms": lambda s: new(instrument=terms(name=s)),
    "unknown term": lambda s: new(instrument={**terms(), s: 1}),
    "class of terms": lambda s: new(instrument={**terms(), "class": s}),
    "issuer": lambda s: new(instrument=terms(issuer=s)),
    "underlying": lambda s: new(instrument=terms(underlyings=[{"kind": "equity", "name": s, s: s}])),
    "free term's name": lambda s: new(instrument=terms("1299", free_terms={s: "x"})),
    "free term": lambda s: new(instrument=terms("1299", free_terms={"a": s})),
    "changed name": lambda s: {"kind": "AMEND", "isin": "DE0005140008", "changes": {s: s}},
}
STRINGS = {
    "NUL": "a\0b", "high half": "\ud83d", "low half": "x\udc00", "halves swapped": "\ude00\ud83d", "line end": "a\nb",
    "escape": "\x1b[2J", "right to left": "\u202egnp", "not a character": "\ufffe", "long": "x" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_hostile_texts_are_refused_and_stop_nobody(desk: Desk, place: str) -> None:
    lines = [json.dumps(PLACES[place](text)).encode() for text in STRINGS.values()]
    results = desk.issue([*lines, new()])
    assert results[-1]["outcome"] == "done"
    for name, result in zip(STRINGS, results, strict=False):
        assert result["outcome"] == "rejected", name
        assert codes(result), name
        assert all(len(r["detail"]) < 1000 for r in result["refusals"])


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"null", b"[]", b"7", b'"x"', b"NaN", b'{"quantity":NaN}', b'{"quantity":-Infinity}', b"\xff\xfe{\x00",
        b'{"kind":"\xed\xa0\x80"}', b'{"kind":"NEW","kind":"NEW"}', b"{}{}", b'{"a":1e999999999}',
        b'{"kind":"CANCEL","isin":"DE0005140008","isin":"DE0005140008"}', b'{"a":' + b"9" * 6000 + b"}",
        b"[" * 100_000, b'{"instrument":' * 10_000, b'{"instrument":' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"kind":["NEW"]}', b'{"kind":{}}', b'{"kind":null}', b'{"kind":true}', b'\x00', b'\xef\xbb\xbf{}',
        b'{"kind":"TOP_UP","isin":"DE0005140008","quantity":1e-99}', b'{"issuer_consent":1,"kind":"AMEND"}',
        b'{"x":"' + b"y" * 200_000 + b'"}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_request_is_refused_and_stops_nobody(desk: Desk, line: bytes) -> None:
    bad, good = desk.issue([line, new()])
    assert (bad["outcome"], good["outcome"]) == ("rejected", "done")
    assert codes(bad)


@pytest.mark.parametrize(
    "quantity", ["1_000", " 5", "5 ", "٣", "1e3", "+5", "0x1", "NaN", "sNaN", "Infinity", "", "-0", "0.000001",
     "1" * 99,
                 True, None, [], {}, 10**18, -1, 0],
)  # fmt: skip
def test_only_plain_positive_numbers_are_quantities(desk: Desk, quantity: object) -> None:
    result = desk.one({"kind": "TOP_UP", "isin": "DE0005140008", "quantity": quantity})
    assert ("PRC-005", "/quantity") in [(r["code"], r["pointer"]) for r in result["refusals"]]


@pytest.mark.parametrize("consent", [1, 0, "yes", "True", [], None])
def test_only_true_and_false_are_consent(desk: Desk, consent: object) -> None:
    item = {"kind": "AMEND", "isin": "DE0005140008", "changes": {}, "issuer_consent": consent}
    assert "/issuer_consent" in [r["pointer"] for r in desk.one(item)["refusals"]]


def test_a_line_may_be_long_but_not_endless(desk: Desk) -> None:
    with pytest.raises(Refused, match="PRC-021"):
        desk.hand_in([new(), dumps({"x": "y" * 300_000}).encode()])

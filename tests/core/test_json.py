"""Only one reading of the same bytes: strict JSON in, one compact form out."""

import json as plain
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps, loads, loads_stored


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.10", Decimal("1.10")), ("1e3", Decimal("1E+3")), ("-0.0", Decimal("-0.0")), ("12", 12),
        ('"ä€😀"', "ä€😀"),
        (' {"a": [true, null]} ', {"a": [True, None]}), ('"\\ud83d\\ude00"', "😀"), ('"\\\\u0000"', "\\u0000"),
        ('"\\\\ud800"', "\\ud800"), ('"\\u00fc"', "ü"), ("9" * 60, int("9" * 60)), ("[" * 32 + "]" * 32, None),
    ],
)  # fmt: skip
def test_well_formed_texts_are_read_exactly(text: str, value: object) -> None:
    for form in (text, text.encode()):
        read = loads(form)
        if value is not None:
            assert (read, type(read)) == (value, type(value))
            assert not isinstance(read, Decimal) or str(read) == str(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "Expecting value"), (b"{", "Expecting"), (b"1 2", "Extra data"), (b"'a'", "Expecting value"),
        (b"\xff", "byte 0 is not UTF-8"), (b'"\xed\xa0\x80"', "is not UTF-8"), ('"ä"'.encode("latin-1"), "not UTF-8"),
        ("1".encode("utf-16"), "not UTF-8"), (b"\xef\xbb\xbf1", ""), (b'"\x01"', "control character"),
        (b"NaN", "NaN is not"), (b"[Infinity]", "Infinity is not"), (b"-Infinity", "-Infinity is not"),
        (b"9" * 61, "60 digits"), (b"9" * 100_000, "60 digits"), (b"0." + b"1" * 60, "60 characters"),
        (b"1e61", "exponent"), (b"1e-61", "exponent"), (b"1e999999999", "exponent"), (b"1e" + b"9" * 50, "exponent"),
        (b'{"a":1,"a":1}', '"a" stands twice'), (b'[{"b":{"\\u0061":1,"a":2}}]', '"a" stands twice'),
        (b'"\\u0000"', "NUL"), (b'{"\\u0000":1}', "NUL"), (b'[["a\\ud800"]]', "surrogate"),
        (b'"\\udc00x"', "surrogate"),
        (b'{"a":{"\\ude00\\ud83d":1}}', "surrogate"),
        (b"[" * 33 + b"]" * 33, "32 levels"), (b'{"a":' * 33 + b"1" + b"}" * 33, "32 levels"),
        (b"[" * 100_000, "nested too deeply"), (b'{"a":' * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        loads(text)
    (refusal,) = refused.value.refusals
    assert refusal.code == "COR-001"
    assert reason in refusal.detail
    assert refusal.detail.isprintable()
    assert len(refusal.detail) < 300


def test_a_text_that_is_given_with_half_a_pair_is_refused() -> None:
    with pytest.raises(Refused, match="surrogate"):
        loads('"\ud800"')


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_whatever_comes_is_read_or_refused(text: bytes | str) -> None:
    try:
        value = loads(text)
    except Refused:
        return
    assert plain.loads(dumps(value)) is not None or value is None
    dumps(value).encode()


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\"\\/ü", max_size=3), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


@given(VALUES, st.booleans())
def test_every_value_comes_back(value: object, ascii_only: bool) -> None:
    assert loads(plain.dumps(value, ensure_ascii=ascii_only)) == value
    assert loads(dumps(value)) == loads_stored(dumps(value)) == value


def test_what_json_does_not_know_is_written_as_text() -> None:
    written = dumps(
        {
            "amount": Decimal("1E+3"), "at": datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "on": date(2026, 11, 20),
            "id": UUID(int=1), "hash": b"\x01\xff", "set": {"b", "a"},
        }
    )  # fmt: skip
    assert plain.loads(written) == {
        "amount": "1000", "at": "2026-11-20T09:30:00Z", "on": "2026-11-20", "hash": "01ff", "set": ["a", "b"],
        "id": "00000000-0000-0000-0000-000000000001",
    }  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {(1, 2): 3}])
def test_what_has_no_form_is_a_bug(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        dumps(value)

"""Places in ordered lists: what is written is read again, and nothing else is."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.errors import Refused
from counterfoil.core.places import place, read_place

ID = UUID("0193a000-0000-7000-8000-000000000001")
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@given(TEXTS, st.decimals(-(10**20), 10**20, places=4), st.dates(), st.uuids())
def test_a_place_is_read_as_it_was_written(text: str, number: Decimal, day: date, id_: UUID) -> None:
    assert read_place(place(text, number, day, id_), str, Decimal, date, UUID) == (text, number, day, id_)


def test_an_instant_keeps_its_zone() -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 1, tzinfo=UTC)
    assert read_place(place(at, ID), datetime, UUID) == (at, ID)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", (Decimal, UUID)),
        (str(ID), (Decimal, UUID)),
        (f"NaN~{ID}", (Decimal, UUID)),
        (f"Infinity~{ID}", (Decimal, UUID)),
        (f"1e999999~{ID}", (Decimal, UUID)),
        (f"{'9' * 5000}~{ID}", (Decimal, UUID)),
        (f"{'9' * 5000}~{ID}", (int, UUID)),
        ("2026-13-01~x", (date, UUID)),
        (f"a\0b~{ID}", (str, UUID)),
        ("1~2~3", (int, int)),
    ],
)
def test_what_no_page_has_given_is_refused(text: str, kinds: tuple[type, ...]) -> None:
    with pytest.raises(Refused) as refused:
        read_place(text, *kinds)
    assert refused.value.rule.code == "COR-004"

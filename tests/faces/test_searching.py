"""A search over instruments: by state and words, as far as it looks at once."""

from decimal import Decimal
from hashlib import sha256

import pytest

from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.faces import Wanted, find_instruments, orders_of_instruments, searching
from counterfoil.instruments import NewInstrument, insert_instruments
from tests.register.entering import LEI, NOON, instruction, record_now

OTHER = "5299000J2N45DDNE4Y28"
ISINS = [f"DE{n:010d}" for n in range(40)]


def _stored(database: Database) -> None:
    def new(n: int) -> NewInstrument:
        isin, name = ISINS[n], "Rare" if n in (7, 33) else "Common"
        lei, canonical = LEI if n % 2 else OTHER, f'{{"isin":"{isin}"}}'
        digest = sha256(canonical.encode()).digest()
        return NewInstrument(isin, "1200", lei, name, "EUR", isin[5:11], "DMMXXX", "X/Y", digest, canonical)

    with database.transaction() as tx:
        insert_instruments(tx, [new(n) for n in range(40)], NOON)
        issued = [instruction("NEW", isin, Decimal(1)) for isin in ISINS[:36]]
        record_now(tx, issued + [instruction("SUSPEND", ISINS[n]) for n in (4, 7, 20)])


def _all(database: Database, wanted: Wanted, look: int) -> list[str]:
    """Page by page to the end."""
    found, after = [], ""
    with database.transaction() as tx:
        while True:
            page = find_instruments(tx, wanted, after=after, limit=3, look=look)
            found += [row["isin"] for row in page.rows]
            if page.next is None:
                return found
            assert page.next > after, "it goes on"
            after = page.next


def test_what_one_look_leaves_out_is_found_by_going_on(database: Database) -> None:
    _stored(database)
    rare, suspended = [ISINS[7], ISINS[33]], [ISINS[n] for n in (4, 7, 20)]
    for look in (1, 4, 10, 40, 1000):
        assert _all(database, Wanted(words="rARe"), look) == rare
        assert _all(database, Wanted(state="suspended"), look) == suspended
        assert _all(database, Wanted(state="suspended", issuer=LEI), look) == [ISINS[7]]
        active = [isin for isin in ISINS[:36] if isin not in suspended]
        assert _all(database, Wanted(state="active"), look) == active
        assert _all(database, Wanted(state="active", words="rare"), look) == [ISINS[33]]
        assert _all(database, Wanted(words="%"), look) == []
    assert _all(database, Wanted(prefix="DE00000000"), 1) == ISINS
    assert _all(database, Wanted(prefix=ISINS[3][:11], state="active"), 5) == [
        i for i in ISINS if i[:11] == ISINS[3][:11] and i not in suspended
    ]


def test_a_page_says_how_far_it_looked_and_in_which_state_each_issue_is(database: Database) -> None:
    _stored(database)
    with database.transaction() as tx:
        page = find_instruments(tx, Wanted(state="active", issuer=OTHER), limit=30, look=10)
        assert ({r["state"] for r in page.rows}, len(page.rows), page.until) == ({"active"}, 5, ISINS[11])
        page = find_instruments(tx, Wanted(), after=ISINS[36], limit=3)
        assert [r["state"] for r in page.rows] == ["", "", ""]
        assert (page.next, page.until) == (None, None)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(issuer=LEI), Wanted(class_="1200")], ids=str)
def test_orders_from_both_ends_join_page_by_page(database: Database, wanted: Wanted) -> None:
    _stored(database)
    for name in orders_of_instruments(wanted):
        both: list[list[str]] = []
        for descending in (False, True):
            found, after = [], ""
            while True:
                with database.transaction() as tx:
                    page = find_instruments(
                        tx, wanted, by_entry=name == "entered", descending=descending, after=after, limit=7
                    )
                found += [row["isin"] for row in page.rows]
                if page.next is None:
                    break
                after = page.next
            both.append(found)
        assert both[0] == both[1][::-1] == [i for n, i in enumerate(ISINS) if n % 2 or wanted.issuer is None]
    with database.transaction() as tx, pytest.raises(Refused):
        find_instruments(tx, Wanted(), by_entry=True, after="DE0000000001", limit=1)


NAMES = (
    "Turbo open end Long Münchener Rück 485.31",
    "Inline EURO STOXX 50 4949.40-7254.60",
    "Mini-Future Short E.ON SE 10.01",
    "Call Amazon.com Inc. 05/2029",
    "Note <b>of</b> hope & 'glory'",
    "Bond 3.03 % 10 years",
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rück MÜNCH", [0]), ("485.3", [0]), ("7254.60", [1]), ("50 stoxx", [1]), ("mini-fut", [2]),
        ("mini fut", [2]),
        ("future mini", [2]), ("e.on", [2]), ("amazon", [3]), ("2029", [3]), ("OF</B>", [4]), ("'glory", [4]),
        ("glory' hope", [4]), ("3.03 %", [5]), ("10", [2, 5]), ("end hope", []), ("urbo", []), ("%", []),
        ("'':*|", []),
        ("\\", []), ("\0", []), (".", []), ("a" * 100, []), ("note\0of", [4]), ("! note", [4]), ("(", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("look", [1, 1000])
@pytest.mark.parametrize("rare", [1, 1000])
def test_words_are_found_by_their_beginnings_in_any_order(
    named: Database, monkeypatch: pytest.MonkeyPatch, typed: str, expected: list[int], look: int, rare: int
) -> None:
    monkeypatch.setattr(searching, "_LOOK_FOR_WORDS", rare)
    assert _all(named, Wanted(words=typed), look) == [ISINS[n] for n in expected]


@pytest.fixture(scope="module")
def named(shared_database: Database) -> Database:
    """An instrument of each name."""
    with shared_database.transaction() as tx:
        new = [
            NewInstrument(
                ISINS[n], "1200", LEI, name, "EUR", ISINS[n][5:11], "DMMXXX", "X/Y",
                sha256(canonical.encode()).digest(), canonical,
            )
            for n, name in enumerate(NAMES)
            for canonical in [f'{{"isin":"{ISINS[n]}"}}']
        ]  # fmt: skip
        insert_instruments(tx, new, NOON)
    return shared_database

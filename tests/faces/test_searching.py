"""A search over instruments: by state and words, as far as it looks at once."""

from decimal import Decimal
from hashlib import sha256

from counterfoil.core.db import Database
from counterfoil.faces import Wanted, find_instruments
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
        page = find_instruments(tx, Wanted(words="rare"), limit=3, look=10)
        assert ([(r["isin"], r["state"]) for r in page.rows], page.until) == (
            [(ISINS[7], "suspended")],
            ISINS[9],
        )
        page = find_instruments(tx, Wanted(), after=ISINS[36], limit=3)
        assert [r["state"] for r in page.rows] == ["", "", ""]
        assert (page.next, page.until) == (None, None)

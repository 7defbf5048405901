"""Lists of batches and of files in their orders, from either end, each read from an index."""

import re

import pytest

from counterfoil.core.db import Database, Transaction
from counterfoil.processes import batches
from counterfoil.settlement import instruction_batches
from tests.console.conftest import ISSUER, NOW, OTHER, House

COUNT = 5000
_WHO = "CASE WHEN n %% 100 = 0 THEN %(issuer)s::text ELSE %(other)s::text END"
_NONE = "decode(repeat('00', 32), 'hex')"
FILL = {
    "processes": "INSERT INTO processes.batch (id, submitter, submitted_by, body_sha256, policy, business_date,"
    " state,"
    f" item_count, received_at, sealed_at) SELECT uuidv7(), {_WHO}, 'clerk', {_NONE}, 'CONTINUE', '2026-11-20',"
    " 'RUNNING', 1 + (n * 37) %% 1000, %(now)s::timestamptz, %(now)s::timestamptz"
    " FROM generate_series(1, %(count)s::integer) AS n",
    "settlement": "INSERT INTO settlement.batch (id, submitter, submitted_by, idempotency_key, body_sha256,"
    " item_count,"
    f" received_at) SELECT uuidv7(), {_WHO}, 'clerk', n::text, {_NONE}, 1 + (n * 37) %% 1000, %(now)s::timestamptz"
    " FROM generate_series(1, %(count)s::integer) AS n",
}
LISTS = {"processes": (batches, "item_count"), "settlement": (instruction_batches, "received")}
PAGES = {"processes": "/console/batches/issuance", "settlement": "/console/batches/instructions"}


@pytest.fixture(scope="module")
def filled(house: House) -> Database:
    with house.database.transaction() as tx:
        for room, statement in FILL.items():
            tx.execute(statement, issuer=ISSUER, other=OTHER, now=NOW, count=COUNT)
            tx.execute(f"ANALYZE {room}.batch")
    return house.database


@pytest.mark.parametrize("room", LISTS)
@pytest.mark.parametrize("submitter", [None, ISSUER])
@pytest.mark.parametrize("by_size", [False, True])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_join_in_order_and_scan_no_table(
    filled: Database, monkeypatch, room: str, submitter: str | None, by_size: bool, descending: bool
) -> None:
    read, size = LISTS[room]
    wanted = {"submitter": submitter, "by_size": by_size, "descending": descending}
    plans: list[str] = []
    rows = Transaction.rows

    def explaining(tx: Transaction, statement: str, **parameters: object) -> list:
        plans.extend(line for (line,) in rows(tx, f"EXPLAIN {statement}", **parameters))
        return rows(tx, statement, **parameters)

    with filled.transaction() as tx:
        whole = read(tx, **wanted, limit=120)
        monkeypatch.setattr(Transaction, "rows", explaining)
        joined = read(tx, **wanted, limit=17)
        while len(joined) < min(len(whole), 102):
            joined += read(tx, **wanted, limit=17, after=joined[-1]["place"])
    assert [one["id"] for one in joined] == [one["id"] for one in whole][: len(joined)]
    keys = [(one[size] if by_size else 0, one["id"]) for one in joined]
    assert keys == sorted(keys, reverse=descending)
    assert not [line for line in plans if "Seq Scan" in line], plans


@pytest.mark.parametrize("path", PAGES.values())
def test_titles_order_the_list_and_its_next_page(filled: Database, house: House, path: str) -> None:
    client = house.person("operator")
    page = client.get(f"{path}?sort=-size").text
    assert re.search(r'aria-sort="descending">\s*<a href="[^"]*sort=size"', page)
    assert "sort=-size&amp;after=1000~" in page or "sort=-size&amp;after=99" in page
    for query in ("sort=name", "sort=size&after=x~y", "after=x"):
        assert client.get(f"{path}?{query}").status_code == 422, query

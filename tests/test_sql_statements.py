"""PostgreSQL itself judges every statement of every `.sql` file: names, columns, types, and casts of parameters."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import counterfoil
from counterfoil.core.db import Queries
from counterfoil.core.postgres import EmbeddedPostgres

SOURCE = Path(counterfoil.__file__).parent
FILES = sorted(path for path in SOURCE.rglob("*.sql") if path.parent.name != "migrations")
STATEMENTS = {
    f"{path.relative_to(SOURCE)}:{name}": statement
    for path in FILES
    for name, statement in Queries(path).statements.items()
}
_PARAMETER = re.compile(r"%\((\w+)\)s")
_CASTED = re.compile(r"%\(\w+\)s::")


def numbered(statement: str) -> str:
    """The statement with `$n` for `%(name)s`, and `%` for `%%`."""
    names: dict[str, int] = {}
    text = _PARAMETER.sub(lambda m: f"${names.setdefault(m[1], len(names) + 1)}", statement)
    return text.replace("%%", "%").rstrip().rstrip(";")


@pytest.fixture(scope="module")
def connection(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    """A session on a migrated database without data."""
    connection = psycopg.connect(
        f"host={postgres.socket} user=counterfoil dbname=counterfoil", autocommit=True
    )
    yield connection
    connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_can_be_planned(connection: psycopg.Connection, name: str) -> None:
    # The text is sent without parameters, so the driver leaves its percent signs alone.
    assert connection.execute(f"EXPLAIN (GENERIC_PLAN) {numbered(STATEMENTS[name])}").fetchall()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_parameter_has_its_type_written_beside_it(name: str) -> None:
    """An uncast parameter silently becomes text."""
    statement = STATEMENTS[name]
    assert len(_PARAMETER.findall(statement)) == len(_CASTED.findall(statement))


def test_every_file_is_read_by_the_module_beside_it() -> None:
    for path in FILES:
        module = path.with_suffix(".py")
        assert "queries(__file__)" in module.read_text(), f"{path} has no module that runs it"
        users = "\n".join(other.read_text() for other in path.parent.parent.rglob("*.py"))
        for name in Queries(path).statements:
            assert f"SQL.{name}" in users, f"{path.name}: {name} is never run"


def test_a_wrong_statement_is_noticed(connection: psycopg.Connection) -> None:
    """Without this, the tests above might pass whatever the statements say."""
    for wrong in (
        "SELECT nothing FROM ledger.position",
        "SELECT id FROM ledger.batch WHERE id = %(a)s::integer",
    ):
        with pytest.raises(psycopg.Error):
            connection.execute(f"EXPLAIN (GENERIC_PLAN) {numbered(wrong)}")

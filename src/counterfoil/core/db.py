"""The only place that speaks to PostgreSQL.

A face or the engine opens a transaction and passes it down; nothing below commits. SQL stands in a `.sql` file
beside the module that runs it, one statement under each `-- name:` line.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.array import ListBinaryDumper
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from counterfoil.core.errors import Refused, rule
from counterfoil.core.json import dumps, loads_stored

set_json_dumps(dumps)
set_json_loads(loads_stored)
# Lists travel in binary: as text, each of their values would be escaped with regular expressions.
psycopg.adapters.register_dumper(list, ListBinaryDumper)

_PREPARED = 400
"""Statements that a connection keeps planned. A worker goes round some two hundred; with fewer kept, it would plan
each of them anew on every round."""
NOT_STORABLE = rule(
    "COR-003", "Value out of range", "A value is too large, or has a character that no text can hold.",
    "Send numbers within range and texts without NUL.",
)  # fmt: skip

Row = tuple[Any, ...]
json_value = Jsonb
"""Marks a parameter as `jsonb`."""


class Unavailable(Exception):
    """The database cannot be reached or gave up; the same call may succeed later. Nothing was half-done."""


class Closed(Unavailable):
    """This process has closed the database itself: no call succeeds any more."""


class Conflict(Exception):
    """A constraint of the database refused the write, or two transactions waited for each other and this one gave way
    ("deadlock"). `constraint` is its name. The same work may be done again.
    """

    def __init__(self, constraint: str, message: str) -> None:
        self.constraint = constraint
        super().__init__(message)


class Queries:
    """The statements of one `.sql` file, as attributes by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        parts = re.split(r"^-- name: (\w+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        self.statements = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}

    def __getattr__(self, name: str) -> str:
        try:
            return self.statements[name]
        except KeyError:
            raise AttributeError(f"{self.path.name} has no statement named {name}") from None


def queries(module_file: str) -> Queries:
    """The statements of the `.sql` file beside a module; call it with `__file__`."""
    return Queries(Path(module_file).with_suffix(".sql"))


class Transaction:
    """An open transaction. `cache` lives exactly as long: a task may leave there what a later one would re-read."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self.cache: dict[str, Any] = {}

    def execute(self, statement: str, **parameters: object) -> int:
        """Run one statement; the number of rows it touched."""
        return self._run(statement, parameters).rowcount

    def rows(self, statement: str, **parameters: object) -> list[Row]:
        """Run one statement; all its rows."""
        return self._run(statement, parameters).fetchall()

    def row(self, statement: str, **parameters: object) -> Row | None:
        """Run one statement; its first row, or None."""
        return self._run(statement, parameters).fetchone()

    def value(self, statement: str, **parameters: object) -> Any:
        """Run one statement that yields a row; its first column."""
        row = self.row(statement, **parameters)
        return None if row is None else row[0]

    def stream(self, statement: str, *, size: int = 2000, **parameters: object) -> Iterator[Row]:
        """The rows of a large result through a server-side cursor, `size` at a time."""
        with self._connection.cursor(name=f"stream_{id(parameters):x}") as cursor:
            cursor.itersize = size
            cursor.execute(statement, parameters)
            yield from cursor

    def copy(self, table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Row]) -> None:
        """Append rows by binary COPY; none send none. `table` is `schema.name`; `types` are PostgreSQL type names."""
        coming = iter(rows)
        first = next(coming, None)
        if first is None:
            return
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        try:
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(types)
                write = copy.write_row
                write(first)
                for row in coming:
                    write(row)
        except (psycopg.Error, UnicodeEncodeError) as error:
            raise _translated(error) from error

    def notify(self, channel: str, payload: str = "") -> None:
        """Wake whoever listens on `channel`, once this transaction has committed."""
        self.execute(
            "SELECT pg_notify(%(channel)s::text, %(payload)s::text)", channel=channel, payload=payload
        )

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block did when it raises, and only that. The cache is emptied then."""
        try:
            with self._connection.transaction():
                yield
        except BaseException:
            self.cache.clear()
            raise

    @contextmanager
    def kept_plans(self) -> Iterator[None]:
        """Run each statement of the block by the plan that is kept for any parameters. Where few rows are found by
        key, to plan for the parameters at hand costs more than to run.

        Not for conditions that fall away when their parameter is null: their kept plan reads everything.
        """
        self.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        self.execute("SET LOCAL plan_cache_mode = auto")

    @contextmanager
    def fresh_plans(self) -> Iterator[None]:
        """Plan each statement of the block for its own parameters: its conditions that are null fall away."""
        self.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield
        self.execute("SET LOCAL plan_cache_mode = auto")

    def _run(self, statement: str, parameters: dict[str, object]) -> psycopg.Cursor[Row]:
        try:
            return self._connection.execute(statement, parameters or None)
        except (psycopg.Error, UnicodeEncodeError) as error:
            raise _translated(error) from error


class Listener:
    """Waits for notifications on a connection of its own."""

    def __init__(self, url: str, channel: str) -> None:
        self._connection = _connect(url)
        self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

    def wait(self, timeout_s: float) -> list[str]:
        """The payloads of the notifications that arrive first, or an empty list after `timeout_s`."""
        try:
            return [n.payload for n in self._connection.notifies(timeout=timeout_s, stop_after=1)]
        except psycopg.Error as error:
            raise _translated(error) from error

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


class Database:
    """A pool of connections to one PostgreSQL database."""

    def __init__(
        self, url: str, *, connections: int = 4, timeout_s: float = 10.0, by_key: bool = False
    ) -> None:
        """`by_key` has every statement find its rows by an index.

        A worker plans its statements while the tables are small, and keeps the plans while they grow.
        """
        self.url = url
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            timeout=timeout_s,
            open=False,
            check=ConnectionPool.check_connection,
            configure=_keep_prepared,
            kwargs={
                "application_name": "counterfoil",
                "autocommit": False,
                "options": "-c enable_seqscan=off" if by_key else "",
            },
        )
        self._pool.open()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises `Unavailable` when the database is lost, `Closed` when it was closed here, `Conflict` when a constraint
        refuses the commit.
        """
        try:
            with self._pool.connection() as connection:
                yield Transaction(connection)
        except PoolClosed as error:
            raise Closed(str(error)) from error
        except psycopg.Error as error:
            raise _translated(error) from error
        except PoolTimeout as error:
            raise Unavailable("no connection to the database within the time allowed") from error

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A read-only transaction that sees one state throughout."""
        with self.transaction() as tx:
            tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield tx

    def listen(self, channel: str) -> Listener:
        """Listen on `channel`."""
        return Listener(self.url, channel)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _keep_prepared(connection: psycopg.Connection[Row]) -> None:
    connection.prepared_max = _PREPARED


def _connect(url: str) -> psycopg.Connection[Row]:
    try:
        return psycopg.connect(url, autocommit=True, application_name="counterfoil listener")
    except psycopg.Error as error:
        raise _translated(error) from error


def _translated(error: psycopg.Error | UnicodeEncodeError) -> Exception:
    """Our own exception for a driver error that callers may act on; any other as it is."""
    if isinstance(error, psycopg.errors.DeadlockDetected):
        return Conflict("deadlock", str(error))
    if isinstance(error, psycopg.IntegrityError):
        return Conflict(error.diag.constraint_name or "", str(error))
    if isinstance(error, psycopg.DataError | UnicodeEncodeError):  # half a surrogate pair has no bytes
        return Refused(NOT_STORABLE())
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(str(error))
    return error

"""What the database alone needs for the very rows that a batch has written: a bare COPY of them.

Rows that a batch writes and takes away again (a process instance's place in its model) are not counted.
"""

import statistics
import time

import psycopg

TABLES = (
    "processes.batch", "processes.item", "processes.item_ready", "processes.item_outcome",
    "processes.tally",
    "orchestration.process_instance", "orchestration.path", "orchestration.instance_path",
    "orchestration.user_task", "instruments.instrument", "instruments.terms", "register.block", "register.opened",
    "register.issue", "register.entry", "ledger.batch", "ledger.booking", "ledger.posting", "ledger.posted",
    "ledger.moved",
    "ledger.position",
)  # fmt: skip
_ROUNDS = 3


def bare_copy_s(database_url: str) -> tuple[float, int, int]:
    """Seconds (median of three), rows and bytes of copying every row of TABLES into tables without any guard.

    The copies have the columns and types only: no index, no constraint, no trigger. One connection, one durable
    commit.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        rows = sum(connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES)
        data = {table: _dumped(connection, table) for table in TABLES}
        spent = [_copied_s(connection, data) for _ in range(_ROUNDS)]
        connection.execute("DROP SCHEMA bare CASCADE")
    return statistics.median(spent), rows, sum(map(len, data.values()))


def _dumped(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(part) for part in copy)


def _copied_s(connection: psycopg.Connection, data: dict[str, bytes]) -> float:
    connection.execute("DROP SCHEMA IF EXISTS bare CASCADE")
    connection.execute("CREATE SCHEMA bare")
    for table in data:
        connection.execute(f"CREATE TABLE {_bare(table)} (LIKE {table})")
    connection.execute("CHECKPOINT")  # what the batch has left to write is not to be waited for here
    started = time.perf_counter()
    with connection.transaction():
        for table, content in data.items():
            with connection.cursor().copy(f"COPY {_bare(table)} FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(content)
    return time.perf_counter() - started


def _bare(table: str) -> str:
    return "bare." + table.replace(".", "_")

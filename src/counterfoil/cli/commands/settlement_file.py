"""Hand in a file of instructions and follow it to the end."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any, TextIO

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from counterfoil.cli.checking import check
from counterfoil.cli.client import REFUSED, ask, client, end_with_problem
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.files import chunks_of, content_digest, upload_headers
from counterfoil.cli.output import ERR, note, print_json, show, show_table

_POLL_S = 0.2
_PATH = "/settlement/batches"


def instruct(
    file: Annotated[
        str, typer.Argument(help="CSV, NDJSON or JSON, .gz too; - is NDJSON from standard input.")
    ],
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go with their reasons, as NDJSON; else shown.")
    ] = None,
    again: Annotated[bool, typer.Option(help="Hand it in anew although this very file was before.")] = False,
    validate_only: Annotated[bool, typer.Option(help="Apply every rule, take nothing in.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Hand in every instruction of a file, with progress. Exit code 1 where one is rejected.

    A CSV file has a header with the fields of an instruction; links stand as BEFO:REF;WITH:REF2, a pool as NAME/3.
    The same file again shows the first result.

    Example: counterfoil settlement instruct trades.csv --rejects rejected.ndjson
    """
    with _readable(file) as path, client(url) as server:
        if validate_only:
            check(server, f"{_PATH}/validation", path, {}, as_json=as_json)
            return
        summary = hand_in(server, path, again=again, quiet=as_json)
        rows = list(rejected_rows(server, summary["batch"])) if summary["rejected"] and not rejects else []
        if rejects is not None:
            _write_rejects(server, summary["batch"], rejects)
        if as_json:
            print_json({**summary, "rejects": rows})
        else:
            _tell(server, summary, rows)
    if summary["rejected"]:
        sys.exit(REFUSED)


def resume(batch: str, url: Url = None, as_json: Json = False) -> None:
    """Have a file go on that was set aside because its rows could not be taken in. For the depository.

    Example: counterfoil settlement resume 0199d1c2-7a54-7c3e-9f0e-3a1b5c7d9e11
    """
    with client(url) as server:
        show(ask(server, "POST", f"{_PATH}/{batch}/resumption"), as_json=as_json)


def hand_in(server: httpx.Client, file: Path, *, again: bool, quiet: bool) -> dict[str, Any]:
    """Upload, follow, and sum up: {"batch", "received", "accepted", "rejected", "seconds"}."""
    started = time.monotonic()
    headers = upload_headers(file)
    headers["Idempotency-Key"] = f"file-{content_digest(file)}" + (f"-{time.time_ns()}" if again else "")
    receipt = ask(server, "POST", _PATH, content=chunks_of(file), headers=headers)
    if not receipt["created"]:
        note("This very file was handed in before; nothing is instructed twice. (--again hands it in anew.)")
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, disable=quiet) as progress:
        bars = {step: progress.add_task(step, total=receipt["received"]) for step in ("taken in", "rejected")}
        while True:
            found = ask(server, "GET", f"{_PATH}/{receipt['id']}")
            progress.update(bars["taken in"], completed=found["accepted"] + found["rejected"])
            progress.update(bars["rejected"], completed=found["rejected"])
            if found["state"] == "done":
                break
            if found["state"] == "stuck":
                note(
                    f"{found['waiting']:,} rows wait: {found['failure']}\n"
                    f"Have it mended, then: counterfoil settlement resume {found['id']}"
                )
                sys.exit(REFUSED)
            time.sleep(_POLL_S)
    return {
        "batch": found["id"], "received": found["received"], "accepted": found["accepted"],
        "rejected": found["rejected"], "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip


def rejected_rows(server: httpx.Client, batch: str) -> Iterator[dict[str, Any]]:
    """The rows that were not accepted, in the order of the file."""
    path = f"{_PATH}/{batch}/results.ndjson"
    with server.stream("GET", path, params={"outcome": "rejected"}) as response:
        if not response.is_success:
            end_with_problem(response)
        for line in response.iter_lines():
            yield json.loads(line)


def _tell(server: httpx.Client, summary: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    seconds = summary["seconds"]
    rate = summary["received"] / seconds if seconds else 0
    note(
        f"{summary['accepted']:,} accepted, {summary['rejected']:,} rejected of {summary['received']:,} "
        f"in {seconds:.1f} s ({rate:,.0f} a second)."
    )
    errors = [
        {"line": row["line"], "reference": row["reference"], **error}
        for row in rows
        for error in row["errors"]
    ]
    if errors:
        show_table(errors, as_json=False, columns=("line", "reference", "pointer", "code", "iso", "detail"))
    if summary["rejected"]:
        note("How often for which reason:")
        show_table(ask(server, "GET", f"{_PATH}/{summary['batch']}/reasons"), as_json=False)


def _write_rejects(server: httpx.Client, batch: str, target: Path) -> None:
    target_stream: Any = nullcontext(sys.stdout) if str(target) == "-" else target.open("w", encoding="utf-8")
    with target_stream as stream:
        _write_lines(stream, rejected_rows(server, batch))


def _write_lines(stream: TextIO, rows: Iterator[dict[str, Any]]) -> None:
    stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@contextmanager
def _readable(name: str) -> Iterator[Path]:
    """The file; standard input is put into one, as it is read twice."""
    if name != "-":
        path = Path(name)
        if not path.is_file():
            raise typer.BadParameter(f"{name} is no file.")
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as copy:
        while chunk := sys.stdin.buffer.read(1024 * 1024):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)

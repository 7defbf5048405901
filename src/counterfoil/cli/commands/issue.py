"""Hand in a file of issue requests and follow it to the end."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from counterfoil.cli.checking import check
from counterfoil.cli.client import ask, client, end_with_problem
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.files import chunks_of, content_digest, upload_headers
from counterfoil.cli.output import ERR, note, print_json, show_table

_STEPS = ("received", "validated", "registered", "booked")
_PLACEMENT = ("placed", "awaiting_settlement", "incomplete")


def issue(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON, JSON or CSV; .gz too.")],
    policy: Annotated[str, typer.Option(help="CONTINUE, ATOMIC, STOP or GROUPED.")] = "CONTINUE",
    business_date: Annotated[str | None, typer.Option(help="YYYY-MM-DD; today if absent.")] = None,
    again: Annotated[bool, typer.Option(help="Hand it in anew although this very file was before.")] = False,
    validate_only: Annotated[bool, typer.Option(help="Apply every rule, issue nothing.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Issue every item of a file, with progress; the same file again shows the first result.

    Example: counterfoil issue day.ndjson --policy CONTINUE
    """
    with client(url) as server:
        if validate_only:
            parameters = {"business_date": business_date} if business_date else {}
            check(server, "/batches/validation", file, parameters, as_json=as_json)
            return
        summary = hand_in(
            server, file, policy=policy, business_date=business_date, again=again, as_json=as_json
        )
        if as_json:
            print_json(summary)
        elif summary["rejected"]:
            note("Why items were rejected:")
            show_table(ask(server, "GET", f"/batches/{summary['batch']}/reasons"), as_json=False)
        if not as_json:
            note(f"Results: counterfoil batch items {summary['batch']}")


def hand_in(
    server: httpx.Client, file: Path, *, policy: str, business_date: str | None, again: bool, as_json: bool
) -> dict[str, Any]:
    """Upload, follow, and sum up: {"batch", "received", "issued", "rejected", "waiting", "placed",
    "awaiting_settlement", "incomplete", "seconds"}.
    """
    started = time.monotonic()
    headers = upload_headers(file)
    if not again:
        headers["Idempotency-Key"] = f"file-{content_digest(file)}-{policy}-{business_date or ''}"
    parameters = {"policy": policy} | ({"business_date": business_date} if business_date else {})
    receipt = ask(server, "POST", "/batches", content=chunks_of(file), headers=headers, params=parameters)
    if not receipt["created"]:
        note("This very file was handed in before; nothing is issued twice. (--again hands it in anew.)")
    last = _follow(server, receipt["batch"], receipt["received"], quiet=as_json)
    seconds = round(time.monotonic() - started, 3)
    summary = {
        "batch": receipt["batch"], "received": receipt["received"], "issued": last["booked"],
        "rejected": last["rejected"], "waiting": last["waiting"], **{name: last[name] for name in _PLACEMENT},
        "seconds": seconds,
    }  # fmt: skip
    if not as_json:
        rate = summary["received"] / seconds if seconds else 0
        note(
            f"{summary['issued']:,} issued, {summary['rejected']:,} rejected, {summary['waiting']:,} waiting "
            f"of {summary['received']:,} in {seconds:.1f} s ({rate:,.0f} items/s)."
        )
        if any(summary[name] for name in _PLACEMENT):
            note(
                f"Of the issued, {summary['placed']:,} are placed; {summary['awaiting_settlement']:,} wait for their "
                f"settlement, {summary['incomplete']:,} could not be placed whole."
            )
    return summary


def _follow(server: httpx.Client, batch: str, total: int, *, quiet: bool) -> dict[str, Any]:
    """Show the progress events until the batch has ended, or only waits for persons."""
    columns = (
        TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>12}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    begun = time.monotonic()
    with Progress(*columns, console=ERR, disable=quiet) as progress:
        bars = {step: progress.add_task(step, total=total, rate="") for step in _STEPS}
        last: dict[str, Any] = dict.fromkeys(("booked", "rejected", "waiting", *_PLACEMENT), 0)
        for last in _events(server, batch):
            spent = max(time.monotonic() - begun, 0.001)
            for step in _STEPS:
                progress.update(bars[step], completed=last[step], rate=f"{last[step] / spent:,.0f}/s")
            tried = sum(last[name] for name in _PLACEMENT)
            if sold := tried + last["to_place"]:
                if "placed" not in bars:
                    bars["placed"] = progress.add_task("placed", total=sold, rate="")
                progress.update(
                    bars["placed"],
                    total=sold,
                    completed=last["placed"],
                    rate=f"{last['placed'] / spent:,.0f}/s",
                )
            left = total - last["booked"] - last["rejected"] + last["to_place"]
            if last["state"] == "RUNNING" and 0 < left <= last["waiting"]:
                note("The rest waits for a person: counterfoil process incidents, counterfoil process tasks")
                break
    return last


def _events(server: httpx.Client, batch: str) -> Iterator[dict[str, Any]]:
    with server.stream("GET", f"/batches/{batch}/events") as response:
        if not response.is_success:
            end_with_problem(response)
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])

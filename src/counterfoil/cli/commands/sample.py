"""Sample data."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import httpx
import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, print_json, show_table
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.parties import read_gleif, standing
from counterfoil.sample import fictional_buyers, fictional_issuers, gleif_document, write_sample

group = typer.Typer(no_args_is_help=True, help="Sample data: a day of products, and issuers for it.")
_EXAMPLE_SEED = 2026
_ENOUGH_EUR = 100_000_000_000
_SHORT_EUR_AN_ITEM = 25_000
"""A buyer takes part in a quarter of the placed items, with 200,000 EUR each: this is half of it."""


def issuers_of(gleif: Path | None) -> list[tuple[str, str]]:
    """Issuers for a sample: those of a GLEIF file that may issue, or fictional ones."""
    if gleif is None:
        return fictional_issuers()
    with gleif.open("rb") as stream:
        return [(e.lei, e.legal_name) for e in read_gleif(stream) if standing(e).may_issue]


@group.command("day")
def day(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if absent.")
    ] = None,
    items: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many products.")] = 40_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = _EXAMPLE_SEED,
    invalid_share: Annotated[float, typer.Option(min=0, max=1, help="Share of broken items.")] = 0.01,
    placed_share: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of products that are sold to buyers of `sample buyers`."),
    ] = 0.0,
    business_day: Annotated[
        str | None, typer.Option("--business-date", help="YYYY-MM-DD; today if absent.")
    ] = None,
    gleif: Annotated[
        Path | None, typer.Option(exists=True, help="Take the issuers from this GLEIF file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a day of products as NDJSON, shaped like the German market.

    One request a line: reference, kind NEW, the instrument's terms, and where it is placed its distribution. The same
    arguments give the same file; the products are the same whatever share of them is placed.

    Example: counterfoil sample day --items 40000 --seed 1 --invalid-share 0.02 -o day.ndjson
    """
    when = date.fromisoformat(business_day) if business_day else business_date(SystemClock())

    def write(stream: BinaryIO) -> int:
        return write_sample(stream, items, seed, invalid_share, when, issuers_of(gleif), placed_share)

    if output is None:
        write(sys.stdout.buffer)
        return
    with output.open("wb") as stream:
        size = write(stream)
    note(f"{items:,} items, {size / 1e6:.1f} MB: {output}")
    if as_json:
        print_json({"file": str(output), "items": items, "bytes": size})


@group.command("issuers")
def issuers(output: Annotated[Path, typer.Option("--output", "-o")] = Path("issuers.json")) -> None:
    """Write the fictional issuers of the sample day in GLEIF's format, for `party import`.

    Example: counterfoil sample issuers -o issuers.json
    """
    output.write_bytes(gleif_document())
    note(f"{len(fictional_issuers())} issuers: {output}")


@group.command("buyers")
def buyers(
    items: Annotated[int, typer.Option(min=1, help="For a day of so many products.")] = 40_000,
    placed_share: Annotated[float, typer.Option(min=0, max=1, help="Of which this share is placed.")] = 0.25,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Import the fictional buyers, open their accounts and pay money in, enough for all but one of them.

    Example: counterfoil sample buyers
    """
    with client(url) as server:
        show_table(prepare_buyers(server, items, placed_share), as_json=as_json)


def prepare_buyers(server: httpx.Client, items: int, placed_share: float) -> list[dict[str, Any]]:
    """Have the buyers ready for a day; doing it again changes nothing. The last gets about half of what it needs, so
    that there is something to see waiting.
    """
    ask(server, "POST", "/parties/imports", content=gleif_document(fictional_buyers()))
    ready = []
    for lei, name in fictional_buyers():
        number = ask(server, "POST", "/accounts", json={"owner": lei, "kind": "own"})["number"]
        is_short = (lei, name) == fictional_buyers()[-1]
        amount = max(1, int(items * placed_share * _SHORT_EUR_AN_ITEM)) if is_short else _ENOUGH_EUR
        body = {"currency": "EUR", "amount": str(amount), "reference": f"SAMPLE-{amount}"}
        ask(server, "POST", f"/accounts/{number}/fundings", json=body)
        ready.append({"buyer": lei, "name": name, "account": number, "paid_in": f"{amount:,} EUR"})
    return ready

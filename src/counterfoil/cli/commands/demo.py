"""The main job, once, from nothing: a sample day issued, and a part of it placed against payment."""

import json
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json
from counterfoil.cli.commands.issue import hand_in
from counterfoil.cli.commands.placements import show_placements
from counterfoil.cli.commands.sample import prepare_buyers
from counterfoil.cli.home import home_directory
from counterfoil.cli.output import note, print_json, show_table
from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.sample import fictional_issuers, gleif_document, write_sample

_STEPS = {
    "parse": "parse", "validate": "validate", "issuance.number": "number", "issuance.deposit": "deposit terms",
    "issuance.register": "register and book", "issuance.place": "place", "claim": "claim",
    "history": "history", "constraints": "invariants at commit", "commit": "commit",
}  # fmt: skip


def demo(
    items: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many products.")] = 40_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 2026,
    invalid_share: Annotated[float, typer.Option(min=0, max=1, help="Share of broken items.")] = 0.01,
    placed_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of products that are sold on the same day.")
    ] = 0.25,
    as_json: Json = False,
) -> None:
    """Make a sample day of products and issue it, with progress and a summary. A share of them is delivered to buyers
    against payment at once.

    Example: counterfoil demo --items 40000
    """
    home = home_directory()
    home.mkdir(parents=True, exist_ok=True)
    file = home / f"sample-day-{items}-{seed}.ndjson"
    started = time.monotonic()
    # On a closed day the last business day is played, so that something settles.
    day = adjust(business_date(SystemClock()), Convention.PRECEDING, "TARGET")
    with file.open("wb") as stream:
        write_sample(stream, items, seed, invalid_share, day, fictional_issuers(), placed_share)
    note(f"A sample day of {items:,} products was made in {time.monotonic() - started:.1f} s: {file}")
    with client() as server:
        ask(server, "POST", "/parties/imports", content=gleif_document())
        if placed_share:
            buyers = prepare_buyers(server, items, placed_share)
            note(f"{len(buyers)} buyers have accounts and money, the last of them too little.")
        before = _timings(home)
        summary = hand_in(
            server, file, policy="CONTINUE", business_date=day.isoformat(), again=True, as_json=as_json
        )
        time.sleep(0.3)  # the workers note their timings five times a second
        spent = {name: _timings(home).get(step, 0.0) - before.get(step, 0.0) for step, name in _STEPS.items()}
        reasons = ask(server, "GET", f"/batches/{summary['batch']}/reasons")
        example = ask(
            server, "GET", f"/batches/{summary['batch']}/items", params={"outcome": "done", "limit": 1}
        )
        if not as_json:
            show_placements(server, summary["batch"])
    if as_json:
        print_json({**summary, "steps": {name: round(s, 3) for name, s in spent.items()}})
        return
    if reasons:
        note("\nRejected, by reason:")
        show_table(reasons, as_json=False)
    note("\nWork by step, seconds of all workers together; the slowest first:")
    rows = sorted(spent.items(), key=lambda step: -step[1])
    show_table([{"step": name, "seconds": f"{s:.2f}"} for name, s in rows], as_json=False)
    _next_steps(home, summary, example["items"], day)


def _next_steps(home: Path, summary: dict[str, Any], done: list[dict[str, Any]], day: date) -> None:
    isin = done[0]["isin"] if done else "ISIN"
    here = f"COUNTERFOIL_HOME={home} .venv/bin/counterfoil"
    note(
        f"\nLook further:\n"
        f"  {here} instrument show {isin}\n"
        f"  {here} register history {isin}\n"
        f"  {here} batch items {summary['batch']} --outcome rejected\n"
        f"  {here} batch items {summary['batch']} --placement waiting\n"
        f"  {here} day run --date {day}\n"
        f"  {here} verify\n"
        f"  {here} up        then open http://127.0.0.1:8420/docs"
    )


def _timings(home: Path) -> dict[str, float]:
    """Seconds by step of all workers together, since they began."""
    total: dict[str, float] = {}
    for path in home.glob("timings-*.json"):
        for step, seconds in json.loads(path.read_text()).items():
            total[step] = total.get(step, 0.0) + seconds
    return total

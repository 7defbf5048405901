"""The settlement day."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, print_json, show, show_table

group = typer.Typer(
    no_args_is_help=True, help="The settlement day: open, show, shift, run, and what its end has found."
)
_FRANKFURT = ZoneInfo("Europe/Berlin")
_DID = (
    "business_date", "event", "at", "settled", "in_parts", "marked_down", "failing", "expired", "penalties",
    "mismatches",
)  # fmt: skip
_EVENTS = ("name", "at", "done_at", "shifted_from", "shifted_by", "reason")
_FEWEST = dt.timedelta(days=1)


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value} is no date; write YYYY-MM-DD") from None


def _time(value: str | None) -> dt.time | None:
    try:
        return None if value is None else dt.time.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value} is no time; write HH:MM") from None


Day = Annotated[
    dt.date, typer.Option("--date", parser=_date, metavar="DATE", help="Business date, YYYY-MM-DD.")
]
MaybeDay = Annotated[
    dt.date | None,
    typer.Option("--date", parser=_date, metavar="DATE", help="YYYY-MM-DD; the open day if absent."),
]
Clock = Annotated[str | None, typer.Option(help="HH:MM in Frankfurt.")]


@group.command("open")
def open_one(date: Day, night_start: Clock = None, url: Url = None, as_json: Json = False) -> None:
    """Open a settlement day: from then on its phases bind what settles.

    Example: counterfoil day open --date 2026-11-23 --night-start 21:00
    """
    start = _time(night_start)
    body = {} if start is None else {"night_start": start.isoformat()}
    with client(url) as server:
        _show(ask(server, "PUT", f"/settlement/days/{date}", json=body), as_json=as_json)


@group.command("show")
def one(date: MaybeDay = None, url: Url = None, as_json: Json = False) -> None:
    """A day with its phase, what may settle now, and its events; one that was not opened yet as it is planned.

    Example: counterfoil day show --date 2026-11-23
    """
    with client(url) as server:
        found = ask(server, "GET", "/settlement/day" if date is None else f"/settlement/days/{date}")
    if found is None and not as_json:
        note("No day is open: the house settles around the clock.")
        return
    _show(found, as_json=as_json)


def _show(found: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    events = found.pop("events")
    show(found, as_json=False)
    show_table(events, as_json=False, columns=_EVENTS)


@group.command("shift")
def shift(
    event: Annotated[str, typer.Argument(help="Name of the event: dvp_cut_off, night_cycle_1 ...")],
    at: Annotated[str, typer.Option(help="HH:MM in Frankfurt on the event's day, or ISO 8601 with offset.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the day.")],
    date: MaybeDay = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Move an event of the day that is still to come; what it would overtake moves along.

    Example: counterfoil day shift dvp_cut_off --at 17:00 --reason "RTGS is late"
    """
    with client(url) as server:
        path = "/settlement/day" if date is None else f"/settlement/days/{date}"
        found = ask(server, "GET", path)
        if found is None:
            raise typer.BadParameter("no day is open; name one with --date")
        planned = next((e["at"] for e in found["events"] if e["name"] == event), None)
        if planned is None:
            names = ", ".join(e["name"] for e in found["events"])
            raise typer.BadParameter(f"{found['business_date']} has no {event}; its events are {names}")
        body = {"at": _instant(at, planned), "reason": reason}
        path = f"/settlement/days/{found['business_date']}/events/{event}/shift"
        _show(ask(server, "POST", path, json=body), as_json=as_json)


def _instant(text: str, planned: str) -> str:
    """A full instant as it is, or a time of the day on which the event is planned in Frankfurt."""
    try:
        if "T" in text:
            return dt.datetime.fromisoformat(text).isoformat()
        on = dt.datetime.fromisoformat(planned).astimezone(_FRANKFURT).date()
        return dt.datetime.combine(on, dt.time.fromisoformat(text), _FRANKFURT).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text} is no time; write HH:MM, or ISO 8601 with offset") from None


@group.command("run")
def run(
    date: Day,
    until: Annotated[
        dt.date | None,
        typer.Option(
            "--until", parser=_date, metavar="DATE", help="Go on to this business date; only DATE if absent."
        ),
    ] = None,
    simulated: Annotated[
        bool,
        typer.Option(
            "--simulated/--by-the-clock",
            help="Do each event as if the clock stood at its own time, or only what is due by the real clock.",
        ),
    ] = True,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Run whole settlement days in seconds: night cycles, real time, partial windows, cut-offs, end of day.

    Each event is done at its own time, or now where that has passed; what was done before stays done. A day that is
    run ahead of the clock has ended, whatever the clock says: what comes afterwards belongs to a later one.

    Example: counterfoil day run --date 2026-11-23 --until 2026-11-27
    """
    done: list[dict[str, Any]] = []
    with client(url) as server:
        for day in _business_days(server, date, until or date):
            for told in _run(server, day, simulated=simulated):
                note(f"{day} {told['event']}: " + ", ".join(_figures(told)))
                done.append({"business_date": day} | told)
    if as_json:
        print_json({"events": done})
    else:
        show_table(done, as_json=False, columns=_DID)


def _business_days(server: httpx.Client, first: dt.date, last: dt.date) -> list[str]:
    """The days from `first` on that are settlement days; `first` must be one."""
    if last < first:
        raise typer.BadParameter(f"{last} is before {first}")
    found = [str(first)]
    for n in range(1, (last - first) // _FEWEST + 1):
        day = first + n * _FEWEST
        if server.get(f"/settlement/days/{day}").is_success:
            found.append(str(day))
    return found


def _run(server: httpx.Client, day: str, *, simulated: bool) -> Iterator[dict[str, Any]]:
    """What comes of each event that is left, as it is done."""
    found = ask(server, "PUT", f"/settlement/days/{day}", json={})
    for event in (e for e in found["events"] if e["done_at"] is None):
        path = f"/settlement/days/{day}/events/{event['name']}"
        yield ask(server, "POST", path, params={"simulated": simulated})


def _figures(told: dict[str, Any]) -> list[str]:
    figures = [f"{name.replace('_', ' ')} {told[name]}" for name in _DID[3:] if told.get(name)]
    return figures or ["nothing to do"]


@group.command("report")
def report(date: Day, url: Url = None, as_json: Json = False) -> None:
    """What the end of a day has done and found: fails, expiries, penalties, integrity. Exit code 1 on a mismatch.

    Example: counterfoil day report --date 2026-11-23
    """
    with client(url) as server:
        found = ask(server, "GET", f"/settlement/days/{date}/report")
    integrity = found["integrity"]
    if as_json:
        print_json(found)
    else:
        told = {k: v for k, v in found.items() if k != "integrity"}
        show(told | {k: v for k, v in integrity.items() if k != "mismatches"}, as_json=False)
        for mismatch in integrity["mismatches"]:
            note(f"Mismatch: {mismatch}")
    if integrity["mismatch_count"]:
        raise typer.Exit(1)


@group.command("statements")
def statements(
    date: Day,
    account: Annotated[str | None, typer.Option(help="Number of one account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 1000,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Of each account and asset that has moved on a day: opening, movements, closing.

    Example: counterfoil day statements --date 2026-11-23
    """
    params: dict[str, Any] = {"limit": limit} | ({"account": account} if account else {})
    with client(url) as server:
        found = ask(server, "GET", f"/settlement/days/{date}/statements", params=params)
    columns = ("account", "asset", "opening", "movements", "closing")
    show_table(found["items"], as_json=as_json, columns=columns)
    if found["next"]:
        note("There are more: name an account.")

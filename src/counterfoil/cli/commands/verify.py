"""Check every invariant from the stored data alone."""

import os

import typer

from counterfoil.cli.client import REFUSED
from counterfoil.cli.commands import Json
from counterfoil.cli.home import home_directory
from counterfoil.cli.output import ERR, OUT, print_json
from counterfoil.core.db import Database
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.faces import verify as verify_all


def verify(as_json: Json = False) -> None:
    """Recompute every invariant from the database; exit code 1 where one fails. No server is needed.

    Example: counterfoil verify
    """
    home = home_directory()
    embedded = EmbeddedPostgres(home)
    external = os.environ.get("COUNTERFOIL_DATABASE_URL")
    ours = external is None and not embedded.alive()
    database = Database(external or embedded.start(), connections=1)
    try:
        found = verify_all(database, lambda *_: None)
    finally:
        database.close()
        if ours:
            embedded.stop()
    if as_json:
        rows = [
            {"name": c.name, "holds": c.holds, "count": c.count, "violations": c.violations} for c in found
        ]
        print_json({"holds": all(c.holds for c in found), "checks": rows})
    else:
        for check in found:
            mark = "[green]holds[/]" if check.holds else "[red]FAILS[/]"
            OUT.print(f"{mark}  {check.name:24} {check.invariant} ({check.count:,})")
            for violation in check.violations:
                ERR.print(f"       {violation}", markup=False)
    if not all(check.holds for check in found):
        raise typer.Exit(REFUSED)

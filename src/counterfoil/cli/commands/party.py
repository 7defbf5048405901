"""Parties."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table

group = typer.Typer(no_args_is_help=True, help="Parties: legal entities, BICs, mandates.")


@group.command("import")
def import_parties(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="GLEIF golden copy JSON, or BIC CSV.")
    ],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Import GLEIF's golden copy (JSON) or its LEI-BIC map (CSV).

    Example: counterfoil party import 20240505-0000-gleif-goldencopy-lei2-intra-day.json
    """
    kind = "bic" if file.suffix.lower() == ".csv" else "gleif"
    with client(url) as server, file.open("rb") as stream:
        result = ask(server, "POST", "/parties/imports", params={"kind": kind}, content=stream)
    for refusal in result["refused"]:
        note(f"{refusal['code']} {refusal['detail']}")
    show({**result, "refused": len(result["refused"])}, as_json=as_json)


@group.command("show")
def show_party(lei: str, url: Url = None, as_json: Json = False) -> None:
    """A party, whether it may issue, and its mandates.

    Example: counterfoil party show 529900T8BM49AURSDO55
    """
    with client(url) as server:
        show(ask(server, "GET", f"/parties/{lei}"), as_json=as_json)


@group.command("list")
def index(
    name: Annotated[str | None, typer.Option(help="A part of the legal name.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Parties in order of LEI.

    Example: counterfoil party list --name bank
    """
    with client(url) as server:
        show_table(
            ask(server, "GET", "/parties", params={"name": name} if name else {})["items"], as_json=as_json
        )


@group.command("mandate")
def mandate(
    lei: str,
    role: str,
    principal: Annotated[str, typer.Option(help="LEI for whom; for everybody if absent.")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Give a party a role.

    Example: counterfoil party mandate 529900T8BM49AURSDO55 issuing_agent --principal 7LTWFZYICNSX8D621K86
    """
    with client(url) as server:
        found = ask(
            server, "POST", f"/parties/{lei}/mandates", json={"role": role, "principal_lei": principal}
        )
    show_table(found, as_json=as_json)

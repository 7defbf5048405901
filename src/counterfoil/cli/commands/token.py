"""Tokens."""

from typing import Annotated

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table

group = typer.Typer(no_args_is_help=True, help="Access tokens and their roles.")


@group.command("create")
def create(
    name: str,
    role: Annotated[list[str], typer.Option(help="operator, approver, issuer, issuing_agent, auditor, ...")],
    lei: Annotated[str | None, typer.Option(help="The party it acts for.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Make a token; its secret is shown this once. Approvers and modellers are made with an approver's token.

    Example: counterfoil token create "DZ Bank desk" --role issuer --lei 529900HNOAA1KXQJUQ27
    """
    with client(url) as server:
        made = ask(server, "POST", "/tokens", json={"name": name, "roles": role, "lei": lei})
    show(made, as_json=as_json)
    note("Keep the token: it is stored nowhere.")


@group.command("list")
def index(url: Url = None, as_json: Json = False) -> None:
    """Every token, without its secret.

    Example: counterfoil token list
    """
    with client(url) as server:
        show_table(ask(server, "GET", "/tokens"), as_json=as_json)


@group.command("revoke")
def revoke(token_id: str, url: Url = None) -> None:
    """End a token at once.

    Example: counterfoil token revoke 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        ask(server, "DELETE", f"/tokens/{token_id}")
    note("Revoked.")

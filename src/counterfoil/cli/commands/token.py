"""Tokens."""

from typing import Annotated

import typer

from counterfoil.access import new_secret
from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table

group = typer.Typer(no_args_is_help=True, help="Access tokens and their roles.")


@group.command("create")
def create(
    name: str,
    role: Annotated[list[str], typer.Option(help="issuer, issuing_agent, dealer, custodian, auditor, ...")],
    lei: Annotated[str | None, typer.Option(help="The party it acts for.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Make a token; its secret is shown this once.

    Example: counterfoil token create "DZ Bank desk" --role issuer --lei 529900HNOAA1KXQJUQ27
    """
    with client(url) as server:
        made = ask(server, "POST", "/tokens", json={"name": name, "roles": role, "lei": lei})
    show(made, as_json=as_json)
    note("Keep the token: it is stored nowhere.")


@group.command("secret")
def secret(as_json: Json = False) -> None:
    """Make a secret for yourself, to keep, and its fingerprint, to give to the operator and the approver.

    Example: counterfoil token secret
    """
    kept, fingerprint = new_secret()
    show({"token": kept, "fingerprint": fingerprint}, as_json=as_json)
    note(
        "Keep the token to yourself: it opens nothing until it was proposed by its fingerprint and approved."
    )


@group.command("propose")
def propose(
    name: str,
    fingerprint: str,
    role: Annotated[list[str], typer.Option(help="operator, approver, modeller, fixing_agent, ...")],
    lei: Annotated[str | None, typer.Option(help="The party it acts for.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have a token made once an approver has agreed; its holder has made the secret.

    Example: counterfoil token propose "Max Muster" FINGERPRINT --role approver
    """
    body = {"name": name, "roles": role, "lei": lei, "fingerprint": fingerprint}
    with client(url) as server:
        show(ask(server, "POST", "/tokens/proposals", json=body), as_json=as_json)
    note("An approver decides it: see `counterfoil process tasks`.")


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

"""What needs no data: schemas and error codes."""

from typing import Annotated

import typer

from counterfoil import instruments
from counterfoil.cli.client import USAGE
from counterfoil.cli.commands import Json
from counterfoil.cli.output import note, print_json, show, show_table
from counterfoil.core.errors import CATALOGUE


def schema(
    class_: Annotated[
        str | None, typer.Argument(metavar="[CLASS]", help="EUSIPA code, bond, note, ...")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of the terms of a class; without a class, list the classes.

    Example: counterfoil schema 1200
    """
    if class_ is None and not as_json:
        rows = [
            {"class": code, "terms": (model.__doc__ or "").split("\n")[0]}
            for code, model in instruments.MODELS.items()
        ]
        show_table(rows, as_json=False)
        return
    if class_ is not None and class_ not in instruments.MODELS:
        note(f'There is no class "{class_}"; `counterfoil schema` lists them.')
        raise typer.Exit(USAGE)
    print_json(instruments.json_schema(class_))


def errors(
    code: Annotated[str | None, typer.Argument(help="For example INS-030.")] = None, as_json: Json = False
) -> None:
    """Explain an error code, or list them all.

    Example: counterfoil errors INS-030
    """
    if code is None:
        rows = [{"code": r.code, "title": r.title} for _, r in sorted(CATALOGUE.items())]
        show_table(rows, as_json=as_json)
        return
    rule = CATALOGUE.get(code)
    if rule is None:
        note(f'There is no error code "{code}"; `counterfoil errors` lists them.')
        raise typer.Exit(USAGE)
    show(
        {"code": rule.code, "title": rule.title, "detail": rule.detail, "remedy": rule.remedy},
        as_json=as_json,
    )

"""One module a noun."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Url = Annotated[
    str | None, typer.Option(help="Address of the server; the one on this data directory if absent.")
]

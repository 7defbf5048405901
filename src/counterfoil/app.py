"""The composition root: the only file that sees every room, and the `counterfoil` command."""

import logging
import os
import sys
from typing import Annotated

import structlog
import typer

import counterfoil.messages  # noqa: F401 - its codes enter the catalogue
from counterfoil import server
from counterfoil.cli import create_cli, home_directory, show_refusal
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps

_LOG_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def main() -> None:
    """The `counterfoil` command."""
    _configure_logging()
    cli = create_cli()
    cli.command(rich_help_panel="Server")(up)
    cli.command(hidden=True)(serve)
    cli.command(hidden=True)(work)
    try:
        cli()
    except Refused as refused:
        show_refusal(refused)
        sys.exit(1)


def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 chooses a free one.")] = 8420,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 2,
    settlement_day: Annotated[
        bool,
        typer.Option(
            "--settlement-day/--around-the-clock",
            envvar=server.SETTLEMENT_DAY,
            help="Open each settlement day on its eve and do its events when they are due.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output, once ready.")
    ] = False,
) -> None:
    """Start the server with its embedded database, and keep it running.

    Example: counterfoil up --port 8420
    """
    home = home_directory()
    os.environ[server.SETTLEMENT_DAY] = "1" if settlement_day else "0"
    typer.echo(f"Counterfoil starts. Data: {home}  Log: {home / 'server.log'}  Stop with Ctrl-C.", err=True)

    def ready(address: str) -> None:
        typer.echo(
            f"Console: {address}/console  API: {address}/docs  Token: {home / 'operator.token'}",
            err=True,
        )
        if as_json:
            typer.echo(dumps({"url": address, "home": str(home), "pid": os.getpid()}))

    server.up(home, host=host, port=port, workers=workers, ready=ready)


def serve(fd: int) -> None:
    """The API process; started by `up`."""
    server.serve(home_directory(), os.environ["COUNTERFOIL_SERVER_DATABASE"], fd)


def work(number: int) -> None:
    """A worker process; started by `up`."""
    server.work(home_directory(), os.environ["COUNTERFOIL_SERVER_DATABASE"], number)


def _configure_logging() -> None:
    """One JSON object a line on standard error."""
    level = _LOG_LEVELS.get(os.environ.get("COUNTERFOIL_LOG", "warning").lower(), logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


if __name__ == "__main__":
    main()

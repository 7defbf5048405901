"""The commands by noun."""

import typer

from counterfoil import __version__
from counterfoil.cli.commands import (
    account,
    adjustment,
    batch,
    day,
    demo,
    event,
    events,
    instrument,
    issue,
    message,
    observation,
    party,
    penalty,
    price,
    process,
    reference,
    register,
    sample,
    settlement,
    token,
    verify,
)


def create_cli() -> typer.Typer:
    """The `counterfoil` command, without those that run the server."""
    cli = typer.Typer(
        name="counterfoil",
        help="An open digital central securities depository.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for noun, group in (
        ("account", account.group), ("adjustment", adjustment.group), ("batch", batch.group),
        ("day", day.group), ("event", event.group),
        ("instrument", instrument.group), ("message", message.group), ("observation", observation.group),
        ("party", party.group), ("penalty", penalty.group), ("price", price.group), ("process", process.group),
        ("register", register.group), ("sample", sample.group),
        ("settlement", settlement.group), ("token", token.group),
    ):  # fmt: skip
        cli.add_typer(group, name=noun)
    cli.command()(issue.issue)
    cli.command()(demo.demo)
    cli.command()(events.events)
    cli.command()(event.recompute)
    cli.command()(verify.verify)
    cli.command()(reference.schema)
    cli.command()(reference.errors)
    cli.command()(version)
    return cli


def version() -> None:
    """Print the version."""
    typer.echo(__version__)

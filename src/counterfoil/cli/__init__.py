"""The command line: a client of the running server, and what needs none."""

from counterfoil.cli.application import create_cli
from counterfoil.cli.home import home_directory
from counterfoil.cli.output import show_refusal

__all__ = ["create_cli", "home_directory", "show_refusal"]

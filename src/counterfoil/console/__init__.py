"""What an operator sees: pages over the same functions that the API uses."""

from counterfoil.console.app import create_console
from counterfoil.console.assets import Assets

__all__ = ["Assets", "create_console"]

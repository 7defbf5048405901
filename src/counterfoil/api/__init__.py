"""HTTP in and out."""

from counterfoil.api.application import create_api
from counterfoil.api.services import Services

__all__ = ["Services", "create_api"]

"""HTTP in and out."""

from counterfoil.api.application import create_api
from counterfoil.faces import Services

__all__ = ["Services", "create_api"]

"""What the API and the console share: the parts of the server they work with, and who may see what."""

from counterfoil.faces.accounts import account_of
from counterfoil.faces.instructing import Given
from counterfoil.faces.services import Services, repeated

__all__ = ["Given", "Services", "account_of", "repeated"]

"""What the API and the console share: the parts of the server they work with, and who may see what."""

from counterfoil.faces.accounts import account_of, change_account
from counterfoil.faces.instructing import Given
from counterfoil.faces.instructions import acting_party, instruction_of, other_side
from counterfoil.faces.services import Services, repeated
from counterfoil.faces.settlement_day import do_one_event, do_rest_of_day

__all__ = [
    "Given",
    "Services",
    "account_of",
    "acting_party",
    "change_account",
    "do_one_event",
    "do_rest_of_day",
    "instruction_of",
    "other_side",
    "repeated",
]

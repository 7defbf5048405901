"""What is issued: the notary. Entries in order of arrival, chained by hash, booked as they are made."""

from counterfoil.register.chaining import ChainState, chain_state
from counterfoil.register.checks import checks
from counterfoil.register.entries import CONTROL, issuer_account, preview, record
from counterfoil.register.errors import UNKNOWN_ISSUE
from counterfoil.register.extracts import extract, history, issues
from counterfoil.register.model import STATES, EntryKind, Instruction, Issue, Recorded

__all__ = [
    "CONTROL",
    "STATES",
    "UNKNOWN_ISSUE",
    "ChainState",
    "EntryKind",
    "Instruction",
    "Issue",
    "Recorded",
    "chain_state",
    "checks",
    "extract",
    "history",
    "issuer_account",
    "issues",
    "preview",
    "record",
]

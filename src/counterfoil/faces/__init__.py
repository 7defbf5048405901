"""What the API and the console share: the parts of the server they work with, and who may see what."""

from counterfoil.faces.accounts import account_of, change_account
from counterfoil.faces.audit import Sought, acts, key_before
from counterfoil.faces.batches import (
    BodyForm,
    batch_of,
    check_batch,
    check_instructions,
    instruction_batch_of,
    seen_submitter,
    submission_of,
    take_batch,
    take_instructions,
)
from counterfoil.faces.bookings import seen_booking
from counterfoil.faces.deciding import decide_task, require_second_person, task_of
from counterfoil.faces.instructing import Given
from counterfoil.faces.instructions import acting_party, instruction_of, other_side
from counterfoil.faces.instruments import require_own, seen_terms
from counterfoil.faces.parties import party_of
from counterfoil.faces.proposals import Proposal, proposal_of
from counterfoil.faces.refusing import note_refusal
from counterfoil.faces.results import MEDIA, PAGE, as_file, harmless, paged
from counterfoil.faces.searching import FoundInstruments, Wanted, find_instruments, orders_of_instruments
from counterfoil.faces.services import Services, repeated
from counterfoil.faces.settlement_day import cycles_seen, days_seen, do_one_event, do_rest_of_day
from counterfoil.faces.statements import FORMS, statement_file
from counterfoil.faces.uploads import chunks_of, spooled
from counterfoil.faces.verifying import verify, verify_and_keep

__all__ = [
    "FORMS",
    "MEDIA",
    "PAGE",
    "BodyForm",
    "FoundInstruments",
    "Given",
    "Proposal",
    "Services",
    "Sought",
    "Wanted",
    "account_of",
    "acting_party",
    "acts",
    "as_file",
    "batch_of",
    "change_account",
    "check_batch",
    "check_instructions",
    "chunks_of",
    "cycles_seen",
    "days_seen",
    "decide_task",
    "do_one_event",
    "do_rest_of_day",
    "find_instruments",
    "harmless",
    "instruction_batch_of",
    "instruction_of",
    "key_before",
    "note_refusal",
    "orders_of_instruments",
    "other_side",
    "paged",
    "party_of",
    "proposal_of",
    "repeated",
    "require_own",
    "require_second_person",
    "seen_booking",
    "seen_submitter",
    "seen_terms",
    "spooled",
    "statement_file",
    "submission_of",
    "take_batch",
    "take_instructions",
    "task_of",
    "verify",
    "verify_and_keep",
]

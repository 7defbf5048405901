"""The order of business steps: process models and their tasks, and the batches that feed them."""

from pathlib import Path

from counterfoil.orchestration import Tasks
from counterfoil.processes.batching.decoding import MAXIMUM_BYTES, numbered_items
from counterfoil.processes.batching.decoding import items as payloads
from counterfoil.processes.batching.overview import Ended, ended_by_minute
from counterfoil.processes.batching.policy import follow_placements, sweep
from counterfoil.processes.batching.store import PROCESS as ISSUANCE
from counterfoil.processes.batching.store import (
    Policy,
    Receipt,
    Submission,
    accept,
    batch,
    batches,
    checks,
    item_payload,
    item_payloads,
    item_results,
    rejection_reasons,
)
from counterfoil.processes.batching.validation import validate_items
from counterfoil.processes.errors import BATCH_TOO_LARGE, UNKNOWN_BATCH, UNKNOWN_ISIN
from counterfoil.processes.issuance.placed import placement_totals
from counterfoil.processes.issuance.preparing import TIMINGS
from counterfoil.processes.issuance.proposing import ProposedRequest, proposed_request
from counterfoil.processes.issuance.requests import Kind, parse_request
from counterfoil.processes.issuance.tasks import add_issuance_tasks
from counterfoil.processes.repair.mending import MENDING, carry_out_mending, start_mending
from counterfoil.processes.servicing.asking import ABOUT_EVENTS, requesters
from counterfoil.processes.servicing.sweeping import (
    ADJUSTMENT,
    CORRECTION,
    start_adjustment,
    start_correction,
    start_due,
    start_events,
    start_release,
    sweep_events,
)
from counterfoil.processes.servicing.tasks import add_servicing_tasks
from counterfoil.processes.tokens.making import TOKEN_MAKING, ProposedToken, make_token, start_token_making

__all__ = [
    "ABOUT_EVENTS",
    "ADJUSTMENT",
    "BATCH_TOO_LARGE",
    "CORRECTION",
    "ISSUANCE",
    "MAXIMUM_BYTES",
    "MENDING",
    "MODELS",
    "TIMINGS",
    "TOKEN_MAKING",
    "UNKNOWN_BATCH",
    "UNKNOWN_ISIN",
    "Ended",
    "Kind",
    "Policy",
    "ProposedRequest",
    "ProposedToken",
    "Receipt",
    "Submission",
    "accept",
    "all_tasks",
    "batch",
    "batches",
    "carry_out_mending",
    "checks",
    "ended_by_minute",
    "follow_placements",
    "item_payload",
    "item_payloads",
    "item_results",
    "make_token",
    "numbered_items",
    "parse_request",
    "payloads",
    "placement_totals",
    "proposed_request",
    "rejection_reasons",
    "requesters",
    "start_adjustment",
    "start_correction",
    "start_due",
    "start_events",
    "start_mending",
    "start_release",
    "start_token_making",
    "sweep",
    "sweep_events",
    "validate_items",
]

_HERE = Path(__file__).parent
MODELS = (
    _HERE / "issuance" / "issuance.bpmn",
    _HERE / "repair" / "mending.bpmn",
    _HERE / "tokens" / "token_making.bpmn",
    *sorted((_HERE / "servicing").glob("*.bpmn")),
)
"""The models that a server deploys when it starts."""


def all_tasks() -> Tasks:
    """Every task that the models call."""
    tasks = Tasks()
    add_issuance_tasks(tasks)
    add_servicing_tasks(tasks)
    return tasks

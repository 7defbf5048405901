"""The pages that are looked at in a browser: checked with axe in both themes, and drawn for the manual.

Who adds a page adds a line. `role` is who looks; `waits_for` is a selector that is there once the page is complete.
"""

from dataclasses import dataclass
from uuid import UUID

from tests.settlement.market import ANNA, TODAY


@dataclass(frozen=True, slots=True)
class Page:
    """A page by name and address; `drawn` if docs/console shows it."""

    name: str
    path: str
    role: str | None = "operator"
    waits_for: str = "main"
    drawn: bool = True


WAITING = UUID("01970000-0000-7000-8000-000000000001")
"""An instruction that lacks securities."""
BATCH = UUID("01970000-0000-7000-8000-000000000002")
"""A batch that has ended, with errors."""
PAGES = (
    Page("sign-in", "/console/sign-in", role=None),
    Page("today", "/console", waits_for=".board .chart canvas"),
    Page("parties", "/console/parties"),
    Page("party", f"/console/parties/{ANNA}", drawn=False),
    Page("accounts", "/console/accounts"),
    Page("account", "/console/accounts/DEALER-1"),
    Page("statement", "/console/accounts/DEALER-1/statement?asset=EUR", drawn=False),
    Page("instruments", "/console/instruments"),
    Page("instrument", "/console/instruments/DE000CF00002"),
    Page("events-of-an-instrument", "/console/instruments/DE000CF00002/events", drawn=False),
    Page("extract", "/console/instruments/DE000CF00002/extract", drawn=False),
    Page("holders", "/console/instruments/DE000CF00002/holdings", drawn=False),
    Page("entries", "/console/instruments/DE000CF00002/entries", drawn=False),
    Page("batches", "/console/batches/issuance"),
    Page("batch", f"/console/batches/issuance/{BATCH}", waits_for="#reasons table"),
    Page("batch-item", f"/console/batches/issuance/{BATCH}/items/2"),
    Page("files-of-instructions", "/console/batches/instructions"),
    Page("settlement", "/console/settlement"),
    Page("instruction", f"/console/settlement/instructions/{WAITING}"),
    Page("instruction-of-a-party", f"/console/settlement/instructions/{WAITING}", role="other", drawn=False),
    Page("settlement-day", f"/console/settlement/days/{TODAY}"),
    Page("settlement-days", "/console/settlement/days", drawn=False),
    Page("planned-day", "/console/settlement/days/2026-11-24", drawn=False),
    Page("cycles", "/console/settlement/cycles"),
    Page("allegements", "/console/settlement/allegements", drawn=False),
    Page("audit", "/console/audit"),
    Page("sessions", "/console/sessions", drawn=False),
    Page("verify", "/console/audit/verifications", role="auditor"),
    Page("processes", "/console/processes"),
    Page("process", "/console/processes/models/issuance", waits_for="[data-drawn]"),
    Page(
        "process-durations",
        "/console/processes/models/issuance?view=durations",
        waits_for="[data-drawn]",
        drawn=False,
    ),
    Page("deployment", "/console/processes/deployment", drawn=False),
    Page("instances", "/console/processes/instances"),
    Page("incidents", "/console/processes/incidents"),
    Page("matching", "/console/processes/matching/incidents?process=issuance", drawn=False),
    Page("tasks", "/console/tasks"),
    Page("not-found", "/console/nowhere", drawn=False),
    Page("not-permitted", "/console/accounts/DEALER-2", role="issuer", drawn=False),
)

"""What an operator does with all that matches a filter, up to a limit, at once: confirmed with how many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from counterfoil.console import errors
from counterfoil.console.fields import BLANK, Reason
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.orchestration import cancel, incidents, instances, migrate, retry

router = APIRouter(prefix="/console/processes/matching")
MOST = 10_000
"""At most so many are taken at once, the oldest; the act is one transaction, and holds them locked until it ends."""
_Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Filter:
    """What was looked for. A process must be named: nobody acts on everything by leaving a field blank."""

    process: str
    version: int | None
    element: str
    key: str

    @property
    def address(self) -> str:
        """The filter as a part of an address."""
        said = {"process": self.process, "version": self.version, "element": self.element, "key": self.key}
        return urlencode({name: value for name, value in said.items() if value})

    def active(self, tx: Transaction) -> list[UUID]:
        """Instances that match and have not ended."""
        return _ids(
            instances(
                tx, process_id=self.process, version=self.version, state="active",
                element_id=self.element or None, business_key=self.key or None, limit=MOST,
            )
        )  # fmt: skip

    def stopped(self, tx: Transaction) -> list[UUID]:
        """Open incidents that match."""
        return _ids(
            incidents(
                tx, process_id=self.process, version=self.version, element_id=self.element or None, limit=MOST
            )
        )


def _ids(rows: Sequence[dict[str, Any]]) -> list[UUID]:
    return [row["id"] for row in rows]


def _filter(
    process: Annotated[str, Query(min_length=1, max_length=100)],
    version: Annotated[int | None, BLANK] = None,
    element: _Text = "",
    key: _Text = "",
) -> Filter:
    return Filter(process.strip(), version, element.strip(), key.strip())


Sought = Annotated[Filter, Depends(_filter)]
Count = Annotated[int, Form(ge=1, le=MOST)]


@router.get("/instances")
def matching_instances(visit: Who, sought: Sought) -> Response:
    """How many active instances match, and what can be done with all of them."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        count = len(sought.active(tx))
    return visit.page("processes/matching.html", sought=sought, count=count, most=MOST, what="instances")


@router.get("/incidents")
def matching_incidents(visit: Who, sought: Sought) -> Response:
    """How many open incidents match."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        count = len(sought.stopped(tx))
    return visit.page("processes/matching.html", sought=sought, count=count, most=MOST, what="incidents")


@router.post("/instances/cancellation")
def cancel_matching(visit: Who, sought: Sought, count: Count, reason: Reason) -> Response:
    """End all that match."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        ids = _confirmed(sought.active(tx), count)
        cancel(tx, ids, **_by(visit, reason))
    path = f"/console/processes/instances?{sought.address}"
    return visit.done(path, f"{count} instances are cancelled.")


@router.post("/instances/migration")
def migrate_matching(
    visit: Who, sought: Sought, count: Count, reason: Reason, to: Annotated[int, Form(ge=1)]
) -> Response:
    """Move all that match to another version of their process."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        ids = _confirmed(sought.active(tx), count)
        migrate(tx, ids, sought.process, to, **_by(visit, reason))
    path = f"/console/processes/instances?process={sought.process}&version={to}"
    return visit.done(path, f"{count} instances are of version {to} now.")


@router.post("/incidents/retry")
def retry_matching(visit: Who, sought: Sought, count: Count, reason: Reason) -> Response:
    """Have the elements of all that match tried again."""
    visit.require("process.operate")
    with visit.services.transaction() as tx:
        ids = _confirmed(sought.stopped(tx), count)
        retry(tx, ids, **_by(visit, reason))
    return visit.done(f"/console/processes/incidents?{sought.address}", f"{count} incidents are tried again.")


def _confirmed(ids: list[UUID], count: int) -> list[UUID]:
    """Those that match, if they are as many as the operator has been told. Raises `Refused` (CON-424)."""
    if len(ids) != count:
        raise Refused(errors.OTHER_NUMBER("/count", now=len(ids), then=count))
    return ids


def _by(visit: Visit, reason: str) -> dict[str, Any]:
    return {"actor": visit.actor.label, "now": visit.services.clock.now(), "reason": reason}

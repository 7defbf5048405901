"""Processes: each model as it is drawn, with what stands where and how long it takes; its versions; new ones."""

import re
from collections.abc import Mapping, Sequence
from math import log
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from counterfoil.access import require_everywhere
from counterfoil.console import errors
from counterfoil.console.durations import spoken
from counterfoil.console.listing import Column, Listing
from counterfoil.console.places import Place
from counterfoil.console.rendering import number
from counterfoil.console.visit import Visit, Who
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps
from counterfoil.orchestration import (
    STANDING_COUNTED,
    UNKNOWN_PROCESS,
    Deployment,
    compare,
    definition_xml,
    definitions,
    deploy,
    heat_map,
    in_flight,
    model_elements,
    open_incidents,
)

router = APIRouter(prefix="/console/processes")
PLACES = (Place("/console/processes", "Processes", "process.read", "p", everywhere=True),)
_MODELS = (
    Column("Process"), Column("Id"), Column("Version", numeric=True), Column("Deployed"), Column("By"),
    Column("Moving", numeric=True), Column("Waiting", numeric=True), Column("Stuck", numeric=True),
)  # fmt: skip
_ELEMENTS = (
    Column("Element"), Column("Type"), Column("Standing", numeric=True), Column("Stuck", numeric=True),
    Column("Visits", numeric=True), Column("Average", numeric=True), Column("Longest", numeric=True),
)  # fmt: skip
_LEVELS = 5
_WORTH_SAYING_S = 0.05
"""The drawing says nothing of what takes less."""
_CAPITAL = re.compile("(?=[A-Z])")
_VIEW = "^(standing|durations)$"
Version = Annotated[int | None, Query(ge=1)]


def model_path(process_id: str, version: int | None = None) -> str:
    """The address of a model."""
    return f"/console/processes/models/{process_id}" + (f"?version={version}" if version else "")


def file_path(process_id: str, version: int) -> str:
    """The address of a model's file."""
    return f"/console/processes/models/{process_id}/file?version={version}"


def read_everything(visit: Visit) -> None:
    """Raises `Refused` (ACC-403): what moves in processes is everybody's business, and so the depository's alone."""
    require_everywhere(visit.actor, "process.read")


@router.get("")
def index(visit: Who) -> Response:
    """Every process with its latest version and what is under way in it."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        deployed, flight, stuck = definitions(tx), in_flight(tx), open_incidents(tx)
    moving = {process.process_id: process for process in flight.processes}
    latest = {one["process_id"]: one for one in deployed}
    rows = [{**one, "flight": moving.get(id_)} for id_, one in sorted(latest.items())]
    listing = Listing(visit.request, "models", "Processes", _MODELS, rows)
    return visit.page("processes/index.html", listing=listing, exact=flight.exact, stuck=stuck)


@router.get("/deployment")
def deployment(visit: Who) -> Response:
    """Where a model is handed in."""
    visit.require("process.deploy")
    return visit.page("processes/deployment.html")


@router.post("/deployment")
async def hand_in(visit: Who, request: Request) -> Response:
    """Deploy a file; refused with everything that is wrong with it."""
    visit.require("process.deploy")
    async with request.form() as form:
        file = form.get("model")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refused(errors.MALFORMED("/model", reason="No file was chosen."))
        xml, resource = await file.read(), file.filename[:200]

    def work() -> list[Deployment]:
        with visit.services.transaction() as tx:
            now = visit.services.clock.now()
            return deploy(tx, xml, resource=resource, now=now, actor=visit.actor.label)

    deployed = await run_in_threadpool(work)
    said = [
        f"{one.process_id}: version {one.version} is deployed."
        if one.created
        else f"{one.process_id}: the very same model is version {one.version} already."
        for one in deployed
    ]
    first = deployed[0]
    return visit.done(model_path(first.process_id, first.version), " ".join(said))


@router.get("/models/{process_id}")
def model(
    visit: Who,
    process_id: str,
    version: Version = None,
    view: Annotated[str, Query(pattern=_VIEW)] = "standing",
) -> Response:
    """A model: drawn, and element by element."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        versions = _versions(tx, process_id)
        shown = _chosen(versions, process_id, version)
        elements = model_elements(tx, process_id, shown["version"])
        rows = _measured(elements, heat_map(tx, process_id, shown["version"]))
    here = f"process={process_id}&version={shown['version']}"
    for row in rows:
        row["path"] = f"/console/processes/instances?{here}&element={row['id']}"
    return visit.page(
        "processes/model.html", listing=Listing(visit.request, "elements", "Elements", _ELEMENTS, rows),
        model=shown, versions=versions, view=view, marks=dumps(_marks(rows, view)), counted=STANDING_COUNTED,
        file=file_path(process_id, shown["version"]), here=here,
    )  # fmt: skip


@router.get("/models/{process_id}/file")
def file(visit: Who, process_id: str, version: Annotated[int, Query(ge=1)]) -> Response:
    """The model as it was deployed, byte for byte."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        xml = definition_xml(tx, process_id, version)
    if xml is None:
        raise Refused(UNKNOWN_PROCESS(process=process_id))
    disposition = f'attachment; filename="{process_id}-{version}.bpmn"'
    return Response(
        xml,
        media_type="application/xml",
        headers={"Content-Disposition": disposition.encode("ascii", "replace").decode()},
    )


@router.get("/models/{process_id}/comparison")
def comparison(
    visit: Who,
    process_id: str,
    before: Annotated[int, Query(ge=1)],
    after: Annotated[int, Query(ge=1)],
) -> Response:
    """Two versions side by side, with what has been added, removed and changed."""
    read_everything(visit)
    with visit.services.transaction() as tx:
        versions = _versions(tx, process_id)
        old, new = (_chosen(versions, process_id, number) for number in (before, after))
        differences = compare(tx, process_id, before, after)
    marks = {
        one.id: {"tone": one.change.value, "label": f"{one.name or one.id}: {one.change.value}"}
        for one in differences
    }
    drawn = [(one, file_path(process_id, one["version"])) for one in (old, new)]
    return visit.page(
        "processes/comparison.html", old=old, new=new, versions=versions, differences=differences,
        marks=dumps(marks), drawn=drawn,
    )  # fmt: skip


def _versions(tx: Transaction, process_id: str) -> list[dict[str, Any]]:
    """All versions of a process, the latest first. Raises `Refused` (ORC-200)."""
    found = [one for one in definitions(tx) if one["process_id"] == process_id]
    if not found:
        raise Refused(UNKNOWN_PROCESS(process=process_id))
    return found[::-1]


def _chosen(versions: Sequence[dict[str, Any]], process_id: str, version: int | None) -> dict[str, Any]:
    if version is None:
        return versions[0]
    found = next((one for one in versions if one["version"] == version), None)
    if found is None:
        raise Refused(UNKNOWN_PROCESS(process=f"{process_id} version {version}"))
    return found


def _measured(elements: Sequence[Mapping[str, str]], heat: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each element with what stands there and how long its visits took, however they ended."""
    rows: dict[str, dict[str, Any]] = {
        e["id"]: {**e, "standing": 0, "stuck": 0, "visits": 0, "total_s": 0.0, "longest_s": None}
        for e in elements
    }
    for one in heat["standing"]:
        row = rows[one["element_id"]]
        row["standing"] += one["count"]
        if one["state"] == "incident":
            row["stuck"] = one["count"]
    for one in heat["visited"]:
        if one["element_id"] in rows:  # a path that was migrated has elements of another version
            row = rows[one["element_id"]]
            row["visits"] += one["visits"]
            row["total_s"] += float(one["average_s"]) * one["visits"]
            row["longest_s"] = max(row["longest_s"] or 0.0, float(one["longest_s"]))
    for row in rows.values():
        row["average_s"] = row["total_s"] / row["visits"] if row["visits"] else None
        row["type"] = _CAPITAL.sub(" ", row["type"]).lower()
        row["average"], row["longest"] = spoken(row["average_s"]), spoken(row["longest_s"])
    return list(rows.values())


def _marks(rows: Sequence[Mapping[str, Any]], view: str) -> dict[str, dict[str, Any]]:
    """What the drawing shows at which element: a badge with its words, a colour, and where a press leads."""
    if view == "durations":
        return _heat(rows)
    marks: dict[str, dict[str, Any]] = {}
    for row in rows:
        mark: dict[str, Any] = {"path": row["path"]}
        if row["standing"]:
            mark["badge"] = number(row["standing"]) + ("+" if row["standing"] >= STANDING_COUNTED else "")
            mark["label"] = f"{mark['badge']} at {row['name']}"
            mark["tone"] = "busy"
        if row["stuck"]:
            mark["bad"] = number(row["stuck"])
            mark["bad_label"] = f"{mark['bad']} incidents at {row['name']}"
            mark["bad_path"] = row["path"].replace("/instances?", "/incidents?")
            mark["tone"] = "bad"
        marks[row["id"]] = mark
    return marks


def _heat(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By a logarithm: a second beside a day should not look like nothing beside nothing."""
    longest = max((row["average_s"] for row in rows if row["average_s"]), default=0.0)
    marks: dict[str, dict[str, Any]] = {}
    for row in rows:
        mark: dict[str, Any] = {"path": row["path"]}
        if row["average_s"] is not None:
            share = log(1 + row["average_s"]) / log(1 + longest) if longest else 0.0
            mark["tone"] = f"heat-{max(1, min(_LEVELS, round(share * _LEVELS)))}"
            if row["average_s"] >= _WORTH_SAYING_S:
                mark["badge"] = row["average"]
            mark["label"] = f"{row['average']} on average at {row['name']}"
        marks[row["id"]] = mark
    return marks

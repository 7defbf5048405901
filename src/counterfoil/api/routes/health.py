"""Is the house alive, is it ready, what can go wrong."""

import shutil
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from counterfoil.access import require
from counterfoil.api import errors
from counterfoil.api.services import Here, Who
from counterfoil.core.errors import CATALOGUE, Refused

router = APIRouter(tags=["health"])
_MIB = 1024 * 1024
FLOOR_MIB = 64
"""Less free space than four segments of the write-ahead log is as good as none."""


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Whether the server runs."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(here: Here) -> dict[str, str]:
    """Whether the server can work: 503 while the database is away or its disk is almost full."""
    if here.data is not None:
        free = shutil.disk_usage(here.data).free // _MIB
        if free < FLOOR_MIB:
            raise Refused(errors.DISK_FULL(free=free, floor=FLOOR_MIB))
    with here.transaction() as tx:
        migrated = tx.value("SELECT max(name) FROM public.migration")
    return {"status": "ready", "migration": migrated}


@router.get("/metrics")
def metrics(actor: Who) -> Response:
    """Prometheus metrics of this process."""
    require(actor, "metrics.read")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/errors")
def catalogue() -> list[dict[str, Any]]:
    """Every error code with its meaning and remedy."""
    return [_described(code) for code in sorted(CATALOGUE)]


@router.get("/errors/{code}")
def error(code: str) -> dict[str, Any]:
    """One error code."""
    if code not in CATALOGUE:
        raise Refused(errors.NO_SUCH_CODE(code=code))
    return _described(code)


def _described(code: str) -> dict[str, Any]:
    rule = CATALOGUE[code]
    return {
        "code": rule.code, "title": rule.title, "detail": rule.detail, "remedy": rule.remedy, "status": rule.status,
        "transient": rule.transient,
    }  # fmt: skip

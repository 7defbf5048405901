"""Problem documents (RFC 9457): every error has a code from the catalogue and says where and what to do."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from counterfoil.api import errors
from counterfoil.core.db import Conflict, Unavailable
from counterfoil.core.errors import CATALOGUE, Refusal, Refused
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps
from counterfoil.faces import note_refusal

LOG = structlog.get_logger("counterfoil.api")
MEDIA_TYPE = "application/problem+json"


class Problem(JSONResponse):
    """A problem document."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Strict JSON."""
        return dumps(content).encode()


def problem(refusals: Sequence[Refusal], path: str, headers: dict[str, str] | None = None) -> Problem:
    """The problem document of one or more refusals; the first decides type and status."""
    first = CATALOGUE[refusals[0].code]
    headers = dict(headers or {})
    if first.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if first.transient:
        headers["Retry-After"] = "1"
    document = {
        "type": f"/errors/{first.code}",
        "title": first.title,
        "status": first.status,
        "detail": refusals[0].detail,
        "instance": path,
        "code": first.code,
        "remedy": first.remedy,
        "errors": [refusal.as_dict() for refusal in refusals],
    }
    return Problem(document, first.status, headers=headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every exception into a problem document; no stack trace ever leaves."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        actor = getattr(request.state, "actor", None)
        note_refusal(request.app.state.services, actor, request.method, request.url.path, error.refusals)
        return problem(error.refusals, request.url.path)

    @app.exception_handler(Unavailable)
    def unavailable(request: Request, error: Unavailable) -> Response:
        LOG.warning("database unavailable", error=str(error).strip()[:500])
        return problem([errors.UNAVAILABLE()], request.url.path)

    @app.exception_handler(Conflict)
    def conflict(request: Request, error: Conflict) -> Response:
        LOG.warning("conflict", constraint=error.constraint)
        return problem([errors.CONFLICT()], request.url.path)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem([_invalid(detail) for detail in error.errors()[:100]], request.url.path)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem([errors.NOT_FOUND(path=request.url.path)], request.url.path)
        if error.status_code == 405:
            return problem(
                [errors.METHOD(method=request.method)], request.url.path, dict(error.headers or {})
            )
        return problem([errors.MALFORMED(reason=error.detail)], request.url.path)

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        id_ = new_id()
        LOG.error("unexpected error", id=str(id_), path=request.url.path, exc_info=error)
        return problem([errors.BUG(id=id_)], request.url.path)


def _invalid(detail: dict[str, Any]) -> Refusal:
    place, *path = detail["loc"]
    pointer = "".join(f"/{step}" for step in path) if place == "body" else ""
    where = "" if place == "body" else f"{place} {'.'.join(map(str, path))}: "
    return errors.MALFORMED(pointer, reason=f"{where}{detail['msg']}")

"""The HTTP application: routes, problem documents, limits, headers."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from prometheus_client import Histogram
from starlette.responses import HTMLResponse, JSONResponse, Response

from counterfoil import __version__
from counterfoil.api import errors
from counterfoil.api.manual import manual
from counterfoil.api.problems import add_problem_handlers, problem
from counterfoil.api.routes import (
    access,
    accounts,
    adjustments,
    batches,
    bookings,
    event_consequences,
    events,
    health,
    instruments,
    issuances,
    messages,
    observations,
    parties,
    penalties,
    processes,
    register,
    reports,
    settlement,
    settlement_batches,
    settlement_day,
    ticks,
)
from counterfoil.api.services import Services
from counterfoil.core.clock import stopwatch
from counterfoil.core.ids import new_id
from counterfoil.core.json import dumps

LOG = structlog.get_logger("counterfoil.api")
_SECONDS = Histogram(
    "counterfoil_http_request_seconds", "Time to answer a request.", ("method", "route", "status")
)
_BODY_BYTES = 1024 * 1024
_STREAMED = {
    "/batches", "/batches/validation", "/parties/imports", "/settlement/batches",
    "/settlement/batches/validation", "/settlement/prices",
    "/ticks",
}  # fmt: skip
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_DOCS_HEADERS = {
    **_HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class Json(JSONResponse):
    """JSON in which decimals, dates and ids are texts."""

    def render(self, content: Any) -> bytes:
        """Strict JSON."""
        return dumps(content).encode()


def create_api(services: Services) -> FastAPI:
    """The application over these services."""
    app = FastAPI(
        title="Counterfoil",
        version=__version__,
        summary="An open digital central securities depository.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        default_response_class=Json,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    add_problem_handlers(app)
    for routes in (
        health,
        access,
        parties,
        issuances,
        batches,
        instruments,
        register,
        accounts,
        bookings,
        settlement,
        settlement_batches,
        messages,
        reports,
        events,
        event_consequences,
        adjustments,
        observations,
        ticks,
        settlement_day,
        penalties,
        processes,
    ):
        app.include_router(routes.router)
    page = manual(app.openapi())

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page)

    app.middleware("http")(_guard)
    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Limit bodies, add headers, log one line a request (without query, token or body)."""
    started, request_id = stopwatch(), str(new_id())
    length = request.headers.get("content-length", "")
    limited = request.url.path not in _STREAMED and request.method in ("POST", "PUT", "PATCH", "DELETE")
    if limited and (int(length) if length.isdecimal() else 0) > _BODY_BYTES:
        response: Response = problem([errors.TOO_LARGE(limit=_BODY_BYTES)], request.url.path)
    elif limited and "transfer-encoding" in request.headers:
        response = problem(
            [errors.EXPIRED(header="Transfer-Encoding", wanted="absent here")], request.url.path
        )
    else:
        response = await call_next(request)
    response.headers.update(_DOCS_HEADERS if request.url.path == "/docs" else _HEADERS)
    response.headers["X-Request-Id"] = request_id
    route = getattr(request.scope.get("route"), "path", "none")
    _SECONDS.labels(request.method, route, response.status_code).observe(stopwatch() - started)
    LOG.info(
        "request", id=request_id, method=request.method, path=request.url.path, status=response.status_code,
        ms=round((stopwatch() - started) * 1000, 1),
    )  # fmt: skip
    return response

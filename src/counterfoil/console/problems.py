"""What a visitor sees when something is refused or goes wrong: what it is, where, and what to do."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from counterfoil.access import FOREIGN
from counterfoil.console import errors
from counterfoil.console.rendering import Renderer
from counterfoil.core.db import Conflict, Unavailable
from counterfoil.core.errors import CATALOGUE, Refusal, Refused
from counterfoil.core.ids import new_id
from counterfoil.faces import note_refusal

LOG = structlog.get_logger("counterfoil.console")
SIGN_IN = "/console/sign-in"


def answer(renderer: Renderer, request: Request, refusals: Sequence[Refusal]) -> Response:
    """The page of one or more refusals; or, where a part of a page was asked for, the banner alone."""
    rule = CATALOGUE[refusals[0].code]
    fragment = request.headers.get("hx-request") == "true"
    if rule.code == errors.SIGNED_OUT.code:
        return _to_sign_in(request, fragment=fragment)
    headers = {"Retry-After": "1"} if rule.transient else {}
    if fragment:
        asked = request.headers.get("hx-target", "")
        headers |= {
            "HX-Retarget": f"#{asked}" if asked.endswith("-problems") else "#problems",
            "HX-Reswap": "innerHTML",
            "HX-Reselect": ".problem",
            "HX-Push-Url": "false",
            "HX-Replace-Url": "false",
        }
    bare = rule.code == errors.NOT_BUILT.code
    template = f"errors/{'not_built' if bare else 'banner' if fragment else 'page'}.html"
    shown = [(refusal, CATALOGUE[refusal.code]) for refusal in refusals]
    visit = getattr(request.state, "visit", None)
    text = renderer.render(template, request, rule=rule, problems=shown, visit=visit)
    return HTMLResponse(text, rule.status, headers=headers)


def _to_sign_in(request: Request, *, fragment: bool) -> Response:
    """Sign in first, then go on to what was asked for, or to the page that asked for a part of it."""
    asked = urlsplit(request.headers.get("hx-current-url", "") if fragment else str(request.url))
    target = SIGN_IN
    if fragment or request.method == "GET":
        target += "?next=" + quote(asked.path + (f"?{asked.query}" if asked.query else ""), safe="")
    if fragment:
        return Response(status_code=401, headers={"HX-Redirect": target})
    return Response(status_code=303, headers={"Location": target})


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every exception into a page; no stack trace ever leaves."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        visit = getattr(request.state, "visit", None)
        actor = visit and visit.actor
        services = request.app.state.services
        note_refusal(services, actor, request.method, request.url.path, error.refusals)
        if visit is not None and visit.party is not None and _tells_of_others(error):
            return _answer(request, [errors.NOT_FOUND(path=request.url.path)])
        return _answer(request, error.refusals)

    @app.exception_handler(Unavailable)
    def unavailable(request: Request, error: Unavailable) -> Response:
        LOG.warning("database unavailable", error=str(error).strip()[:500])
        return _answer(request, [errors.UNAVAILABLE()])

    @app.exception_handler(Conflict)
    def conflict(request: Request, error: Conflict) -> Response:
        LOG.warning("conflict", constraint=error.constraint)
        return _answer(request, [errors.CONFLICT()])

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, [_invalid(detail) for detail in error.errors()[:100]])

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _answer(request, [errors.NOT_FOUND(path=request.url.path)])
        if error.status_code == 405:
            return _answer(request, [errors.METHOD(method=request.method)])
        return _answer(request, [errors.MALFORMED(reason=error.detail)])

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        id_ = new_id()
        LOG.error("unexpected error", id=str(id_), path=request.url.path, exc_info=error)
        return _answer(request, [errors.BUG(id=id_)])


def _tells_of_others(error: Refused) -> bool:
    """Whether a party could learn from the refusal that another's thing is there: from this one, or because what is
    nowhere is refused in other words.
    """
    return error.rule.status == 404 or error.rule.code == FOREIGN.code


def _answer(request: Request, refusals: Sequence[Refusal]) -> Response:
    return answer(request.app.state.renderer, request, refusals)


def _invalid(detail: dict[str, Any]) -> Refusal:
    _, *path = detail["loc"]
    return errors.MALFORMED(
        "".join(f"/{step}" for step in path), reason=f"{'.'.join(map(str, path))}: {detail['msg']}"
    )

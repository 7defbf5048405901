"""Signing in and out, and what anybody may fetch."""

import math
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from counterfoil.access import (
    NOT_A_TOKEN,
    close_session,
    close_sessions,
    forget_failures,
    note_failed_sign_in,
    open_session,
    open_sessions,
    session_actor,
    take_turn,
)
from counterfoil.console import errors
from counterfoil.console.listing import Column, Listing
from counterfoil.console.visit import SESSION_COOKIE, Who, set_cookie
from counterfoil.core.errors import CATALOGUE, Refusal, Refused
from counterfoil.faces import Services

router = APIRouter()
_DAY_S = 12 * 3600
_SESSIONS = (Column("Signed in"), Column("Last used"), Column("Where"))


@router.get("/console/static/{name}")
def static(request: Request, name: str) -> Response:
    """A built file."""
    gzip = "gzip" in request.headers.get("accept-encoding", "")
    return request.app.state.renderer.assets.response(name, gzip=gzip)  # type: ignore[no-any-return]


@router.get("/console/sign-in")
def ask(request: Request, wanted: Annotated[str, Query(alias="next")] = "/console") -> Response:
    """The page that asks for a token."""
    return _form(request, wanted, ())


@router.post("/console/sign-in")
def sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=200)] = "",
    wanted: Annotated[str, Form(alias="next")] = "/console",
) -> Response:
    """Open a session for a valid token."""
    services: Services = request.app.state.services
    address, now, given = request.client.host if request.client else "", services.clock.now(), token.strip()
    with services.transaction() as tx:
        wait = take_turn(tx, address, now=now)
    if wait > 0:
        return _form(request, wanted, (errors.TOO_MANY(seconds=math.ceil(wait)),))
    try:
        with services.transaction() as tx:
            secret, _ = open_session(tx, given, now=now)
            forget_failures(tx, address)
    except Refused as refused:
        if refused.rule.code != NOT_A_TOKEN.code:
            raise
        with services.transaction() as tx:
            note_failed_sign_in(tx, address, given, now=now)
        return _form(request, wanted, refused.refusals)
    response = Response(status_code=303, headers={"Location": quote(_own(wanted), safe="/?&=%+")})
    set_cookie(request, response, SESSION_COOKIE, secret, _DAY_S)
    return response


@router.post("/console/sign-out")
def sign_out(visit: Who) -> Response:
    """End the session."""
    with visit.services.transaction() as tx:
        close_session(tx, visit.request.cookies[SESSION_COOKIE], now=visit.services.clock.now())
    return _signed_out()


@router.get("/console/sessions")
def sessions(visit: Who) -> Response:
    """Where one is signed in."""
    secret = visit.request.cookies[SESSION_COOKIE]
    with visit.services.transaction() as tx:
        found = open_sessions(tx, visit.actor, secret, now=visit.services.clock.now())
    listing = Listing(visit.request, "sessions", "Where you are signed in", _SESSIONS, found)
    return visit.page("signing/sessions.html", listing=listing)


@router.post("/console/sessions/close")
def sign_out_everywhere(visit: Who) -> Response:
    """End all one's sessions, this one too."""
    with visit.services.transaction() as tx:
        close_sessions(tx, visit.actor, now=visit.services.clock.now())
    return _signed_out(scripted=visit.request.headers.get("hx-request") == "true")


def _signed_out(*, scripted: bool = False) -> Response:
    name = "HX-Redirect" if scripted else "Location"
    response = Response(status_code=200 if scripted else 303, headers={name: "/console/sign-in"})
    response.delete_cookie(SESSION_COOKIE, path="/console")
    return response


@router.get("/console/session")
def session(request: Request) -> Response:
    """Whether this browser is signed in. A link from elsewhere arrives without the cookie, which is `Strict`: the
    page that asks for a token then finds by this that it need not ask.
    """
    services: Services = request.app.state.services
    with services.transaction() as tx:
        found = session_actor(
            tx, request.cookies.get(SESSION_COOKIE, ""), now=services.clock.now(), use=False
        )
    return JSONResponse({"signed_in": found is not None})


def _form(request: Request, wanted: str, refusals: tuple[Refusal, ...]) -> Response:
    problems = [(refusal, CATALOGUE[refusal.code]) for refusal in refusals]
    text = request.app.state.renderer.render(
        "signing/in.html", request, visit=None, problems=problems, next=_own(wanted)
    )
    return HTMLResponse(text, problems[0][1].status if problems else 200)


def _own(path: str) -> str:
    """A path within the console, or its first page: nobody is sent elsewhere after signing in."""
    inside = path == "/console" or path.startswith(("/console/", "/console?"))
    return path if inside and path.isascii() and path.isprintable() else "/console"

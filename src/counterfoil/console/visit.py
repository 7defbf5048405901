"""Who looks at a page, and how a page answers."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from counterfoil.access import Actor, may, require, session_actor
from counterfoil.console import errors
from counterfoil.console.places import Place
from counterfoil.console.rendering import Renderer
from counterfoil.console.shield import SAFE
from counterfoil.core.errors import Refused
from counterfoil.faces import Services

SESSION_COOKIE = "counterfoil_session"
NOTICE_COOKIE = "counterfoil_notice"
FIELD, HEADER = "csrf", "X-Counterfoil-Csrf"
"""Where a form, and where a script, puts the proof that a page of this session sends the request."""
_NOTICE_S = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in. `csrf` goes into every form."""

    request: Request
    services: Services
    actor: Actor
    csrf: str

    def may(self, permission: str) -> bool:
        """Whether the visitor has a permission: for showing what can be done."""
        return may(self.actor, permission)

    def require(self, permission: str, *, lei: str | None = None) -> None:
        """Raises `Refused` (ACC-403, 404): before anything is read or done."""
        require(self.actor, permission, lei=lei)

    @property
    def party(self) -> str | None:
        """The only party (LEI) whose things the visitor sees; None for who sees every party."""
        return None if self.actor.sees_everything else self.actor.lei or ""

    @property
    def places(self) -> list[Place]:
        """The entries of the navigation that are open to the visitor."""
        renderer: Renderer = self.request.app.state.renderer
        return [place for place in renderer.places if place.open_to(self.actor)]

    @property
    def notice(self) -> str:
        """What the act has done that led to this page."""
        return self.request.cookies.get(NOTICE_COOKIE, "")

    def page(self, template: str, **values: object) -> Response:
        """A page. Templates know `visit`, `path`, `places` and what is given here."""
        renderer = self.request.app.state.renderer
        response = HTMLResponse(renderer.render(template, self.request, visit=self, **values))
        if self.notice:
            response.delete_cookie(NOTICE_COOKIE, path="/console")
        return response

    def done(self, path: str, notice: str) -> Response:
        """After an act: go on to a page, which then says what was done."""
        scripted = self.request.headers.get("hx-request") == "true"
        response = Response(
            status_code=200 if scripted else 303,
            headers={"HX-Redirect" if scripted else "Location": quote(path, "/?&=%#")},
        )
        set_cookie(
            self.request, response, NOTICE_COOKIE, notice.encode("ascii", "replace").decode(), _NOTICE_S
        )
        return response


def csrf_of(session: str) -> str:
    """The proof that a page of a session carries. It does not reveal the session, and needs no keeping."""
    return sha256(f"csrf {session}".encode()).hexdigest()


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie that only this host gets, only from its own pages, and no script can read."""
    response.set_cookie(
        name, value, max_age=seconds, path="/console", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip


async def visit(request: Request) -> Visit:
    """Who is signed in; for unsafe methods also that a page of the session asks. Raises `Refused` (CON-401, 403)."""
    services: Services = request.app.state.services
    secret = request.cookies.get(SESSION_COOKIE, "")
    actor = await run_in_threadpool(_actor, services, secret)
    if actor is None:
        raise Refused(errors.SIGNED_OUT())
    found = Visit(request, services, actor, csrf_of(secret))
    request.state.visit = found
    if request.method not in SAFE and not compare_digest(await _proof(request), found.csrf.encode()):
        raise Refused(errors.FORGED())
    return found


def _actor(services: Services, secret: str) -> Actor | None:
    if not secret:
        return None
    with services.transaction() as tx:
        return session_actor(tx, secret, now=services.clock.now())


async def _proof(request: Request) -> bytes:
    header = request.headers.get(HEADER)
    if header is not None:
        return header.encode()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return b""
    value: Any = (await request.form()).get(FIELD)
    return value.encode() if isinstance(value, str) else b""


Who = Annotated[Visit, Depends(visit)]
"""A page's first parameter."""

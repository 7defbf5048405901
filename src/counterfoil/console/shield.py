"""What holds for every answer of the console, whatever page gives it: headers, origin, size of what is sent."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.console import errors
from counterfoil.console.problems import answer
from counterfoil.console.rendering import Renderer
from counterfoil.core.errors import Refusal

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A stricter one would have browsers send `Origin: null` with forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE = frozenset({"GET", "HEAD"})
BODY_BYTES_MAX = 1024 * 1024


class Shield:
    """Wraps the console. `streamed` are the paths that read large bodies piece by piece."""

    def __init__(self, app: ASGIApp, renderer: Renderer, streamed: frozenset[str]) -> None:
        self._app, self._renderer, self._streamed = app, renderer, streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = None if scope["method"] in SAFE else self._refusal(scope)
        app = self._app if refusal is None else answer(self._renderer, Request(scope), [refusal])
        await app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        if not sent_by_own_page(headers):
            return errors.FORGED()
        length = headers.get("content-length", "")
        small = length.isdecimal() and int(length) <= BODY_BYTES_MAX
        if not small and scope["path"] not in self._streamed and (length or "transfer-encoding" in headers):
            return errors.TOO_LARGE(limit=BODY_BYTES_MAX)
        return None


def sent_by_own_page(headers: Headers) -> bool:
    """Whether a browser says that a page of this host sends the request. All do with unsafe methods."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    return urlsplit(origin).netloc == headers.get("host") != ""

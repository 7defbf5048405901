"""What the routes work with, and who is asking."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from counterfoil.access import NOT_AUTHENTICATED, Actor
from counterfoil.api import errors
from counterfoil.core.errors import Refused
from counterfoil.core.json import loads
from counterfoil.faces import Services, repeated

__all__ = [
    "FIRST", "OBJECT", "Here", "Id", "Key", "Limit", "Services", "StrictObject", "Who", "actor", "page", "repeated",
    "services", "strict_object",
]  # fmt: skip


def services(request: Request) -> Services:
    """The services of the running application."""
    found: Services = request.app.state.services
    return found


_bearer = HTTPBearer(auto_error=False, description="A token made by `counterfoil token create`.")


def actor(
    request: Request,
    found: Annotated[Services, Depends(services)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """Who asks. Raises `Refused` (ACC-401)."""
    if credentials is None:
        raise Refused(NOT_AUTHENTICATED())
    request.state.actor = who = found.actor(credentials.credentials)
    return who


async def strict_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object without floats, duplicate names or NaN. Raises `Refused` (COR-001, API-001)."""
    value = loads(await request.body())
    if not isinstance(value, dict):
        raise Refused(errors.MALFORMED(reason="The body is not a JSON object"))
    return value


StrictObject = Annotated[dict[str, Any], Depends(strict_object)]
OBJECT: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
}
"""How the OpenAPI document describes a body read by `StrictObject`."""
Here = Annotated[Services, Depends(services)]
Who = Annotated[Actor, Depends(actor)]
Limit = Annotated[int, Query(ge=1, le=1000, description="Entries a page.")]
Id = UUID
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[!-~]+$")
]
FIRST = UUID(int=0)


def page(items: list[dict[str, Any]], limit: int, key: str) -> dict[str, Any]:
    """One page and the cursor of the next: the `after` to ask with, or null at the end."""
    return {"items": items, "next": str(items[-1][key]) if len(items) == limit else None}

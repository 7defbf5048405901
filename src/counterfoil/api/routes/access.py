"""Tokens."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from counterfoil.access import check_roles, create_token, require, require_maker, revoke_token, tokens
from counterfoil.api.services import Here, Id, Who
from counterfoil.core.errors import Refused
from counterfoil.parties import UNKNOWN_PARTY, is_lei

router = APIRouter(prefix="/tokens", tags=["access"])


class NewToken(BaseModel, extra="forbid"):
    """Whose token, and what it may do."""

    name: Annotated[str, Field(min_length=1, max_length=140, pattern=r"^[^\p{C}]+$")]
    roles: Annotated[list[str], Field(min_length=1, max_length=10)]
    lei: str | None = None
    expires_at: datetime | None = None


@router.post("", status_code=201)
def create(here: Here, actor: Who, new: NewToken) -> dict[str, Any]:
    """Make a token. The secret is shown this once. Approvers make those of approvers and modellers, operators all
    others.
    """
    check_roles(frozenset(new.roles))
    require_maker(actor, frozenset(new.roles))
    if new.lei is not None and not is_lei(new.lei):
        raise Refused(UNKNOWN_PARTY("/lei", lei=new.lei))
    with here.transaction() as tx:
        id_, secret = create_token(
            tx, name=new.name, roles=new.roles, lei=new.lei, creator=actor.label, now=here.clock.now(),
            expires_at=new.expires_at,
        )  # fmt: skip
    return {"id": id_, "token": secret}


@router.get("")
def index(here: Here, actor: Who) -> list[dict[str, Any]]:
    """Every token, without its secret."""
    require(actor, "token.revoke")
    with here.transaction() as tx:
        return tokens(tx)


@router.delete("/{id_}", status_code=204)
def revoke(here: Here, actor: Who, id_: Id) -> None:
    """End a token at once."""
    require(actor, "token.revoke")
    with here.transaction() as tx:
        revoke_token(tx, id_, now=here.clock.now())
    here.forget_actors()

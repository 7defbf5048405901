"""Tokens."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from counterfoil.access import create_token, made_before, require, revoke_token, tokens
from counterfoil.api.services import Here, Id, Key, Who
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.parties import UNKNOWN_PARTY, is_lei
from counterfoil.processes import ProposedToken, start_token_making

router = APIRouter(prefix="/tokens", tags=["access"])


class NewToken(BaseModel, extra="forbid"):
    """Whose token, and what it may do."""

    name: Annotated[str, Field(min_length=1, max_length=140, pattern=r"^[^\p{C}]+$")]
    roles: Annotated[list[str], Field(min_length=1, max_length=10)]
    lei: str | None = None
    expires_at: AwareDatetime | None = None

    def check_party(self) -> None:
        """Raises `Refused` (PTY-003)."""
        if self.lei is not None and not is_lei(self.lei):
            raise Refused(UNKNOWN_PARTY("/lei", lei=self.lei))


class ProposedOne(NewToken, extra="forbid"):
    """`fingerprint`: the SHA-256 of the secret that the holder has made and keeps, in hexadecimal digits."""

    fingerprint: Annotated[str, Field(min_length=64, max_length=64)]


@router.post("", status_code=201)
def create(here: Here, actor: Who, new: NewToken, key: Key = None) -> dict[str, Any]:
    """Make a token of a party's or an auditor's. The secret is shown this once: the same again with the same
    Idempotency-Key makes no second token and shows none. Refused (ACC-411) for roles that want a second person.
    """
    require(actor, "token.create")
    new.check_party()
    made = new_id()
    with here.transaction() as tx:
        before = made_before(tx, actor.label, key, new.model_dump_json().encode(), made)
        if before is not None:
            return {"id": before, "token": None}
        id_, secret = create_token(
            tx, name=new.name, roles=new.roles, lei=new.lei, creator=actor.label, now=here.clock.now(),
            expires_at=new.expires_at, id_=made,
        )  # fmt: skip
    return {"id": id_, "token": secret}


@router.post("/proposals", status_code=202)
def propose(here: Here, actor: Who, new: ProposedOne, key: Key = None) -> dict[str, Any]:
    """Have a token made once an approver has agreed. Nobody but its holder knows the secret."""
    require(actor, "token.create")
    new.check_party()
    made = new_id()
    proposed = ProposedToken(new.name, tuple(new.roles), new.fingerprint, new.lei, new.expires_at)
    with here.transaction() as tx:
        before = made_before(tx, actor.label, key, new.model_dump_json().encode(), made)
        if before is None:
            start_token_making(tx, made, proposed, now=here.clock.now(), requester=actor.label)
    return {"instance": before or made}


@router.get("")
def index(here: Here, actor: Who) -> list[dict[str, Any]]:
    """Every token, without its secret."""
    require(actor, "token.create")
    with here.transaction() as tx:
        return tokens(tx)


@router.delete("/{id_}", status_code=204)
def revoke(here: Here, actor: Who, id_: Id) -> None:
    """End a token at once."""
    require(actor, "token.create")
    with here.transaction() as tx:
        revoke_token(tx, id_, now=here.clock.now())
    here.forget_actors()

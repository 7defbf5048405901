"""Roles and what they may do. Faces and user tasks ask; capabilities only record who acted."""

from dataclasses import dataclass
from uuid import UUID

from counterfoil.access import errors
from counterfoil.core.errors import Refused

_READ = {
    "instrument.read", "batch.read", "party.read", "process.read", "register.read", "account.read", "settlement.read",
    "message.read",
}  # fmt: skip
_OBSERVE = {"observation.enter", "observation.confirm"}
_SETTLE = {"settlement.instruct", "message.send", "account.operate", *_READ}
_ISSUE = {"issuance.submit", *_SETTLE}
ROLES: dict[str, frozenset[str]] = {
    "operator": frozenset(
        {
            "issuance.submit", "process.operate", "party.import", "token.create", "verify.run",
            "audit.read", "metrics.read", "account.open", "account.fund", "settlement.operate",
            "servicing.operate", "event.declare", *_OBSERVE, *_SETTLE,
        }
    ),
    "approver": frozenset({"task.complete", *_READ}),
    "modeller": frozenset({"process.deploy", *_READ}),
    "issuer": frozenset(_ISSUE),
    "issuing_agent": frozenset(_ISSUE),
    "paying_agent": frozenset({"event.declare", *_SETTLE}),
    "fixing_agent": frozenset({*_OBSERVE, *_READ}),
    "dealer": frozenset(_SETTLE),
    "custodian": frozenset(_SETTLE),
    "auditor": frozenset({"audit.read", "verify.run", "metrics.read", *_READ}),
}  # fmt: skip
"""What each role may do."""
EVERYWHERE = frozenset({"operator", "approver", "modeller", "auditor"})
"""Roles of the depository itself: they see every party. The others see their own."""
_DECIDING = {"task.complete", "process.deploy", "token.create", "observation.confirm"}
NEEDS_TWO = frozenset(role for role, permissions in ROLES.items() if permissions & _DECIDING)
"""Roles that decide what another has asked for, or who does: one person alone makes no token with one of them."""
_INCOMPATIBLE = (
    ("operator", "approver"), ("issuer", "approver"), ("issuing_agent", "approver"),
    # Who fixes prices does not approve what is paid because of them.
    ("fixing_agent", "approver"),
    # An auditor sees every party: with a right to issue it could issue for every party.
    ("issuer", "auditor"), ("issuing_agent", "auditor"),
    # A model says what wants a second person: who draws it neither asks nor decides.
    *(("modeller", role) for role in ROLES if role not in ("modeller", "auditor")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a token's holder. `lei` is the party for which it acts; None for the depository itself."""

    id: UUID
    name: str
    lei: str | None
    roles: frozenset[str]

    @property
    def label(self) -> str:
        """How records name the actor."""
        return f"{self.name} ({self.id})"

    @property
    def sees_everything(self) -> bool:
        """Whether it belongs to the depository and not to one party."""
        return bool(self.roles & EVERYWHERE)


def may(actor: Actor, permission: str) -> bool:
    """Whether one of the actor's roles has the permission."""
    return any(permission in ROLES[role] for role in actor.roles)


def may_for_all(actor: Actor, permission: str) -> bool:
    """Whether the actor has the permission by a role of the depository itself, and so for every party."""
    return any(permission in ROLES[role] for role in actor.roles & EVERYWHERE)


def require(actor: Actor, permission: str, *, lei: str | None = None) -> None:
    """Raises `Refused` (ACC-403) without the permission, (ACC-404) where the matter is another party's."""
    if not may(actor, permission):
        raise Refused(errors.NOT_PERMITTED(actor=actor.name, permission=permission))
    if lei is not None and actor.lei != lei and not may_for_all(actor, permission):
        raise Refused(errors.FOREIGN(actor=actor.name, lei=lei))


def require_everywhere(actor: Actor, permission: str) -> None:
    """Raises `Refused` (ACC-403) unless the actor has the permission by a role of the depository itself."""
    if not may_for_all(actor, permission):
        raise Refused(errors.NOT_PERMITTED(actor=actor.name, permission=f"{permission} for every party"))


def require_four_eyes(actor: Actor, requester: str) -> None:
    """Raises `Refused` (ACC-405) when the approver is the requester (by token or by party)."""
    if requester == actor.label or requester == str(actor.id):
        raise Refused(errors.FOUR_EYES(actor=actor.name))


def check_roles(roles: frozenset[str]) -> None:
    """Raises `Refused` for a role that does not exist (ACC-406), a pair that may not be in one hand (ACC-407), or no
    role at all (ACC-409).
    """
    if not roles:
        raise Refused(errors.NO_ROLE("/roles"))
    unknown = sorted(roles - ROLES.keys())
    problems = [errors.UNKNOWN_ROLE("/roles", role=r, roles=", ".join(ROLES)) for r in unknown]
    problems += [errors.INCOMPATIBLE("/roles", one=a, other=b) for a, b in _INCOMPATIBLE if {a, b} <= roles]
    if problems:
        raise Refused(*problems)

"""Keeps in the audit trail what a face has refused to somebody who is known."""

from collections.abc import Sequence

import structlog

from counterfoil.access import Actor, note_refused_act
from counterfoil.core.db import Conflict, Unavailable
from counterfoil.core.errors import CATALOGUE, Refusal
from counterfoil.faces.services import Services

LOG = structlog.get_logger("counterfoil.faces")
_FORBIDDEN = 403
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def note_refusal(
    services: Services, actor: Actor | None, method: str, path: str, refusals: Sequence[Refusal]
) -> None:
    """Keep that an act was refused because its actor may not do it. The answer does not wait for a lost database."""
    rule = CATALOGUE[refusals[0].code]
    if actor is None or method in _READING or rule.status != _FORBIDDEN:
        return
    try:
        with services.transaction() as tx:
            note_refused_act(tx, actor, f"{method} {path}", rule.code, now=services.clock.now())
    except (Unavailable, Conflict) as error:
        LOG.warning("a refused act is not kept", actor=actor.label, path=path, error=str(error)[:300])

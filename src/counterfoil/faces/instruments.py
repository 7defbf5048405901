"""Who may see an instrument's page and its register: who issued it, and the depository."""

from typing import Any

from counterfoil.access import Actor, require
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json import loads_stored
from counterfoil.instruments import terms_of
from counterfoil.processes import UNKNOWN_ISIN


def require_own(actor: Actor, issuer: str | None, unknown: Refusal) -> None:
    """Raises `Refused` (`unknown`) where there is no issuer or it is another party: nobody can tell the two apart."""
    if issuer is None or not (actor.sees_everything or actor.lei == issuer):
        raise Refused(unknown)


def seen_terms(
    tx: Transaction, actor: Actor, isin: str, version: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A version of the terms, as stored and as read, where the actor may see the instrument's page.

    Raises `Refused`: ACC-403, or PRC-008 whether the instrument is unknown or another's.
    """
    require(actor, "instrument.read")
    newest = terms_of(tx, isin)
    read = None if newest is None else loads_stored(newest["canonical"])
    unknown = UNKNOWN_ISIN(isin=isin)
    require_own(actor, read and read["issuer"], unknown)
    found = newest if version is None else terms_of(tx, isin, version)
    if found is None:
        raise Refused(unknown)
    return found, loads_stored(found["canonical"])

"""Has an event decided anew that a person refused: as another event, which stands where the refused one stood."""

from datetime import datetime
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.instruments import EventKind
from counterfoil.register import issues
from counterfoil.servicing import errors
from counterfoil.servicing.agenda import endings, events_by_id
from counterfoil.servicing.model import PROCESS_OF, CalledFor, Ending

SQL = queries(__file__)
_REOPENED = (EventKind.COUPON, EventKind.OBSERVATION, EventKind.REDEMPTION, CalledFor.KNOCK_OUT)
"""What happens whether or not somebody asks for it; a call or an exercise that was refused is made again."""
_GONE = ("deleted", "cancelled")


def reopen(tx: Transaction, refused_id: UUID, reason: str, *, now: datetime, actor: str) -> UUID:
    """Have a refused event decided, approved and paid from the start; the id of the event that takes its place.

    What the paying agent declared of the refused event does not count for it. Raises `Refused` (SRV-001, 040, 062,
    063).
    """
    event = events_by_id(tx, [refused_id]).get(refused_id)
    if event is None:
        raise Refused(errors.UNKNOWN_EVENT(event=refused_id))
    was_refused = endings(tx, [refused_id]).get(refused_id) is Ending.WITHDRAWN
    if not was_refused or tx.rows(SQL.reopened, refused=refused_id):
        raise Refused(errors.NOT_REFUSED(event=refused_id))
    if event.kind not in _REOPENED:
        raise Refused(errors.ASKED_FOR(event=refused_id, kind=event.kind))
    issue = issues(tx, [event.isin]).get(event.isin)
    if issue is None or issue.state in _GONE:
        raise Refused(errors.NOT_LIVE(isin=event.isin))
    id_ = new_id()
    tx.execute(
        SQL.reopen, id=id_, refused=refused_id, reason=reason, process=PROCESS_OF[event.kind].value,
        starts_on=event.starts_on, now=now, actor=actor,
    )  # fmt: skip
    return id_

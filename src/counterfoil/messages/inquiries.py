"""Reports that somebody asks for: the same messages as at the end of a day, not posted but handed over."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.ledger import Account
from counterfoil.messages import errors
from counterfoil.messages.addresses import addresses, as_they_name_themselves
from counterfoil.messages.codecs.encoding import encode
from counterfoil.messages.model import CashNotification, Header, Holdings, Postings
from counterfoil.messages.reports import cash_notifications, holding_reports, posting_reports


class ReportKind(StrEnum):
    """camt.054, semt.017, semt.002."""

    CASH = "cash"
    POSTINGS = "postings"
    HOLDINGS = "holdings"


def report(
    tx: Transaction, kind: ReportKind, account: Account, start: datetime, until: datetime, *, now: datetime
) -> list[bytes]:
    """The pages of a report on an account, each a message to its owner: what was booked from `start` up to before
    `until`, or what it held just before `until`. Raises `Refused` (MSG-114).
    """
    if start > until:
        raise Refused(errors.REPORT("/start", reason=f"{start.isoformat()} is after {until.isoformat()}"))
    who = addresses(tx, ())
    pages: Sequence[CashNotification | Postings | Holdings]
    match kind:
        case ReportKind.CASH:
            pages = cash_notifications(tx, [account], start, until, now=now, depository=who.depository)
        case ReportKind.POSTINGS:
            pages = posting_reports(tx, [account], start, until, depository=who.depository)
        case ReportKind.HOLDINGS:
            pages = holding_reports(tx, [account], until, depository=who.depository)
    owner = as_they_name_themselves(tx, [account.owner_lei])[account.owner_lei]
    return [encode(page, Header(who.depository, owner, new_id().hex, now)) for page in pages]

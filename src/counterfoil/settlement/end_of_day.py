"""The end of a settlement day: who fails, what it costs, what has lived too long, and whether everything adds up."""

from dataclasses import dataclass
from datetime import date, datetime

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused, ensure
from counterfoil.core.ids import new_id
from counterfoil.register import EntryKind, Recorded, issues, record
from counterfoil.register import Instruction as Entry
from counterfoil.settlement import errors
from counterfoil.settlement.advice import announce_end_of_day
from counterfoil.settlement.day import close_day, day, mark_done
from counterfoil.settlement.instructions import lock_all
from counterfoil.settlement.integrity import IntegrityReport, integrity_report, report_integrity
from counterfoil.settlement.penalties import charge
from counterfoil.settlement.recycling import expire, turn_failing
from counterfoil.settlement.timetable import Day, EventKind

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class EndOfDay:
    """What the end of a day did. Numbers are of transactions that turned failing, instructions and requests that
    expired, and penalties; `unpriced` names what a price or rate was missing for, `suspended` the issues that the
    integrity report has kept from settling, `unsuspended` those of which the register itself must be mended first.
    """

    business_date: date
    ran_at: datetime
    failing: int
    expired_unmatched: int
    expired_matched: int
    expired_requests: int
    penalties: int
    unpriced: tuple[str, ...]
    suspended: tuple[str, ...]
    unsuspended: tuple[str, ...]
    integrity: IntegrityReport


def run_end_of_day(tx: Transaction, business_date: date, *, now: datetime, actor: str) -> EndOfDay:
    """End a settlement day and close it; a day that has ended gives the same answer again and changes nothing.

    Whatever is still to settle or to be marked down on this day comes before, in the same transaction or an earlier
    one. Penalties come before expiry, for what expires has failed on its last day too. Instructions wait meanwhile.
    Raises `Refused` (SET-043 unknown day; SET-047, SET-048 while the end is not due or an event before it not done).
    """
    lock_all(tx)
    found = day(tx, business_date, lock=True)
    if not found.is_open:
        return day_report(tx, business_date)
    _mark_end(tx, found, now)
    since = tx.value(SQL.last_end) or found.events[0].at
    failing = turn_failing(tx, business_date, now=now, actor=actor)
    charged = charge(tx, business_date, since=since, now=now)
    expired = expire(tx, business_date, now=now, actor=actor)
    report = report_integrity(tx, business_date, now=now)
    suspended, unsuspended = _suspend(tx, report, now, actor)
    tx.execute(
        SQL.add, business_date=business_date, now=now, actor=actor, failing=failing, unmatched=len(expired.unmatched),
        matched=len(expired.matched), requests=len(expired.requests), penalties=charged.penalties,
        unpriced=list(charged.unpriced), suspended=suspended, unsuspended=unsuspended,
    )  # fmt: skip
    close_day(tx, business_date, now=now)
    announce_end_of_day(tx, business_date, now)
    return day_report(tx, business_date)


def day_report(tx: Transaction, business_date: date) -> EndOfDay:
    """What the end of a day did. Raises `Refused` (SET-051) where it has not ended."""
    row = tx.row(SQL.stored, business_date=business_date)
    report = integrity_report(tx, business_date)
    if row is None or report is None:
        raise Refused(errors.DAY_NOT_ENDED("/business_date", business_date=business_date))
    failing, unmatched, matched, requests, penalties, unpriced, ran_at, suspended, unsuspended = row
    return EndOfDay(
        business_date, ran_at, failing, unmatched, matched, requests, penalties, tuple(unpriced), tuple(suspended),
        tuple(unsuspended), report,
    )  # fmt: skip


def _suspend(
    tx: Transaction, report: IntegrityReport, now: datetime, actor: str
) -> tuple[list[str], list[str]]:
    """Keep the issues that do not add up from settling until that is mended (2017/392 article 65(2)); and those that
    the register takes no entry of, for it parts from its own control account: people mend that first.
    """
    active = {i.isin for i in issues(tx, report.isins).values() if i.state == "active"}
    possible = sorted(active - set(report.parted))
    wanted = [Entry(new_id(), EntryKind.SUSPEND, isin, now, instructed_by=actor) for isin in possible]
    outcomes = record(tx, wanted, changed_at=now, actor=actor) if wanted else []
    ensure(all(isinstance(o, Recorded) for o in outcomes), "an active issue can be suspended")
    return possible, sorted(active & set(report.parted))


def _mark_end(tx: Transaction, found: Day, now: datetime) -> None:
    for event in found.events:
        if event.kind is EventKind.END:
            mark_done(tx, found.business_date, event.name, now=now)

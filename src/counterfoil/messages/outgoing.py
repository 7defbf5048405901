"""Tells parties that use messages what becomes of their instructions and holdings, and sends the reports of a day
that has ended.

One sweep at a time takes what was announced, compares how things stand with what was told, and writes the difference:
announcements leave and messages appear in one transaction, so nothing is told twice or never.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from counterfoil.core.db import Database, Transaction, queries
from counterfoil.core.outbox import take
from counterfoil.messages.addresses import addresses
from counterfoil.messages.advices import Names, Told, allegement_of, still_to_tell
from counterfoil.messages.claim_sweep import tell_of_claims
from counterfoil.messages.event_sweep import tell_of_events
from counterfoil.messages.instructing import form_of
from counterfoil.messages.mail import Letter, post
from counterfoil.messages.model import CancellationOutcome, CancellationStatus, PartyId, QuantityForm, Reason
from counterfoil.messages.reports import day_reports
from counterfoil.parties import correspondents
from counterfoil.register import issues
from counterfoil.servicing import CLAIM, EVENT
from counterfoil.settlement import (
    DAY_ENDED,
    INSTRUCTION,
    TRANSACTION,
    Mismatch,
    Part,
    Standing,
    mismatches,
    settled_parts,
    sides,
    standings,
)

SQL = queries(__file__)
MOST = 1000
"""Announcements of one sweep."""
_TOPICS = (INSTRUCTION, TRANSACTION, EVENT, CLAIM, DAY_ENDED)


def sweep(database: Database, now: datetime) -> None:
    """Tell some of what was announced, in a transaction of its own. Any number of workers may call it over and over:
    one at a time does it.
    """
    with database.transaction() as tx:
        advise(tx, now=now)


def advise(tx: Transaction, *, now: datetime, limit: int = MOST) -> int:
    """Tell what was announced; how many announcements were taken, or 0 while another sweeps."""
    if not tx.value(SQL.lock):
        return 0
    announced = take(tx, _TOPICS, limit=limit)
    if not announced:
        return 0
    of = {t: [s for topic, s in announced if topic == t] for t in _TOPICS}
    ids = {UUID(s) for s in of[INSTRUCTION]}
    if of[TRANSACTION]:
        ids.update(sides(tx, [UUID(s) for s in of[TRANSACTION]]))
    who = addresses(tx, ())
    letters = _advices(tx, ids, who.depository) if ids else []
    if of[EVENT]:
        letters += tell_of_events(tx, of[EVENT], depository=who.depository, now=now)
    if of[CLAIM]:
        letters += tell_of_claims(tx, [UUID(s) for s in of[CLAIM]])
    for day in dict.fromkeys(of[DAY_ENDED]):
        business_date, ended_at = day.split()
        letters += day_reports(
            tx,
            date.fromisoformat(business_date),
            datetime.fromisoformat(ended_at),
            now=now,
            depository=who.depository,
        )
    post(tx, letters, sender=who.depository, now=now)
    return len(announced)


def _advices(tx: Transaction, ids: Collection[UUID], depository: PartyId) -> list[Letter]:
    found = standings(tx, ids)
    differences = mismatches(tx, [id_ for id_, s in found.items() if s.is_unmatched])
    # What is new may be the nearest candidate of what was there before: its party learns of the difference too.
    nearest = {m.nearest for m in differences.values() if m.nearest is not None} - found.keys()
    if nearest:
        found |= standings(tx, nearest)
        differences |= mismatches(tx, [id_ for id_ in nearest if found[id_].is_unmatched])
    parts = settled_parts(tx, {s.transaction for s in found.values() if s.transaction is not None})
    told = {row[0]: Told(*row[1:]) for row in tx.rows(SQL.told, ids=list(found))}
    letters, now_told = _compare(tx, found, differences, parts, told, depository)
    changed = {id_: t for id_, t in now_told.items() if told.get(id_) != t}
    if changed:
        tx.execute(
            SQL.keep, ids=list(changed), statuses=[t.status for t in changed.values()],
            matched=[t.is_matched for t in changed.values()], parts=[t.parts for t in changed.values()],
            alleged=[t.is_alleged for t in changed.values()],
        )  # fmt: skip
    return [*letters, *_ended_cancellations(tx, found)]


def _compare(
    tx: Transaction,
    found: Mapping[UUID, Standing],
    differences: Mapping[UUID, Mismatch],
    parts: Mapping[UUID, Sequence[Part]],
    told: Mapping[UUID, Told],
    depository: PartyId,
) -> tuple[list[Letter], dict[UUID, Told]]:
    """The letters, and what has been told with them."""
    leis = {lei for s in found.values() for lei in (s.instruction.party_lei, s.instruction.counterparty_lei)}
    corresponding = correspondents(tx, leis)
    known = issues(tx, sorted({s.instruction.isin for s in found.values()}))
    letters: list[Letter] = []
    now_told: dict[UUID, Told] = {}
    for id_, standing in found.items():
        i = standing.instruction
        form = form_of(known[i.isin]) if i.isin in known else QuantityForm.UNITS
        party, counterparty = (
            PartyId(lei, corresponding.get(lei)) for lei in (i.party_lei, i.counterparty_lei)
        )
        names = Names(party, counterparty, depository, form)
        before = after = told.get(id_, Told())
        if i.party_lei in corresponding:
            settled = parts.get(standing.transaction, ()) if standing.transaction else ()
            messages, after = still_to_tell(standing, differences.get(id_), settled, before, names)
            letters += [Letter(i.party_lei, message, instruction=id_) for message in messages]
        if standing.is_unmatched and i.counterparty_lei in corresponding and not before.is_alleged:
            letters.append(Letter(i.counterparty_lei, allegement_of(standing, names)))
            after = Told(after.status, after.is_matched, after.parts, is_alleged=True)
        now_told[id_] = after
    return letters, now_told


def _ended_cancellations(tx: Transaction, found: Mapping[UUID, Standing]) -> Iterable[Letter]:
    """Answers to requests to cancel that have waited for the counterparty: what became of them."""
    ended = {
        id_: s for id_, s in found.items()
        if s.cancellation_code is not None or not s.is_pending or not s.has_requested_cancellation
    }  # fmt: skip
    rows = tx.rows(SQL.end_cancellations, ids=list(ended)) if ended else []
    for received, sender, reference, id_ in rows:
        standing = ended[id_]
        i = standing.instruction
        outcome, reason = (
            CancellationOutcome.DENIED,
            Reason("OTHR", "The counterparty has not asked for it in time."),
        )
        if standing.cancellation_code is not None:
            outcome, reason = CancellationOutcome.CANCELLED, Reason(standing.cancellation_code)
        elif not standing.is_pending:
            reason = Reason("DSET")
        status = CancellationStatus(
            reference or received.hex, i.reference, i.movement, i.payment, outcome, (reason,), i.id.hex
        )
        yield Letter(sender, status, received, id_)

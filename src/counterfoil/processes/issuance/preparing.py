"""Reads requests and terms of a batch of jobs, once in a transaction; variables carry only ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core import json
from counterfoil.core.clock import stopwatch
from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, ensure
from counterfoil.instruments import (
    Effect,
    Terms,
    TermsVersion,
    canonical,
    current_terms,
    diff,
    effect,
    forbidden,
    terms_hash,
    validate_terms,
    with_proposals,
)
from counterfoil.orchestration import Job
from counterfoil.parties import Standing, entities, standing
from counterfoil.processes import errors
from counterfoil.processes.issuance.buyers import Sales, find_buyers
from counterfoil.processes.issuance.distribution import judge
from counterfoil.processes.issuance.requests import Envelope, IssueRequest, Kind, merge_patch, parse_request

SQL = queries(__file__)
TIMINGS: dict[str, float] = {"parse": 0.0, "validate": 0.0}
"""Seconds spent since the process began, for those who measure."""


@dataclass(slots=True)
class Prepared:
    """One item with all that its steps need. `refusals` says why it cannot go on."""

    batch_id: UUID
    position: int
    submitter: str
    submitted_by: str
    principals: frozenset[str] | None
    business_date: date
    arrived_at: datetime
    envelope: Envelope = field(default_factory=Envelope)
    request: IssueRequest | None = None
    terms: Terms | None = None
    canonical: str = ""
    hash: bytes = b""
    current: TermsVersion | None = None
    effect: Effect | None = None
    issuer: str = ""
    issuer_name: str = ""
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    acts_for: frozenset[str] = frozenset()
    """Buyers for whom the submitter may instruct too."""
    unique: bool = False
    """Whether its ISIN and reference were found free in this transaction."""

    @property
    def isin(self) -> str | None:
        """The ISIN, as far as it is known."""
        if self.request is not None and self.request.isin is not None:
            return self.request.isin
        return self.terms.isin if self.terms is not None else None


def prepared(tx: Transaction, jobs: Sequence[Job]) -> list[Prepared]:
    """The items of the jobs, in order; those that this transaction has not read yet are read together."""
    cache: dict[UUID, Prepared] = tx.cache.setdefault("issuance", {})
    missing = [job for job in jobs if job.instance_id not in cache]
    if missing:
        cache.update(zip((job.instance_id for job in missing), _read(tx, missing), strict=True))
    return [cache[job.instance_id] for job in jobs]


def complete(item: Prepared, isin: str) -> None:
    """Give new terms their ISIN and what follows from it; doing it twice changes nothing."""
    ensure(item.terms is not None, "only an item with terms is completed")
    if item.terms is not None and not item.canonical:
        item.terms = with_proposals(item.terms, isin=isin, issuer_name=item.issuer_name)
        item.canonical = canonical(item.terms)
        item.hash = terms_hash(item.canonical)


def _read(tx: Transaction, jobs: Sequence[Job]) -> list[Prepared]:
    items = read_items(tx, [(UUID(job.variables["batch"]), int(job.variables["position"])) for job in jobs])
    for job, item in zip(jobs, items, strict=True):
        if item.terms is not None and (isin := job.variables.get("isin")) is not None:
            complete(item, isin)
    return items


def read_items(tx: Transaction, keys: Sequence[tuple[UUID, int]]) -> list[Prepared]:
    """Items by batch and position, in order, as they stand now. All of them must be there."""
    rows = tx.rows(SQL.items, batches=[b for b, _ in keys], positions=[p for _, p in keys])
    found = {(row[0], row[1]): row for row in rows}
    items, payloads = [], []
    for key in keys:
        _, _, payload, submitter, submitted_by, principals, business_date, received_at = found[key]
        known = None if principals is None else frozenset(principals)
        items.append(Prepared(*key, submitter, submitted_by, known, business_date, received_at))
        payloads.append(bytes(payload))
    prepare(tx, items, payloads)
    return items


def prepare(tx: Transaction, items: Sequence[Prepared], payloads: Sequence[bytes]) -> None:
    """Read and validate payloads into items of the same order, with a fixed number of statements."""
    for item, payload in zip(items, payloads, strict=True):
        _parse(item, payload)
    _merge_amendments(tx, items)
    _name_issuers(tx, items)
    sold = [item for item in items if item.request is not None and item.request.distribution]
    if sold:
        _find_buyers(tx, sold)


def _parse(item: Prepared, payload: bytes) -> None:
    started = stopwatch()
    item.envelope, request, refusals = parse_request(payload)
    parsed = stopwatch()
    TIMINGS["parse"] += parsed - started
    item.refusals.extend(refusals)
    if request is None:
        return
    item.request = request
    if request.instrument is not None:
        _validate(item, request.instrument, "/instrument", item.business_date)
        if item.terms is not None:
            item.refusals.extend(_broken_quantity(item.terms, request.quantity))
            item.refusals.extend(judge(request.distribution, item.terms, item.business_date))
    TIMINGS["validate"] += stopwatch() - parsed


def _broken_quantity(terms: Terms, quantity: Decimal | None) -> Iterable[Refusal]:
    if quantity is None:
        return
    if terms.volume.mode == "fixed" and quantity != terms.volume.authorised:
        wanted = "absent, because a fixed issue is issued whole"
        yield errors.WRONG_FIELD("/quantity", wanted=wanted)
    elif quantity > terms.volume.authorised:
        wanted = f"at most the authorised volume {terms.volume.authorised:f}"
        yield errors.WRONG_FIELD("/quantity", wanted=wanted)


def _validate(item: Prepared, raw: Any, pointer: str, business_date: date) -> None:
    outcome = validate_terms(raw, business_date=business_date, pointer=pointer)
    if isinstance(outcome, tuple):
        item.refusals.extend(outcome)
    else:
        item.terms = outcome
        item.issuer = outcome.issuer


def _merge_amendments(tx: Transaction, items: Sequence[Prepared]) -> None:
    """Find the terms that requests on existing issues refer to, and apply the changes of amendments."""
    later = [i for i in items if i.request is not None and i.request.kind is not Kind.NEW]
    if not later:
        return
    current = current_terms(tx, sorted({i.request.isin for i in later if i.request and i.request.isin}))
    for item in later:
        request = item.request
        if request is None or request.isin is None:
            continue
        item.current = current.get(request.isin)
        if item.current is None:
            item.refusals.append(errors.UNKNOWN_ISIN("/isin", isin=request.isin))
            continue
        stored = json.loads(item.current.canonical)
        item.issuer = stored["issuer"]
        if request.changes is not None:
            _amend(item, stored, merge_patch(stored, request.changes))


def _amend(item: Prepared, stored: Any, merged: Any) -> None:
    if item.current is None:
        return
    # the rules of an issue's first day (no date in the past) were met then; they are judged as of the issue date
    _validate(item, merged, "/changes", min(item.business_date, date.fromisoformat(stored["issue_date"])))
    if item.terms is None:
        return
    item.canonical = canonical(item.terms)
    item.hash = terms_hash(item.canonical)
    changes = diff(item.current.canonical, item.canonical)
    if not changes:
        item.refusals.append(errors.NO_CHANGE("/changes"))
        return
    item.refusals.extend(forbidden(changes))
    item.effect = effect(changes)


def _find_buyers(tx: Transaction, items: Sequence[Prepared]) -> None:
    """Whether the buyers and the accounts that a distribution names are there, and for whom the submitter may act."""
    sales = [
        Sales(i.request.distribution, i.request.proceeds_account, i.issuer, i.submitter, i.principals)
        for i in items
        if i.request is not None
    ]
    for item, found in zip(items, find_buyers(tx, sales), strict=True):
        item.refusals.extend(found.refusals)
        item.acts_for = found.acts_for


def _name_issuers(tx: Transaction, items: Sequence[Prepared]) -> None:
    known = entities(tx, sorted({i.issuer for i in items if i.issuer}))
    standings: dict[str, Standing] = {}
    for item in items:
        if not item.issuer:
            continue
        pointer = "/instrument/issuer" if item.request and item.request.kind is Kind.NEW else "/isin"
        if item.principals is not None and item.issuer not in item.principals:
            item.refusals.append(errors.NOT_YOURS(pointer, lei=item.issuer))
        found = standings.get(item.issuer)
        if found is None:
            found = standings[item.issuer] = standing(known.get(item.issuer))
        item.issuer_name = found.legal_name
        if not found.may_issue and item.request and item.request.kind in (Kind.NEW, Kind.TOP_UP):
            item.refusals.append(errors.MAY_NOT_ISSUE(pointer, lei=item.issuer, reason=found.reason))
        if found.warning:
            item.warnings.append(f"{item.issuer}: {found.warning}")

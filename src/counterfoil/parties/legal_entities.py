"""Legal entities, from GLEIF's own files."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

from counterfoil.core import json
from counterfoil.core.db import Row, Transaction, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json_array import MemberTooLarge, members
from counterfoil.core.words import words_query
from counterfoil.parties import errors
from counterfoil.parties.identifiers import is_bic, is_lei

SQL = queries(__file__)
_CHUNK = 2000
_LOOK = 4000
"""Entities that are looked through for words before their index is asked."""
_STEP = 1024 * 1024
"""Bytes that are read at once, and characters that one record may have."""
ROLES = frozenset({"issuer", "issuing_agent", "paying_agent", "dealer", "custodian", "csd_operator"})
"""What a party may be for another, or for everybody."""
_MAY_ISSUE = {"ISSUED", "LAPSED", "PENDING_TRANSFER", "PENDING_ARCHIVAL"}


@dataclass(frozen=True, slots=True)
class Entity:
    """One legal entity. Statuses are GLEIF's words (LEI-CDF 3.1)."""

    lei: str
    legal_name: str
    country: str | None
    legal_form: str | None
    entity_status: str
    registration_status: str
    next_renewal_on: date | None
    bics: Sequence[str] = ()


@dataclass(slots=True)
class ImportResult:
    """What an import did. `refused` holds the first hundred records left out."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an entity may issue; `reason` says why not, `warning` what is amiss though it may."""

    may_issue: bool
    legal_name: str = ""
    reason: str = ""
    warning: str = ""


def import_gleif(tx: Transaction, stream: IO[bytes], *, now: datetime) -> ImportResult:
    """Read GLEIF's golden copy JSON (whole file or delta) as a stream. Importing it again changes nothing.

    Raises `Refused` (PTY-001) when the file is not JSON; a record without a usable LEI is left out and named.
    """
    result = ImportResult()
    records = iter(enumerate(_records(stream), 1))
    while chunk := list(islice(records, _CHUNK)):
        entities = {}
        for number, read in chunk:
            if isinstance(read, Entity):
                entities[read.lei] = read
            elif len(result.refused) < 100:
                result.refused.append(errors.BAD_RECORD(f"/records/{number - 1}", number=number, reason=read))
        _upsert(tx, list(entities.values()), result, now)
    return result


def read_gleif(stream: IO[bytes]) -> Iterator[Entity]:
    """The usable records of a GLEIF golden copy file. Raises `Refused` (PTY-001)."""
    return (read for read in _records(stream) if isinstance(read, Entity))


def _records(stream: IO[bytes]) -> Iterator[Entity | str]:
    """The entity of each record, or what is wrong with it."""
    chunks = iter(lambda: stream.read(_STEP), b"")
    try:
        for text in members(chunks, name="records", maximum=_STEP):
            try:
                record = json.loads(text)
            except Refused as refused:
                yield refused.refusals[0].detail
            else:
                yield _entity(record)
    except MemberTooLarge:
        reason = f"a record has more than {_STEP:,} characters"
        raise Refused(errors.UNREADABLE(format="JSON", reason=reason)) from None
    except ValueError as error:
        raise Refused(errors.UNREADABLE(format="JSON", reason=error)) from None


def import_bics(tx: Transaction, stream: Iterable[str]) -> ImportResult:
    """Read GLEIF's LEI-BIC relationship file (CSV with the columns LEI and BIC)."""
    result = ImportResult()
    try:
        rows = csv.DictReader(stream)
        if not {"LEI", "BIC"} <= set(rows.fieldnames or ()):
            raise Refused(errors.UNREADABLE(format="CSV", reason="the columns LEI and BIC are missing"))
        for chunk in _chunks(enumerate(rows, 2)):
            good = []
            for number, row in chunk:
                lei, bic = (row["LEI"] or "").strip(), (row["BIC"] or "").strip()
                if is_lei(lei) and is_bic(bic):
                    good.append((bic, lei))
                elif len(result.refused) < 100:
                    result.refused.append(errors.BAD_RECORD(number=number, reason="LEI or BIC is malformed"))
            added = tx.value(SQL.upsert_bics, bics=[b for b, _ in good], leis=[lei for _, lei in good])
            result.added += added
            result.unchanged += len(good) - added
    except csv.Error as error:
        raise Refused(errors.UNREADABLE(format="CSV", reason=error)) from None
    return result


def entities(tx: Transaction, leis: Sequence[str]) -> Mapping[str, Entity]:
    """Entities by LEI; an unknown one is missing."""
    rows = tx.rows(SQL.entities, leis=list(set(leis)))
    return {row[0]: Entity(*row) for row in rows}


def page_of_entities(
    tx: Transaction, *, after: str = "", prefix: str = "", name: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Entities in order of LEI, from behind `after`; `prefix` begins the LEI, `name` gives beginnings of words of the
    legal name.
    """
    given = {"after": after, "prefix": prefix, "limit": limit}
    rows = tx.rows(SQL.page, **given) if not name else _by_words(tx, words_query(name), given)
    return [
        dict(zip(("lei", "legal_name", "country", "registration_status"), row, strict=True)) for row in rows
    ]


def _by_words(tx: Transaction, words: str, given: dict[str, Any]) -> list[Row]:
    """Common words fill a page from those looked at first, or further on; rare ones are found by their index."""
    if not words:
        return []
    with tx.fresh_plans():
        rows = tx.rows(SQL.near, words=words, look=_LOOK, **given)
        found = [row[:4] for row in rows if row[0] is not None]
        looked = sum(row[4] for row in rows if row[0] is None)
        if len(found) == given["limit"] or looked < _LOOK:
            return found
        few = tx.value(SQL.matches, words=words, after=given["after"], most=_LOOK) < _LOOK
        return tx.rows(SQL.by_words if few else SQL.onwards, words=words, **given)


def standing(entity: Entity | None) -> Standing:
    """Whether the entity may issue: RETIRED, ANNULLED and the like may not, LAPSED warns."""
    if entity is None:
        return Standing(False, reason="the party is unknown here")
    if entity.entity_status != "ACTIVE":
        return Standing(False, entity.legal_name, f"the entity is {entity.entity_status}")
    if entity.registration_status not in _MAY_ISSUE:
        return Standing(False, entity.legal_name, f"its LEI is {entity.registration_status}")
    warning = "its LEI is LAPSED" if entity.registration_status == "LAPSED" else ""
    return Standing(True, entity.legal_name, warning=warning)


def grant_mandates(
    tx: Transaction, mandates: Sequence[tuple[str, str, str]], *, actor: str, now: datetime
) -> None:
    """Give roles: (LEI, role, principal's LEI or "" for the role as such) each.

    Raises `Refused` (PTY-003, PTY-004).
    """
    strange = [role for _, role, _ in mandates if role not in ROLES]
    if strange:
        raise Refused(*(errors.UNKNOWN_ROLE("/role", role=role) for role in strange))
    known = entities(tx, [lei for lei, _, principal in mandates for lei in (lei, principal) if lei])
    missing = [lei for m in mandates for lei in (m[0], m[2]) if lei and lei not in known]
    if missing:
        raise Refused(*(errors.UNKNOWN_PARTY(lei=lei) for lei in missing))
    tx.execute(
        SQL.grant,
        leis=[m[0] for m in mandates],
        roles=[m[1] for m in mandates],
        principals=[m[2] for m in mandates],
        actor=actor,
        now=now,
    )


def mandates_of(tx: Transaction, lei: str) -> list[dict[str, Any]]:
    """The roles that a party has, with the principal of each ("" for the role as such)."""
    names = ("lei", "role", "principal_lei", "granted_at")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.mandates, leis=[lei])]


def parties_in_role(tx: Transaction, role: str) -> list[Entity]:
    """The parties that have a role as such, the first to get it first."""
    leis = [lei for (lei,) in tx.rows(SQL.in_role, role=role)]
    known = entities(tx, leis) if leis else {}
    return [known[lei] for lei in leis]


def principals_of(tx: Transaction, leis: Sequence[str], roles: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Whom each party may act for in one of the roles; the role as such, for everybody, names nobody."""
    return _by_first(tx.rows(SQL.principals, leis=list(leis), roles=list(roles)) if leis else ())


def agents_of(
    tx: Transaction, principals: Sequence[str], roles: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    """Who acts for each of the principals in one of the roles."""
    return _by_first(
        tx.rows(SQL.agents, principals=list(principals), roles=list(roles)) if principals else ()
    )


def _by_first(pairs: Iterable[Sequence[str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}


def _upsert(tx: Transaction, batch: Sequence[Entity], result: ImportResult, now: datetime) -> None:
    row = tx.row(
        SQL.upsert,
        leis=[e.lei for e in batch],
        names=[e.legal_name for e in batch],
        countries=[e.country for e in batch],
        forms=[e.legal_form for e in batch],
        entity=[e.entity_status for e in batch],
        registration=[e.registration_status for e in batch],
        renewals=[e.next_renewal_on for e in batch],
        now=now,
    )
    added, changed = row or (0, 0)
    result.added += added
    result.changed += changed
    result.unchanged += len(batch) - added - changed


def _entity(record: Any) -> Entity | str:
    """The entity of one record, or what is wrong with it. GLEIF wraps each value as {"$": value}."""
    if not isinstance(record, dict):
        return "it is not an object"
    lei = _value(record, "LEI")
    if not isinstance(lei, str) or not is_lei(lei):
        return "its LEI is malformed"
    name = _value(record, "Entity", "LegalName")
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        return "it has no legal name"
    renewal = _value(record, "Registration", "NextRenewalDate")
    try:
        next_renewal = date.fromisoformat(renewal[:10]) if isinstance(renewal, str) else None
    except ValueError:
        return "its renewal date is malformed"
    return Entity(
        lei,
        name[:500],
        _text(_value(record, "Entity", "LegalAddress", "Country")),
        _text(_value(record, "Entity", "LegalForm", "EntityLegalFormCode")),
        _text(_value(record, "Entity", "EntityStatus")) or "NULL",
        _text(_value(record, "Registration", "RegistrationStatus")) or "NULL",
        next_renewal,
    )


def _value(record: Any, *path: str) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record.get("$") if isinstance(record, dict) else record


def _text(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) and value.isprintable() else None


def _chunks(rows: Iterator[tuple[int, dict[str, str]]] | Any) -> Iterator[list[tuple[int, dict[str, str]]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk

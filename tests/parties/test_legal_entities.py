"""Parties come from GLEIF's own files; what cannot be used is named, and what is known twice changes nothing."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.json import dumps
from counterfoil.parties import (
    Entity,
    ImportResult,
    agents_of,
    entities,
    grant_mandates,
    import_bics,
    import_gleif,
    mandates_of,
    page_of_entities,
    principals_of,
    read_gleif,
    standing,
)
from counterfoil.sample import fictional_issuers, gleif_document

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEI, OTHER = (lei for lei, _ in fictional_issuers()[:2])


def record(
    lei: object = LEI, name: object = "Muster AG", status: str = "ISSUED", **more: Any
) -> dict[str, Any]:
    return {
        "LEI": {"$": lei},
        "Entity": {"LegalName": {"$": name}, "EntityStatus": {"$": "ACTIVE"}, **more.get("entity", {})},
        "Registration": {"RegistrationStatus": {"$": status}, **more.get("registration", {})},
    }


def imported(database: Database, *records: object) -> ImportResult:
    with database.transaction() as tx:
        return import_gleif(tx, io.BytesIO(dumps({"records": records}).encode()), now=NOW)


def test_an_import_adds_changes_and_leaves_alone(database: Database) -> None:
    first = imported(database, record(), record(OTHER))
    again = imported(database, record(), record(OTHER))
    changed = imported(database, record(status="LAPSED"), record(OTHER))
    assert [(r.added, r.changed, r.unchanged) for r in (first, again, changed)] == [
        (2, 0, 0),
        (0, 0, 2),
        (0, 1, 1),
    ]
    with database.transaction() as tx:
        found = entities(tx, [LEI, OTHER, "nobody"])
    assert {lei: e.registration_status for lei, e in found.items()} == {LEI: "LAPSED", OTHER: "ISSUED"}


def test_of_a_record_that_stands_twice_the_last_one_counts(database: Database) -> None:
    imported(database, record(name="Old"), record(name="New"))
    with database.transaction() as tx:
        assert entities(tx, [LEI])[LEI].legal_name == "New"


@pytest.mark.parametrize(
    "bad",
    [
        7, None, [], {}, record("529900T8BM49AURSDO56"), record(5), record(name=""), record(name=None),
        record(name="a\nb"),
        record(name="\u202egnp"), record(registration={"NextRenewalDate": {"$": "soon"}}), {"LEI": LEI},
        record(name="a\0b"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_left_out_and_named(database: Database, bad: object) -> None:
    result = imported(database, record(OTHER), bad)
    assert (result.added, [r.code for r in result.refused]) == (1, ["PTY-002"])
    assert result.refused[0].pointer == "/records/1"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"x", b'{"records":[{"LEI":', b'{"records":[{}],}', b'{"records":["\xff"]}']
)
def test_a_file_that_is_no_json_is_refused_whole(database: Database, body: bytes) -> None:
    with pytest.raises(Refused, match="PTY-001"), database.transaction() as tx:
        import_gleif(tx, io.BytesIO(body), now=NOW)


def test_statuses_and_places_may_hold_no_more_than_text(database: Database) -> None:
    odd = record(
        status="I" * 1000,
        entity={"LegalAddress": {"Country": {"$": 5}}, "LegalForm": [], "EntityStatus": {"$": "AC\0TIVE"}},
    )
    result = imported(database, odd, record(OTHER))
    assert result.added + len(result.refused) == 2
    with database.transaction() as tx:
        assert standing(entities(tx, [OTHER])[OTHER]).may_issue
        assert not standing(entities(tx, [LEI]).get(LEI)).may_issue


def test_the_real_sample_is_read_whole(database: Database, shared_samples: Path) -> None:
    (path,) = (shared_samples / "gleif").glob("*.json")
    with path.open("rb") as stream, database.transaction() as tx:
        result = import_gleif(tx, stream, now=NOW)
    with path.open("rb") as stream:
        read = list(read_gleif(stream))
    assert result.added == len(read) > 500
    assert result.refused == []
    (bics,) = (shared_samples / "gleif").glob("*.csv")
    with bics.open(newline="") as text, database.transaction() as tx:
        first = import_bics(tx, text)
    with bics.open(newline="") as text, database.transaction() as tx:
        second = import_bics(tx, text)
    assert first.added > 100
    assert first.refused == []
    assert (second.added, second.unchanged) == (0, first.added + first.unchanged)


def test_bics_belong_to_their_party(database: Database) -> None:
    imported(database, record())
    text = f"LEI,BIC\n{LEI},DAKVDEFFXXX\n{LEI},DAKVDEFF\n{LEI},short\nnobody,DAKVDEFF\n{LEI}\n,\n"
    with database.transaction() as tx:
        result = import_bics(tx, io.StringIO(text))
        assert entities(tx, [LEI])[LEI].bics == ["DAKVDEFF", "DAKVDEFFXXX"]
    assert (result.added, [r.code for r in result.refused]) == (2, ["PTY-002"] * 4)
    with pytest.raises(Refused, match="PTY-001"), database.transaction() as tx:
        import_bics(tx, io.StringIO("lei;bic\n"))


@pytest.mark.parametrize(
    ("entity_status", "registration", "may", "warns"),
    [
        ("ACTIVE", "ISSUED", True, False), ("ACTIVE", "LAPSED", True, True),
        ("ACTIVE", "PENDING_TRANSFER", True, False),
        ("ACTIVE", "RETIRED", False, False), ("ACTIVE", "ANNULLED", False, False), ("ACTIVE", "MERGED", False, False),
        ("ACTIVE", "DUPLICATE", False, False), ("INACTIVE", "ISSUED", False, False), ("NULL", "ISSUED", False, False),
        ("ACTIVE", "NULL", False, False), ("ACTIVE", "issued", False, False),
    ],
)  # fmt: skip
def test_who_may_issue(entity_status: str, registration: str, may: bool, warns: bool) -> None:
    found = standing(Entity(LEI, "Muster AG", "DE", None, entity_status, registration, None))
    assert (found.may_issue, bool(found.warning), bool(found.reason)) == (may, warns, not may)


def test_nobody_unknown_may_issue() -> None:
    assert not standing(None).may_issue


def test_pages_follow_each_other_and_a_name_is_only_a_part_of_a_name(database: Database) -> None:
    with database.transaction() as tx:
        import_gleif(tx, io.BytesIO(gleif_document()), now=NOW)
        first = page_of_entities(tx, limit=6)
        rest = page_of_entities(tx, after=first[-1]["lei"], limit=6)
        assert [e["lei"] for e in first + rest] == sorted(lei for lei, _ in fictional_issuers())
        assert [e["legal_name"] for e in page_of_entities(tx, name="musterBANK")] == ["Musterbank AG"]
        assert page_of_entities(tx, name="%_%") == [], "a sign of LIKE is only a sign"


def test_a_mandate_names_who_acts_for_whom_in_which_role(database: Database) -> None:
    imported(database, record(), record(OTHER))
    with database.transaction() as tx:
        grant_mandates(tx, [(LEI, "dealer", OTHER), (LEI, "custodian", "")], actor="test", now=NOW)
        assert principals_of(tx, [LEI, OTHER], ["dealer", "custodian"]) == {LEI: {OTHER}}
        assert principals_of(tx, [LEI], ["custodian"]) == principals_of(tx, [], ["dealer"]) == {}
        assert agents_of(tx, [LEI, OTHER], ["dealer"]) == {OTHER: {LEI}}
        assert agents_of(tx, [OTHER], ["paying_agent"]) == agents_of(tx, [], ["dealer"]) == {}
        tx.execute("UPDATE parties.mandate SET revoked_at = %(now)s::timestamptz", now=NOW)
        assert principals_of(tx, [LEI], ["dealer"]) == agents_of(tx, [OTHER], ["dealer"]) == {}


def test_mandates_are_given_to_known_parties_in_known_roles(database: Database) -> None:
    imported(database, record(), record(OTHER))
    with database.transaction() as tx:
        for _ in range(2):
            grant_mandates(tx, [(LEI, "issuing_agent", OTHER), (LEI, "issuer", "")], actor="test", now=NOW)
        assert [(m["role"], m["principal_lei"]) for m in mandates_of(tx, LEI)] == [
            ("issuer", ""),
            ("issuing_agent", OTHER),
        ]
        assert mandates_of(tx, OTHER) == []
    with pytest.raises(Refused, match="PTY-003"), database.transaction() as tx:
        grant_mandates(tx, [(LEI, "issuing_agent", "529900T8BM49AURSDO55")], actor="test", now=NOW)
    with pytest.raises(Refused, match="PTY-004"), database.transaction() as tx:
        grant_mandates(tx, [(LEI, "king", "")], actor="test", now=NOW)


TEXTS = st.text(max_size=20) | st.sampled_from([LEI, OTHER, "ACTIVE", "\0", "x" * 600])
NAMES = st.sampled_from(
    ["$", "LEI", "Entity", "LegalName", "EntityStatus", "Registration", "NextRenewalDate"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=10,
)  # fmt: skip


@given(
    st.lists(ANY | st.builds(lambda e, r: {**record(), "Entity": e, "Registration": r}, ANY, ANY), max_size=4)
)
def test_a_record_of_any_form_is_an_entity_or_left_out(records: list[object]) -> None:
    body = dumps({"records": records}).encode("utf-8", "replace")
    for entity in read_gleif(io.BytesIO(body)):
        for text in (
            entity.legal_name,
            entity.country,
            entity.legal_form,
            entity.entity_status,
            entity.registration_status,
        ):
            assert text is None or ("\0" not in text and len(text) <= 500)

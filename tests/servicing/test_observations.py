"""An observation counts once two have said it and nobody disputes it; corrections are versions, nothing is lost."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.db import Conflict
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.servicing import (
    Content,
    NewObservation,
    ObservationKind,
    Standing,
    add_source,
    confirm,
    dispute,
    end_dispute,
    enter_observations,
    judged,
    read_observation,
)
from counterfoil.servicing.standing import Statement, judge
from tests.servicing.house import START, House

SAP = "DE0007164600"
KEY = ("price", SAP, date(2026, 11, 20))


@pytest.fixture(autouse=True)
def afternoon(house: House) -> None:
    house.at("2026-11-20T16:00:00")


def standing(house: House, after: timedelta = timedelta(0)) -> Standing:
    with house.database.transaction() as tx:
        found = judged(tx, [(KEY[0], KEY[1], KEY[2], KEY[2])], now=house.now + after)
    return found[KEY].standing if KEY in found else Standing.ABSENT


def value(house: House) -> Decimal | None:
    with house.database.transaction() as tx:
        statement = judged(tx, [(KEY[0], KEY[1], KEY[2], KEY[2])], now=house.now)[KEY].statement
    return statement.content.value if statement else None


def test_one_person_is_not_enough_and_may_not_confirm_alone(house: House):
    assert standing(house) is Standing.ABSENT
    id_ = house.price("2026-11-20", 150, confirmed=False)
    assert standing(house) is Standing.UNCONFIRMED
    with house.database.transaction() as tx:
        (refused,) = confirm(tx, [id_], now=house.now, actor="Ada")
        assert refused is not None
        assert refused.code == "SRV-014"
    assert standing(house) is Standing.UNCONFIRMED
    with house.database.transaction() as tx:
        assert confirm(tx, [id_, id_], now=house.now, actor="Bob") == [None, None]
    assert standing(house) is Standing.COUNTS


def test_the_database_itself_refuses_a_confirmation_by_oneself(house: House):
    id_ = house.price("2026-11-20", 150, confirmed=False)
    for entered_by in ("Ada", "Eve"):
        with pytest.raises(Conflict), house.database.transaction() as tx:
            tx.execute(
                "INSERT INTO servicing.confirmation VALUES (%(id)s::uuid, %(by)s::text, 'Ada', now())", id=id_,
                by=entered_by,
            )  # fmt: skip


def test_a_second_source_confirms_what_it_says_as_well(house: House):
    house.price("2026-11-20", 150, confirmed=False)
    house.price("2026-11-20", 150, confirmed=False, source="REUTERS", low="148")
    assert standing(house) is Standing.COUNTS


def test_sources_that_differ_bar_each_other_until_one_is_corrected(house: House):
    house.price("2026-11-20", 150)
    house.price("2026-11-20", "150.5", source="REUTERS")
    assert standing(house) is Standing.CONTRADICTED
    house.price("2026-11-20", 150, source="REUTERS", reason="typed the ask price", confirmed=False)
    assert (standing(house), value(house)) == (Standing.COUNTS, 150)


def test_a_correction_needs_a_reason_and_a_confirmation_of_its_own(house: House):
    first = house.price("2026-11-20", 150)
    assert house.price("2026-11-20", 150) == first, "the same again is the same"
    new = NewObservation(ObservationKind.PRICE, SAP, KEY[2], "XETR", Content(Decimal(151)), house.now)
    with house.database.transaction() as tx:
        (refused,) = enter_observations(tx, [new], now=house.now, actor="Ada")
        assert refused.code == "SRV-012"
    house.price("2026-11-20", 151, reason="closing auction", confirmed=False)
    assert standing(house) is Standing.UNCONFIRMED
    assert house.rows("SELECT version, value, reason FROM servicing.observation ORDER BY version") == [
        (1, 150, None), (2, 151, "closing auction"),
    ]  # fmt: skip


def test_a_dispute_bars_until_it_ends_and_another_decides_it(house: House):
    id_ = house.price("2026-11-20", 150)
    with house.database.transaction() as tx:
        matter = dispute(tx, id_, "the auction was prolonged", now=house.now, actor="Issuer")
    assert standing(house) is Standing.DISPUTED
    with house.database.transaction() as tx, pytest.raises(Refused, match="SRV-017"):
        end_dispute(tx, matter, upheld=False, reason="no", now=house.now, actor="Issuer")
    with house.database.transaction() as tx:
        end_dispute(tx, matter, upheld=False, reason="it was not", now=house.now, actor="Ada")
    assert standing(house) is Standing.COUNTS
    with house.database.transaction() as tx:
        matter = dispute(tx, id_, "it was, see the exchange's notice", now=house.now, actor="Issuer")
        end_dispute(tx, matter, upheld=True, reason="so it was", now=house.now, actor="Ada")
    assert standing(house) is Standing.ABSENT
    house.price("2026-11-20", 149, reason="prolonged auction")
    assert (standing(house), value(house)) == (Standing.COUNTS, 149)


def test_nothing_counts_within_the_window_for_disputes(house: House):
    with house.database.transaction() as tx:
        add_source(tx, "XETR", timedelta(hours=2), now=START, actor="test")
    house.price("2026-11-20", 150)
    assert standing(house) is Standing.IN_WINDOW
    assert standing(house, timedelta(minutes=119)) is Standing.IN_WINDOW
    assert standing(house, timedelta(hours=2)) is Standing.COUNTS


def test_a_batch_has_an_outcome_for_each_and_sees_itself(house: House):
    def new(**changes):
        plain = {
            "kind": ObservationKind.PRICE, "subject": SAP, "day": KEY[2], "source": "XETR",
            "content": Content(Decimal(150)), "observed_at": house.now,
        }  # fmt: skip
        return NewObservation(**(plain | changes))

    batch = [
        new(), new(), new(content=Content(Decimal(151))), new(source="NOBODY"), new(day=date(2026, 11, 21)),
        new(content=Content(Decimal(152)), reason="auction"),
    ]  # fmt: skip
    with house.database.transaction() as tx:
        outcomes = enter_observations(tx, batch, now=house.now, actor="Ada")
    told = [o.code if hasattr(o, "code") else (o.version, o.is_new) for o in outcomes]
    assert told == [(1, True), (1, False), "SRV-012", "SRV-011", "SRV-015", (2, True)]
    assert len(house.rows("SELECT FROM servicing.observation")) == 2


RAW = {"kind": "price", "subject": SAP, "day": "2026-11-20", "source": "XETR", "value": "150"}


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"value": 150, "low": "148.5", "high": "152"}, []),
        ({"kind": "barrier", "value": None, "hit_on": "2026-11-19"}, []),
        ({"kind": "choice", "value": None, "choice": "cash"}, []),
        ({"kind": "colour"}, ["/kind", "/value"]),
        ({"kind": 5, "day": "yesterday"}, ["/day", "/kind", "/value"]),
        ({"value": "1e5"}, ["/value"]),
        ({"value": True, "subject": "\x00"}, ["/subject", "/value"]),
        ({"value": None}, ["/value"]),
        ({"value": "-1"}, ["/value"]),
        ({"low": "151", "high": "150"}, ["/low"]),
        ({"kind": "barrier"}, ["/value"]),
        ({"kind": "barrier", "value": None, "hit_on": "2026-11-21"}, ["/hit_on"]),
        ({"observed_at": "2026-11-20T10:00:00", "weather": "fine"}, ["/observed_at", "/weather"]),
    ],
)
def test_an_observation_is_read_strictly(changes, pointers):
    read = read_observation(RAW | changes, now=START)
    found = sorted(r.pointer for r in read) if isinstance(read, list) else []
    assert found == pointers


_INSTANTS = st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 21)).map(
    lambda at: at.replace(tzinfo=START.tzinfo)
)
_STATEMENTS = st.builds(
    Statement,
    id=st.builds(new_id),
    source=st.sampled_from(["A", "B", "C"]),
    version=st.just(1),
    content=st.builds(Content, value=st.sampled_from([Decimal(1), Decimal(2)])),
    observed_at=_INSTANTS,
    entered_at=_INSTANTS,
    entered_by=st.just("Ada"),
    confirmed_by=st.just("Bob"),
    confirmed_at=st.none() | _INSTANTS,
    disputed=st.booleans(),
    discarded=st.booleans(),
    window=st.sampled_from([timedelta(0), timedelta(hours=1)]),
)


@given(st.lists(_STATEMENTS, max_size=4, unique_by=lambda s: s.source), _INSTANTS)
def test_only_what_two_have_said_and_nobody_denies_counts(statements, now):
    found = judge(statements, now)
    said = [s for s in statements if not s.discarded]
    if found.standing is Standing.COUNTS:
        assert len({s.content.value for s in said}) == 1
        assert not any(s.disputed for s in said)
        assert len(said) > 1 or said[0].confirmed_at is not None
        assert found.counts_from is not None
        assert found.counts_from <= now
    if not said:
        assert found.standing is Standing.ABSENT

"""A file of instructions: every row ends once, whatever dies in between, and as it would have ended by itself."""

from hashlib import sha256

import pytest

from counterfoil.core import json
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Conflict, Unavailable
from counterfoil.core.errors import Refused
from counterfoil.settlement import (
    BatchSubmission,
    batch_payloads,
    batch_progress,
    batch_results,
    batches,
    checks,
    rejection_reasons,
    resume_batch,
    store_batch,
    take_in,
)
from tests.settlement.market import ANNA, BERT, FIXED, Market, own


def row(market: Market, movement: str, reference: str, **more) -> dict:
    party, other = (ANNA, BERT) if movement == "DELI" else (BERT, ANNA)
    day = market.today.isoformat()
    return {
        "reference": reference, "party": party, "movement": movement, "isin": FIXED, "quantity": "1",
        "account": own(party), "counterparty": other, "trade_date": day, "intended_date": day, **more,
    }  # fmt: skip


def stored(market: Market, rows: list[bytes], *, key: str = "K", parties: tuple[str, ...] | None = None):
    body = b"\n".join(rows)
    submission = BatchSubmission("S", "S (1)", parties, ANNA, key, sha256(body).digest(), market.now)
    with market.database.transaction() as tx:
        return store_batch(tx, enumerate(rows, 2), submission)


def lines(*items: object) -> list[bytes]:
    return [json.dumps(item).encode() for item in items]


def taken_in(market: Market) -> int:
    count = 0
    while more := take_in(market.database, SimulatedClock(market.now)):
        count += more
    return count


def results(market: Market, id_, **how) -> list[dict]:
    with market.database.transaction() as tx:
        return batch_results(tx, id_, **how)


def test_rows_are_told_as_they_were_received(market: Market) -> None:
    rows = [b'{"reference" :  "S1"}', b"{no json", b"[]"]
    id_, _ = stored(market, rows)
    with market.database.transaction() as tx:
        assert batch_payloads(tx, id_, [3, 1, 9]) == {1: rows[0], 3: rows[2]}


def test_each_row_is_accepted_or_rejected_by_itself_with_line_field_and_reason(market: Market):
    market.give(ANNA, 5, FIXED)
    rows = [
        *lines(row(market, "DELI", "S1"), row(market, "RECE", "B1")),
        b'{"reference": "S2", ',
        *lines([1], row(market, "DELI", "S3", quantity="x", isin="?"), row(market, "DELI", "S1")),
        *lines(row(market, "DELI", "S4", account="NOBODY"), {"reference": "S5"}),
    ]
    id_, is_new = stored(market, rows)
    assert is_new
    assert taken_in(market) == len(rows)
    found = results(market, id_)
    assert [r["outcome"] for r in found] == ["accepted"] * 2 + ["rejected"] * 6
    assert [r["line"] for r in found] == list(range(2, 10))
    told = [[(e["pointer"], e["code"], e["iso"]) for e in r["errors"]] for r in found[2:7]]
    assert told[0][0][1] == "COR-001"
    assert told[1:] == [
        [("", "SET-077", "OTHR")],
        [("/isin", "SET-025", "OTHR"), ("/quantity", "SET-025", "OTHR")],
        [("/reference", "SET-006", "REFE")],
        [("/account", "SET-003", "SAFE")],
    ]
    assert market.held(BERT, FIXED) == 1
    with market.database.transaction() as tx:
        progress = batch_progress(tx, id_)
        assert {"code": "SET-006", "iso": "REFE", "count": 1} in [
            {k: v for k, v in reason.items() if k != "example"} for reason in rejection_reasons(tx, id_)
        ]
    assert (progress["accepted"], progress["rejected"], progress["waiting"]) == (2, 6, 0)
    assert progress["state"] == "done"
    rejected = results(market, id_, rejected_only=True, after=3, limit=2)
    assert [r["position"] for r in rejected] == [4, 5]


def test_the_same_file_again_is_the_same_batch_and_a_key_serves_one_file(market: Market):
    first, _ = stored(market, lines(row(market, "DELI", "S1")))
    assert stored(market, lines(row(market, "DELI", "S1"))) == (first, False)
    with pytest.raises(Refused) as refused:
        stored(market, lines(row(market, "DELI", "S2")))
    assert refused.value.refusals[0].code == "SET-076"
    assert taken_in(market) == 1


def test_a_party_instructs_for_itself_only(market: Market):
    id_, _ = stored(market, lines(row(market, "DELI", "S1"), row(market, "RECE", "B1")), parties=(ANNA,))
    taken_in(market)
    assert [[e["code"] for e in r["errors"] or []] for r in results(market, id_)] == [[], ["SET-074"]]


def test_a_worker_that_dies_within_a_stretch_leaves_it_to_the_next(market: Market, monkeypatch):
    monkeypatch.setattr(batches, "STRETCH", 3)
    id_, _ = stored(market, lines(*(row(market, "DELI", f"S{n}") for n in range(8))))
    clock = SimulatedClock(market.now)
    assert take_in(market.database, clock) == 3

    def die() -> None:
        with market.database.transaction() as tx:
            batches.take_in_stretch(tx, now=market.now, business_date=market.today)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    with market.database.snapshot() as tx:
        assert batch_progress(tx, id_)["waiting"] == 5
        assert [c.name for c in checks(tx) if not c.holds] == []
    with market.database.transaction() as busy:
        assert batches.take_in_stretch(busy, now=market.now, business_date=market.today) == 3
        assert take_in(market.database, clock) == 0, "another worker leaves alone what one has in hand"
    assert taken_in(market) == 2
    assert [r["reference"] for r in results(market, id_)] == [f"S{n}" for n in range(8)]
    with market.database.snapshot() as tx:
        assert [c.name for c in checks(tx) if not c.holds] == []


def test_a_file_that_fails_by_a_defect_is_set_aside_and_goes_on_once_resumed(market: Market, monkeypatch):
    bad, _ = stored(market, lines(row(market, "DELI", "BAD"), row(market, "DELI", "S0")), key="A")
    good, _ = stored(market, lines(row(market, "DELI", "S1"), row(market, "DELI", "S2")), key="B")
    honest = batches.instruct

    def defective(tx, instructions, **how):
        if any(i.reference == "BAD" for i in instructions):
            raise KeyError("a defect\0")
        return honest(tx, instructions, **how)

    monkeypatch.setattr(batches, "instruct", defective)
    assert take_in(market.database, SimulatedClock(market.now)) == 0
    assert taken_in(market) == 2, "those behind it go on"
    with market.database.transaction() as tx:
        stuck, other = batch_progress(tx, bad), batch_progress(tx, good)
        assert (stuck["state"], stuck["waiting"], other["state"]) == ("stuck", 2, "done")
        assert "KeyError" in stuck["failure"]
        with pytest.raises(Refused) as refused:
            resume_batch(tx, good)
    assert refused.value.refusals[0].code == "SET-079"
    monkeypatch.setattr(batches, "instruct", honest)
    assert taken_in(market) == 0
    with market.database.transaction() as tx:
        assert resume_batch(tx, bad)["state"] == "running"
    assert taken_in(market) == 2
    assert [r["outcome"] for r in results(market, bad)] == ["accepted", "accepted"]


def test_a_file_that_loses_every_race_is_set_aside_too(market: Market, monkeypatch):
    id_, _ = stored(market, lines(row(market, "DELI", "S1")))
    tries = []

    def losing(tx, instructions, **how):
        tries.append(1)
        raise Conflict("some_constraint", "lost")

    monkeypatch.setattr(batches, "instruct", losing)
    assert take_in(market.database, SimulatedClock(market.now)) == 0
    assert len(tries) > 5
    with market.database.transaction() as tx:
        assert batch_progress(tx, id_)["state"] == "stuck"


def test_without_a_database_a_file_waits_and_is_not_set_aside(market: Market, monkeypatch):
    id_, _ = stored(market, lines(row(market, "DELI", "S1")))

    def lost(tx, instructions, **how):
        raise Unavailable("gone")

    monkeypatch.setattr(batches, "instruct", lost)
    with pytest.raises(Unavailable):
        take_in(market.database, SimulatedClock(market.now))
    with market.database.transaction() as tx:
        assert batch_progress(tx, id_)["state"] == "running"


def test_a_stretch_costs_the_same_number_of_statements_whatever_its_size(market: Market, monkeypatch):
    counts = []
    for size in (20, 40):  # more than the few for whose statements plans are kept
        monkeypatch.setattr(batches, "STRETCH", size)
        stored(market, lines(*(row(market, "DELI", f"S{size}-{n}") for n in range(size))), key=str(size))
        with market.database.transaction() as tx:
            asked = []
            run = tx._run
            tx._run = lambda statement, parameters, run=run, asked=asked: (
                asked.append(statement) or run(statement, parameters)
            )
            assert batches.take_in_stretch(tx, now=market.now, business_date=market.today) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_table_says_links_and_pools_in_a_cell(market: Market):
    cells = row(market, "DELI", "S1", links="BEFO:X1; WITH:X2", pool="POOL/1/3", hold="true", priority="2")
    id_, _ = stored(market, lines(cells, row(market, "DELI", "S2", links="SOON:X", pool="P")))
    taken_in(market)
    assert market.rows("SELECT kind, reference FROM settlement.link ORDER BY kind") == [
        ("BEFO", "X1"),
        ("WITH", "X2"),
    ]
    assert market.rows("SELECT pool, size FROM settlement.pool_member") == [("POOL/1", 3)]
    assert market.rows("SELECT holds, priority FROM settlement.unmatched") == [(1, 2)]
    wrong = results(market, id_)[1]["errors"]
    assert {e["pointer"] for e in wrong} == {"/links/0/kind", "/pool/name", "/pool/size"}

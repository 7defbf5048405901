"""Every worked example lives in a database: registered, observed, paid on its days, deleted; its proofs repeated."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from counterfoil.cli import create_cli
from counterfoil.core.db import Database
from counterfoil.core.json import dumps
from counterfoil.instruments import terms_hash
from counterfoil.servicing import (
    Call,
    call_early,
    confirm,
    consent_to_deletion,
    declare,
    enter_observations,
    entitlements,
    knock_out,
    proof,
    read_observation,
    recompute,
)
from tests.instruments.worked import JUNE, WORKED, Worked, raw_terms
from tests.processes.clockwork import Clockwork, open_clockwork
from tests.servicing.house import ANNA, ISSUER, House, own

BASES = 10
"""What Anna holds of each example: units, or denominations."""
FIRST = "2026-11-27"
"""When issuers first give notice of an end; the others do in June."""
END = "2028-12-02"
CLOSE, NEXT = "T18:00:00", timedelta(days=35)


@dataclass(frozen=True)
class Lived:
    """What the database says of an example after its life."""

    state: str
    left: Decimal
    events: Sequence[Mapping[str, Any]]
    paid: Mapping[str, Decimal]
    shares: Decimal
    proofs: Sequence[Mapping[str, Any]]


def stated(worked: Worked, raw: Mapping[str, Any], isin: str) -> Iterator[dict[str, Any]]:
    """What sources say of an example, each on its day."""
    for day, value in worked.prices.items():
        for n, one in enumerate(value if isinstance(value, list) else [value]):
            parts = zip(("value", "low", "high"), one if isinstance(one, tuple) else (one,), strict=False)
            yield {"kind": "price", "subject": raw["underlyings"][n]["isin"], "day": day, **dict(parts)}
    over = worked.called or raw.get("final_valuation_date")
    for name, hit in worked.hits.items():
        yield {
            "kind": "barrier", "subject": f"{isin}/{name}", "day": hit or over,
            **({"hit_on": hit} if hit else {}),
        }  # fmt: skip
    ended = worked.ends or over
    if worked.unwound:
        yield {"kind": "unwinding", "subject": isin, "day": ended, "value": worked.unwound}
    if worked.strike:
        yield {"kind": "strike", "subject": isin, "day": ended, "value": worked.strike}
    if worked.fx:
        yield {"kind": "fx", "subject": "EUR/USD", "day": ended, "value": worked.fx}
    if worked.failed:
        yield {"kind": "credit_event", "subject": raw["reference_entities"][0]["name"], "day": worked.failed}
    for day, rate in worked.rates.items():
        yield {"kind": "rate", "subject": raw["interest"]["index"], "day": day, "value": rate}


class Lives:
    """All examples side by side in one house."""

    def __init__(self, database: Database) -> None:
        self.clockwork: Clockwork = open_clockwork(database)
        self.house: House = self.clockwork.house
        self.raws = [raw_terms(worked, n) for n, worked in enumerate(WORKED)]
        self.isins = self.house.issue_many([raw | {"issuer": ISSUER} for raw in self.raws])
        for isin, raw in zip(self.isins, self.raws, strict=True):
            self.house.give(ANNA, isin, BASES * Decimal(raw["denomination"]))
        self.house.fund(100_000_000)
        self.give_shares()
        with self.house.database.transaction() as tx:
            consent_to_deletion(tx, ISSUER, now=self.house.now, actor="issuer")
        self.said = [
            {**said, "source": "XETR"}
            for n, worked in enumerate(WORKED)
            for said in stated(worked, self.raws[n], self.isins[n])
        ]

    def give_shares(self) -> None:
        """The payer has the shares that are to be delivered, from outside."""
        for worked, raw in zip(WORKED, self.raws, strict=True):
            units = BASES * sum(due.shares for due in worked.dues)
            if units:
                self.house.take_in(raw["underlyings"][0]["isin"], units)

    def live(self) -> None:
        days = {w.ends or w.called for w in WORKED} | {w.failed for w in WORKED}
        days |= {day for w in WORKED if len(w.prices) < 5 for day in w.prices}
        days |= {day for w in WORKED for day in w.rates} | {END}
        for day in sorted(day for day in days if day):
            self.clockwork.until(f"{day}T08:00:00", NEXT)
            self.end_early(day)
            self.clockwork.until(f"{day}{CLOSE}")
            self.observe(day)
            self.knock_out(day)
            self.clockwork.work()
            self.answer()
        self.clockwork.until(f"{END}T20:00:00")
        self.answer()

    def end_early(self, day: str) -> None:
        with self.house.database.transaction() as tx:
            for worked, isin in zip(WORKED, self.isins, strict=True):
                if worked.called and day == (JUNE if worked.called > JUNE else FIRST):
                    call = Call(isin, date.fromisoformat(worked.called))
                    call_early(tx, call, business_date=self.house.now.date(), now=self.house.now, actor="x")
                if worked.declared and day == JUNE:
                    event = self.house.event(isin, "redemption")["id"]
                    declare(tx, event, Decimal(worked.declared), now=self.house.now, actor="agent")
        self.clockwork.work()
        self.answer()

    def observe(self, day: str) -> None:
        """Enter all that is said up to a day, and confirm it."""
        due = [said for said in self.said if said["day"] <= day]
        self.said = [said for said in self.said if said["day"] > day]
        with self.house.database.transaction() as tx:
            new = [read_observation(said, now=self.house.now) for said in due]
            entered = enter_observations(tx, new, now=self.house.now, actor="Ada")
            confirm(tx, list({e.id: None for e in entered}), now=self.house.now, actor="Bob")

    def knock_out(self, day: str) -> None:
        hit = [isin for worked, isin in zip(WORKED, self.isins, strict=True) if worked.ends == day]
        with self.house.database.transaction() as tx:
            knock_out(tx, hit, date.fromisoformat(day), now=self.house.now)

    def answer(self) -> None:
        if self.clockwork.tasks():
            self.clockwork.answer(approved=True)

    def lived(self, isin: str, raw: Mapping[str, Any]) -> Lived:
        events = [e for e in self.house.events(isin) if e["state"] not in ("date", "lapsed")]
        paid: dict[str, Decimal] = {}
        proofs = []
        with self.house.database.transaction() as tx:
            for event in events:
                for line in entitlements(tx, event["id"]):
                    day = str(event["payment"])
                    paid[day] = paid.get(day, Decimal(0)) + line["interest"] + line["principal"]
                proofs.append(json.loads(dumps(proof(tx, event["id"]))))
        delivered = [self.house.held(own(ANNA), u["isin"]) for u in raw.get("underlyings", ())]
        return Lived(
            self.house.state(isin), self.house.held(own(ANNA), isin), events, paid, sum(delivered, Decimal(0)), proofs
        )  # fmt: skip


@pytest.fixture(scope="module")
def lives(shared_database: Database) -> Mapping[str, Lived]:
    """Each example's life, by its name."""
    every = Lives(shared_database)
    every.live()
    assert every.clockwork.trouble() == []
    assert every.clockwork.running() == []
    return {
        worked.name: every.lived(isin, raw)
        for worked, isin, raw in zip(WORKED, every.isins, every.raws, strict=True)
    }


@pytest.mark.parametrize("worked", WORKED, ids=lambda w: w.name)
def test_a_life_ends_with_what_the_arithmetic_says(lives: Mapping[str, Lived], worked: Worked):
    found = lives[worked.name]
    days = [due.day for due in worked.dues]
    expected = {day: BASES * sum(due.by_hand() for due in worked.dues if due.day == day) for day in days}
    assert {day: paid for day, paid in found.paid.items() if paid} == {
        day: paid for day, paid in expected.items() if paid
    }
    assert found.shares == BASES * sum(due.shares for due in worked.dues)
    assert (found.state, found.left) == ("deleted", 0)
    assert str(found.events[-1]["payment"]) == worked.dues[-1].day
    assert {e["state"] for e in found.events} <= {"paid", "nothing"}


@pytest.mark.parametrize("worked", WORKED, ids=lambda w: w.name)
def test_every_event_of_a_life_is_worked_out_again_from_its_proof_alone(
    lives: Mapping[str, Lived], worked: Worked
):
    found = lives[worked.name]
    assert len(found.proofs) == len(found.events) > 0
    for document in found.proofs:
        again = recompute(document)
        assert (again["agrees"], again["differences"]) == (True, [])
        assert document["terms_hash"] == terms_hash(document["terms"]).hex()
        if worked.declared:
            assert (document["origin"], document["principal"]) == ("declared", worked.declared)
            continue
        assert again["result"]["principal"] == Decimal(document["principal"])
        assert json.loads(dumps(again["steps"])) == document["steps"] != []
        assert all(s["source"] == "XETR" and s["confirmed_by"] == "Bob" for s in document["sources"])


@pytest.mark.parametrize("worked", WORKED, ids=lambda w: w.name)
def test_anyone_reads_how_each_event_was_worked_out_without_a_server(
    lives: Mapping[str, Lived], worked: Worked, tmp_path: Path
):
    for document in lives[worked.name].proofs:
        kept = tmp_path / "proof.json"
        kept.write_text(json.dumps(document))
        told = CliRunner(env={"COLUMNS": "400"}).invoke(create_cli(), ["recompute", "--file", str(kept)])
        assert told.exit_code == 0, told.output
        assert document["terms_hash"] in told.output
        for step in document["steps"]:
            assert step["formula"] in " ".join(told.output.split())
        assert all(source["source"] in told.output for source in document["sources"])

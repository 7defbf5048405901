"""Random instructions against a small model, two writers at once, and the chain recomputed by other code."""

import json
import threading
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from counterfoil import ledger
from counterfoil.core.db import Conflict, Database, Unavailable
from counterfoil.core.errors import Refusal
from counterfoil.register import Instruction, Recorded, checks, extract, history, issuer_account, issues
from tests.register.entering import LEI, NOON, instruction, record_now, sell

KINDS = st.sampled_from(["NEW", "NEW", "TOP_UP", "TOP_UP", "DECREASE", "AMEND", "CANCEL"])


class Model:
    """What an issue is, in a dictionary; what an instruction does to it, in a few lines."""

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.done: dict[Any, tuple[int, int]] = {}

    def enter(self, i: Instruction) -> tuple[int, int] | None:
        """Entry number and issued amount, or None where it is refused."""
        if i.request_id not in self.done:
            if not self.fits(i):
                return None
            issue = self.issues.setdefault(
                i.isin, {"issued": 0, "sold": 0, "authorised": 100, "entries": 0, "version": 1, "over": False}
            )
            kind, quantity = i.kind.value, int(i.quantity)
            issue["issued"] += {"NEW": quantity, "TOP_UP": quantity, "DECREASE": -quantity}.get(kind, 0)
            issue["entries"] += 1
            if kind == "AMEND":
                issue |= {"authorised": int(i.authorised or 0), "version": i.terms_version}
            if kind == "CANCEL":
                issue |= {"issued": 0, "over": True}
            self.done[i.request_id] = (issue["entries"], issue["issued"])
        return self.done[i.request_id]

    def fits(self, i: Instruction) -> bool:
        kind, issue = i.kind.value, self.issues.get(i.isin)
        if kind == "NEW":
            return issue is None and 0 <= i.quantity <= 100
        if issue is None or issue["over"]:
            return False
        free = issue["issued"] - issue["sold"]
        return {
            "TOP_UP": 0 < i.quantity <= issue["authorised"] - issue["issued"],
            "DECREASE": 0 < i.quantity <= free,
            "AMEND": i.terms_version > issue["version"] and int(i.authorised or 0) >= max(1, issue["issued"]),
            "CANCEL": issue["sold"] == 0,
        }[kind]


class Rollback(Exception):
    """Stands for a crash before the commit."""


class RegisterMachine(RuleBasedStateMachine):
    """Batches with repeats on a handful of issues, sales in between, crashes."""

    database: Database
    runs = count()

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"R{next(self.runs)}-"
        self.model = Model()
        self.sent: list[Instruction] = []
        self.hours = 0
        self.past: list[tuple[int, dict[str, int]]] = []

    def made(self, kind: str, issue: int, quantity: int, version: int) -> Instruction:
        more: dict[str, Any] = {}
        if kind == "AMEND":
            more = {"authorised": Decimal(quantity * 3), "terms_version": version}
        return instruction(kind, f"{self.prefix}{issue}", quantity, **more)

    @rule(
        wanted=st.lists(
            st.tuples(
                KINDS, st.integers(0, 2), st.sampled_from([0, 1, 5, 20, 40, 60, 101]), st.integers(1, 5)
            ),
            max_size=6,
        ),
        repeated=st.lists(st.integers(0, 30), max_size=3),
        crash=st.sampled_from([False, False, False, True]),
    )
    def record(self, wanted: list[tuple[str, int, int, int]], repeated: list[int], crash: bool) -> None:
        batch = [self.made(*w) for w in wanted]
        self.sent.extend(batch)
        batch += [self.sent[n % len(self.sent)] for n in repeated if self.sent]
        before = deepcopy(self.model)
        self.hours += 1
        try:
            with self.database.transaction() as tx:
                outcomes = record_now(tx, batch, NOON + timedelta(hours=self.hours))
                assert [
                    None if isinstance(o, Refusal) else (o.entry_no, int(o.issued)) for o in outcomes
                ] == [self.model.enter(i) for i in batch]
                if crash:
                    raise Rollback
        except Rollback:
            self.model = before
        self.past.append((self.hours, {isin: i["issued"] for isin, i in self.model.issues.items()}))

    @rule(issue=st.integers(0, 2), units=st.sampled_from([1, 5, 20, -1, -5, -20]))
    def move(self, issue: int, units: int) -> None:
        """Units are sold, or come back."""
        found = self.model.issues.get(f"{self.prefix}{issue}")
        if found and 0 <= found["sold"] + units <= found["issued"]:
            sell(self.database, f"{self.prefix}{issue}", units)
            found["sold"] += units

    @invariant()
    def register_and_ledger_stand_as_the_model_says(self) -> None:
        with self.database.transaction() as tx:
            stored = issues(tx, [f"{self.prefix}{n}" for n in range(3)])
            assert {isin: int(i.issued) for isin, i in stored.items()} == {
                isin: i["issued"] for isin, i in self.model.issues.items()
            }
            for isin, issue in self.model.issues.items():
                held = {p["account"]: p["quantity"] for p in ledger.positions(tx, asset=isin)}
                assert held.get(issuer_account(LEI), 0) == issue["issued"] - issue["sold"]

    def teardown(self) -> None:
        with self.database.transaction() as tx:
            for hours, issued in self.past:
                at = NOON + timedelta(hours=hours)
                found = {n: extract(tx, f"{self.prefix}{n}", at) for n in range(3)}
                assert {f["isin"]: int(f["issued"]) for f in found.values() if f} == issued, "as of = replay"


def everything_holds(database: Database) -> None:
    with database.snapshot() as tx:
        assert [c for c in (*ledger.checks(tx), *checks(tx)) if not c.holds] == []


def test_random_instructions_agree_with_the_model(database: Database) -> None:
    RegisterMachine.database = database
    run_state_machine_as_test(
        RegisterMachine,
        settings=settings(
            max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    everything_holds(database)


def again(database: Database, batch: list[Instruction]) -> list[Recorded | Refusal]:
    """Record, and repeat the batch as long as another transaction was in the way, as the engine does."""
    for _ in range(200):
        try:
            with database.transaction() as tx:
                return record_now(tx, batch)
        except (Conflict, Unavailable):
            continue
    raise AssertionError("never came through")


def test_writers_at_once_issue_no_more_than_authorised(database: Database) -> None:
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", f"DE{n}", 0) for n in range(4)])
    recorded: list[Recorded] = []
    failed: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for step in range(15):
                order = range(4) if worker % 2 else range(3, -1, -1)
                batch = [instruction("TOP_UP", f"DE{n}", 3) for n in order]
                batch.append(instruction("NEW", f"W{worker}-{step}", 5))
                recorded.extend(o for o in again(database, batch) if isinstance(o, Recorded))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.transaction() as tx:
        assert {i.issued for i in issues(tx, [f"DE{n}" for n in range(4)]).values()} == {99}
    assert len(recorded) == 4 * 33 + 4 * 15
    everything_holds(database)


@pytest.mark.parametrize("kind", ["NEW", "TOP_UP"])
def test_the_same_request_from_two_workers_at_once_is_recorded_once(database: Database, kind: str) -> None:
    if kind == "TOP_UP":
        with database.transaction() as tx:
            record_now(tx, [instruction("NEW", quantity=1)])
    request = instruction(kind, quantity=5)
    outcomes: list[list[Recorded | Refusal]] = []
    with database.transaction() as tx:
        first = record_now(tx, [request])
        thread = threading.Thread(target=lambda: outcomes.append(again(database, [request])))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second waits for the first"
    thread.join()
    assert outcomes == [first]
    everything_holds(database)


def test_validation_goes_on_while_another_transaction_records(database: Database) -> None:
    """Only the same issue, and the very end of a recording, wait for one another."""
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", "DE1", 1), instruction("NEW", "DE2", 1)])
    with database.transaction() as first:
        record_now(first, [instruction("TOP_UP", "DE1", 1)])
        with database.transaction() as second:
            second.execute("SET LOCAL lock_timeout = '2s'")
            assert issues(second, ["DE1"])["DE1"].issued == 1
            assert extract(second, "DE2") is not None


def test_the_chain_can_be_recomputed_from_published_entries_alone(database: Database) -> None:
    """By the recipe of register/README.md, without our code."""
    for n in range(3):
        with database.transaction() as tx:
            record_now(tx, [instruction("NEW", f"DE{n}", 5), instruction("TOP_UP", "DE0", 1)])
    with database.transaction() as tx:
        entries = [e for n in range(3) for e in history(tx, f"DE{n}")]

    by_block: dict[int, dict[int, bytes]] = {}
    last_hash: dict[str, str] = {}
    for e in entries:
        digest = sha256(e["content"].encode("utf-8"))
        stated = json.loads(e["content"])
        assert digest.hexdigest() == e["hash"]
        canonical = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert e["content"] == canonical
        assert stated["previous_hash"] == last_hash.get(stated["isin"], "")
        last_hash[stated["isin"]] = e["hash"]
        by_block.setdefault(e["block"], {})[e["position"]] = digest.digest()
    published = {e["block"]: e["block_hash"] for e in entries}
    previous = sha256(b"counterfoil register").digest()
    for sequence in sorted(by_block):
        places = by_block[sequence]
        assert sorted(places) == list(range(1, len(places) + 1))
        root = sha256(b"".join(places[p] for p in sorted(places))).digest()
        previous = sha256(previous + sequence.to_bytes(8, "big") + root).digest()
        assert previous.hex() == published[sequence]
    assert sorted(by_block) == [1, 2, 3]

"""Policies, duplicates, idempotency keys, and what happens when a task fails for one item."""

import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.orchestration import Job, Outcome, TaskContext, Tasks, retry
from counterfoil.processes import (
    Policy,
    Submission,
    all_tasks,
    item_payloads,
    rejection_reasons,
    validate_items,
)
from counterfoil.processes.batching.policy import StandingItem, decide
from tests.instruments.examples import BUSINESS_DATE
from tests.processes.desk import CLOCK, ISSUER, NDJSON, Desk, Item, codes, ndjson, new, outcomes, terms

BAD = new(quantity="0")
MINE = terms(isin="DE0005140008")


@pytest.mark.parametrize(
    ("policy", "kinds", "expected", "state"),
    [
        # g: good, b: bad; a digit is the group
        ("CONTINUE", "gbg", "+-+", "DONE_WITH_ERRORS"),
        ("CONTINUE", "bb", "--", "DONE_WITH_ERRORS"),
        ("CONTINUE", "gg", "++", "DONE"),
        ("ATOMIC", "ggg", "+++", "DONE"),
        ("ATOMIC", "gbg", "---", "ABORTED"),
        ("STOP", "gbg", "+--", "DONE_WITH_ERRORS"),
        ("STOP", "bgg", "---", "ABORTED"),
        ("STOP", "ggb", "++-", "DONE_WITH_ERRORS"),
        ("GROUPED", "g1 g2 b1 g2 g1", "-+-+-", "DONE_WITH_ERRORS"),
        ("GROUPED", "g1 g2", "++", "DONE"),
        ("GROUPED", "b1 b2", "--", "ABORTED"),
        ("GROUPED", "g b g1", "--+", "DONE_WITH_ERRORS"),
    ],
)
def test_a_policy_says_what_the_failure_of_one_means_for_the_others(
    desk: Desk, policy: str, kinds: str, expected: str, state: str
) -> None:
    words = kinds.split() if " " in kinds else list(kinds) if not kinds[1].isdigit() else [kinds]
    items = [{**(new() if w[0] == "g" else BAD), **({"group": w[1:]} if w[1:] else {})} for w in words]
    receipt = desk.hand_in(items, Policy(policy))
    before = desk.instruments()
    desk.work()
    results = desk.results(receipt.id)
    assert "".join("+" if o == "done" else "-" for o in outcomes(results)) == expected
    assert [r["position"] for r in results] == list(range(1, len(items) + 1))
    found = desk.batch(receipt.id)
    assert found["state"] == state
    assert found["progress"] == {
        "received": len(items), "validated": len(items), "registered": expected.count("+"),
        "booked": expected.count("+"), "rejected": expected.count("-"), "waiting": 0,
        "to_place": 0, "awaiting_settlement": 0, "placed": 0, "incomplete": 0,
    }  # fmt: skip
    assert desk.instruments() - before == expected.count("+"), "nothing half-done is left"
    for word, result in zip(words, results, strict=True):
        if result["outcome"] == "rejected":
            assert codes(result) == (["PRC-005"] if word[0] == "b" else ["PRC-014"])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("CONTINUE", "+-+"), ("ATOMIC", "---"), ("STOP", "+--"), ("GROUPED", "+-+")],
)
@pytest.mark.parametrize("limit", [1, 1000])
def test_a_duplicate_inside_the_batch_is_a_failed_item(
    desk: Desk, policy: str, expected: str, limit: int
) -> None:
    key = new_id().hex
    items = [
        {**new(f"{key}-1"), "group": "a"},
        {**new(f"{key}-1"), "group": "b"},
        {**new(f"{key}-2"), "group": "c"},
    ]
    receipt = desk.hand_in(items, Policy(policy))
    desk.work(limit)
    results = desk.results(receipt.id)
    assert "".join("+" if o == "done" else "-" for o in outcomes(results)) == expected
    assert codes(results[1])[0] in ("PRC-006", "PRC-015", "PRC-014")


@pytest.mark.parametrize("policy", list(Policy))
def test_the_same_isin_twice_in_a_batch_is_issued_at_most_once(desk: Desk, policy: Policy) -> None:
    isin = {
        "CONTINUE": "DE0007236101",
        "ATOMIC": "DE0008404005",
        "STOP": "DE0005557508",
        "GROUPED": "DE0007100000",
    }
    items = [{**new(instrument=terms(isin=isin[policy])), "group": group} for group in "ab"]
    results = desk.issue(items, policy)
    assert outcomes(results).count("done") == (0 if policy is Policy.ATOMIC else 1)
    assert outcomes(results).count("rejected") == len(items) - outcomes(results).count("done")


def test_items_are_told_as_they_were_received(desk: Desk) -> None:
    lines = [b'{"kind" :  "NEW"}', b"{no json", b"[]"]
    receipt = desk.hand_in(lines)
    with desk.database.transaction() as tx:
        assert item_payloads(tx, receipt.id, [3, 1, 9]) == {1: lines[0], 3: lines[2]}


def test_a_batch_with_a_policy_waits_for_its_person(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    receipt = desk.hand_in([new(), {"kind": "CANCEL", "isin": isin}], Policy.ATOMIC)
    desk.work()
    assert set(outcomes(desk.results(receipt.id))) <= {"waiting", "processing"}
    desk.answer(False, "no")
    results = desk.results(receipt.id)
    assert [codes(r) for r in results] == [["PRC-014"], ["PRC-013"]]
    assert "item 2 failed" in results[0]["refusals"][0]["detail"]


STANDING = st.builds(
    lambda ready, group, isin, reference: (ready, group, isin, reference),
    st.sampled_from([True, True, True, False]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([None, None, "X", "Y"]),
    st.sampled_from([None, None, "R", "S"]),
)


@given(st.lists(STANDING, max_size=8), st.sampled_from([Policy.ATOMIC, Policy.STOP, Policy.GROUPED]))
def test_decisions_keep_the_policys_promise(
    drawn: list[tuple[bool, str, str | None, str | None]], policy: Policy
) -> None:
    items = [StandingItem(n, new_id(), *fields) for n, fields in enumerate(drawn, 1)]
    decisions = decide(policy, items)
    assert [d.item for d in decisions] == [i for i in items if i.ready], (
        "one for each that is ready, in order"
    )
    going = {d.item.position for d in decisions if d.go}
    failed = {i.position for i in items} - going
    if policy is Policy.ATOMIC:
        assert not going or not failed
    elif policy is Policy.STOP:
        assert all(g < f for g in going for f in failed)
    else:
        groups = {i.position: i.group for i in items}
        assert not {groups[g] for g in going} & {groups[f] for f in failed}
    for name in ("isin", "reference"):
        names = [getattr(i, name) for i in items if i.position in going and getattr(i, name)]
        assert len(names) == len(set(names)), "no name goes twice"
    assert all(d.go or d.failed_position in failed for d in decisions)


def test_the_same_key_and_body_give_the_same_batch_and_issue_nothing_twice(desk: Desk) -> None:
    key = str(uuid4())
    first = desk.hand_in([new()], key=key)
    desk.work()
    count = desk.instruments()
    again = desk.hand_in([new()], key=key)
    desk.work()
    assert (again.id, again.created, first.created) == (first.id, False, True)
    assert desk.instruments() == count
    other = desk.hand_in([new()], key=key, submitter="another")
    assert other.id != first.id, "keys are the submitter's own"
    desk.work()


def test_a_key_never_stands_for_another_body_or_policy(desk: Desk) -> None:
    key = str(uuid4())
    receipt = desk.hand_in([new()], key=key)
    for items, policy in (([new(), new()], Policy.CONTINUE), ([new()], Policy.ATOMIC)):
        with pytest.raises(Refused, match="PRC-022"):
            desk.hand_in(items, policy, key=key)
    desk.work()
    assert outcomes(desk.results(receipt.id)) == ["done"]


def test_a_key_is_free_when_its_body_was_refused(desk: Desk) -> None:
    key = str(uuid4())
    with pytest.raises(Refused, match="PRC-020"):
        desk.hand_in(b"\n", key=key)
    assert desk.hand_in([new()], key=key).created
    desk.work()


def test_a_refused_body_leaves_nothing_behind(desk: Desk) -> None:
    def stored() -> object:
        with desk.database.transaction() as tx:
            return tx.row(
                "SELECT (SELECT count(*) FROM processes.item), (SELECT count(*) FROM orchestration.v_instance)"
            )

    before = stored()
    with pytest.raises(Refused, match="PRC-024"):
        desk.hand_in(b"[" + b'{"kind":"NEW"},' * 12_000, content_type="application/json")
    assert stored() == before


def test_two_that_hand_in_the_same_key_at_once_get_one_batch(desk: Desk) -> None:
    key = str(uuid4())
    receipts: list[Any] = []
    threads = [
        threading.Thread(target=lambda: receipts.append(desk.hand_in([new()], key=key))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 4
    assert len({r.id for r in receipts}) == 1
    assert sorted(r.created for r in receipts) == [False, False, False, True]
    desk.work()


def in_two_workers(desk: Desk) -> None:
    """Two workers that have both validated before either writes: what one does, the other could not have seen."""
    together = threading.Barrier(2, timeout=10)
    problems: list[BaseException] = []

    def tasks() -> Tasks:
        gated, known = Tasks(), all_tasks()
        first = threading.Event()
        for name in known.types():
            gated.add(
                name,
                _gated(known.function(name), together, first)
                if name == "issuance.number"
                else known.function(name),
            )
        return gated

    def run() -> None:
        try:
            Desk(desk.database, tasks()).work(limit=1)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


TaskFunction = Callable[[Transaction, Sequence[Job], TaskContext], Sequence[Outcome]]


def _gated(function: TaskFunction, together: threading.Barrier, first: threading.Event) -> TaskFunction:
    def run(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> Sequence[Outcome]:
        outcomes = function(tx, jobs, context)
        if not first.is_set():
            first.set()
            together.wait()
        return outcomes

    return run


@pytest.mark.parametrize("name", ["reference", "isin"])
def test_what_two_batches_bring_at_once_is_issued_once(desk: Desk, name: str) -> None:
    item = new(new_id().hex) if name == "reference" else new(instrument=MINE)
    receipts = [desk.hand_in([item]), desk.hand_in([item])]
    before = desk.instruments()
    in_two_workers(desk)
    desk.work_without_pauses()
    results = [desk.results(r.id)[0] for r in receipts]
    assert sorted(outcomes(results)) == ["done", "rejected"]
    loser = next(r for r in results if r["outcome"] == "rejected")
    assert codes(loser) == ["PRC-006" if name == "reference" else "PRC-007"]
    if name == "isin":
        assert desk.instruments() - before == 1


def test_a_task_that_raises_for_one_item_leaves_one_incident_and_issues_the_others(desk: Desk) -> None:
    marked = new_id().hex
    receipt = desk.hand_in([new(marked if n == 456 else None) for n in range(1000)])
    known, broken = all_tasks(), Tasks()

    def register(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> Sequence[Outcome]:
        outcomes = known.function("issuance.register")(tx, jobs, context)
        if any(
            job.variables["position"] == 457 and job.variables["batch"] == str(receipt.id) for job in jobs
        ):
            raise RuntimeError("cannot be")
        return outcomes

    for name in known.types():
        broken.add(name, register if name == "issuance.register" else known.function(name))
    failing_desk = Desk(desk.database, broken)
    failing_desk.work_without_pauses()
    results = desk.results(receipt.id)
    assert (outcomes(results).count("done"), outcomes(results)[456]) == (999, "waiting")
    assert results[456]["waits_for"]["kind"] == "incident"
    assert desk.batch(receipt.id)["state"] == "RUNNING"
    (incident,) = desk.incidents()
    assert "cannot be" in incident["message"]
    assert desk.violations() == []
    with desk.database.transaction() as tx:
        retry(tx, [incident["id"]], actor="test", now=CLOCK.now())
    desk.work()
    assert outcomes(desk.results(receipt.id)) == ["done"] * 1000
    assert desk.batch(receipt.id)["state"] == "DONE"


def test_the_statements_of_a_stretch_do_not_depend_on_its_size(desk: Desk) -> None:
    def statements(size: int) -> int:
        desk.hand_in([new(new_id().hex) if n % 5 else BAD for n in range(size)])
        return desk.statements_of_work()

    statements(5)
    assert statements(10) == statements(500)


def test_validating_only_says_what_issuing_would_and_stores_nothing(desk: Desk) -> None:
    reference = new_id().hex
    items: list[Item | bytes] = [
        new(reference),
        new(reference),
        BAD,
        b"{",
        new(instrument=terms(issuer="529900T8BM49AURSDO55")),
    ]
    submission = Submission(ISSUER, "clerk", None, Policy.CONTINUE, BUSINESS_DATE, CLOCK.now())
    before = desk.instruments()
    with desk.database.snapshot() as tx:
        told = list(validate_items(tx, [ndjson(items)], submission, content_type=NDJSON))
    assert desk.instruments() == before
    receipt = desk.hand_in(items)
    desk.work()
    results = desk.results(receipt.id)
    assert [t["valid"] for t in told] == [r["outcome"] == "done" for r in results]
    assert [codes(t) for t in told] == [codes(r) for r in results]
    with desk.database.transaction() as tx:
        reasons = rejection_reasons(tx, receipt.id)
    assert {r["code"]: r["count"] for r in reasons} == {
        "PRC-006": 1,
        "PRC-005": 1,
        "COR-001": 1,
        "PRC-009": 1,
    }

"""What `record` enters, refuses and books."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from counterfoil import ledger
from counterfoil.core.db import Database
from counterfoil.core.errors import Refusal
from counterfoil.register import (
    CONTROL,
    Instruction,
    Recorded,
    checks,
    extract,
    history,
    issuer_account,
    issues,
    preview,
)
from tests.ledger.books import statements_counted
from tests.register.entering import CONTENT, LEI, NOON, instruction, record_now, sell, told

# What is instructed on one issue, in order, and what comes of it. "sell n" moves units from issuer to investor.
RULES = """
NEW 0                                   1: 0
NEW 40                                  1: 40
NEW 101                                 REG-004
NEW -1                                  REG-010
NEW NaN                                 REG-010
NEW 1 | NEW 1                           1: 1 | REG-002
NEW fixed                               1: 100
NEW fixed | TOP_UP 1                    1: 100 | REG-004
TOP_UP 1                                REG-001
DECREASE 1                              REG-001
AMEND                                   REG-001
CANCEL                                  REG-001
NEW 40 | TOP_UP 60                      1: 40 | 2: 100
NEW 40 | TOP_UP 61                      1: 40 | REG-004
NEW 40 | TOP_UP 0                       1: 40 | REG-010
NEW 40 | TOP_UP -5                      1: 40 | REG-010
NEW 40 | TOP_UP 1E-19                   1: 40 | REG-010
NEW 40 | TOP_UP 0.000000000000000001    1: 40 | 2: 40.000000000000000001
NEW 40 | TOP_UP 1 by another            1: 40 | REG-009
NEW 40 | DECREASE 40                    1: 40 | 2: 0
NEW 40 | DECREASE 41                    1: 40 | REG-005
NEW 40 | DECREASE -1                    1: 40 | REG-010
NEW 40 | DECREASE Infinity              1: 40 | REG-010
NEW 40 | sell 10 | DECREASE 31          1: 40 | - | REG-005
NEW 40 | sell 10 | DECREASE 30          1: 40 | - | 2: 10
NEW 40 | DECREASE 20 | TOP_UP 80        1: 40 | 2: 20 | 3: 100
NEW 40 | CANCEL                         1: 40 | 2: 0
NEW 0 | CANCEL                          1: 0 | 2: 0
NEW 40 | sell 1 | CANCEL                1: 40 | - | REG-006
NEW 40 | sell 1 | sell -1 | CANCEL      1: 40 | - | - | 2: 0
NEW 40 | CANCEL without consent         1: 40 | REG-008
NEW 40 | CANCEL | TOP_UP 1              1: 40 | 2: 0 | REG-003
NEW 40 | CANCEL | CANCEL                1: 40 | 2: 0 | REG-003
NEW 40 | CANCEL | NEW 1                 1: 40 | 2: 0 | REG-002
NEW 40 | AMEND                          1: 40 | 2: 40
NEW 40 | AMEND without consent          1: 40 | REG-008
NEW 40 | AMEND | AMEND                  1: 40 | 2: 40 | REG-011
NEW 40 | AMEND to 200 | TOP_UP 160      1: 40 | 2: 40 | 3: 200
NEW 40 | AMEND to 40 | TOP_UP 1         1: 40 | 2: 40 | REG-004
NEW 40 | AMEND to 39                    1: 40 | REG-007
NEW 40 | AMEND to 0                     1: 40 | REG-010
NEW 40 | AMEND to NaN                   1: 40 | REG-010
SUSPEND                                 REG-001
NEW 40 | SUSPEND | TOP_UP 1             1: 40 | 2: 40 | REG-003
NEW 40 | SUSPEND | SUSPEND              1: 40 | 2: 40 | REG-003
NEW 40 | SUSPEND | RESUME | TOP_UP 1    1: 40 | 2: 40 | 3: 40 | 4: 41
NEW 40 | RESUME                         1: 40 | REG-003
NEW 40 | MATURE | DECREASE 1            1: 40 | 2: 40 | 3: 39
NEW 40 | SUSPEND | DECREASE 1           1: 40 | 2: 40 | 3: 39
NEW 40 | MATURE | REDEEM | DECREASE 1   1: 40 | 2: 40 | 3: 0 | REG-003
NEW 40 | MATURE | TOP_UP 1              1: 40 | 2: 40 | REG-003
NEW 40 | SUSPEND | MATURE | RESUME      1: 40 | 2: 40 | 3: 40 | REG-003
NEW 40 | REDEEM                         1: 40 | 2: 0
NEW 40 | MATURE | REDEEM | REDEEM       1: 40 | 2: 40 | 3: 0 | REG-003
NEW 40 | sell 1 | REDEEM                1: 40 | - | REG-014
NEW 40 | sell 1 | sell -1 | REDEEM      1: 40 | - | - | 2: 0
NEW 0 | REDEEM                          1: 0 | 2: 0
NEW 40 | DELETE                         1: 40 | REG-003
NEW 40 | REDEEM | DELETE                1: 40 | 2: 0 | 3: 0
NEW 40 | CANCEL | DELETE                1: 40 | 2: 0 | 3: 0
NEW 40 | REDEEM | DELETE without consent  1: 40 | 2: 0 | REG-008
NEW 40 | REDEEM | DELETE | NEW 1        1: 40 | 2: 0 | 3: 0 | REG-002
"""


def parsed(step: str, isin: str) -> Instruction:
    kind, *words = step.split()
    more: dict[str, object] = {}
    if "fixed" in words:
        more["mode"] = "fixed"
    if "another" in words:
        more["issuer_lei"] = "another"
    if "consent" in words:
        more["issuer_consent"] = False
    if "to" in words:
        more["authorised"] = Decimal(words[-1])
        words = []
    quantity = words[0] if words and words[0] not in ("fixed", "without") else 0
    return instruction(kind, isin, quantity, **more)


@pytest.mark.parametrize("line", RULES.strip().splitlines())
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "one by one"])
def test_rules(shared_database: Database, line: str, together: bool) -> None:
    database, isin = shared_database, f"{line} {together}"
    steps, wanted = (part.split(" | ") for part in line.split("  ", 1))
    outcomes: list[str] = []
    batch: list[Instruction] = []

    def flush() -> None:
        with database.transaction() as tx:
            outcomes.extend(told(record_now(tx, batch)))
        batch.clear()

    for step in (s.strip() for s in steps):
        if step.startswith("sell"):
            flush()
            sell(database, isin, int(step.split()[1]))
            outcomes.append("-")
            continue
        batch.append(parsed(step, isin))
        if not together:
            flush()
    flush()
    assert outcomes == [w.strip() for w in wanted]
    with database.snapshot() as tx:
        assert [c for c in (*checks(tx), *ledger.checks(tx)) if not c.holds] == []


def test_recording_books_on_the_control_and_the_issuers_account(database: Database) -> None:
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40), instruction("TOP_UP", quantity=2)])
        held = {p["account"]: p["quantity"] for p in ledger.positions(tx, asset="DE1")}
        assert held == {CONTROL: -42, issuer_account(LEI): 42}
        assert issues(tx, ["DE1", "DE2"])["DE1"].issued == 42
        assert "DE2" not in issues(tx, ["DE1", "DE2"])


def test_an_instruction_recorded_twice_changes_nothing_and_returns_the_first_result(
    database: Database,
) -> None:
    new, top_up = instruction("NEW", quantity=40), instruction("TOP_UP", quantity=2)
    with database.transaction() as tx:
        first = record_now(tx, [new, top_up, top_up])
    assert first[1] == first[2]
    with database.transaction() as tx:
        assert record_now(tx, [top_up, new]) == [first[1], first[0]]
        assert issues(tx, ["DE1"])["DE1"].issued == 42
        assert tx.value("SELECT count(*) FROM register.block") == 1, "a batch of repeats makes no block"


def test_a_request_id_never_stands_for_another_instruction(database: Database) -> None:
    new = instruction("NEW", quantity=40)
    with database.transaction() as tx:
        record_now(tx, [new])
        other = replace(instruction("TOP_UP", quantity=2), request_id=new.request_id)
        elsewhere = replace(new, isin="DE2")
        assert told(record_now(tx, [other, elsewhere])) == ["REG-012", "REG-012"]


def test_a_batch_is_judged_in_order_of_arrival_and_answered_in_the_order_given(database: Database) -> None:
    def at(seconds: int, kind: str, quantity: int) -> Instruction:
        return instruction(kind, quantity=quantity, arrived_at=NOON + timedelta(seconds=seconds))

    with database.transaction() as tx:
        batch = [at(3, "TOP_UP", 60), at(1, "NEW", 40), at(2, "TOP_UP", 10)]
        assert told(record_now(tx, batch, NOON + timedelta(minutes=1))) == ["REG-004", "1: 40", "2: 50"]


def test_a_change_is_never_dated_before_the_one_it_follows(database: Database) -> None:
    """Another worker's clock may be ahead of ours."""
    later = NOON + timedelta(seconds=5)
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40)], later)
        record_now(tx, [instruction("TOP_UP", quantity=1)], NOON)
        assert [e["changed_at"] for e in history(tx, "DE1")] == [later, later]


def test_an_extract_states_all_items_and_can_be_checked_offline(database: Database) -> None:
    with database.transaction() as tx:
        record_now(
            tx, [instruction("NEW", quantity=40, instructed_by="Ms Ö"), instruction("TOP_UP", quantity=2)]
        )
        found = extract(tx, "DE1")
    assert found is not None
    assert (found["issuer"], found["authorised"], found["issued"], found["state"]) == (
        LEI,
        "100",
        "42",
        "active",
    )
    assert {name: found[name] for name in CONTENT} == CONTENT
    entry = found["entry"]
    assert sha256(entry["content"].encode()).hexdigest() == entry["hash"]
    stated = json.loads(entry["content"])
    assert (stated["issued"], stated["arrived_at"], stated["entry_no"]) == (
        "42",
        "2026-11-20T12:00:00.000000Z",
        2,
    )


def test_an_extract_as_of_a_moment_says_what_was_entered_then(database: Database) -> None:
    def issued(at: datetime | None) -> str | None:
        with database.transaction() as tx:
            found = extract(tx, "DE1", at)
        return found["issued"] if found else None

    for hour, batch in enumerate(
        ([instruction("NEW", quantity=40)], [instruction("TOP_UP", quantity=2)], [instruction("CANCEL")])
    ):
        with database.transaction() as tx:
            record_now(tx, batch, NOON + timedelta(hours=hour))
    moments = [NOON - timedelta(seconds=1), NOON, *(NOON + timedelta(hours=h) for h in (0.5, 1, 2)), None]
    assert [issued(at) for at in moments] == [None, "40", "40", "42", "0", "0"]


def test_a_preview_refuses_what_recording_would_refuse(database: Database) -> None:
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40)])
        batch = [instruction("AMEND"), instruction("AMEND"), instruction("TOP_UP", quantity=61)]
        codes = [r.code if r else None for r in preview(tx, batch)]
        assert codes == [None, "REG-011", "REG-004"]
        assert [o.code if isinstance(o, Refusal) else None for o in record_now(tx, batch)] == codes
        assert preview(tx, []) == []


def test_an_empty_batch_records_nothing(database: Database) -> None:
    with database.transaction() as tx:
        assert record_now(tx, []) == []


def test_what_is_rolled_back_leaves_no_trace(database: Database) -> None:
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40)])
    with suppress(ZeroDivisionError), database.transaction() as tx:
        record_now(tx, [instruction("TOP_UP", quantity=1)])
        raise ZeroDivisionError
    with database.transaction() as tx:
        assert told(record_now(tx, [instruction("TOP_UP", quantity=2)])) == ["2: 42"]
    with database.snapshot() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


def test_several_batches_in_one_transaction_are_several_blocks(database: Database) -> None:
    with database.transaction() as tx:
        for n in range(3):
            assert isinstance(record_now(tx, [instruction("NEW", f"DE{n}", 5)])[0], Recorded)
            record_now(tx, [instruction("TOP_UP", f"DE{n}", 5)])
    with database.snapshot() as tx:
        assert tx.value("SELECT max(sequence) FROM register.block") == 6
        assert [c for c in checks(tx) if not c.holds] == []


def test_the_number_of_statements_does_not_depend_on_the_batch(database: Database) -> None:
    def statements(count: int, prefix: str) -> int:
        with database.transaction() as tx:
            record_now(tx, [instruction("NEW", f"{prefix}0-{n}") for n in range(count)])
        with database.transaction() as tx, statements_counted() as calls:
            record_now(
                tx,
                [instruction("NEW", f"{prefix}{n}", 1) for n in range(count)]
                + [instruction("TOP_UP", f"{prefix}0-{n}", 1) for n in range(count)],
            )
            return calls()

    assert statements(2, "A") == statements(300, "B") <= 20

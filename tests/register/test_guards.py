"""The database refuses at commit whatever would part register, ledger and chain, whoever asks."""

from datetime import timedelta
from decimal import Decimal

import pytest

from counterfoil.core.db import Conflict, Database
from counterfoil.core.ids import new_id
from counterfoil.ledger import AccountKind, Booking, Posting, book, open_accounts
from counterfoil.register import CONTROL, checks
from tests.register.entering import LEI, NOON, instruction, record_now

# The steps of an honest change by raw SQL: DE1 from 40 to 47 as entry 2, with its postings and its block.
BATCH = "INSERT INTO ledger.batch (id, actor, booked_at) VALUES (%(batch)s::uuid, 'x', '2026-11-20T12:00Z');"
BOOKING = "INSERT INTO ledger.booking VALUES (%(booking)s::uuid, %(batch)s::uuid, 'x', %(batch)s::uuid);"
POSTING = """INSERT INTO ledger.posting SELECT %(batch)s::uuid, %(booking)s::uuid, row_number() OVER (), account_id,
    'DE1', 'available', sign(quantity) * 7, '2026-11-20T12:00Z' FROM ledger.position WHERE asset = 'DE1';"""
DELIVERY = """INSERT INTO ledger.delivery SELECT %(batch)s::uuid, %(booking)s::uuid, 'x', 'DE1', 7,
    (SELECT account_id FROM ledger.position WHERE asset = 'DE1' AND quantity < 0),
    (SELECT account_id FROM ledger.position WHERE asset = 'DE1' AND quantity > 0), NULL, NULL, NULL, NULL,
    '2026-11-20T12:00Z';"""
MOVE = """UPDATE ledger.position SET batch_id = %(batch)s::uuid,
    quantity = quantity + sign(quantity) * 7 WHERE asset = 'DE1';"""
ISSUE = """UPDATE register.issue SET issued = 47, entry_no = 2, entry_hash = sha256('content'),
    block_id = %(block)s::uuid WHERE isin = 'DE1';"""
ENTRY = """INSERT INTO register.entry VALUES (%(block)s::uuid, 1, 'DE1', 2, %(block)s::uuid, 'TOP_UP', 7, 47, 100,
    '2026-11-20T12:00Z', '2026-11-20T12:00Z', 'content', sha256('content'));"""
BLOCK = """INSERT INTO register.block SELECT %(block)s::uuid, sequence + 1, 1, sha256(sha256('content')), hash,
    sha256(hash || int8send(sequence + 1) || sha256(sha256('content'))), '2026-11-20T12:00Z' FROM register.head;"""
HEAD = """UPDATE register.head SET (sequence, hash)
    = (SELECT sequence, hash FROM register.block ORDER BY sequence DESC LIMIT 1);"""
MONEY = [BATCH, BOOKING, POSTING, MOVE]
PAPER = [ISSUE, ENTRY, BLOCK, HEAD]
WHOLE = [*MONEY, *PAPER]
ONE = Decimal(1)
IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE;"


def swapped(statement: str, old: str, new: str) -> list[str]:
    """The honest change with one statement falsified."""
    assert old in statement
    return [s.replace(old, new) if s == statement else s for s in WHOLE]


ATTACKS: dict[str, tuple[str, list[str]]] = {
    # What is written stays.
    "an entry is changed": ("append_only", ["UPDATE register.entry SET content = 'y'"]),
    "an entry is deleted": ("append_only", ["DELETE FROM register.entry"]),
    "entries are emptied": ("append_only", ["TRUNCATE register.entry"]),
    "a block is changed": ("append_only", ["UPDATE register.block SET recorded_at = now()"]),
    "a block is deleted": ("append_only", ["DELETE FROM register.block"]),
    "blocks are emptied": ("append_only", ["TRUNCATE register.block"]),
    "an issue is deleted": ("append_only", ["DELETE FROM register.issue"]),
    "issues are emptied": ("append_only", ["TRUNCATE register.issue"]),
    "an issue gets another ISIN": ("append_only", ["UPDATE register.issue SET isin = 'DE9'"]),
    "an issue gets another issuer": ("append_only", ["UPDATE register.issue SET issuer_lei = 'y'"]),
    "the head is deleted": ("append_only", ["DELETE FROM register.head"]),
    "a second head is added": ("append_only", ["INSERT INTO register.head VALUES (false, 0, '')"]),
    "the notes of blocks are deleted": ("append_only", ["DELETE FROM register.opened"]),
    # One half without the other.
    "booked, not entered": ("issued_equals_booked", MONEY),
    "delivered, not entered": ("issued_equals_booked", [BATCH, DELIVERY, MOVE]),
    "entered, not booked": ("issued_equals_booked", PAPER),
    "issued is raised alone": ("block_is_open", ["UPDATE register.issue SET issued = 47"]),
    "issued is raised under a block of its own": ("block_is_closed", [ISSUE]),
    "issued is raised above the authorised": (
        "issued_within_authorised", ["UPDATE register.issue SET issued = 101"]
    ),
    "issued falls below zero": ("issued_within_authorised", ["UPDATE register.issue SET issued = -1"]),
    "an ended issue keeps units": ("nothing_left_when_ended", ["UPDATE register.issue SET state = 'redeemed'"]),
    "authorised is no number": ("issue_authorised_check", ["UPDATE register.issue SET authorised = 'NaN'"]),
    "the entry tells another amount than the issue": ("issued_equals_booked", swapped(ISSUE, "47", "48")),
    "entry and issue tell more than was booked": (
        "issued_equals_booked",
        [*MONEY, ISSUE.replace("47", "48"), ENTRY.replace("7, 47", "8, 48"), BLOCK, HEAD],
    ),
    "the difference is not the sum": ("issued_equals_booked", swapped(ENTRY, "7, 47", "6, 47")),
    "the authorised volumes differ": ("issued_equals_booked", swapped(ENTRY, "47, 100", "47, 200")),
    "an issue moves without an entry": ("issue_has_entry", [
        "UPDATE register.issue SET state = 'suspended', block_id = %(block)s::uuid WHERE isin = 'DE2'", *WHOLE,
    ]),
    "the issue names another entry's hash": ("issued_equals_booked", swapped(ISSUE, "'content'", "'other'")),
    # Entries.
    "an entry number is left out": ("issued_equals_booked", [
        *MONEY, ISSUE.replace("entry_no = 2", "entry_no = 3"), ENTRY.replace("'DE1', 2", "'DE1', 3"), BLOCK, HEAD,
    ]),
    "an entry number is used twice": ("entry_isin_entry_no_key", swapped(ENTRY, "'DE1', 2", "'DE1', 1")),
    "an entry has no block": ("block_is_closed", [*MONEY, ISSUE, ENTRY]),
    "an entry joins a block of the past": (
        "block_is_open", [ENTRY.replace("%(block)s::uuid, 1", "%(old)s::uuid, 9")]
    ),
    "an entry is put into a closed block": (
        "block_is_open", [*WHOLE, ENTRY.replace("1, 'DE1', 2, %(block)s", "2, 'DE1', 3, %(batch)s")]
    ),
    "a change before its arrival": (
        "arrived_before_changed", swapped(ENTRY, "100,\n    '2026-11-20T12:00Z", "100,\n    '2026-11-20T12:01Z")
    ),
    "a request is recorded twice": ("recorded_once", swapped(ENTRY, "2, %(block)s", "2, %(request)s")),
    "content and hash part": ("block_in_chain", swapped(ENTRY, "'content', ", "'another', ")),
    # Blocks and the chain.
    "a block counts wrongly": ("block_in_chain", swapped(BLOCK, "+ 1, 1,", "+ 1, 2,")),
    "a position is left out": ("block_in_chain", swapped(ENTRY, "::uuid, 1, 'DE1'", "::uuid, 2, 'DE1'")),
    "a block has another root": (
        "block_in_chain", swapped(BLOCK, "1, sha256(sha256('content'))", "1, sha256('content')")
    ),
    "a block follows another": ("block_in_chain", swapped(BLOCK, ", hash,\n", ", sha256(hash),\n")),
    "a block has another hash": ("block_in_chain", swapped(BLOCK, "sha256(hash ||", "sha256('' ||")),
    "a block number is left out": ("block_in_chain", swapped(BLOCK, "sequence + 1", "sequence + 2")),
    "a block number is used twice": ("block_sequence_key", swapped(BLOCK, "sequence + 1", "sequence")),
    "the head stays": ("block_in_chain", [*MONEY, ISSUE, ENTRY, BLOCK]),
    "the head moves alone": ("head_is_last_block", ["UPDATE register.head SET sequence = sequence + 1"]),
    "the head goes back": (
        "head_is_last_block", ["UPDATE register.head SET sequence = 0, hash = sha256('counterfoil register')"]
    ),
    # The checks at commit are asked for early.
    "checked early, entered alone": ("block_is_closed", [IMMEDIATE, *PAPER]),
    "checked early, then issued more": (
        "block_is_open", [*WHOLE, IMMEDIATE, "UPDATE register.issue SET issued = 48"]
    ),
}  # fmt: skip


def prepared(database: Database) -> dict[str, object]:
    """Issue DE1 of 40 units, 100 authorised, and another; names for what an attack writes."""
    new = instruction("NEW", quantity=40)
    with database.transaction() as tx:
        record_now(tx, [new, instruction("NEW", "DE2", 5)])
        old = tx.value("SELECT id FROM register.block")
    return {"old": old, "request": new.request_id}


@pytest.fixture(scope="module")
def attacked(shared_database: Database) -> tuple[Database, dict[str, object]]:
    """What the attacks are tried on: each is refused, so each finds it as it was."""
    return shared_database, prepared(shared_database)


def run(database: Database, statements: list[str], names: dict[str, object]) -> None:
    fresh = {name: new_id() for name in ("batch", "booking", "block")}
    with database.transaction() as tx:
        for statement in statements:
            tx.execute(statement, **names, **fresh)


def test_raw_sql_that_keeps_every_rule_is_accepted(database: Database) -> None:
    """Without this, the attacks below might fail for another reason than the rule that they break."""
    run(database, WHOLE, prepared(database))
    with database.transaction() as tx:
        assert tx.value("SELECT issued FROM register.issue WHERE isin = 'DE1'") == 47


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_when(attacked: tuple[Database, dict[str, object]], attack: str) -> None:
    database, names = attacked
    constraint, statements = ATTACKS[attack]
    with pytest.raises(Conflict) as refused:
        run(database, statements, names)
    assert refused.value.constraint == constraint, str(refused.value)
    with database.snapshot() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


def test_booking_on_the_control_account_past_the_register_is_refused(database: Database) -> None:
    """Our own ledger, used by a room that forgets the register."""
    with database.transaction() as tx:
        record_now(tx, [instruction("NEW", quantity=40)])

    def create(asset: str) -> None:
        with database.transaction() as tx:
            wanted = [(CONTROL, AccountKind.ISSUE_CONTROL, "CSD"), ("a", AccountKind.OWN, LEI)]
            opened = open_accounts(tx, wanted, NOON)
            legs = (Posting(opened[CONTROL], asset, -ONE), Posting(opened["a"], asset, ONE))
            book(tx, [Booking(new_id(), "x", new_id(), legs)], booked_at=NOON, actor="x")

    for asset in ("DE1", "never registered"):
        with pytest.raises(Conflict) as refused:
            create(asset)
        assert refused.value.constraint == "issued_equals_booked"


FAULTS = {
    "UPDATE register.entry SET content = replace(content, 'Bonus', 'Malus')": "register.chain",
    "UPDATE register.entry SET hash = sha256('x') WHERE entry_no = 1": "register.chain",
    "DELETE FROM register.entry WHERE isin = 'DE1' AND entry_no = 2": "register.chain",
    "UPDATE register.block SET previous_hash = sha256('x') WHERE sequence = 2": "register.chain",
    "DELETE FROM register.block WHERE sequence = 1": "register.chain",
    "DELETE FROM register.block WHERE sequence = 3": "register.chain",
    "UPDATE register.head SET sequence = 9": "register.chain",
    "UPDATE register.entry SET arrived_at = arrived_at - interval '1 s'": "register.content",
    "UPDATE register.entry SET authorised_after = 99": "register.content",
    "UPDATE register.entry SET request_id = block_id WHERE position = 1": "register.content",
    "UPDATE register.entry SET arrived_at = arrived_at - interval '1 s' WHERE position = 2": "register.order",
    "UPDATE register.entry SET position = position + 5 WHERE position = 2": "register.order",
    "UPDATE register.entry SET entry_no = entry_no + 1 WHERE entry_no = 3": "register.entries",
    "UPDATE register.issue SET issued = issued + 1": "register.control",
    "UPDATE register.issue SET content = content || '{\"name\": \"x\"}'": "register.state",
    "UPDATE register.issue SET state = 'suspended'": "register.state",
    "DELETE FROM register.issue": "register.state",
    "UPDATE register.entry SET changed_at = changed_at - interval '90 min' WHERE entry_no = 3": "register.times",
    "UPDATE ledger.position SET quantity = quantity + 1 WHERE quantity > 0": "register.covered",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_finds_a_fault_that_got_past_the_guards(database: Database, fault: str) -> None:
    batches = (
        [instruction("NEW", quantity=40), instruction("NEW", "DE2", 5), instruction("TOP_UP", quantity=2)],
        [instruction("AMEND")],
        [instruction("NEW", "DE3", 5)],
    )
    for hour, batch in enumerate(batches, 1):
        with database.transaction() as tx:
            record_now(tx, batch, NOON + timedelta(hours=hour))
    with database.transaction() as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # switches the triggers off
        tx.execute(fault.replace("%", "%%"))
    with database.snapshot() as tx:
        found = {c.name: c.violations for c in checks(tx)}
    assert found[FAULTS[fault]], found

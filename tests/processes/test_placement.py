"""New issues placed with their buyers: at once, later, on demand, by halves; whatever fails, nothing twice."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.core.db import Transaction, Unavailable
from counterfoil.core.ids import new_id
from counterfoil.ledger import AccountKind, NewAccount, StateChange, Step, change_states, open_for_parties
from counterfoil.orchestration import Job, Outcome, TaskContext, Tasks, Worker, cancel, instance, retry
from counterfoil.parties import grant_mandates
from counterfoil.processes import Policy, all_tasks, follow_placements
from counterfoil.register import history
from counterfoil.settlement import CashDirection, Instruction, Movement, Payment, allegements, instruct
from counterfoil.settlement import cancel as cancel_instruction
from tests.instruments.examples import BUSINESS_DATE
from tests.processes.buyers import (
    AGENT,
    BUYER,
    OTHER_BUYER,
    POOR_BUYER,
    TODAY,
    allotment,
    held,
    instructions,
    open_own,
    own,
    pay_in,
    sold,
)
from tests.processes.desk import CLOCK, ISSUER, Desk, Item, codes, new, outcomes, terms, up_to

RICH = 10**12
PROCEEDS = f"{ISSUER}-ISSUER"
NOTE = terms("note")
Task = Callable[[Transaction, Sequence[Job], TaskContext], Sequence[Outcome]]


@pytest.fixture(scope="module")
def market(shared_desk: Desk) -> Desk:
    """Two buyers that can pay for all, one that has nothing yet."""
    open_own(shared_desk, BUYER, OTHER_BUYER, POOR_BUYER, AGENT)
    pay_in(shared_desk, BUYER, RICH)
    pay_in(shared_desk, OTHER_BUYER, RICH)
    return shared_desk


@pytest.fixture
def desk(desk: Desk, market: Desk) -> Desk:
    """The desk with its market; every invariant is checked afterwards."""
    return desk


def placement(desk: Desk, result: Item) -> Item:
    """How an item's placement stands now."""
    batch = result["batch"]
    found: Item = desk.results(batch)[result["position"] - 1]["placement"]
    return found


def issued(desk: Desk, item: Item, **how: Any) -> Item:
    """Hand in one item; its result with the batch that it came in."""
    receipt = desk.hand_in([item], **how)
    desk.work()
    (result,) = desk.results(receipt.id)
    return {**result, "batch": receipt.id}


def test_a_new_issue_is_placed_against_payment_at_once(desk: Desk) -> None:
    before, proceeds = held(desk, own(BUYER)), held(desk, PROCEEDS)
    result = issued(desk, sold(allotment(quantity=100, price="99.50"), allotment(OTHER_BUYER, 50)))
    assert (result["outcome"], result["entry_no"]) == ("done", 1)
    told = result["placement"]
    assert (told["state"], told["quantity"], told["placed"], told["proceeds"]) == (
        "placed",
        150,
        150,
        Decimal(14_875),
    )
    assert [line["state"] for line in told["lines"]] == ["settled", "settled"]
    isin = result["isin"]
    assert (held(desk, own(BUYER), isin), held(desk, own(OTHER_BUYER), isin)) == (100, 50)
    assert held(desk, PROCEEDS, isin) == 100_000 - 150
    assert before - held(desk, own(BUYER)) == 9_950
    assert held(desk, PROCEEDS) - proceeds == 14_875
    assert {kind for *_, kind, _ in instructions(desk, isin)} == {"PLAC"}
    batch = desk.batch(result["batch"])
    assert batch["state"] == "DONE"
    assert {k: batch["progress"][k] for k in ("to_place", "awaiting_settlement", "placed", "incomplete")} == {
        "to_place": 0, "awaiting_settlement": 0, "placed": 1, "incomplete": 0,
    }  # fmt: skip
    with desk.database.transaction() as tx:
        assert instance(tx, result["request"])["state"] == "completed"


def test_a_buyer_without_money_holds_up_its_placement_and_nothing_else(desk: Desk) -> None:
    item = sold(allotment(POOR_BUYER, 10, amount="1000"), allotment(BUYER, 20, amount="2000"))
    result = issued(desk, item)
    assert (result["outcome"], desk.batch(result["batch"])["state"]) == ("done", "DONE")
    told = result["placement"]
    assert (told["state"], told["placed"], told["proceeds"]) == ("waiting", 20, 2000)
    why = told["waits_for"]
    assert (why["code"], why["asset"], why["who"]) == ("CMON", "EUR", [POOR_BUYER])
    assert "account" not in why, "the seller is told nothing of the buyer's balance"
    assert desk.batch(result["batch"])["progress"]["awaiting_settlement"] == 1
    pay_in(desk, POOR_BUYER, 1000)
    desk.work()
    told = placement(desk, result)
    assert (told["state"], told["placed"], told["proceeds"], "waits_for" in told) == (
        "placed",
        30,
        3000,
        False,
    )
    with desk.database.transaction() as tx:
        assert instance(tx, result["request"])["state"] == "completed"
    assert desk.batch(result["batch"])["progress"]["placed"] == 1


@pytest.mark.parametrize(
    ("class_", "asked", "amount"),
    [
        ("1200", {"quantity": 100}, "9850"),
        ("1200", {"quantity": 100, "price": "99.50"}, "9950"),
        ("1200", {"quantity": 3, "price": "0.33333"}, "1.00"),
        ("1200", {"quantity": 1, "price": "0.005"}, "0.01"),
        ("1200", {"quantity": 100, "amount": "12345.67"}, "12345.67"),
        ("note", {"quantity": 5000}, "5000"),
        ("note", {"quantity": 5000, "price": "99.50"}, "4975"),
        ("note", {"quantity": 5000, "price": "99.99999"}, "5000.00"),
    ],
)
def test_a_price_is_per_unit_or_in_percent_as_the_terms_are_quoted(
    desk: Desk, class_: str, asked: Item, amount: str
) -> None:
    result = issued(desk, sold(allotment(**asked), instrument=terms(class_)))
    assert result["placement"]["proceeds"] == Decimal(amount)


BROKEN: list[tuple[str, Item, list[tuple[str, str]]]] = [
    ("too much", sold(allotment(quantity=60_000), allotment(quantity=40_001)), [("PRC-050", "/distribution")]),
    ("unknown buyer", sold(allotment("5493001KJTIIGC8Y1R12")), [("PRC-051", "/distribution/0/buyer")]),
    ("no LEI", sold(allotment("BANK")), [("PRC-005", "/distribution/0/buyer")]),
    ("unknown account", sold(allotment(account="NOWHERE")), [("PRC-052", "/distribution/0/account")]),
    ("another's account", sold(allotment(account=own(OTHER_BUYER))), [("PRC-052", "/distribution/0/account")]),
    ("half a note", sold(allotment(quantity=1500), instrument=NOTE), [("PRC-053", "/distribution/0/quantity")]),
    ("half a unit", sold(allotment(quantity="1.5")), [("PRC-053", "/distribution/0/quantity")]),
    ("price and amount", sold(allotment(price=1, amount=1)), [("PRC-054", "/distribution/0")]),
    ("a tenth of a cent", sold(allotment(amount="1.001")), [("PRC-055", "/distribution/0/amount")]),
    ("nothing to pay", sold(allotment(quantity=1, price="0.001")), [("PRC-055", "/distribution/0/price")]),
    ("Sunday", sold(allotment(intended_date="2026-11-22")), [("PRC-056", "/distribution/0/intended_date")]),
    ("yesterday", sold(allotment(intended_date="2026-11-19")), [("PRC-056", "/distribution/0/intended_date")]),
    ("in two years", sold(allotment(intended_date="2028-11-20")), [("PRC-056", "/distribution/0/intended_date")]),
    ("no date", sold(allotment(intended_date="20261120")), [("PRC-005", "/distribution/0/intended_date")]),
    ("to itself", sold(allotment(ISSUER, account=PROCEEDS)), [("PRC-057", "/distribution/0/buyer")]),
    ("foreign proceeds", sold(allotment(), proceeds_account=own(AGENT)), [("PRC-058", "/proceeds_account")]),
    ("proceeds of nothing", new(proceeds_account=PROCEEDS), [("PRC-059", "/proceeds_account")]),
    ("nobody", sold(), [("PRC-005", "/distribution")]),
    ("no list", {**sold(), "distribution": {}}, [("PRC-005", "/distribution")]),
    ("too many", sold(*[allotment(quantity=1)] * 201), [("PRC-005", "/distribution")]),
    ("no allotment", {**sold(), "distribution": [7]}, [("PRC-005", "/distribution/0")]),
    ("a name too much", sold(allotment(colour=1)), [("PRC-003", "/distribution/0/colour")]),
    ("a name too few", sold({"buyer": BUYER}), [("PRC-004", "/distribution/0/quantity")]),
    ("a line end", sold(allotment(reference="a\nb")), [("PRC-005", "/distribution/0/reference")]),
    ("of a cancellation", {"kind": "CANCEL", "isin": "DE0007664005", "distribution": []},
     [("PRC-003", "/distribution")]),
    (
        "everything at once",
        sold(
            allotment("5493001KJTIIGC8Y1R12", "1.5", price=1, amount=1), allotment(quantity=200_000, account="NONE"),
            instrument=terms(issue_price="-1"),
        ),
        [("INS-005", "/instrument/issue_price"), ("PRC-051", "/distribution/0/buyer"),
         ("PRC-052", "/distribution/1/account")],
    ),
    (
        "form and terms at once",
        sold(allotment("BANK"), instrument=terms(issue_price="-1")),
        [("INS-005", "/instrument/issue_price"), ("PRC-005", "/distribution/0/buyer")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("item", "wanted"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_every_broken_rule_is_told_with_its_place(
    desk: Desk, item: Item, wanted: list[tuple[str, str]]
) -> None:
    result = issued(desk, item)
    assert result["outcome"] == "rejected"
    told = sorted((r["code"], r["pointer"]) for r in result["refusals"])
    if item["kind"] == "CANCEL":
        assert set(wanted) <= set(told)
        return
    assert told == sorted(wanted)


def test_a_table_can_say_who_buys(desk: Desk) -> None:
    cells = {
        **{f"instrument.{name}": value for name, value in terms("1299").items() if isinstance(value, str)},
        "instrument.volume.authorised": "1000", "instrument.volume.mode": "fixed", "instrument.free_terms.a": "b",
        "distribution.0.buyer": BUYER, "distribution.0.quantity": "7", "distribution.0.intended_date": TODAY,
        "distribution.1.buyer": OTHER_BUYER, "distribution.1.quantity": "8", "distribution.1.intended_date": TODAY,
    }  # fmt: skip
    table = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    receipt = desk.hand_in(table, content_type="text/csv")
    desk.work()
    (result,) = desk.results(receipt.id)
    assert (result.get("refusals"), result["placement"]["placed"]) == (None, 15)


def test_without_a_mandate_the_buyer_instructs_its_own_side(desk: Desk) -> None:
    item = sold(allotment(quantity=40, price=100, reference="DEAL-1"))
    result = issued(desk, item, submitter=ISSUER, principals=(ISSUER,))
    isin = result["isin"]
    told = result["placement"]
    assert (told["state"], told["waits_for"]["code"], told["waits_for"]["who"]) == (
        "waiting",
        "CMIS",
        [BUYER],
    )
    assert [row[:2] for row in instructions(desk, isin)] == [(ISSUER, "DELI")]
    with desk.database.transaction() as tx:
        assert [a["isin"] for a in allegements(tx, BUYER)] == [isin]
        side = Instruction(
            id=new_id(), party_lei=BUYER, reference="MINE-1", movement=Movement.RECEIVE, payment=Payment.AGAINST,
            isin=isin, quantity=Decimal(40), account=own(BUYER), counterparty_lei=ISSUER, trade_date=BUSINESS_DATE,
            intended_date=BUSINESS_DATE, currency="EUR", amount=Decimal(4000), cash_direction=CashDirection.DEBIT,
            cash_account=own(BUYER),
        )  # fmt: skip
        instruct(tx, [side], now=CLOCK.now(), business_date=BUSINESS_DATE, actor="buyer")
    desk.work()
    assert placement(desk, result)["state"] == "placed"
    assert held(desk, own(BUYER), isin) == 40


def test_a_mandate_lets_the_submitter_instruct_for_the_buyer(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        grant_mandates(tx, [(ISSUER, "dealer", OTHER_BUYER)], actor="test", now=CLOCK.now())
    item = sold(allotment(OTHER_BUYER, 5), allotment(BUYER, 5))
    result = issued(desk, item, submitter=ISSUER, principals=(ISSUER,))
    assert [line["state"] for line in result["placement"]["lines"]] == ["settled", "unmatched"]


def test_proceeds_go_to_the_paying_agent_that_the_issuer_has_appointed(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        grant_mandates(tx, [(AGENT, "paying_agent", ISSUER)], actor="test", now=CLOCK.now())
    before = held(desk, own(AGENT))
    result = issued(desk, sold(allotment(amount="500"), proceeds_account=own(AGENT)))
    assert result["placement"]["state"] == "placed"
    assert held(desk, own(AGENT)) - before == 500


def test_an_up_to_issue_is_made_as_it_is_sold(desk: Desk) -> None:
    sale = allotment(quantity=300, amount="30000")
    poor = allotment(POOR_BUYER, 200, amount="20000")
    some, waiting = desk.issue(
        [sold(sale, instrument=up_to()), sold(sale, poor, instrument=up_to(), quantity="100")]
    )
    assert (desk.issue_of(some["isin"]).issued, some["placement"]["state"]) == (300, "placed")
    with desk.database.transaction() as tx:
        assert [e["kind"] for e in history(tx, some["isin"])] == ["NEW", "TOP_UP"]
    assert desk.issue_of(waiting["isin"]).issued == 300
    assert waiting["placement"]["waits_for"]["asset"] == "EUR", (
        "what is missing is money: units would be made"
    )
    pay_in(desk, POOR_BUYER, 20_000)
    assert desk.issue_of(waiting["isin"]).issued == 500
    assert held(desk, own(POOR_BUYER), waiting["isin"]) == 200
    desk.work()


def test_a_cancelled_instruction_ends_the_wait_and_is_told(desk: Desk) -> None:
    result = issued(desk, sold(allotment(POOR_BUYER, 1, amount="77"), allotment(BUYER, 2, amount="20")))
    waiting = result["placement"]["lines"][0]["instruction"]
    with desk.database.transaction() as tx:
        assert cancel_instruction(tx, waiting, by=None, now=CLOCK.now(), actor="operator")
    desk.work()
    told = placement(desk, result)
    assert (told["state"], told["placed"], told["proceeds"]) == ("incomplete", 2, 20)
    assert [line["state"] for line in told["lines"]] == ["cancelled", "settled"]
    assert desk.batch(result["batch"])["progress"]["incomplete"] == 1
    with desk.database.transaction() as tx:
        assert instance(tx, result["request"])["state"] == "completed"


def test_what_settlement_does_not_accept_is_told_and_the_others_are_placed(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        wanted = NewAccount(AGENT, AccountKind.OWN, number="CLOSING")
        open_for_parties(tx, [wanted], opened_at=CLOCK.now(), actor="test")
    receipt = desk.hand_in([sold(allotment(AGENT, 1, account="CLOSING"), allotment()), sold(allotment())])
    assert Worker(desk.database, desk.tasks, clock=CLOCK).run_once() == 2
    assert [r["placement"]["state"] for r in desk.results(receipt.id)] == ["to_place", "to_place"]
    with desk.database.transaction() as tx:
        change = StateChange("CLOSING", Step.CLOSE, "over")
        change_states(tx, [change], by_party=False, at=CLOCK.now(), actor="test")
    desk.work()
    first, second = desk.results(receipt.id)
    assert outcomes([first, second]) == ["done", "done"]
    assert (first["placement"]["state"], second["placement"]["state"]) == ("incomplete", "placed")
    refused, settled = first["placement"]["lines"]
    assert (refused["state"], settled["state"]) == ("refused", "settled")
    assert [r["code"] for r in refused["refusals"]] == ["SET-003", "SET-004"]
    assert desk.batch(receipt.id)["state"] == "DONE"


def with_task(name: str, function: Task) -> Tasks:
    """All tasks, one of them another."""
    tasks, known = Tasks(), all_tasks()
    for each in known.types():
        tasks.add(each, function if each == name else known.function(each))
    return tasks


def test_an_operator_who_cancels_the_process_ends_the_wait(desk: Desk) -> None:
    result = issued(desk, sold(allotment(POOR_BUYER, 1, amount="55")))
    with desk.database.transaction() as tx:
        cancel(tx, [result["request"]], actor="operator", now=CLOCK.now())
    assert desk.violations() == []
    desk.work()
    assert placement(desk, result)["state"] == "incomplete"
    assert outcomes(desk.results(result["batch"])) == ["done"]
    with desk.database.transaction() as tx:
        cancel_instruction(
            tx, result["placement"]["lines"][0]["instruction"], by=None, now=CLOCK.now(), actor="operator"
        )


@pytest.mark.parametrize("name", ["issuance.place", "issuance.conclude"])
def test_a_task_that_is_delivered_twice_does_nothing_twice(desk: Desk, name: str) -> None:
    function = all_tasks().function(name)

    def twice(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> Sequence[Outcome]:
        first = function(tx, jobs, context)
        assert function(tx, jobs, context) == first
        return first

    receipt = desk.hand_in([sold(allotment(quantity=9)), sold(allotment(POOR_BUYER, 9, amount="1"))])
    Desk(desk.database, with_task(name, twice)).work()
    once, waiting = desk.results(receipt.id)
    assert [i["placement"]["state"] for i in (once, waiting)] == ["placed", "waiting"]
    assert len(instructions(desk, once["isin"])) == len(instructions(desk, waiting["isin"])) == 2
    pay_in(desk, POOR_BUYER, 1)
    Desk(desk.database, with_task(name, twice)).work()
    assert held(desk, own(POOR_BUYER), waiting["isin"]) == 9
    assert desk.batch(receipt.id)["progress"]["placed"] == 2


def test_a_placement_that_fails_stands_alone_and_is_made_once_when_it_is_tried_again(desk: Desk) -> None:
    receipt = desk.hand_in([sold(allotment(quantity=n + 1)) for n in range(20)])
    known = all_tasks().function("issuance.place")

    def place(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> Sequence[Outcome]:
        done = known(tx, jobs, context)
        if any(job.variables["position"] == 13 for job in jobs):
            raise RuntimeError("cannot be")
        return done

    Desk(desk.database, with_task("issuance.place", place)).work_without_pauses()
    results = desk.results(receipt.id)
    assert outcomes(results) == ["done"] * 20, "the register holds whatever becomes of the placement"
    states = [r["placement"]["state"] for r in results]
    assert (states.count("placed"), states[12], results[12]["waits_for"]["kind"]) == (
        19,
        "to_place",
        "incident",
    )
    assert instructions(desk, results[12]["isin"]) == []
    progress = desk.batch(receipt.id)
    assert (progress["state"], progress["progress"]["to_place"], progress["progress"]["waiting"]) == (
        "RUNNING",
        1,
        1,
    )
    assert desk.violations() == []
    (incident,) = desk.incidents()
    with desk.database.transaction() as tx:
        retry(tx, [incident["id"]], actor="test", now=CLOCK.now())
    desk.work()
    assert [r["placement"]["placed"] for r in desk.results(receipt.id)] == list(range(1, 21))
    assert desk.batch(receipt.id)["state"] == "DONE"


@pytest.mark.parametrize("name", ["issuance.register", "issuance.place", "issuance.conclude"])
def test_a_crash_before_or_after_a_commit_places_once(desk: Desk, name: str) -> None:
    receipt = desk.hand_in([sold(allotment(quantity=3), instrument=up_to()) for _ in range(4)])
    known, crashes = all_tasks().function(name), [0]

    def crash(tx: Transaction, jobs: Sequence[Job], context: TaskContext) -> Sequence[Outcome]:
        known(tx, jobs, context)
        crashes[0] += 1
        raise Unavailable("killed")

    broken = Worker(desk.database, with_task(name, crash), clock=CLOCK)
    for _ in range(4):  # stretches before the task commit, the one with it is lost, and lost again
        try:
            broken.run_once()
        except Unavailable:
            follow_placements(desk.database, CLOCK.now())
            assert desk.violations() == []
    assert crashes[0] >= 2
    desk.work()
    results = desk.results(receipt.id)
    assert [r["placement"]["state"] for r in results] == ["placed"] * 4
    assert [desk.issue_of(r["isin"]).issued for r in results] == [3] * 4
    assert all(len(instructions(desk, r["isin"])) == 2 for r in results)


def test_a_placement_is_told_once_however_often_one_looks(desk: Desk) -> None:
    result = issued(desk, sold(allotment(POOR_BUYER, 1, amount="11")))
    pay_in(desk, POOR_BUYER, 11)
    for _ in range(3):
        follow_placements(desk.database, CLOCK.now())
    with desk.database.transaction() as tx:
        sent = tx.value(
            "SELECT count(*) FROM orchestration.message WHERE correlation_key = %(k)s::text",
            k=str(result["request"]),
        )
    assert sent == 1
    assert placement(desk, result)["state"] == "waiting"
    desk.work()
    assert placement(desk, result)["state"] == "placed"


def test_workers_side_by_side_place_everything_once(desk: Desk) -> None:
    items = [sold(allotment(quantity=2), allotment(OTHER_BUYER, 3), instrument=up_to()) for _ in range(60)]
    receipt = desk.hand_in([*items, *(new() for _ in range(60))])
    problems: list[BaseException] = []

    def run() -> None:
        try:
            Desk(desk.database, all_tasks()).work(limit=7)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    desk.work_without_pauses()
    results = desk.results(receipt.id)
    assert outcomes(results) == ["done"] * 120
    assert [r["placement"]["placed"] for r in results[:60]] == [5] * 60
    assert {desk.issue_of(r["isin"]).issued for r in results[:60]} == {5}


def test_a_batch_that_does_not_go_places_nothing(desk: Desk) -> None:
    results = desk.issue([sold(allotment()), sold(allotment(quantity=0))], Policy.ATOMIC)
    assert outcomes(results) == ["rejected", "rejected"]
    assert codes(results[0]) == ["PRC-014"]
    assert "placement" not in results[0]


def test_the_statements_of_placing_do_not_depend_on_how_many_are_placed(desk: Desk) -> None:
    def statements(size: int) -> int:
        desk.hand_in([sold(allotment(quantity=n + 1), allotment(OTHER_BUYER)) for n in range(size)])
        return desk.statements_of_work()

    statements(5)
    # One statement locks few match keys, another all: so both sizes are beyond that.
    assert statements(120) == statements(240)

"""Accounts open under numbers that say whose they are, and are blocked and closed by their rules."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.db import Database
from counterfoil.core.errors import Refusal
from counterfoil.ledger import (
    Account,
    AccountKind,
    AccountState,
    Barred,
    Booked,
    Changed,
    NewAccount,
    StateChange,
    Step,
    SubBalance,
    account_events,
    accounts_by_number,
    change_states,
    checks,
    open_accounts,
    open_for_parties,
    page_of_accounts,
    proposed_number,
)
from counterfoil.parties import import_gleif
from counterfoil.sample import fictional_issuers, gleif_document
from tests.ledger.books import (
    LEI,
    NOON,
    accounts_of,
    anew,
    book_now,
    booking,
    change,
    endow,
    statements_counted,
    transfer,
)

ANNA, BERT = (lei for lei, _ in fictional_issuers()[:2])
OF_PARTIES = [k for k in AccountKind if k not in (AccountKind.ISSUE_CONTROL, AccountKind.CENTRAL_BANK)]


def opened(database: Database, *wanted: NewAccount) -> list[Account | str]:
    """Each account, or the codes of what is wrong."""
    with database.transaction() as tx:
        if tx.row("SELECT FROM parties.entity") is None:
            import_gleif(tx, io.BytesIO(gleif_document()), now=NOON)
        outcomes = open_for_parties(tx, wanted, opened_at=NOON, actor="Ada")
    return [o if isinstance(o, Account) else " ".join(r.code for r in o) for o in outcomes]


def code(outcome: Changed | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else "ok"


@pytest.mark.parametrize("kind", OF_PARTIES)
@pytest.mark.parametrize("suffix", ["", "7", "007"])
def test_a_proposed_number_names_owner_and_kind_and_fits_iso_20022(kind: AccountKind, suffix: str) -> None:
    number = proposed_number(ANNA, kind, suffix)
    assert number.startswith(f"{ANNA}-")
    assert len(number) <= 35
    assert len({proposed_number(ANNA, k, suffix) for k in OF_PARTIES}) == len(OF_PARTIES)


def test_every_proposed_number_can_be_opened_and_opening_it_again_changes_nothing(database: Database) -> None:
    wanted = [NewAccount(ANNA, kind, suffix=suffix) for kind in OF_PARTIES for suffix in ("", "07")]
    first = opened(database, *wanted)
    assert [a.number for a in first if isinstance(a, Account)] == [
        proposed_number(ANNA, new.kind, new.suffix) for new in wanted
    ]
    assert opened(database, *wanted) == first
    with database.transaction() as tx:
        page = page_of_accounts(tx, owner=ANNA, limit=5)
        rest = page_of_accounts(tx, owner=ANNA, after=page[-1]["number"])
        assert [a["number"] for a in page + rest] == sorted(a.number for a in first if isinstance(a, Account))
        assert {(a["state"], a["opened_by"]) for a in page} == {("open", "Ada")}
        assert page_of_accounts(tx, kind=AccountKind.DEALER, state=AccountState.OPEN)[0]["owner"] == ANNA
        assert page_of_accounts(tx, state=AccountState.BLOCKED) == []


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        (NewAccount("529900T8BM49AURSDO55", AccountKind.OWN), "PTY-003"),
        (NewAccount(ANNA, AccountKind.OWN, "X" * 36), "LED-008"),
        (NewAccount(ANNA, AccountKind.OWN, "klein"), "LED-008"),
        (NewAccount(ANNA, AccountKind.OWN, "-X"), "LED-008"),
        (NewAccount(ANNA, AccountKind.OWN, "A\n"), "LED-008"),
        (NewAccount(ANNA, AccountKind.CLIENT_SEGREGATED, suffix="12345"), "LED-008"),
        (NewAccount(ANNA, AccountKind.OWN, "CSD-RTGS-EUR"), "LED-009"),
        (NewAccount(ANNA, AccountKind.OWN, f"{BERT}-ISSUER"), "LED-009"),
        (NewAccount(ANNA, AccountKind.OWN, f"{BERT}-X"), "LED-009"),
        (NewAccount(ANNA, AccountKind.OWN, f"{ANNA}-ISSUER"), "LED-009"),
        (NewAccount(ANNA, AccountKind.OWN, f"{ANNA}-ISSUER-2"), "LED-009"),
        (NewAccount(ANNA, AccountKind.CENTRAL_BANK, "X"), "LED-010"),
        (NewAccount(ANNA, AccountKind.ISSUE_CONTROL), "LED-010"),
        (NewAccount("529900T8BM49AURSDO55", AccountKind.OWN, "x"), "PTY-003 LED-008"),
    ],
)
def test_a_number_that_is_another_s_or_no_number_is_refused(
    shared_database: Database, new: NewAccount, codes: str
) -> None:
    assert opened(shared_database, new) == [codes]


def test_a_number_that_is_taken_is_refused_and_the_others_are_opened(database: Database) -> None:
    mine = NewAccount(ANNA, AccountKind.OWN, "STREET-1")
    theirs = NewAccount(BERT, AccountKind.OWN, "STREET-1")
    other_kind = NewAccount(ANNA, AccountKind.DEALER, "STREET-1")
    first, second, third, fourth = opened(
        database, mine, theirs, other_kind, NewAccount(BERT, AccountKind.OWN)
    )
    assert (second, third) == ("LED-003", "LED-003")
    assert isinstance(first, Account)
    assert isinstance(fourth, Account)
    change(database, first, Step.CLOSE)
    assert opened(database, mine) == ["LED-007"]


def test_an_entity_that_has_ended_gets_no_account(database: Database) -> None:
    opened(database)
    with database.transaction() as tx:
        tx.execute("UPDATE parties.entity SET entity_status = 'INACTIVE' WHERE lei = %(lei)s::text", lei=ANNA)
    assert opened(database, NewAccount(ANNA, AccountKind.OWN)) == ["LED-020"]


@pytest.mark.parametrize(
    ("side", "gives", "takes"), [("debit", False, True), ("credit", True, False), ("both", False, False)]
)
@pytest.mark.parametrize("by_party", [False, True])
def test_a_blocked_account_neither_gives_nor_takes(
    database: Database, side: str, gives: bool, takes: bool, by_party: bool
) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10)
    endow(database, b, "DE1", 10)
    assert code(change(database, a, Step.BLOCK, side, by_party=by_party)) == "ok"
    blocked = anew(database, a)
    assert (blocked.state, blocked.blocked_by_csd) == (AccountState.BLOCKED, not by_party)
    batch = [transfer(blocked, b, "DE1", 1), transfer(b, blocked, "DE1", 1), transfer(b, b, "DE1", 1)]
    with database.transaction() as tx:
        outcomes = book_now(tx, batch)
    assert [isinstance(o, Booked) for o in outcomes] == [gives, takes, True]
    assert [o.accounts for o in outcomes if isinstance(o, Barred)] == [(blocked,)] * (2 - gives - takes)
    within = booking((blocked, "DE1", -1), (blocked, "DE1", 1, SubBalance.PLEDGED))
    with database.transaction() as tx:
        assert isinstance(book_now(tx, [within])[0], Barred)
    assert code(change(database, a, Step.UNBLOCK, side, by_party=by_party)) == "ok"
    with database.transaction() as tx:
        assert {type(o) for o in book_now(tx, [transfer(anew(database, a), b, "DE1", 1)])} == {Booked}


def test_each_lifts_only_what_it_has_set(database: Database) -> None:
    (a,) = accounts_of(database, "a")
    change(database, a, Step.BLOCK, "debit")
    assert code(change(database, a, Step.UNBLOCK, by_party=True)) == "LED-013"
    change(database, a, Step.BLOCK, by_party=True)
    assert code(change(database, a, Step.UNBLOCK)) == "ok"
    still = anew(database, a)
    assert (still.blocked_debit, still.blocked_credit, still.blocked_by_csd) == (True, True, False)
    assert code(change(database, a, Step.UNBLOCK)) == "LED-013"
    assert code(change(database, a, Step.UNBLOCK, "credit", by_party=True)) == "ok"
    assert anew(database, a).blocked_debit
    assert code(change(database, a, Step.UNBLOCK, by_party=True)) == "ok"
    assert anew(database, a).state is AccountState.OPEN
    with database.transaction() as tx:
        told = [(e["kind"], e["blocks"], e["actor"], e["reason"], e["at"]) for e in account_events(tx, "a")]
    assert told == [
        ("BLOCKED", ["CSD_DEBIT"], "test", "a reason", NOON),
        ("BLOCKED", ["PARTY_DEBIT", "PARTY_CREDIT", "CSD_DEBIT"], "test", "a reason", NOON),
        ("UNBLOCKED", ["PARTY_DEBIT", "PARTY_CREDIT"], "test", "a reason", NOON),
        ("UNBLOCKED", ["PARTY_DEBIT"], "test", "a reason", NOON),
        ("UNBLOCKED", [], "test", "a reason", NOON),
    ]


def test_blocking_what_is_blocked_changes_nothing(database: Database) -> None:
    (a,) = accounts_of(database, "a")
    first, again = change(database, a, Step.BLOCK), change(database, a, Step.BLOCK)
    assert first == again
    with database.transaction() as tx:
        assert len(account_events(tx, "a")) == 1


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("kind", list(AccountKind))
def test_what_is_the_depository_s_own_is_blocked_by_it_alone_and_stays_open(
    shared_database: Database, kind: AccountKind, step: Step
) -> None:
    number = f"{kind.value}-{step.value}"
    with shared_database.transaction() as tx:
        account = open_accounts(tx, [(number, kind, LEI)], NOON)[number]
    own = kind in (AccountKind.ISSUE_CONTROL, AccountKind.CENTRAL_BANK)
    closing = step is Step.CLOSE
    if own or kind is AccountKind.ISSUER:
        assert code(change(shared_database, account, step, by_party=True)) == "LED-011"
    expected = "LED-013" if step is Step.UNBLOCK else "LED-015" if own and closing else "ok"
    assert code(change(shared_database, account, step)) == expected


def test_only_an_open_and_empty_account_closes_and_it_does_so_for_good(database: Database) -> None:
    a, b = accounts_of(database, "a", "b")
    endow(database, a, "DE1", 10)
    endow(database, a, "EUR", 5)
    assert code(change(database, a, Step.CLOSE)) == "LED-014"
    with database.transaction() as tx:
        book_now(tx, [transfer(a, b, "DE1", 10), booking((a, "EUR", -5), (a, "EUR", 5, SubBalance.PLEDGED))])
    assert code(change(database, a, Step.CLOSE)) == "LED-014"
    with database.transaction() as tx:
        book_now(tx, [booking((a, "EUR", -5, SubBalance.PLEDGED), (b, "EUR", 5))])
    change(database, a, Step.BLOCK)
    assert code(change(database, a, Step.CLOSE)) == "LED-006"
    change(database, a, Step.UNBLOCK)
    assert code(change(database, a, Step.CLOSE, by_party=True)) == "ok"
    closed = anew(database, a)
    assert (closed.state, closed.blocked_debit, closed.blocked_credit) == (AccountState.CLOSED, True, True)
    for step in Step:
        assert code(change(database, a, step)) == "LED-007"
    with database.transaction() as tx:
        assert isinstance(book_now(tx, [transfer(b, closed, "EUR", 1)])[0], Barred)
    with database.snapshot() as tx:
        assert [c for c in checks(tx) if not c.holds] == []


@pytest.mark.parametrize("reason", ["", "x" * 501, "a\nb", "a\0b"])
def test_a_change_needs_a_reason(shared_database: Database, reason: str) -> None:
    accounts_of(shared_database, "a")
    with shared_database.transaction() as tx:
        wanted = [StateChange("a", Step.BLOCK, reason), StateChange("nobody", Step.BLOCK, "x")]
        outcomes = change_states(tx, wanted, by_party=False, at=NOON, actor="test")
        assert [code(o) for o in outcomes] == ["LED-012", "LED-002"]


def test_a_batch_is_judged_one_by_one_with_a_fixed_number_of_statements(database: Database) -> None:
    names = [f"n{n}" for n in range(40)]
    accounts_of(database, *names)
    sent = []
    for size in (4, 40):
        wanted = [StateChange(name, Step.BLOCK, f"case {size}") for name in names[:size]]
        with database.transaction() as tx, statements_counted() as calls:
            outcomes = change_states(tx, wanted, by_party=size > 4, at=NOON, actor="test")
            sent.append(calls())
        assert {type(o) for o in outcomes} == {Changed}
    assert sent == [3, 3]
    counted = []
    for size in (2, 30):
        wanted_accounts = [NewAccount(ANNA, AccountKind.OWN, f"B{size}-{n}") for n in range(size)]
        opened(database)
        with database.transaction() as tx, statements_counted() as calls:
            open_for_parties(tx, wanted_accounts, opened_at=NOON, actor="test")
            counted.append(calls())
    assert counted == [4, 4]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(list(Step)), st.sampled_from(["debit", "credit", "both"]), st.booleans()),
        max_size=8,
    )
)
def test_whatever_is_asked_for_the_events_explain_the_account(
    shared_database: Database, steps: list[tuple[Step, str, bool]]
) -> None:
    """Flags in a set, one step after the other, say the same as the database."""
    with shared_database.transaction() as tx:
        number = f"h{tx.value('SELECT count(*) FROM ledger.account')}"
        account = open_accounts(tx, [(number, AccountKind.OWN, LEI)], NOON)[number]
    flags: set[tuple[bool, str]] = set()
    closed = False
    expected: list[str] = []
    for n, (step, side, by_party) in enumerate(steps):
        outcome = change(
            shared_database, account, step, side, by_party=by_party, at=NOON + timedelta(seconds=n)
        )
        sides = {(by_party, s) for s in ("debit", "credit") if side in (s, "both")}
        before = set(flags)
        if closed:
            assert code(outcome) == "LED-007"
        elif step is Step.CLOSE:
            closed = not flags
            expected += ["CLOSED"] * closed
            assert code(outcome) == ("ok" if closed else "LED-006")
        else:
            flags = flags | sides if step is Step.BLOCK else flags - sides
            expected += [step.value] * (flags != before)
            assert code(outcome) == ("LED-013" if step is Step.UNBLOCK and flags == before else "ok")
        stored = anew(shared_database, account)
        barred = (
            closed or any(s == "debit" for _, s in flags),
            closed or any(s == "credit" for _, s in flags),
        )
        assert (stored.blocked_debit, stored.blocked_credit, stored.closed) == (*barred, closed)
        assert stored.bars(Decimal(-1)) == barred[0]
    with shared_database.snapshot() as tx:
        assert [e["kind"] for e in account_events(tx, number)] == expected
        assert accounts_by_number(tx, ["nobody"]) == {}
        assert [c for c in checks(tx) if not c.holds] == []

"""Random days of a small market, and after each step a comparison with the model. The tests stand beside it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from counterfoil.core.calendar import add_business_days
from counterfoil.core.db import Database
from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_id
from counterfoil.ledger import Changed, StateChange, Step, accounts_by_number, change_states
from counterfoil.ledger import checks as ledger_checks
from counterfoil.register import CONTROL, issuer_account
from counterfoil.register import checks as register_checks
from counterfoil.settlement import (
    Change,
    Hold,
    Instruction,
    Link,
    LinkKind,
    Movement,
    Partial,
    Pool,
    cancel,
    change,
    checks,
    find_instructions,
    mark_down,
    resume,
    resume_accounts,
    run_cycle,
)
from counterfoil.settlement.recycling import expire
from tests.settlement.market import ANNA, BERT, CORA, FIXED, ISSUER, NOTES, UP_TO, Market, own
from tests.settlement.model import Account, Issue, Side
from tests.settlement.model_of_settling import Model, Standing, worth_of

MAKER = issuer_account(ISSUER)
PARTIES = (ANNA, BERT, CORA, ISSUER)
VOLUME = 12
TINY = 9
"""Up to so many candidates every selection is looked at."""
_SOME = st.integers(0, 999)
_RARELY = st.integers(0, 5).map(lambda n: n == 0)
_PLAIN = st.fixed_dictionaries(
    {
        "seller": st.sampled_from((ANNA, BERT, CORA, ISSUER)),
        "buyer": st.sampled_from((ANNA, BERT, CORA)),
        "isin": st.sampled_from((FIXED, FIXED, NOTES, UP_TO)),
        "units": st.integers(1, 8),
        "priority": st.sampled_from((4, 4, 3, 2)),
        "amount": st.none() | st.sampled_from(("10", "20", "35", "50", "33.33", "0.02")),
    }
)
_SPECIAL: list[dict[str, st.SearchStrategy[Any]]] = [
    *({} for _ in range(6)),
    {"link": st.tuples(st.sampled_from(list(LinkKind)), _SOME)},
    {"pool": st.sampled_from((Pool("P", 2), Pool("P", 3), Pool("Q", 2)))},
    {"partial": st.sampled_from(list(Partial))},
    {"days": st.sampled_from((1, 2)), "cash_with_securities": st.booleans()},
    {"sell_holds": st.sampled_from(list(Hold))},
    {
        "buy_holds": st.sampled_from((Hold.PARTY, Hold.CSD)),
        "sell_holds": st.sampled_from((Hold.PARTY, Hold.NONE)),
    },
    {"more": st.sampled_from(("1", "2", "3")), "buy_partial": st.sampled_from(list(Partial))},
    {"sell_client": st.sampled_from("CD"), "buy_counterparty_client": st.sampled_from("CD")},
    {"named": st.just(True), "buy_common_reference": st.sampled_from(("T1", "T2"))},
]
SHAPE = st.one_of(
    [st.builds(lambda plain, more: plain | more, _PLAIN, st.fixed_dictionaries(more)) for more in _SPECIAL]
)
"""A trade; less than half of them have something special."""
WRONGS: dict[str, Callable[[Instruction, Market], Instruction]] = {
    "SET-001": lambda i, _: replace(i, isin="DE000CF00009"),
    "SET-003": lambda i, _: replace(i, account=own(BERT if i.party_lei != BERT else CORA)),
    "SET-004": lambda i, _: (
        replace(i, cash_account="NOBODY") if i.cash_account else replace(i, account="NOBODY")
    ),
    "SET-005": lambda i, _: replace(i, counterparty_lei="529900T8BM49AURSDO55"),
    "SET-008": lambda i, _: replace(i, quantity=i.quantity + Decimal("0.5")),
    "SET-010": lambda i, _: replace(i, amount=i.amount and i.amount + Decimal("0.001"), priority=1),
    "SET-013": lambda i, m: replace(i, trade_date=m.today + timedelta(days=1)),
    "SET-014": lambda i, m: replace(i, intended_date=m.today + timedelta(days=5 - m.today.weekday() % 7)),
    "SET-015": lambda i, _: replace(i, counterparty_account=i.account),
    "SET-017": lambda i, _: replace(i, links=(Link(LinkKind.WITH, i.reference),)),
    "SET-022": lambda i, _: replace(i, priority=1),
}


class Settlement(RuleBasedStateMachine):
    """`open_database` gives an example a database without any data."""

    open_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.market = Market(type(self).open_database(), volume=VOLUME).open()
        self.model = self.modelled()
        self.turn = 0
        for lei in (ANNA, BERT, CORA):
            self.give(lei, FIXED, 5)
            self.give(lei, "EUR", 60)
        self.give(ANNA, NOTES, 3)

    def modelled(self) -> Model:
        issue = {"up_to": False, "authorised": Fraction(0), "maker": MAKER}
        model = Model(
            self.market.today,
            {
                FIXED: Issue(unit=1, counted_in="units", issued=Fraction(1000), **issue),
                NOTES: Issue(unit=1000, counted_in="nominal", issued=Fraction(1_000_000), **issue),
                UP_TO: Issue(1, "units", True, Fraction(VOLUME), Fraction(0), MAKER),
            },
            {own(lei): Account(lei) for lei in (ANNA, BERT, CORA)}
            | {MAKER: Account(ISSUER), "RTGS": Account("CENTRAL", may_be_negative=True)},
            frozenset(PARTIES),
        )
        model.held = {(FIXED, MAKER): Fraction(1000), (NOTES, MAKER): Fraction(1_000_000)}
        return model

    # What happens.

    @rule(
        shapes=st.lists(SHAPE, min_size=1, max_size=4),
        at_once=st.sampled_from((True, True, False)),
        late=_RARELY,
    )
    def trade(self, shapes: list[dict[str, Any]], at_once: bool, late: bool) -> None:
        """Both sides of one or several trades, or only one side of each."""
        pairs = [pair for shape in shapes if (pair := self.pair(shape))]
        self.submit([side for pair in pairs for side in (pair[:1] if late else pair)], at_once=at_once)

    @precondition(lambda self: self.model.unmatched())
    @rule(which=_SOME, more=st.sampled_from(("0", "0", "1", "2", "3")), named=_RARELY, hold=_RARELY)
    def answer(self, which: int, more: str, named: bool, hold: bool) -> None:
        """The counterpart of something that waits, not always for the same amount."""
        waiting = self.model.unmatched()
        i = waiting[which % len(waiting)].i
        self.market.used += 1
        party = i.counterparty_lei
        cash = self.account_of(party, i.isin) if i.cash_account else None
        direction = i.cash_direction and type(i.cash_direction)(
            "DBIT" if i.cash_direction == "CRDT" else "CRDT"
        )
        other = replace(
            i, id=new_id(), party_lei=party, counterparty_lei=i.party_lei, reference=f"R{self.market.used}",
            movement=Movement.RECEIVE if i.movement is Movement.DELIVER else Movement.DELIVER,
            account=i.counterparty_account or self.account_of(party, i.isin), cash_account=cash,
            cash_direction=direction, amount=i.amount and i.amount + Decimal(more), client=i.counterparty_client,
            counterparty_client=i.client, counterparty_account=i.account if named else None, links=(), pool=None,
            holds=Hold.PARTY if hold else Hold.NONE, trade_date=i.trade_date,
        )  # fmt: skip
        self.submit([other])

    @precondition(lambda self: self.model.sides)
    @rule(shape=SHAPE, wrong=st.sampled_from((*sorted(WRONGS), "again", "twice")), which=_SOME)
    def instruct_wrongly(self, shape: dict[str, Any], wrong: str, which: int) -> None:
        """One side that breaks a rule beside one that does not; what came before again; a new one twice."""
        pair = self.pair(shape)
        if wrong == "again":
            sides = list(self.model.sides.values())
            self.submit([replace(sides[which % len(sides)].i, id=new_id())])
        elif pair and wrong == "twice":
            self.submit([pair[0], replace(pair[0], id=new_id()), pair[1]])
        elif pair:
            self.submit([WRONGS[wrong](pair[0], self.market), pair[1]])

    @rule(
        lei=st.sampled_from((ANNA, BERT, CORA)),
        asset=st.sampled_from((FIXED, NOTES, "EUR", "EUR")),
        count=st.integers(1, 6),
    )
    def give(self, lei: str, asset: str, count: int) -> None:
        """Money or units arrive; what waited for them is tried."""
        source = "RTGS" if asset == "EUR" else MAKER
        quantity = count * (10 if asset == "EUR" else 1000 if asset == NOTES else 1)
        if self.model.accounts[own(lei)].no_credit or self.model.accounts[source].no_debit:
            return
        self.market.give(lei, quantity, asset)
        with self.market.database.transaction() as tx:
            account = accounts_by_number(tx, [own(lei)])[own(lei)]
            resume(tx, [(asset, account.id)], **self.when())
        for key, moved in (((asset, source), -quantity), ((asset, own(lei)), quantity)):
            self.model.held[key] = self.model.held.get(key, Fraction(0)) + moved
        self.model.settle(self.model.freed({(asset, own(lei))}, []))

    @precondition(lambda self: self.model.sides)
    @rule(
        which=_SOME, hold=st.sampled_from(list(Hold)), release=st.sampled_from((Hold.NONE, *Hold)),
        priority=st.sampled_from((None, None, 1, 2, 4)), partial=st.none() | st.sampled_from(list(Partial)),
        by=st.sampled_from(("party", "party", "other", None)), also_hold=_RARELY,
    )  # fmt: skip
    def change(self, which: int, by: str | None, also_hold: bool, hold: Hold, **wanted: Any) -> None:
        side = self.pick(which)
        acting = self.acting(side, by)
        asked = Change(hold=hold if also_hold else Hold.NONE, by=acting, **wanted)
        self.settle_twice(
            lambda tx: change(tx, side.i.id, asked, **self.when()),
            lambda: self.model.change(side.i.id, asked),
        )

    @precondition(lambda self: self.model.sides)
    @rule(which=_SOME, by=st.sampled_from(("party", "party", "other", None)), both=st.booleans())
    def cancel(self, which: int, by: str | None, both: bool) -> None:
        side = self.pick(which)
        sides = [side]
        if both and side.trade is not None:
            sides = list(side.trade.sides)
        for one in sides:
            acting = self.acting(one, by)

            def ask(tx: Any, id_: UUID = one.i.id, acting: str | None = acting) -> str:
                return (
                    "cancelled" if cancel(tx, id_, by=acting, now=self.market.now, actor="test") else "asked"
                )

            self.settle_twice(ask, lambda id_=one.i.id, acting=acting: self.model.cancel(id_, acting))

    @rule(
        number=st.sampled_from((own(ANNA), own(BERT), own(CORA), MAKER)), debit=st.booleans(), credit=st.booleans(),
        lift=st.sampled_from((True, True, False)),
    )  # fmt: skip
    def block(self, number: str, debit: bool, credit: bool, lift: bool) -> None:
        """Block sides of an account, or unblock it; what waited for that is tried."""
        account = self.model.accounts[number]
        if lift:
            debit, credit = account.no_debit, account.no_credit
        if not (debit or credit):
            return
        step = Step.UNBLOCK if lift else Step.BLOCK
        with self.market.database.transaction() as tx:
            wanted = StateChange(number, step, "a test", debit=debit, credit=credit)
            (outcome,) = change_states(tx, [wanted], by_party=False, at=self.market.now, actor="test")
            assert isinstance(outcome, Changed), outcome
        account.no_debit = (account.no_debit or debit) and not lift
        account.no_credit = (account.no_credit or credit) and not lift
        if lift:
            with self.market.database.transaction() as tx:
                resume_accounts(tx, [outcome.account_id], **self.when())
            touched = [
                t for t in self.model.trades
                if t.open and t.deliver.i.intended_date <= self.model.today
                and any(key[1] == number for key in t.moves(t.left, t.amount))
            ]  # fmt: skip
            self.model.settle(touched)

    @rule(shapes=st.lists(SHAPE, min_size=3, max_size=7), in_parts=st.booleans())
    def trade_and_cycle(self, shapes: list[dict[str, Any]], in_parts: bool) -> None:
        """Several trades that a cycle finds together."""
        self.trade(shapes, at_once=False, late=False)
        self.cycle(in_parts)

    @rule(in_parts=st.sampled_from((True, True, False)))
    def cycle(self, in_parts: bool) -> None:
        candidates = self.model.candidates()
        with self.market.database.transaction() as tx:
            done = run_cycle(tx, in_parts=in_parts, **self.when())
        booked = {
            id_
            for (id_,) in self.market.rows(f"SELECT id FROM ledger.v_booking WHERE batch_id = '{done.id}'")
        }
        assert done.considered == len(candidates)
        chosen = [t for t in candidates if t.rank[2] in booked]
        assert len(chosen) == len(booked) == done.settled, "a cycle settled what may not settle"
        assert self.model.may_settle_as_set(chosen), "a cycle went beyond balances or links"
        assert worth_of(chosen) >= self.model.greedy(candidates), "a cycle settled less than anybody would"
        if len(candidates) <= TINY:
            assert worth_of(chosen) == self.model.best(candidates), "a cycle left value out"
        self.model.settle_as_set(chosen)
        self.model.settle([t for t in candidates if t not in chosen], in_parts=in_parts)

    @rule(days=st.sampled_from((1,) * 12 + (21, 61)))
    def end_of_day(self, days: int) -> None:
        """Unsold units go back, what is too old is cancelled, and the next day begins."""
        for first in (True, False):
            with self.market.database.transaction() as tx:
                mark_down(tx, now=self.market.now, actor="test")
                expire(tx, self.market.today, now=self.market.now, actor="test")
            self.model.end_of_day()
            if first:
                following = add_business_days(self.market.today, days, "TARGET")
                self.market.now += following - self.market.today
                self.market.today = self.model.today = following

    # How it is done.

    def when(self) -> dict[str, Any]:
        return {"now": self.market.now, "business_date": self.market.today, "actor": "test"}

    def pick(self, which: int) -> Side:
        sides = list(self.model.sides.values())
        alive = [s for s in sides if not s.cancelled and (s.trade is None or s.trade.open)]
        some = alive if alive and which % 10 else sides
        return some[which % len(some)]

    def acting(self, side: Side, by: str | None) -> str | None:
        return {"party": side.i.party_lei, "other": side.i.counterparty_lei, None: None}[by]

    @staticmethod
    def account_of(lei: str, isin: str) -> str:
        return MAKER if lei == ISSUER else own(lei)

    def pair(self, shape: dict[str, Any]) -> tuple[Instruction, Instruction] | None:
        """Both sides of a trade of some shape; None where somebody would trade with himself."""
        seller, buyer, isin = shape["seller"], shape["buyer"], shape["isin"]
        if seller == buyer:
            return None
        quantity = shape["units"] * (1000 if isin == NOTES else 1)
        both: dict[str, Any] = {"priority": shape["priority"]}
        both["intended_date"] = add_business_days(self.market.today, shape.get("days", 0), "TARGET")
        sell = {k.removeprefix("sell_"): v for k, v in shape.items() if k.startswith("sell_")}
        buy = {k.removeprefix("buy_"): v for k, v in shape.items() if k.startswith("buy_")}
        sell["partial"] = shape.get("partial", Partial.ALLOWED)
        if "link" in shape:
            kind, n = shape["link"]
            sell["links"] = (Link(kind, f"R{max(1, self.market.used + 3 - n % 12)}"),)
        if "pool" in shape:
            buy["pool"] = shape["pool"]
        if seller == ISSUER:
            sell |= {"account": MAKER} | ({"cash_account": MAKER} if shape["amount"] else {})
        if shape.get("named"):
            buy["counterparty_account"] = MAKER if seller == ISSUER else own(seller)
        d = self.market.side("DELI", seller, buyer, isin, quantity, shape["amount"], **both, **sell)
        r = self.market.side("RECE", buyer, seller, isin, quantity, shape["amount"], **both, **buy)
        if r.amount is not None:
            r = replace(r, amount=r.amount + Decimal(shape.get("more", 0)))
            if shape.get("cash_with_securities"):
                d = replace(d, cash_direction=r.cash_direction)
                r = replace(r, cash_direction=type(d.cash_direction)("CRDT"))
        if d.links and d.links[0].reference == d.reference:
            d = replace(d, links=())
        return d, r

    def submit(self, instructions: list[Instruction], *, at_once: bool = True) -> None:
        """Hand in, compare what is refused and what is matched, and let the model settle the same."""
        if not instructions:
            return
        expected = []
        for i in instructions:
            codes = self.model.refusals(i)
            expected.append(" ".join(sorted(codes)) or "ok")
            if not codes:
                self.model.accept(i)
        assert self.market.submit(*instructions, at_once=at_once) == expected
        self.turn += 1
        new = self.market.rows("SELECT id, deliver_id, receive_id FROM settlement.transaction")
        known = {t.rank[2] for t in self.model.trades}
        made = {(d, r): id_ for id_, d, r in new if id_ not in known}
        pairs = self.model.best_pairs()
        assert {(d.i.id, r.i.id) for d, r in pairs} == set(made), "others match than should"
        trades = [self.model.join(d, r, self.turn, made[d.i.id, r.i.id]) for d, r in pairs]
        if at_once:
            self.model.settle(trades)

    def settle_twice(self, real: Callable[[Any], Any], modelled: Callable[[], str]) -> None:
        """Do it in both; the same must be refused."""
        try:
            with self.market.database.transaction() as tx:
                told = real(tx) or "ok"
        except Refused as refused:
            told = refused.refusals[0].code
        assert told == modelled()

    # What must hold after each step.

    @invariant()
    def everything_stands_as_in_the_model(self) -> None:
        self.market.now += timedelta(seconds=1)
        with self.market.database.transaction() as tx:
            found = find_instructions(tx, business_date=self.market.today, now=self.market.now, limit=100_000)
        stand = {s["id"]: s for s in found}
        assert stand.keys() == self.model.sides.keys()
        for id_, side in self.model.sides.items():
            self.compare(stand[id_], self.model.report(side))
        rows = self.market.rows("SELECT asset, account, quantity FROM ledger.v_position WHERE quantity <> 0")
        held = {(a, n): Fraction(q) for a, n, q in rows if n not in (CONTROL, "RTGS")}
        assert held == {k: q for k, q in self.model.held.items() if q and k[1] != "RTGS"}
        issued = dict(self.market.rows("SELECT isin, issued FROM register.v_issue"))
        assert issued == {isin: issue.issued for isin, issue in self.model.issues.items()}

    def compare(self, found: dict[str, Any], wanted: Standing) -> None:
        code = found["waits_for"] and found["waits_for"]["code"]
        holds = None if wanted.holds is None else [hold.name for hold in wanted.holds]
        assert (found["state"], Fraction(found["settled_quantity"])) == (wanted.state, wanted.settled), found
        assert code in wanted.codes, (code, wanted.codes, found)
        if wanted.state != "cancelled":
            assert Fraction(found["remaining_quantity"]) == wanted.remaining
        assert holds is None or found["holds"] == holds

    def teardown(self) -> None:
        with self.market.database.snapshot() as tx:
            found = [*ledger_checks(tx), *register_checks(tx), *checks(tx)]
        assert [(c.name, c.violations) for c in found if not c.holds] == []

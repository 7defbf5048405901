"""A small house: an issuer's securities entered in the register with their terms, holders, money, and a clock."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Conflict, Database
from counterfoil.core.ids import new_id
from counterfoil.faces import verify
from counterfoil.instruments import (
    NewInstrument,
    TermsVersion,
    amend_instruments,
    canonical,
    current_terms,
    from_canonical,
    insert_instruments,
    isin_from_wkn,
    terms_hash,
    validate_terms,
    with_proposals,
)
from counterfoil.ledger import (
    AccountKind,
    Booked,
    Booking,
    Funding,
    Move,
    Posting,
    StateChange,
    Step,
    SubBalance,
    accounts_by_number,
    book,
    change_states,
    fund,
    move,
    open_accounts,
    positions,
)
from counterfoil.parties import import_gleif
from counterfoil.register import EntryKind, Instruction, issuer_account, issues, record
from counterfoil.sample import fictional_issuers, gleif_document
from counterfoil.servicing import (
    add_source,
    confirm,
    determine,
    enter_observations,
    events_between,
    lay_out_new,
    pay,
    read_observation,
    record_holders,
)
from counterfoil.settlement import CashDirection, Hold, Movement, Payment, Trade, instruct_matched
from counterfoil.settlement import Instruction as TradeSide
from tests.instruments.examples import BUSINESS_DATE, example

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ISSUER, ANNA, BERT, CORA = (lei for lei, _ in fictional_issuers()[:4])


def own(lei: str) -> str:
    """Number of a party's own account."""
    return f"{lei}-OWN"


@dataclass
class House:
    """Rooms below servicing, set up by their doors; `clock` moves only when told."""

    database: Database
    clock: SimulatedClock
    used: int = 0

    @property
    def payer(self) -> str:
        """Number of the account that pays."""
        return issuer_account(ISSUER)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def terms(self, class_: str, **changes: Any) -> dict[str, Any]:
        """Example terms of a class, issued by the house's issuer; a field given as None is left out."""
        raw = deepcopy(example(class_)) | {"issuer": ISSUER} | changes
        return {name: value for name, value in raw.items() if value is not None}

    def issue(self, class_: str, **changes: Any) -> str:
        """Deposit terms and enter the issue; its ISIN."""
        (isin,) = self.issue_many([self.terms(class_, **changes)])
        return isin

    def issue_many(self, several: list[dict[str, Any]]) -> list[str]:
        """The same for many at once."""
        new, entries = [], []
        for raw in several:
            self.used += 1
            terms = validate_terms(raw, business_date=BUSINESS_DATE)
            assert not isinstance(terms, tuple), terms
            isin = isin_from_wkn(f"TS{self.used:04d}")
            terms = with_proposals(terms, isin=isin, issuer_name="House")
            text = canonical(terms)
            new.append(
                NewInstrument(
                    isin, terms.class_, terms.issuer, terms.name, terms.currency, terms.wkn, terms.cfi, terms.fisn,
                    terms_hash(text), text,
                )
            )  # fmt: skip
            content = {
                "terms_hash": terms_hash(text).hex(), "name": terms.name, "unit": terms.volume.unit.value,
                "denomination": f"{terms.denomination:f}",
            }  # fmt: skip
            entries.append(
                Instruction(
                    new_id(), EntryKind.NEW, isin, self.now, issuer_lei=terms.issuer, mode=terms.volume.mode.value,
                    authorised=terms.volume.authorised, content=content,
                )
            )  # fmt: skip
        with self.database.transaction() as tx:
            insert_instruments(tx, new, self.now)
            self._entered(record(tx, entries, changed_at=self.now, actor="test"))
        return [n.isin for n in new]

    def amend(self, isin: str, **changes: Any) -> None:
        """Enter a further version of the terms."""
        with self.database.transaction() as tx:
            current = current_terms(tx, [isin])[isin]
            before = from_canonical(current.canonical)
            raw = before.model_dump(by_alias=True, exclude_none=True) | changes
            terms = validate_terms(raw, business_date=BUSINESS_DATE)
            assert not isinstance(terms, tuple), terms
            text = canonical(terms)
            version = TermsVersion(isin, current.version + 1, terms_hash(text), text)
            amend_instruments(
                tx, [(version, "economic", terms.name, terms.cfi or "", terms.fisn or "")], self.now
            )
            entry = Instruction(
                new_id(), EntryKind.AMEND, isin, self.now, issuer_consent=True, terms_version=version.version
            )
            self._entered(record(tx, [entry], changed_at=self.now, actor="test"))

    def enter(self, kind: EntryKind, isin: str, quantity: Any = 0) -> None:
        """Enter an instruction that the issuer consents to."""
        entry = Instruction(new_id(), kind, isin, self.now, quantity=Decimal(quantity), issuer_consent=True)
        with self.database.transaction() as tx:
            self._entered(record(tx, [entry], changed_at=self.now, actor="test"))

    @staticmethod
    def _entered(outcomes: list[Any]) -> None:
        assert all(hasattr(o, "entry_no") for o in outcomes), outcomes

    def give(self, lei: str, isin: str, units: Any) -> None:
        """Units from the issuer to a holder's own account."""
        with self.database.transaction() as tx:
            known = open_accounts(tx, [(own(lei), AccountKind.OWN, lei)], self.now)[own(lei)]
            source = accounts_by_number(tx, [issuer_account(ISSUER)])[issuer_account(ISSUER)]
            legs = (Posting(source, isin, -Decimal(units)), Posting(known, isin, Decimal(units)))
            (outcome,) = book(
                tx, [Booking(new_id(), "gift", new_id(), legs)], booked_at=self.now, actor="test"
            )
            assert isinstance(outcome, Booked), outcome

    def take_in(self, asset: str, units: Any) -> None:
        """Shares come to the paying account from another depository, as money does from the central bank."""
        with self.database.transaction() as tx:
            open_accounts(tx, [("LINK", AccountKind.CENTRAL_BANK, "CENTRAL")], self.now)
            known = accounts_by_number(tx, ["LINK", self.payer])
            legs = (
                Posting(known["LINK"], asset, -Decimal(units)),
                Posting(known[self.payer], asset, Decimal(units)),
            )
            (outcome,) = book(
                tx, [Booking(new_id(), "link", new_id(), legs)], booked_at=self.now, actor="test"
            )
            assert isinstance(outcome, Booked), outcome

    def pass_on(self, giver: str, taker: str, isin: str, units: Any) -> None:
        """Units from one holder to another."""
        with self.database.transaction() as tx:
            open_accounts(tx, [(own(taker), AccountKind.OWN, taker)], self.now)
            known = accounts_by_number(tx, [own(giver), own(taker)])
            legs = (
                Posting(known[own(giver)], isin, -Decimal(units)),
                Posting(known[own(taker)], isin, Decimal(units)),
            )
            (outcome,) = book(
                tx, [Booking(new_id(), "sale", new_id(), legs)], booked_at=self.now, actor="test"
            )
            assert isinstance(outcome, Booked), outcome

    def pledge(self, lei: str, isin: str, units: Any) -> None:
        """Move units to the pledged sub-balance."""
        self.used += 1
        wanted = Move(
            own(lei), isin, Decimal(units), SubBalance.AVAILABLE, SubBalance.PLEDGED, f"P{self.used}", "loan",
            new_id(),
        )  # fmt: skip
        with self.database.transaction() as tx:
            (outcome,) = move(tx, [wanted], by_party=True, booked_at=self.now, actor="test")
            assert isinstance(outcome, Booked), outcome

    def block(self, number: str, step: Step = Step.BLOCK, *, debit: bool = True, credit: bool = True) -> None:
        """Have the depository block an account, or take another step."""
        change = StateChange(number, step, "a court order", debit=debit, credit=credit)
        with self.database.transaction() as tx:
            change_states(tx, [change], by_party=False, at=self.now, actor="test")

    def unblock(self, number: str, *, debit: bool = True) -> None:
        """End a block."""
        self.block(number, Step.UNBLOCK, debit=debit)

    def sell(
        self, isin: str, units: int, price: int | None = None, *, by: str = ANNA, to: str = BERT, traded: date,
        held: bool = False, **more: Any,
    ) -> UUID:  # fmt: skip
        """A matched trade, which settles if it can; its transaction."""
        self.used += 1
        shared = {
            "isin": isin, "quantity": Decimal(units), "trade_date": traded, "intended_date": traded,
            "payment": Payment.FREE if price is None else Payment.AGAINST, **more,
        }  # fmt: skip
        cash = {} if price is None else {"currency": "EUR", "amount": Decimal(price)}
        holds = {Movement.DELIVER: Hold.PARTY if held else Hold.NONE}

        def side(movement: Movement, party: str, other: str, direction: CashDirection) -> TradeSide:
            paid = cash | {"cash_direction": direction, "cash_account": own(party)} if cash else {}
            return TradeSide(
                id=new_id(), party_lei=party, counterparty_lei=other, reference=f"T{self.used}{movement.value[0]}",
                movement=movement, account=own(party), holds=holds.get(movement, Hold.NONE), **shared, **paid,
            )  # fmt: skip

        trade = Trade(
            side(Movement.DELIVER, by, to, CashDirection.CREDIT),
            side(Movement.RECEIVE, to, by, CashDirection.DEBIT),
        )
        with self.database.transaction() as tx:
            (made,) = instruct_matched(tx, [trade], now=self.now, business_date=self.now.date(), actor="test")
        assert isinstance(made, UUID), made
        return made

    def fund(self, amount: Any, number: str = issuer_account(ISSUER), currency: str = "EUR") -> None:
        """Money for an account; the issuer's if none is named."""
        self.used += 1
        with self.database.transaction() as tx:
            (outcome,) = fund(
                tx, [Funding(number, currency, Decimal(amount), f"F{self.used}", new_id())], booked_at=self.now,
                actor="test",
            )  # fmt: skip
            assert isinstance(outcome, Booked), outcome

    def held(self, number: str, asset: str = "EUR") -> Decimal:
        """What an account holds, all sub-balances together."""
        with self.database.transaction() as tx:
            return sum((p["quantity"] for p in positions(tx, asset=asset, account=number)), Decimal(0))

    def state(self, isin: str) -> str:
        """How the issue stands in the register."""
        with self.database.transaction() as tx:
            return issues(tx, [isin])[isin].state

    def lay_out(self) -> int:
        """Read the register on; how many entries."""
        with self.database.transaction() as tx:
            return lay_out_new(tx, now=self.now)

    def events(self, isin: str | None = None, **how: Any) -> list[dict[str, Any]]:
        """The events of an instrument over all time."""
        with self.database.transaction() as tx:
            return events_between(tx, date(2020, 1, 1), date(2099, 1, 1), isin=isin, limit=1000, **how)

    def event(self, isin: str, kind: str, number: int = 0) -> dict[str, Any]:
        """One event of an instrument."""
        return [e for e in self.events(isin) if e["kind"] == kind][number]

    def observe(
        self, kind: str, subject: str, day: str, *, confirmed: bool = True, by: str = "Ada", **what: Any
    ) -> Any:
        """Enter an observation of the source XETR (or another), confirmed by a second person; its id."""
        raw = {"kind": kind, "subject": subject, "day": day, "source": what.pop("source", "XETR"), **what}
        with self.database.transaction() as tx:
            new = read_observation(raw, now=self.now)
            assert not isinstance(new, list), new
            (outcome,) = enter_observations(tx, [new], now=self.now, actor=by)
            assert hasattr(outcome, "id"), outcome
            if confirmed:
                assert confirm(tx, [outcome.id], now=self.now, actor="Bob") == [None]
        return outcome.id

    def price(self, day: str, value: Any, subject: str = "DE0007164600", **what: Any) -> Any:
        """A confirmed fixing; of SAP unless another underlying is named."""
        return self.observe("price", subject, day, value=str(value), **what)

    def decide(self, *ids: Any) -> list[Any]:
        with self.database.transaction() as tx:
            return determine(tx, ids, now=self.now, actor="test")

    def record(self, *ids: Any, **how: Any) -> list[Any]:
        with self.database.transaction() as tx:
            return record_holders(tx, ids, now=self.now, **how)

    def pay(self, *ids: Any) -> list[Any]:
        with self.database.transaction() as tx:
            return pay(tx, ids, now=self.now, actor="test")

    def service(self, *ids: Any) -> list[Any]:
        """Decide, record and pay events; what came of each payment."""
        self.decide(*ids)
        self.record(*ids)
        return self.pay(*ids)

    def violations(self) -> list[str]:
        """What the checks of `counterfoil verify` find."""
        found = verify(self.database, lambda *_: None)
        return [f"{c.name}: {c.violations}" for c in found if not c.holds]

    def at(self, moment: str) -> None:
        """Move the clock forward to an instant (ISO 8601, UTC)."""
        self.clock.advance(datetime.fromisoformat(moment).replace(tzinfo=UTC) - self.now)

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        with self.database.transaction() as tx:
            return tx.rows(statement, **parameters)


def at_once(*works: Callable[[], object]) -> list[str]:
    """What becomes of works that begin at the same moment."""
    moment = Barrier(len(works))

    def tried(work: Callable[[], object]) -> str:
        moment.wait()
        try:
            return type(work()).__name__
        except Conflict:
            return "Conflict"

    with ThreadPoolExecutor(len(works)) as hands:
        return sorted(hands.map(tried, works))


def open_house(database: Database) -> House:
    """An issuer and its accounts on a fresh database."""
    house = House(database, SimulatedClock(START))
    with database.transaction() as tx:
        import_gleif(tx, io.BytesIO(gleif_document()), now=START)
        wanted = [(own(lei), AccountKind.OWN, lei) for lei in (ANNA, BERT, CORA)]
        for source in ("XETR", "REUTERS"):
            add_source(tx, source, timedelta(0), now=START, actor="test")
        open_accounts(tx, [*wanted, (issuer_account(ISSUER), AccountKind.ISSUER, ISSUER)], START)
    return house

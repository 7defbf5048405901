"""What persons do in the life of an instrument, through the doors of the house."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from counterfoil import servicing, settlement
from counterfoil.messages import Outcome
from counterfoil.settlement import Change, Hold, change
from tests.messages.test_elections import election, send
from tests.servicing.house import ANNA, BERT, own
from tests.simulation.market import DAX, SPLIT_ON

if TYPE_CHECKING:
    from tests.simulation.life import Life


class Deed(Protocol):
    """Done in the morning of its day, or of the next business day."""

    @property
    def on(self) -> date: ...

    def do(self, life: "Life", isin: str) -> None: ...


@dataclass(frozen=True)
class Call:
    """The issuer calls all or a share."""

    on: date
    day: date
    share: Decimal = Decimal(1)

    def do(self, life: "Life", isin: str) -> None:
        house = life.house
        with house.database.transaction() as tx:
            wanted = servicing.Call(isin, self.day, self.share)
            servicing.call_early(tx, wanted, business_date=house.now.date(), now=house.now, actor="issuer")


@dataclass(frozen=True)
class Termination:
    """The issuer ends what has no end, with notice; a price of the index is stated where it is on that."""

    on: date
    day: date
    index: Decimal | None = None

    def do(self, life: "Life", isin: str) -> None:
        Call(self.on, self.day).do(life, isin)
        if self.index is not None:
            life.later(self.day, lambda: life.house.price(self.day.isoformat(), self.index, DAX))


@dataclass(frozen=True)
class Part:
    """The holders have lost a part of their lots, whole ones only, and are owed money for them."""

    on: date
    share: Decimal
    amount: Decimal

    def do(self, life: "Life", isin: str) -> None:
        for holder, lots in list(life.held[isin].items()):
            taken = int(lots * self.share)
            life.owed[holder] += taken * self.amount
            life.held[isin][holder] -= taken
        life.remember(isin, self.on)


@dataclass(frozen=True)
class Declare:
    """The paying agent says what is due."""

    on: date
    amount: Decimal

    def do(self, life: "Life", isin: str) -> None:
        house, event = life.house, life.house.event(isin, "redemption")["id"]
        with house.database.transaction() as tx:
            servicing.declare(tx, event, self.amount, now=house.now, actor="agent")


@dataclass(frozen=True)
class CreditEvent:
    """A debtor has failed."""

    on: date
    name: str

    def do(self, life: "Life", isin: str) -> None:
        life.house.observe("credit_event", self.name, self.on.isoformat())


@dataclass(frozen=True)
class RateFixing:
    """A reference rate of the day."""

    on: date
    rate: Decimal

    def do(self, life: "Life", isin: str) -> None:
        life.house.observe("rate", "EURIBOR 3M", self.on.isoformat(), value=str(self.rate))


@dataclass(frozen=True)
class Unwinding:
    """The price at which a hedge was unwound."""

    on: date
    day: date
    price: Decimal

    def do(self, life: "Life", isin: str) -> None:
        price = self.price / 2 if self.day >= SPLIT_ON else self.price
        life.house.observe("unwinding", isin, self.day.isoformat(), value=str(price))


@dataclass(frozen=True)
class Exercise:
    """A holder exercises by the API."""

    on: date
    holder: str
    lots: int

    def do(self, life: "Life", isin: str) -> None:
        house = life.house
        with house.database.transaction() as tx:
            wanted = servicing.Exercise(isin, own(self.holder), Decimal(self.lots), self.on)
            servicing.exercise(tx, wanted, business_date=self.on, now=house.now, actor=self.holder)
        life.leave(isin, self.holder, self.lots, self.on)


@dataclass(frozen=True)
class Elect:
    """A holder exercises by a message."""

    on: date
    holder: str
    lots: int

    def do(self, life: "Life", isin: str) -> None:
        quantity = f"<Qty><Unit>{self.lots}</Unit></Qty>"
        document = election(isin, own(self.holder), quantity=quantity, day=self.on.isoformat())
        assert send(life.house, self.holder, document, isin).outcome is Outcome.ACCEPTED
        life.leave(isin, self.holder, self.lots, self.on)


@dataclass(frozen=True)
class SellAndWait:
    """Anna sells a lot to Bert and delivers it on another day, or never: what it pays is Bert's from the trade on."""

    on: date
    delivered: date | None

    def do(self, life: "Life", isin: str) -> None:
        house = life.house
        made = house.sell(isin, 1000, by=ANNA, to=BERT, traded=house.now.date(), held=True)
        life.held[isin][ANNA] -= 1
        life.held[isin][BERT] += 1
        life.remember(isin, self.on)

        def deliver() -> None:
            with house.database.transaction() as tx:
                given, _ = settlement.sides(tx, [made])
                wanted = Change(release=Hold.PARTY)
                change(tx, given, wanted, now=house.now, business_date=house.now.date(), actor="Anna")

        if self.delivered is not None:
            life.later(self.delivered, deliver)

"""Days of fails against a model so small that it is plainly right: who is charged what on which day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.calendar import add_business_days
from counterfoil.settlement import Change, Hold, Instruction, change, checks, do_event, open_day
from counterfoil.settlement.penalties import penalties_charged
from counterfoil.settlement.penalty_data import ReferencePrice, set_prices
from tests.conftest import fresh_database
from tests.settlement.market import ANNA, BERT, FIXED, Market, opened

DAYS = [add_business_days(date(2026, 11, 20), n, "TARGET") for n in range(1, 5)]
"""Monday to Thursday. Trades are for any but the last."""
RATE = Decimal("0.00005")
PRICES = [Decimal(900000), Decimal("910000.5"), Decimal("0.01"), Decimal(77)]


@dataclass(frozen=True)
class Trade:
    """For the day numbered `due`; each side arrives at noon, its hold is lifted at noon (-1: there is none)."""

    due: int
    deliverer_comes: int
    receiver_comes: int
    deliverer_holds_until: int
    receiver_holds_until: int
    quantity: int

    @property
    def matched(self) -> int:
        return max(self.deliverer_comes, self.receiver_comes)

    @property
    def settles(self) -> int:
        return max(self.matched, self.due, self.deliverer_holds_until, self.receiver_holds_until)

    @property
    def later_side(self) -> str:
        """The deliverer instructs first within a day."""
        return ANNA if self.deliverer_comes > self.receiver_comes else BERT


def model(trade: Trade) -> list[tuple[str, date, str, Decimal]]:
    """Late matching costs the later side each day from the due one to the day before the match; after the match each
    day that ends without settlement costs whoever holds then.
    """
    late = range(trade.due, trade.matched)
    found = [("LMFP", DAYS[n], trade.later_side, amount(trade.quantity, n)) for n in late]
    for n in range(max(trade.due, trade.matched), len(DAYS)):
        holders = [
            party
            for party, until in ((ANNA, trade.deliverer_holds_until), (BERT, trade.receiver_holds_until))
            if until > n
        ]
        found += [("SEFP", DAYS[n], party, amount(trade.quantity, n)) for party in holders]
    return found


def amount(quantity: int, day: int) -> Decimal:
    return (quantity * PRICES[day] * RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)


TRADES = st.builds(
    Trade, due=st.integers(0, 2), deliverer_comes=st.integers(0, 3), receiver_comes=st.integers(0, 3),
    deliverer_holds_until=st.integers(-1, 4), receiver_holds_until=st.integers(-1, 4), quantity=st.integers(1, 9),
)  # fmt: skip


def noon(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T11:00:00+00:00")


@settings(max_examples=4)
@given(st.lists(TRADES, min_size=5, max_size=12))
def test_each_fail_is_charged_as_the_model_says(postgres, trades):
    charged, violations, delivered = lived(postgres, trades)
    assert charged == sorted(entry for trade in trades for entry in model(trade))
    assert delivered == sum(t.quantity for t in trades if t.settles < len(DAYS))
    assert violations == []


def lived(postgres: Any, trades: list[Trade]) -> tuple[list[Any], list[str], Decimal]:
    """What was charged, what `verify` finds, and what the receiver holds after all days."""
    with fresh_database(postgres) as database:
        market = opened(database)
        market.give(ANNA, 500, FIXED)
        with database.transaction() as tx:
            prices = zip(DAYS, PRICES, strict=True)
            set_prices(tx, [ReferencePrice(FIXED, day, price, "EUR") for day, price in prices])
        pairs = [sides(market, trade, f"T{n}") for n, trade in enumerate(trades)]
        for n, day in enumerate(DAYS):
            live(market, day, n, list(zip(trades, pairs, strict=True)))
        with database.transaction() as tx:
            rows = penalties_charged(tx, DAYS[0], DAYS[-1])
            violations = [c.name for c in checks(tx) if not c.holds]
        charged = sorted((p["kind"], p["business_date"], p["debtor"], p["amount"]) for p in rows)
        return charged, violations, market.held(BERT, FIXED)


def sides(market: Market, trade: Trade, name: str) -> tuple[Instruction, Instruction]:
    same = {"intended_date": DAYS[trade.due], "trade_date": DAYS[0], "common_reference": name}
    how: dict[str, Any] = {"both": same}
    if trade.deliverer_holds_until >= 0:
        how["sell_holds"] = Hold.PARTY
    if trade.receiver_holds_until >= 0:
        how["buy_holds"] = Hold.PARTY
    return market.trade(ANNA, BERT, FIXED, trade.quantity, None, **how)


def live(
    market: Market, day: date, n: int, trades: list[tuple[Trade, tuple[Instruction, Instruction]]]
) -> None:
    """A day from its eve to its end, with all that arrives or is released at noon."""
    market.today, market.now = day, noon(day)
    with market.database.transaction() as tx:
        events = open_day(tx, day, now=noon(day) - timedelta(hours=12)).events
    for event in (e for e in events if e.at <= market.now):
        do(market, event)
    for trade, (deliver, _) in trades:
        if trade.deliverer_comes == n:
            market.submit(deliver)
    for trade, (_, receive) in trades:
        market.now += timedelta(seconds=1)
        if trade.receiver_comes == n:
            market.submit(receive)
    for trade, pair in trades:
        holds = (trade.deliverer_holds_until, trade.receiver_holds_until)
        comes = (trade.deliverer_comes, trade.receiver_comes)
        for side, until, came in zip(pair, holds, comes, strict=True):
            if until >= 0 and max(until, came) == n:
                with market.database.transaction() as tx:
                    released = Change(release=Hold.PARTY)
                    change(tx, side.id, released, now=market.now, business_date=day, actor="test")
    for event in (e for e in events if e.at > noon(day)):
        do(market, event)


def do(market: Market, event: Any) -> None:
    with market.database.transaction() as tx:
        do_event(tx, event, now=max(event.at, market.now), actor="day")

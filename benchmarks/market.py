"""A market to measure settlement on: parties, accounts, issues, and trades through one central counterparty.

How often an issue is traded and an account trades follows Zipf's law, as volumes on exchanges do. Every sale of a
participant is to the central counterparty, which sells on to another participant: in all it keeps nothing and pays
nothing, so its trades can only settle together.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate
from pathlib import Path

from counterfoil.core.db import Database
from counterfoil.core.ids import new_id, new_ids
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.ledger import AccountKind, accounts_by_number, book_staged, open_accounts, stage
from counterfoil.parties import lei_check_digits
from counterfoil.register import EntryKind, Instruction, issuer_account, record
from counterfoil.settlement import Accepted, CashDirection, Movement, Payment, instruct
from counterfoil.settlement import Instruction as Side

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_CONTENT = {"terms_hash": "ab" * 32, "name": "Certificate", "unit": "units", "denomination": "1"}
_BATCH = 50_000


def lei(number: int) -> str:
    """LEI of the party with this number; 0 is the central counterparty, 1 the issuer."""
    body = f"0000CFBENCH0{number:06d}"
    return body + lei_check_digits(body)


CCP, ISSUER = lei(0), lei(1)


@dataclass(frozen=True, slots=True)
class Trade:
    """Units from a seller to a buyer (numbers of parties) at a price in cents."""

    seller: int
    buyer: int
    isin: str
    units: int
    cents: int


@dataclass(slots=True)
class Market:
    """A migrated database with parties and issues; trades are made with a seed."""

    database: Database
    parties: int
    isins: list[str]

    def trades(self, count: int, seed: int = 1) -> list[Trade]:
        """Pairs of trades: a participant sells to the central counterparty, which sells the same to another."""
        chance = random.Random(seed)
        issue_weights = list(accumulate(1 / rank for rank in range(1, len(self.isins) + 1)))
        party_weights = list(accumulate(1 / rank for rank in range(1, self.parties - 1)))
        population = range(2, self.parties)
        half = count // 2
        isins = chance.choices(self.isins, cum_weights=issue_weights, k=half)
        sellers = chance.choices(population, cum_weights=party_weights, k=half)
        buyers = chance.choices(population, cum_weights=party_weights, k=half)
        made = []
        for isin, seller, buyer in zip(isins, sellers, buyers, strict=True):
            units, cents = chance.randint(1, 1000), chance.randint(100, 5_000_000)
            made += [Trade(seller, 0, isin, units, cents), Trade(0, buyer, isin, units, cents)]
        return made

    def endow(self, trades: list[Trade], money: Decimal) -> None:
        """Give every participant what it sells, and money."""
        stock: dict[tuple[str, int], int] = {}
        for trade in trades:
            if trade.seller:
                key = trade.isin, trade.seller
                stock[key] = stock.get(key, 0) + trade.units
        with self.database.transaction() as tx:
            known = accounts_by_number(tx, [_own(lei(n)) for n in range(self.parties)])
            central = accounts_by_number(tx, ["RTGS"])["RTGS"].id
            source = accounts_by_number(tx, [issuer_account(ISSUER)])[issuer_account(ISSUER)].id
            ids = {n: known[_own(lei(n))].id for n in range(self.parties)}
            gifts = [(isin, Decimal(units), source, ids[n]) for (isin, n), units in stock.items()]
            gifts += [("EUR", money, central, ids[n]) for n in range(2, self.parties)]
            stage(
                tx,
                "SELECT b, a, q, f, t, NULL::text, NULL::numeric, NULL::uuid, NULL::uuid"
                " FROM unnest(%(bookings)s::uuid[], %(assets)s::text[],"
                " %(quantities)s::numeric[], %(sources)s::uuid[], %(targets)s::uuid[])"
                " AS g (b, a, q, f, t)",
                bookings=new_ids(len(gifts)), assets=[g[0] for g in gifts], quantities=[g[1] for g in gifts],
                sources=[g[2] for g in gifts], targets=[g[3] for g in gifts],
            )  # fmt: skip
            book_staged(tx, batch=new_id(), kind="endowment", booked_at=NOW, actor="benchmark")

    def submit(self, sides: list[Side], *, at_once: bool = False) -> None:
        """Hand instructions in, in batches."""
        for start in range(0, len(sides), _BATCH):
            with self.database.transaction() as tx:
                part = sides[start : start + _BATCH]
                outcomes = instruct(
                    tx, part, now=NOW, business_date=TODAY, actor="benchmark", at_once=at_once
                )
            refused = [o for o in outcomes if not isinstance(o, Accepted)]
            if refused:
                raise RuntimeError(f"refused: {refused[0]}")


def sides(trade: Trade, number: int) -> tuple[Side, Side]:
    """Both instructions of a trade."""
    return _side(trade, number, Movement.DELIVER), _side(trade, number, Movement.RECEIVE)


def _side(trade: Trade, number: int, movement: Movement) -> Side:
    delivers = movement is Movement.DELIVER
    seller, buyer = lei(trade.seller), lei(trade.buyer)
    party, other = (seller, buyer) if delivers else (buyer, seller)
    return Side(
        id=new_id(), party_lei=party, reference=f"{movement}{number}", movement=movement, payment=Payment.AGAINST,
        isin=trade.isin, quantity=Decimal(trade.units), account=_own(party), counterparty_lei=other, trade_date=TODAY,
        intended_date=TODAY, currency="EUR", amount=Decimal(trade.cents).scaleb(-2),
        cash_direction=CashDirection.CREDIT if delivers else CashDirection.DEBIT, cash_account=_own(party),
    )  # fmt: skip


def _own(party: str) -> str:
    return f"{party}-OWN"


@contextmanager
def market(parties: int, issues: int) -> Iterator[Market]:
    """A market on a database of its own, with durability on."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        postgres = EmbeddedPostgres(Path(name))
        database = Database(postgres.start())
        try:
            migrate(database)
            found = Market(database, parties, [f"DE{n:010d}" for n in range(issues)])
            _open(found)
            yield found
        finally:
            database.close()
            postgres.stop()


def _open(found: Market) -> None:
    with found.database.transaction() as tx:
        leis = [lei(n) for n in range(found.parties)]
        # What the parties' room imports from GLEIF, in one statement.
        tx.execute(
            "INSERT INTO parties.entity (lei, legal_name, entity_status, registration_status, updated_at)"
            " SELECT lei, lei, 'ACTIVE', 'ISSUED', now() FROM unnest(%(leis)s::text[]) AS t (lei)",
            leis=leis,
        )
        open_accounts(tx, [(_own(party), AccountKind.OWN, party) for party in leis], NOW)
        open_accounts(tx, [("RTGS", AccountKind.CENTRAL_BANK, "CENTRAL")], NOW)
        entries = [
            Instruction(
                new_id(),
                EntryKind.NEW,
                isin,
                NOW,
                issuer_lei=ISSUER,
                mode="fixed",
                authorised=Decimal(10**12),
                content=_CONTENT,
            )
            for isin in found.isins
        ]
        record(tx, entries, changed_at=NOW, actor="benchmark")

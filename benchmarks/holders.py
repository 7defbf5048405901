"""A depository to measure servicing on: securities with their terms, accounts that hold them, money to pay with."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.market import lei
from counterfoil.core.clock import SimulatedClock
from counterfoil.core.db import Database
from counterfoil.core.ids import new_id, new_ids
from counterfoil.core.migrations import migrate
from counterfoil.core.postgres import EmbeddedPostgres
from counterfoil.instruments import (
    NewInstrument,
    canonical,
    insert_instruments,
    isin_from_wkn,
    terms_hash,
    validate_terms,
    with_proposals,
)
from counterfoil.ledger import AccountKind, Booked, Funding, book_legs, fund, open_accounts, stage_legs
from counterfoil.orchestration import deploy
from counterfoil.processes import MODELS
from counterfoil.register import EntryKind, Instruction, Recorded, issuer_account, record
from counterfoil.servicing import add_source, confirm, enter_observations, lay_out_new, read_observation

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ISSUER = lei(1)
_SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_OWNERS = 5_000
_OPEN = """
    INSERT INTO ledger.account (id, number, kind, owner_lei, opened_at, opened_by)
    SELECT s.id, 'H' || n, 'client_segregated', (%(leis)s::text[])[1 + n %% %(owners)s::integer],
        %(at)s::timestamptz, 'benchmark'
    FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS s (id, n)
"""
_SHARES = """
    WITH place AS (
        SELECT b.booking, i.isin, b.chunk, i.n, b.chunk * %(size)s::integer AS first,
            least((b.chunk + 1) * %(size)s::integer, %(holders)s::integer) - 1 AS last
        FROM unnest(%(isins)s::text[]) WITH ORDINALITY AS i (isin, n)
        JOIN unnest(%(bookings)s::uuid[], %(numbers)s::integer[], %(chunks)s::integer[]) AS b (booking, number, chunk)
            ON b.number = i.n - 1
    ), holders AS (SELECT count(*) AS count FROM ledger.account WHERE kind = 'client_segregated')
    SELECT p.booking, p.booking, a.id, p.isin, 'available', %(units)s::numeric
    FROM place AS p CROSS JOIN holders AS h CROSS JOIN LATERAL generate_series(p.first, p.last) AS s (k)
    JOIN ledger.account AS a ON a.number = 'H' || 1 + (((p.n - 1) * %(spread)s::bigint + s.k) %% h.count)
    UNION ALL
    SELECT p.booking, p.booking, a.id, p.isin, 'available', -%(units)s::numeric * (p.last - p.first + 1)
    FROM place AS p JOIN ledger.account AS a ON a.number = %(home)s::text
"""


@dataclass(slots=True)
class Depository:
    """A migrated database with durability on, and a clock that moves when it is told."""

    database: Database
    clock: SimulatedClock

    def issue(self, several: Sequence[dict[str, Any]], *, first: int = 0) -> list[str]:
        """Deposit terms, enter the issues, lay their events out; their ISINs, which are numbered from `first` on."""
        new, entries = [], []
        for number, raw in enumerate(several, first):
            terms = validate_terms({**raw, "issuer": ISSUER}, business_date=date(2026, 11, 20))
            if isinstance(terms, tuple):
                raise TypeError(f"invalid terms: {terms}")
            isin = isin_from_wkn("ZZ" + _wkn_tail(number))
            terms = with_proposals(terms, isin=isin, issuer_name="Benchmark")
            text = canonical(terms)
            new.append(
                NewInstrument(
                    isin, terms.class_, ISSUER, terms.name, terms.currency, terms.wkn, terms.cfi, terms.fisn,
                    terms_hash(text), text,
                )
            )  # fmt: skip
            content = {
                "terms_hash": terms_hash(text).hex(), "name": terms.name, "unit": terms.volume.unit.value,
                "denomination": f"{terms.denomination:f}",
            }  # fmt: skip
            entries.append(
                Instruction(
                    new_id(), EntryKind.NEW, isin, START, issuer_lei=ISSUER, mode="fixed",
                    authorised=terms.volume.authorised, content=content,
                )
            )  # fmt: skip
        with self.database.transaction() as tx:
            insert_instruments(tx, new, START)
            refused = [
                o
                for o in record(tx, entries, changed_at=START, actor="benchmark")
                if not isinstance(o, Recorded)
            ]
            if refused:
                raise RuntimeError(f"refused: {refused[0]}")
            lay_out_new(tx, now=START)
        return [n.isin for n in new]

    def open_holders(self, count: int) -> None:
        """Accounts H1, H2, ... of 5,000 owners, in one statement."""
        with self.database.transaction() as tx:
            tx.execute(
                _OPEN,
                ids=new_ids(count),
                leis=[lei(n) for n in range(2, 2 + _OWNERS)], owners=_OWNERS, at=START,
            )  # fmt: skip

    def distribute(self, isins: Sequence[str], holders: int, units: Decimal, *, spread: int) -> None:
        """Each ISIN to so many accounts, `units` for each; the next ISIN begins `spread` accounts further on."""
        chunk = 10_000
        bookings = [(n, c) for n in range(len(isins)) for c in range(-(-holders // chunk))]
        with self.database.transaction() as tx:
            home = issuer_account(ISSUER)
            stage_legs(
                tx,
                _SHARES,
                isins=list(isins), bookings=new_ids(len(bookings)), numbers=[n for n, _ in bookings],
                chunks=[c for _, c in bookings], units=units, size=chunk, holders=holders, spread=spread, home=home,
            )  # fmt: skip
            book_legs(tx, kind="endowment", booked_at=START, actor="benchmark")

    def give_money(self, amount: Decimal) -> None:
        """Money for the issuer, who pays."""
        with self.database.transaction() as tx:
            (done,) = fund(
                tx,
                [Funding(issuer_account(ISSUER), "EUR", amount, "F", new_id())],
                booked_at=START,
                actor="benchmark",
            )
        if not isinstance(done, Booked):
            raise TypeError(f"not funded: {done}")

    def observe(self, several: Sequence[dict[str, Any]]) -> None:
        """Observations, confirmed by a second person."""
        now = self.clock.now()
        read = [read_observation({"source": "X", **raw}, now=now) for raw in several]
        with self.database.transaction() as tx:
            outcomes = enter_observations(tx, read, now=now, actor="one")  # type: ignore[arg-type]
            confirm(tx, [o.id for o in outcomes], now=now, actor="two")  # type: ignore[union-attr]

    def at(self, moment: datetime) -> None:
        """Move the clock."""
        self.clock.advance(moment - self.clock.now())


def _wkn_tail(number: int) -> str:
    signs = []
    for _ in range(4):
        number, rest = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[rest])
    return "".join(reversed(signs))


@contextmanager
def depository() -> Iterator[Depository]:
    """A depository of its own, with the issuer's account, the models, and a source of observations."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        postgres = EmbeddedPostgres(Path(name))
        database = Database(postgres.start())
        try:
            migrate(database)
            with database.transaction() as tx:
                for model in MODELS:
                    deploy(tx, model.read_bytes(), resource=model.name, now=START)
                open_accounts(tx, [(issuer_account(ISSUER), AccountKind.ISSUER, ISSUER)], START)
                add_source(tx, "X", timedelta(0), now=START, actor="benchmark")
            yield Depository(database, SimulatedClock(START))
        finally:
            database.close()
            postgres.stop()

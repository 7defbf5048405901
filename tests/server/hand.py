"""A process that instructs, holds, cancels and runs cycles until it is told to stop, or killed.

Its log says what it is about to send and what was acknowledged; whoever takes over the log sends again what was not.
"""

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from counterfoil.core.db import Conflict, Database, Unavailable
from counterfoil.core.errors import Refused
from counterfoil.settlement import Change, Hold, Instruction, cancel, change, find_instructions, run_cycle
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOON, TODAY, Market

WHEN: dict[str, Any] = {"now": NOON, "business_date": TODAY, "actor": "hand"}
PARTIES = (ANNA, BERT, CORA)
A_SECOND = 5
"""Trades that two hands begin."""


class Told:
    """The log: a line is there in whole or not at all, whatever is killed."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR)
        self.lines = path.read_text().splitlines()

    def write(self, word: str, what: str) -> None:
        os.write(self._handle, f"{word} {what}\n".encode())


def unanswered(lines: list[str]) -> list[str]:
    """What was sent last and not acknowledged."""
    acknowledged = {line.split(" ", 1)[1] for line in lines if line.startswith("ACKNOWLEDGED")}
    return [
        what
        for line in lines
        if line.startswith("SENT") and (what := line.split(" ", 1)[1]) not in acknowledged
    ]


def side_of(market: Market, name: str) -> Instruction:
    """The same side of the same trade for the same name, so that it can be sent again."""
    trade, _, side = name.rpartition("-")
    chance = random.Random(trade)
    seller, buyer = chance.sample(PARTIES, 2)
    holds = Hold.PARTY if chance.random() < 0.1 else Hold.NONE
    sell, buy = market.trade(
        seller, buyer, FIXED, chance.randint(1, 5), chance.randint(1, 50),
        sell_reference=f"{trade}-S", buy_reference=f"{trade}-B", sell_holds=holds,
    )  # fmt: skip
    return sell if side == "S" else buy


def send(market: Market, told: Told, name: str) -> None:
    """Until it is there; a side that was there already counts as acknowledged."""
    side = side_of(market, name)
    again(lambda: instructed(market, side))
    told.write("ACKNOWLEDGED", name)


def instructed(market: Market, side: Instruction) -> None:
    (said,) = market.submit(side)
    assert said in ("ok", "SET-006"), said


def again(work: Any) -> None:
    """Until it is done; the database may be away for a while."""
    while True:
        try:
            return work()
        except Conflict:
            continue
        except Unavailable:
            time.sleep(0.1)


def meddle(market: Market, chance: random.Random) -> None:
    """Hold, release or cancel something that is open, for its party."""
    with market.database.transaction() as tx:
        found = find_instructions(tx, business_date=TODAY, now=NOON, limit=50)
        open_ = [i for i in found if i["state"] in ("unmatched", "pending", "partial")]
        if not open_:
            return
        i = chance.choice(open_)
        try:
            if chance.random() < 0.3:
                cancel(tx, i["id"], by=i["party"], now=NOON, actor="hand")
            else:
                flag = {"release" if i["holds"] else "hold": Hold.PARTY}
                change(tx, i["id"], Change(**flag, by=i["party"]), **WHEN)
        except Refused:  # somebody was quicker
            return


def cycle(market: Market) -> None:
    with market.database.transaction() as tx:
        run_cycle(tx, **WHEN)


def main(url: str, number: int, log: Path, stop: Path, chance: random.Random) -> None:
    database = Database(url, connections=1)
    market, told = Market(database), Told(log)
    for name in unanswered(told.lines):
        send(market, told, name)
    while not stop.exists():
        if number < 2:
            again(lambda: cycle(market))
        else:
            # Two hands send the two sides of a trade at the same moment.
            moment = int(time.time() * A_SECOND) + 1
            time.sleep(max(0.0, moment / A_SECOND - time.time()))
            name = f"P{number // 2}-{moment}-{'SB'[number % 2]}"
            told.write("SENT", name)
            send(market, told, name)
        if chance.random() < 0.3:
            again(lambda: meddle(market, chance))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), random.Random(sys.argv[5]))

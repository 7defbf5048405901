"""Trades that are handed in with both sides, as matched."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from counterfoil.access import Actor, may_for_all, require
from counterfoil.api.services import Services, repeated
from counterfoil.core.errors import Refusal, Refused
from counterfoil.parties import mandates_of
from counterfoil.settlement import (
    current_business_date,
    find_instructions,
    instruct_matched,
    iso_reason,
    read_trade,
)

_AGENTS = frozenset({"issuing_agent", "paying_agent", "dealer", "custodian"})
"""Mandates that let one party instruct for another."""


def submit_trade(here: Services, actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
    """Take a trade in: its two instructions as they stand then. Raises `Refused` with every reason."""
    trade = read_trade(data)
    if isinstance(trade, list):
        raise Refused(*(replace(r, pointer=f"/trade{r.pointer}") for r in with_iso_reasons(trade)))
    _require_both(here, actor, (trade.deliver.party_lei, trade.receive.party_lei))
    sides = (("deliver", trade.deliver), ("receive", trade.receive))

    def work() -> list[dict[str, Any]]:
        with here.transaction() as tx:
            now = here.clock.now()
            today = current_business_date(tx, now=now)
            (done,) = instruct_matched(tx, [trade], now=now, business_date=today, actor=actor.label)
            if isinstance(done, tuple):
                placed = [
                    replace(r, pointer=f"/trade/{name}{r.pointer}")
                    for (name, _), outcome in zip(sides, done, strict=True)
                    for r in with_iso_reasons(outcome.refusals)
                ]
                raise Refused(*placed)
            found = find_instructions(tx, business_date=today, now=now, ids=[side.id for _, side in sides])
            by_id = {status["id"]: status for status in found}
            return [by_id[side.id] for _, side in sides]

    return {"instructions": repeated(work)}


def _require_both(here: Services, actor: Actor, parties: tuple[str, str]) -> None:
    if may_for_all(actor, "settlement.instruct"):
        return
    with here.transaction() as tx:
        mandates = mandates_of(tx, actor.lei) if actor.lei else []
    principals = {m["principal_lei"] for m in mandates if m["role"] in _AGENTS}
    for party in parties:
        if party not in principals:
            require(actor, "settlement.instruct", lei=party)


def with_iso_reasons(refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """Refusals that say their ISO 20022 reason too."""
    return (replace(r, detail=f"{r.detail} ({iso_reason(r.code)})") for r in refusals)

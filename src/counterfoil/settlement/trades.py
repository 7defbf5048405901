"""Trades that arrive already matched: both sides in one command (DOMAIN section 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterfoil.core.errors import Refusal, ensure
from counterfoil.settlement import errors
from counterfoil.settlement.model import CashDirection, Instruction, Movement
from counterfoil.settlement.requests import InstructionRequest, read_instruction

_SIDES = {"deliver": Movement.DELIVER, "receive": Movement.RECEIVE}
_OF_A_SIDE = frozenset(
    {
        "reference",
        "party",
        "account",
        "cash_account",
        "client",
        "hold",
        "priority",
        "partial",
        "links",
        "pool",
    }
)
_DERIVED = frozenset({"movement", "counterparty", "counterparty_account", "counterparty_client"})
_OF_THE_TRADE = frozenset(InstructionRequest.model_fields) - _OF_A_SIDE - _DERIVED


@dataclass(frozen=True, slots=True)
class Trade:
    """The two sides of one matter. Whoever states both states them alike."""

    deliver: Instruction
    receive: Instruction

    def __post_init__(self) -> None:
        one, other = self.deliver, self.receive
        alike = (
            one.movement is Movement.DELIVER
            and one.match_key == other.match_key
            and one.amount == other.amount
        )
        ensure(alike, "the sides of a trade agree")


def read_trade(data: Mapping[str, Any]) -> Trade | list[Refusal]:
    """A trade from data: what both sides share, and under `deliver` and `receive` what is each side's own. Cash goes
    from who receives to who delivers, unless `cash_direction` (the deliverer's) says otherwise.
    """
    sides = {name: data.get(name) for name in _SIDES}
    wrong = [
        errors.FIELD(f"/{name}", reason="a trade has this side, as an object")
        for name, side in sides.items()
        if not isinstance(side, dict)
    ]
    wrong += [
        errors.FIELD(f"/{name}", reason="no field of a trade")
        for name in sorted(data.keys() - _OF_THE_TRADE - _SIDES.keys())
    ]
    for name, side in sides.items():
        if isinstance(side, dict):
            wrong += [
                errors.FIELD(f"/{name}/{field}", reason="no field of a side")
                for field in sorted(side.keys() - _OF_A_SIDE)
            ]
    if wrong:
        return wrong
    shared = {name: value for name, value in data.items() if name in _OF_THE_TRADE}
    found: list[Instruction] = []
    for name in _SIDES:
        read = read_instruction(_side(name, shared, sides), None)
        if isinstance(read, list):
            wrong += [_placed(refusal, name) for refusal in read]
        else:
            found.append(read)
    return list(dict.fromkeys(wrong)) or Trade(*found)


def _side(name: str, shared: Mapping[str, Any], sides: Mapping[str, Any]) -> dict[str, Any]:
    own, other = sides[name], sides["receive" if name == "deliver" else "deliver"]
    direction = shared.get("cash_direction")
    if direction is not None and name == "receive":
        direction = {"CRDT": CashDirection.DEBIT, "DBIT": CashDirection.CREDIT}.get(direction, direction)
    given = {
        **shared, **own, "movement": _SIDES[name], "cash_direction": direction, "counterparty": other.get("party"),
        "counterparty_client": other.get("client"),
    }  # fmt: skip
    return {field: value for field, value in given.items() if value is not None}


def _placed(refusal: Refusal, side: str) -> Refusal:
    """The refusal at the place of the field within the trade."""
    field = refusal.pointer.split("/")[1] if refusal.pointer else ""
    if field in _OF_A_SIDE:
        return Refusal(refusal.code, f"/{side}{refusal.pointer}", refusal.detail)
    if field == "counterparty":
        other = "receive" if side == "deliver" else "deliver"
        return Refusal(refusal.code, f"/{other}/party", refusal.detail)
    return refusal

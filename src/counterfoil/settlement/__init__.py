"""Instructions, matching, delivery against payment, the settlement day."""

from counterfoil.settlement.cycle import Cycle, cycles, run_cycle
from counterfoil.settlement.instructions import Accepted, Rejected, accept
from counterfoil.settlement.matching import match
from counterfoil.settlement.model import (
    CashDirection,
    Hold,
    Instruction,
    Link,
    LinkKind,
    Movement,
    Partial,
    Payment,
    Pool,
)
from counterfoil.settlement.realtime import settle
from counterfoil.settlement.submission import instruct

__all__ = [
    "Accepted",
    "CashDirection",
    "Cycle",
    "Hold",
    "Instruction",
    "Link",
    "LinkKind",
    "Movement",
    "Partial",
    "Payment",
    "Pool",
    "Rejected",
    "accept",
    "cycles",
    "instruct",
    "match",
    "run_cycle",
    "settle",
]

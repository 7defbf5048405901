"""How instructions stand, and why what has not settled has not (ISO 20022 sese.024, DOMAIN section 3.3)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from counterfoil.core.db import Row, Transaction, queries
from counterfoil.ledger import accounts_by_id
from counterfoil.register import issues
from counterfoil.settlement import pending as open_set
from counterfoil.settlement.conditions import not_yet
from counterfoil.settlement.hours import Hours, hours_at, shut_out
from counterfoil.settlement.model import Blocking, Hold, Payment, State
from counterfoil.settlement.pending import Pending
from counterfoil.settlement.searching import NEWEST, Order, Wanted, page_of_spots

SQL = queries(__file__)
_NAMES = (
    "id", "party", "reference", "movement", "payment", "isin", "quantity", "account", "counterparty", "currency",
    "amount", "cash_direction", "cash_account", "trade_date", "intended_date", "transaction_type", "common_reference",
    "accepted_at",
)  # fmt: skip
_OTHER_SIDE = {"LACK": "CLAC", "COLL": "CLAC", "MONY": "CMON", "PREA": "PRCY", "LATE": "CLAT"}
"""How the party that is not the cause sees a reason."""
_OF_THE_OTHER = {
    "CLAC": ("The counterparty lacks securities.", "The counterparty brings them."),
    "CMON": ("The counterparty lacks cash.", "The counterparty brings it."),
    "PREL": ("The counterparty has released a part, which cannot settle yet.", "The counterparty brings it."),
    "BLOC": ("An account of the counterparty is blocked.", "Have it unblocked."),
    "LINK": ("Another instruction of the counterparty comes first.", "The counterparty has it settle."),
    "INBC": ("The counterparty's pool is incomplete.", "The counterparty instructs the others."),
}
"""What a party is told of the other's account or links: detail and remedy."""
_SOMETHING_ELSE = ("It waits for an account of the counterparty.", "The counterparty acts.")
_LACKS = frozenset({"LACK", "COLL", "MONY", "PREL"})
_CONDITIONS = frozenset({"FUTU", "SBLO", "BLOC", "PREA", "BOTH", "CSDH", "CVAL", "CDLR", "INBC"})
"""Reasons that are judged anew when they are asked for: one that was kept may have gone since."""
_READY = {
    "code": "OTHR", "detail": "Nothing stands against it.", "remedy": "It is tried in the next cycle.",
    "who": ["CSD"],
}  # fmt: skip
_FIELDS = (
    ("isin", "DSEC"), ("quantity", "DQUA"), ("amount", "DMON"), ("currency", "DMON"), ("trade_date", "DTRD"),
    ("intended_date", "DDAT"), ("counterparty", "ICAG"), ("party", "ICAG"), ("payment", "DELN"),
    ("cash_direction", "DELN"), ("opt_out", "OTHR"), ("ex_cum", "DCMX"), ("common_reference", "IIND"),
    ("counterparty_client", "ICUS"), ("client", "ICUS"), ("counterparty_account", "SAFE"), ("account", "SAFE"),
)  # fmt: skip
_PAYMENT = next(n for n, (name, _) in enumerate(_FIELDS) if name == "payment")
_CASH = frozenset({"amount", "currency", "cash_direction"})
_UNTOLD = frozenset({"party", "counterparty_client", "counterparty_account"})
"""What a party has told the depository and not the other one."""
_OPTIONAL = frozenset(
    {"common_reference", "counterparty_client", "client", "counterparty_account", "account"}
)


_EVERYTHING = Wanted()


def find_instructions(
    tx: Transaction,
    *,
    business_date: date,
    now: datetime,
    ids: Sequence[UUID] | None = None,
    wanted: Wanted = _EVERYTHING,
    order: Order = NEWEST,
    after: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Instructions as they stand: those of `ids`, or in an order those `wanted` behind the `place` of another.

    `waits_for` says of those that have not settled what for, who can act and what is missing, `tried_next` at which
    event what comes too early or too late is tried. SF I, II, III: `accepted_at`, `matched_at`, `settled_at`.
    """
    hours = hours_at(tx, now=now)
    places: dict[UUID, str] = {}
    if ids is None:
        ended = tuple(payment for payment in Payment if hours.has_ended_for(payment))
        places = dict(
            page_of_spots(
                tx, wanted, order=order, after=after, limit=limit, business_date=business_date, ended=ended
            )
        )
        ids = list(places)
    with tx.kept_plans():
        rows = tx.rows(SQL.find, ids=list(ids))
    waiting = _waiting(tx, [row[18] for row in rows if row[20] is not None], business_date, hours)
    told = {row[0]: _status(row, waiting.get(row[18], _NOTHING), business_date, hours) for row in rows}
    return [told[id_] | {"place": at} for id_, at in places.items()] if places else list(told.values())


@dataclass(frozen=True, slots=True)
class _Wait:
    """What keeps a pending transaction from being tried, and whether it would be too early or too late anyway."""

    condition: Blocking | None = None
    closed: Blocking | None = None

    def reason(self, stored: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The reason to tell: one that a party can mend comes before the time of day."""
        if self.condition is not None:
            return self.condition.as_dict()
        if stored is not None and stored["code"] in _LACKS:
            return stored
        if self.closed is not None:
            return self.closed.as_dict()
        return _READY if stored is None or stored["code"] in _CONDITIONS else stored


_NOTHING = _Wait()


def _waiting(tx: Transaction, ids: Sequence[UUID], business_date: date, hours: Hours) -> dict[UUID, _Wait]:
    if not ids:
        return {}
    found: Mapping[UUID, Pending] = open_set.read(tx, ids)
    linked = [p.id for p in found.values() if p.linked]
    dependencies = open_set.dependencies(tx, linked) if linked else {}
    pools = open_set.incomplete_pools(tx, linked) if linked else {}
    known = accounts_by_id(tx, [a for p in found.values() for a in p.accounts])
    standing = issues(tx, sorted({p.isin for p in found.values()}))
    shut = shut_out(tx, hours, found.values())
    return {
        id_: _Wait(not_yet(p, known, standing, dependencies, pools, business_date), shut.get(id_))
        for id_, p in found.items()
    }


def _status(row: Row, wait: _Wait, business_date: date, hours: Hours) -> dict[str, Any]:
    said = dict(zip(_NAMES, row[:18], strict=True))
    transaction, matched_at, left, part_no, intended, blocked, holds, priority = row[18:26]
    code, cancelled_at, settled_at, settled, paid, was_failing = row[26:]
    late = intended == business_date and hours.has_ended_for(Payment(row[4]), row[15])
    failing = was_failing or late or (intended is not None and intended < business_date)
    reason = wait.reason(blocked) if left is not None else None
    following = hours.next_cycle if wait.closed is not None else None
    return said | {
        "state": _state(cancelled_at, matched_at, left, part_no, failing=failing).value,
        "matched_at": matched_at,
        "settled_at": settled_at,
        "cancelled_at": cancelled_at,
        "cancellation_code": code,
        "transaction": transaction,
        "settled_quantity": settled,
        "settled_amount": paid,
        "remaining_quantity": left if left is not None else Decimal(0) if settled_at else row[6],
        "holds": [] if holds is None else [hold.name for hold in Hold(holds)],
        "priority": priority,
        "waits_for": None
        if reason is None
        else seen_by(row[1], (said["account"], said["cash_account"]), reason),
        "tried_next": following
        and {"event": following.name, "business_date": following.business_date, "at": following.at},
    }


def _state(cancelled_at: Any, matched_at: Any, left: Any, part_no: int | None, *, failing: bool) -> State:
    """It fails from when it can settle no more on its intended date."""
    if cancelled_at is not None:
        return State.CANCELLED
    if matched_at is None:
        return State.UNMATCHED
    if left is None:
        return State.SETTLED
    if part_no is not None and part_no > 1:
        return State.PARTIAL
    return State.FAILING if failing else State.PENDING


def seen_by(party: str, accounts: Collection[str | None], reason: Mapping[str, Any]) -> dict[str, Any]:
    """A reason as one of the parties is told it: its own lack, or the other's (LACK or CLAC, PREA or PRCY ...). Of a
    position on an account that is none of its `accounts` it is told neither number nor balance, of the other's links
    no reference.
    """
    also = [seen_by(party, accounts, other) for other in reason.get("also", ())]
    told = _seen_by(party, accounts, {name: value for name, value in reason.items() if name != "also"})
    return told | ({"also": also} if also else {})


def _seen_by(party: str, accounts: Collection[str | None], reason: Mapping[str, Any]) -> dict[str, Any]:
    code = reason["code"] if party in reason["who"] else _OTHER_SIDE.get(reason["code"], reason["code"])
    account = reason.get("account")
    is_theirs = code in ("LINK", "INBC") and party not in reason["who"]
    if not is_theirs and (account is None or account in accounts):
        return {**reason, "code": code}
    detail, remedy = _OF_THE_OTHER.get(code, _SOMETHING_ELSE)
    told = {"code": code, "detail": detail, "remedy": remedy, "who": reason["who"]}
    return told | ({"asset": reason["asset"]} if "asset" in reason else {})


def explain_unmatched(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """Why an instruction has no counterpart: the fields in which the nearest candidate differs, with their ISO codes,
    or CMIS where nobody has instructed anything like it.
    """
    own = tx.row(SQL.detail, id=id_)
    near = tx.rows(SQL.near, id=id_)
    if own is None or not near:
        return {"code": "CMIS", "differs": [], "detail": "The counterparty has not instructed."}
    found = [
        list(_differences_of(own, row[:17], row[17:19][::-1], same_way=row[19], within=row[20]))
        for row in near
    ]
    best = min(found, key=len)
    if not best:
        return {"code": "CMIS", "differs": [], "detail": "The counterpart is taken by a better match."}
    detail = "; ".join(f"{d['field']}: yours {d['yours']}, theirs {d['theirs']}" for d in best)
    return {"code": best[0]["code"], "differs": best, "detail": detail}


def _differences_of(
    own: Row, other: Row, accounts: Row, *, same_way: bool, within: bool
) -> Iterable[dict[str, Any]]:
    """Without what is no difference after all: an amount `within` the tolerance, cash the same way with units."""
    if same_way:
        yield {"field": "movement", "code": "DELN", "yours": "the same", "theirs": "the same"}
    for found in differences((*own, *accounts), other):
        if not (found["field"] == "cash_direction" and same_way) and not (
            found["field"] == "amount" and within
        ):
            yield found


def differences(own: Sequence[Any], other: Sequence[Any]) -> Iterable[dict[str, Any]]:
    """The fields in which two sides differ, with their ISO codes. `own` is in the other's order: what one side calls
    its account is the other's counterparty account.
    """
    is_cash_on_one_side = own[_PAYMENT] != other[_PAYMENT]
    for (name, code), mine, theirs in zip(_FIELDS, own, other, strict=True):
        if name in _CASH and is_cash_on_one_side:
            differs = False
        elif name == "cash_direction":
            differs = mine is not None and mine == theirs
        elif name in _OPTIONAL:
            differs = mine is not None and theirs is not None and mine != theirs
        else:
            differs = mine != theirs
        if differs:
            yield {
                "field": name,
                "code": code,
                "yours": mine,
                "theirs": "another" if name in _UNTOLD else theirs,
            }


def allegements(
    tx: Transaction, party: str | None, *, before: UUID | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """What others have instructed against the party (None: any) and it has not answered (sese.028), newest first."""
    names = (
        "id", "party", "counterparty", "movement", "payment", "isin", "quantity", "currency", "amount", "trade_date",
        "intended_date", "accepted_at",
    )  # fmt: skip
    rows = tx.rows(SQL.allegements, party=party, before=before, limit=limit)
    return [dict(zip(names, row, strict=True)) for row in rows]

"""What is sent: written once, in an order of each receiver's own, and read from there as often as it likes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refused, ensure
from counterfoil.core.ids import new_ids
from counterfoil.messages import errors
from counterfoil.messages.addresses import as_they_name_themselves
from counterfoil.messages.codecs.encoding import OutgoingMessage, definition_of, encode
from counterfoil.messages.model import Header, PartyId, RejectedMessage

SQL = queries(__file__)
_COLUMNS = {
    "id": "uuid", "receiver_lei": "text", "number": "int8", "definition": "text", "content": "bytea",
    "in_reply_to": "uuid", "instruction_id": "uuid", "created_at": "timestamptz",
}  # fmt: skip
_LINE = ("id", "number", "definition", "in_reply_to", "instruction_id", "created_at")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for a party (LEI). `in_reply_to` is the received message that it answers."""

    receiver: str
    message: OutgoingMessage
    in_reply_to: UUID | None = None
    instruction: UUID | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter as it was stored: its place in the receiver's order."""

    id: UUID
    number: int
    definition: str


def post(tx: Transaction, letters: Sequence[Letter], *, sender: PartyId, now: datetime) -> list[Posted]:
    """Write letters, in order. Call it last: it holds the receivers' mailboxes until the transaction ends.

    What a message's schema has no place for is told in an admi.002 instead: nobody waits for it in vain.
    """
    if not letters:
        return []
    names = as_they_name_themselves(tx, {letter.receiver for letter in letters})
    ids = new_ids(len(letters))
    written = [
        _written(letter, Header(sender, names[letter.receiver], id_.hex, now))
        for id_, letter in zip(ids, letters, strict=True)
    ]
    numbers = _numbers(tx, [letter.receiver for letter in letters])
    posted = [
        Posted(id_, number, definition)
        for id_, number, (definition, _) in zip(ids, numbers, written, strict=True)
    ]
    tx.copy(
        "messages.outgoing", tuple(_COLUMNS), tuple(_COLUMNS.values()),
        (
            (
                p.id, letter.receiver, p.number, p.definition, content, letter.in_reply_to, letter.instruction, now,
            )
            for p, letter, (_, content) in zip(posted, letters, written, strict=True)
        ),
    )  # fmt: skip
    return posted


def _written(letter: Letter, header: Header) -> tuple[str, bytes]:
    """A letter's definition and text."""
    message = letter.message
    try:
        return definition_of(message), encode(message, header)
    except Refused as refused:
        (first, *_) = refused.refusals
        about = (letter.instruction or letter.in_reply_to or UUID(hex=header.id)).hex
        unsaid = f"{definition_of(message)}: {first.detail}"
        returned = RejectedMessage(about, first.code, header.created_at, first.pointer or None, unsaid)
        return definition_of(returned), encode(returned, header)


def _numbers(tx: Transaction, receivers: Sequence[str]) -> list[int]:
    """The next numbers of each receiver's own, one for each letter."""
    counts: dict[str, int] = {}
    for receiver in receivers:
        counts[receiver] = counts.get(receiver, 0) + 1
    rows = tx.rows(SQL.number, receivers=list(counts), counts=list(counts.values()))
    following = {receiver: last - counts[receiver] for receiver, last in rows}
    ensure(following.keys() == counts.keys(), "every receiver has a mailbox")
    numbers = []
    for receiver in receivers:
        following[receiver] += 1
        numbers.append(following[receiver])
    return numbers


def inbox(tx: Transaction, receiver: str, *, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """A party's messages from behind the number `after`, in order, with their text. None before one that was seen
    appears later.
    """
    rows = tx.rows(SQL.inbox, receiver=receiver, after=after, limit=limit)
    return [{**dict(zip(_LINE, row, strict=False)), "content": bytes(row[-1]).decode()} for row in rows]


def message(tx: Transaction, id_: UUID) -> dict[str, Any]:
    """One message, received or sent, as it was, and what came of it. `party` (LEI) is who sent or receives it.

    Raises `Refused` (MSG-112).
    """
    names = ("id", "party", "direction", "business_id", "definition", "content", "outcome", "errors",
             "instruction", "in_reply_to", "at")  # fmt: skip
    row = tx.row(SQL.one, id=id_)
    if row is None:
        raise Refused(errors.UNKNOWN(id=id_))
    found = dict(zip(names, row, strict=True))
    replies = [dict(zip(_LINE, line, strict=True)) for line in tx.rows(SQL.replies, id=id_)]
    return {**found, "content": bytes(found["content"]).decode(errors="replace"), "replies": replies}

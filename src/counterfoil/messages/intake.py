"""Takes messages in: each is kept as it came, acted on, and answered, in one transaction.

Instructions of a file come first, then changes of conditions, then cancellations: each may be about those before it;
exercises of rights come last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from counterfoil.core.db import Transaction, json_value, queries
from counterfoil.core.errors import ensure
from counterfoil.messages import errors
from counterfoil.messages.addresses import Addresses, addresses, name_of
from counterfoil.messages.cases import Case, Outcome, Problem
from counterfoil.messages.codecs.decoding import decode
from counterfoil.messages.electing import Elected, elect_all
from counterfoil.messages.incoming import Incoming
from counterfoil.messages.instructing import instruct_all, named_in, reject
from counterfoil.messages.mail import Letter, post
from counterfoil.messages.model import PartyId, RejectedMessage
from counterfoil.messages.received import (
    MessageRefused,
    ReceivedCancellation,
    ReceivedElection,
    ReceivedInstruction,
    ReceivedModification,
)
from counterfoil.messages.requests import request_cancellations, request_changes
from counterfoil.parties import enter_correspondents

SQL = queries(__file__)
_LOCATION = 350
_COLUMNS = {
    "id": "uuid", "sender_lei": "text", "business_id": "text", "claims_id": "bool", "definition": "text",
    "content": "bytea", "sha256": "bytea", "outcome": "text", "refusals": "jsonb", "instruction_id": "uuid",
    "received_at": "timestamptz", "actor": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a message. `id` is ours; of one that was repeated, that of the first. `answers` are the messages
    that answer it: id, number in the sender's mailbox, definition.
    """

    id: UUID
    business_id: str | None
    definition: str | None
    outcome: Outcome
    errors: tuple[dict[str, Any], ...]
    instruction: UUID | None
    answers: tuple[tuple[UUID, int, str], ...]
    is_repeated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The form that the API uses."""
        answers = [dict(zip(("id", "number", "definition"), answer, strict=True)) for answer in self.answers]
        return {
            "id": self.id, "business_id": self.business_id, "definition": self.definition,
            "outcome": self.outcome.value, "instruction": self.instruction, "errors": list(self.errors),
            "answers": answers, "repeated": self.is_repeated,
        }  # fmt: skip


def take_in(
    tx: Transaction,
    messages: Sequence[Incoming],
    *,
    party: str | None,
    now: datetime,
    business_date: date,
    actor: str,
) -> list[Receipt]:
    """Act on messages that `party` (LEI) hands in, or the depository for any: one receipt each, in order.

    A sender is told by messages from then on what happens to its instructions. Raises `Conflict` where another
    transaction used an id or a reference at this very moment: repeat all.
    """
    if not messages:
        return []
    who = addresses(tx, _named(messages))
    cases = [_opened(message, party, who, now) for message in messages]
    known = _find_repeated(tx, cases, now)
    open_ = [case for case in cases if case.outcome is None and case.repeats is None]
    senders = {
        c.sender: c.incoming.header.sender.bic if c.incoming.header else None for c in open_ if c.sender
    }
    enter_correspondents(tx, senders, now=now, actor=actor)
    _act(tx, open_, who, now, business_date, actor)
    answers = _store(tx, [case for case in cases if case.repeats is None], who, now, actor)
    by_id = {
        case.incoming.id: _receipt(case, answers[case.incoming.id]) for case in cases if case.repeats is None
    }
    receipts = [
        by_id[case.incoming.id] if case.repeats is None else _repeated(case.repeats, by_id, known)
        for case in cases
    ]
    ensure(len(receipts) == len(messages), "every message has a receipt")
    return receipts


def _named(messages: Sequence[Incoming]) -> Iterable[PartyId]:
    for message in messages:
        if message.header is not None:
            yield message.header.sender
            yield message.header.receiver
        said = message.received.message if message.received else None
        if isinstance(said, ReceivedInstruction):
            yield from named_in(said)
        elif said is not None and said.account_owner is not None:
            yield said.account_owner


def _opened(message: Incoming, party: str | None, who: Addresses, now: datetime) -> Case:
    """Find out who sends it; end it at once where nothing can be done."""
    header, refused = message.header, message.refused
    case = Case(message, party)
    if header is None:
        if refused is None and party is None:
            _return(case, [Problem(errors.NO_SENDER(), "OTHR")], now)
    else:
        sender = who.lei(header.sender)
        if sender is None:
            _return(
                case,
                [Problem(errors.UNKNOWN_SENDER("/AppHdr/Fr", sender=name_of(header.sender)), "OTHR")],
                now,
            )
        elif party not in (None, sender):
            refusal = errors.FOREIGN_SENDER("/AppHdr/Fr", sender=name_of(header.sender), party=party)
            _return(case, [Problem(refusal, "OTHR")], now)
        else:
            case.sender, case.claims_id = sender, True
            if not who.is_depository(header.receiver):
                ours, theirs = name_of(who.depository), name_of(header.receiver)
                refusal = errors.NOT_FOR_US("/AppHdr/To", receiver=theirs, depository=ours)
                _return(case, [Problem(refusal, "OTHR")], now)
    if case.outcome is None and refused is not None:
        _refuse(case, refused, now)
    return case


def _refuse(case: Case, refused: MessageRefused, now: datetime) -> None:
    problems = [Problem(r, reason.code) for r, reason in zip(refused.refusals, refused.reasons, strict=True)]
    if refused.reference is not None and (refused.definition or "").startswith("sese.023"):
        reject(case, refused.reference, problems)
    else:
        _return(case, problems, now)
        case.outcome = Outcome.UNREADABLE


def _return(case: Case, problems: Sequence[Problem], now: datetime) -> None:
    """Send it back (admi.002)."""
    first, *others = (problem.refusal for problem in problems)
    case.reject(
        problems,
        RejectedMessage(
            case.name, first.code, now, first.pointer[:_LOCATION] or None, first.detail,
            "\n".join(f"{r.code} {r.pointer} {r.detail}" for r in others) or None,
        ),
    )  # fmt: skip


_Known = Mapping[UUID, Receipt]


def _find_repeated(tx: Transaction, cases: Sequence[Case], now: datetime) -> _Known:
    """Mark what repeats an earlier message; refuse what takes an earlier one's id. Receipts of the earlier ones."""
    claims = [case for case in cases if case.claims_id]
    if not claims:
        return {}
    rows = tx.rows(
        SQL.by_business_id, senders=[c.sender for c in claims], ids=[c.business_id for c in claims]
    )
    first: dict[tuple[str | None, str | None], tuple[UUID, bytes]] = {
        (sender, business_id): (id_, bytes(digest)) for id_, sender, business_id, digest in rows
    }
    again: list[tuple[Case, UUID]] = []
    for case in claims:
        key = (case.sender, case.business_id)
        earlier, digest = first.setdefault(key, (case.incoming.id, case.incoming.sha256))
        if earlier == case.incoming.id:
            continue
        case.claims_id = False
        if digest == case.incoming.sha256:
            case.repeats = earlier
        else:
            again.append((case, earlier))
    _compare(tx, again, claims, now)
    return _receipts(tx, [c.repeats for c in claims if c.repeats is not None])


def _compare(
    tx: Transaction, again: Sequence[tuple[Case, UUID]], claims: Sequence[Case], now: datetime
) -> None:
    """A possible duplicate may have another header, if it says what the earlier message said; others are refused."""
    contents = {c.incoming.id: c.incoming.content for c in claims}
    wanted = [id_ for case, id_ in again if _may_be_duplicate(case) and id_ not in contents]
    if wanted:
        contents |= {id_: bytes(content) for id_, content in tx.rows(SQL.contents, ids=wanted)}
    for case, id_ in again:
        if _may_be_duplicate(case) and _says_the_same(case, contents[id_]):
            case.repeats = id_
            continue
        case.outcome, case.problems, case.answers = None, [], []
        refusal = errors.ID_USED("/AppHdr/BizMsgIdr", sender=case.sender, id=case.business_id)
        _return(case, [Problem(refusal, "OTHR")], now)


def _may_be_duplicate(case: Case) -> bool:
    header = case.incoming.received.header if case.incoming.received else None
    return header is not None and header.possible_duplicate


def _says_the_same(case: Case, earlier: bytes) -> bool:
    try:
        said = decode(earlier).message
    except MessageRefused:
        return False
    return case.incoming.received is not None and said == case.incoming.received.message


def _receipts(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Receipt]:
    if not ids:
        return {}
    answers: dict[UUID, list[tuple[UUID, int, str]]] = {}
    for id_, *answer in tx.rows(SQL.answers, ids=list(ids)):
        answers.setdefault(id_, []).append((answer[0], answer[1], answer[2]))
    return {
        id_: Receipt(
            id_, business_id, definition, Outcome(outcome), tuple(refusals), instruction, tuple(answers.get(id_, ())),
        )
        for id_, business_id, definition, outcome, refusals, instruction in tx.rows(SQL.receipts, ids=list(ids))
    }  # fmt: skip


def _act(
    tx: Transaction, cases: Sequence[Case], who: Addresses, now: datetime, business_date: date, actor: str
) -> None:
    instructions: list[tuple[Case, ReceivedInstruction]] = []
    changes: list[tuple[Case, ReceivedModification]] = []
    cancellations: list[tuple[Case, ReceivedCancellation]] = []
    elections: list[Elected] = []
    for case in cases:
        match case.incoming.received.message if case.incoming.received else None:
            case ReceivedInstruction() as said:
                instructions.append((case, said))
            case ReceivedModification() as said:
                changes.append((case, said))
            case ReceivedCancellation() as said:
                cancellations.append((case, said))
            case ReceivedElection() as said:
                elections.append((case, said))
    instruct_all(tx, instructions, who, now=now, business_date=business_date, actor=actor)
    request_changes(tx, changes, who, now=now, business_date=business_date, actor=actor)
    request_cancellations(tx, cancellations, who, now=now, actor=actor)
    elect_all(tx, elections, who, now=now, business_date=business_date, actor=actor)


def _store(
    tx: Transaction, cases: Sequence[Case], who: Addresses, now: datetime, actor: str
) -> dict[UUID, list[tuple[UUID, int, str]]]:
    """Keep the messages and their answers; the answers of each."""
    ensure(all(case.outcome for case in cases), "every message has an outcome")
    tx.copy(
        "messages.received", tuple(_COLUMNS), tuple(_COLUMNS.values()),
        (
            (
                c.incoming.id, c.sender, c.business_id, c.claims_id, c.incoming.definition, c.incoming.content,
                c.incoming.sha256, c.outcome and c.outcome.value, json_value([p.as_dict() for p in c.problems]),
                c.instruction, now, actor,
            )
            for c in cases
        ),
    )  # fmt: skip
    waiting = [(c.incoming.id, id_) for c in cases for id_ in c.open_cancellations]
    tx.copy("messages.open_cancellation", ("received_id", "instruction_id"), ("uuid", "uuid"), waiting)
    letters = [
        Letter(c.sender, answer, c.incoming.id, c.instruction)
        for c in cases
        if c.sender
        for answer in c.answers
    ]
    answers: dict[UUID, list[tuple[UUID, int, str]]] = {c.incoming.id: [] for c in cases}
    for letter, posted in zip(letters, post(tx, letters, sender=who.depository, now=now), strict=True):
        if letter.in_reply_to is not None:
            answers[letter.in_reply_to].append((posted.id, posted.number, posted.definition))
    return answers


def _receipt(case: Case, answers: Sequence[tuple[UUID, int, str]]) -> Receipt:
    return Receipt(
        case.incoming.id, case.business_id, case.incoming.definition, case.outcome or Outcome.UNREADABLE,
        tuple(p.as_dict() for p in case.problems), case.instruction, tuple(answers),
    )  # fmt: skip


def _repeated(id_: UUID, by_id: Mapping[UUID, Receipt], known: _Known) -> Receipt:
    first = by_id.get(id_) or known[id_]
    return Receipt(
        first.id, first.business_id, first.definition, first.outcome, first.errors, first.instruction, first.answers,
        is_repeated=True,
    )  # fmt: skip

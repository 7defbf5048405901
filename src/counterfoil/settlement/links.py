"""What may be linked with what: no circle, nothing that has ended, not without end.

Nodes are references of parties, so that links to what has not arrived yet count too; pools are nodes of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from counterfoil.core.db import Transaction, queries
from counterfoil.core.errors import Refusal, Refused
from counterfoil.settlement import errors
from counterfoil.settlement.model import Link, LinkKind, Pool

SQL = queries(__file__)
_SHOWN = 200
MOST = 10_000
"""Links that may hang together."""
_ENDED = {"settled": "has settled", "cancelled": "was cancelled"}


class Node(NamedTuple):
    """An instruction (R) by its party's reference, or a pool (P) by its name."""

    party: str
    space: str
    name: str


class Linked(NamedTuple):
    """An instruction and what it wants to be linked with."""

    party: str
    reference: str
    links: Sequence[Link]
    pool: Pool | None = None

    @property
    def node(self) -> Node:
        """Its place among what is linked."""
        return Node(self.party, "R", self.reference)

    @property
    def depends_on_others(self) -> bool:
        """Whether it has a pool, or links that are for more than information."""
        return self.pool is not None or any(link.kind is not LinkKind.INFORMATION for link in self.links)


class Graph:
    """What hangs together with the given instructions, as stored and as added since."""

    def __init__(self, tx: Transaction, wanted: Sequence[Linked]) -> None:
        depending = [w for w in wanted if w.depends_on_others]
        seeds = {node for w in depending for node in (w.node, *(target for _, target in _targets(w)))}
        rows = tx.rows(
            SQL.around,
            parties=[n.party for n in seeds],
            spaces=[n.space for n in seeds],
            names=[n.name for n in seeds],
            most=MOST + 1,
        ) if depending else []  # fmt: skip
        self._is_complete = len(rows) <= MOST
        self._states: dict[Node, str] = {}
        self._first: dict[Node, set[Node]] = {}
        self._together: dict[Node, set[Node]] = {}
        for party, space, name, kind, other_party, other_space, other_name, state in rows:
            other = Node(other_party, other_space, other_name)
            self._states[other] = state
            if kind is not None and state not in _ENDED:
                self._join(Node(party, space, name), kind, other)

    def broken_rules(self, wanted: Linked) -> Iterator[Refusal]:
        """Why an instruction cannot be linked as it wants to be."""
        if not wanted.depends_on_others:
            return
        if not self._is_complete:
            yield errors.LINKED_TOO_FAR("/links", most=f"{MOST:,}", reference=wanted.reference)
            return
        for kind, target in _targets(wanted):
            state = self._states.get(target, "")
            if state in _ENDED and (kind, state) != (LinkKind.AFTER, "settled"):
                yield errors.LINKED_TO_ENDED("/links", reference=target.name, ended=_ENDED[state])
        if self._closes_circle(wanted):
            yield errors.LINK_CIRCLE("/links", reference=wanted.reference)

    def add(self, wanted: Linked) -> None:
        """Count an instruction that was taken in."""
        for kind, target in _targets(wanted):
            if self._states.get(target) not in _ENDED:
                self._join(wanted.node, kind, target)

    def _join(self, node: Node, kind: str, other: Node) -> None:
        if kind == LinkKind.AFTER:
            self._first.setdefault(node, set()).add(other)
        elif kind == LinkKind.BEFORE:
            self._first.setdefault(other, set()).add(node)
        else:
            self._together.setdefault(node, set()).add(other)
            self._together.setdefault(other, set()).add(node)

    def _closes_circle(self, wanted: Linked) -> bool:
        """Whether, with its links, something would come before itself: what settles together counts as one."""
        named: dict[LinkKind, set[Node]] = {kind: set() for kind in LinkKind}
        for kind, target in _targets(wanted):
            named[kind].add(target)
        before, after = named[LinkKind.AFTER], named[LinkKind.BEFORE]
        same = self._reach({wanted.node, *named[LinkKind.WITH]}, {})
        # What must settle before any of these, besides these themselves.
        first = {f for n in same for f in self._first.get(n, ())} | before
        return bool(self._reach(first, self._first) & (same | after) or same & after)

    def _reach(self, start: Iterable[Node], first: dict[Node, set[Node]]) -> set[Node]:
        found, ahead = set(start), list(start)
        while ahead:
            node = ahead.pop()
            new = (self._together.get(node, set()) | first.get(node, set())) - found
            found |= new
            ahead += new
        return found


def _targets(wanted: Linked) -> Iterator[tuple[LinkKind, Node]]:
    for link in wanted.links:
        if link.kind is not LinkKind.INFORMATION and link.reference != wanted.reference:
            yield link.kind, Node(wanted.party, "R", link.reference)
    if wanted.pool is not None:
        yield LinkKind.WITH, Node(wanted.party, "P", wanted.pool.name)


def link(tx: Transaction, id_: UUID, wanted: Linked) -> None:
    """Link an instruction with others of its party. Raises `Refused` (SET-017, 024, 070, 073)."""
    if any(k.reference == wanted.reference for k in wanted.links):
        raise Refused(errors.LINKED_TO_ITSELF("/link", reference=wanted.reference))
    refusals = tuple(Graph(tx, [wanted]).broken_rules(wanted))
    if refusals:
        raise Refused(*refusals)
    tx.execute(
        SQL.add,
        id=id_,
        party=wanted.party,
        kinds=[k.kind.value for k in wanted.links],
        references=[k.reference for k in wanted.links],
    )


def unlink(tx: Transaction, id_: UUID, references: Sequence[str]) -> tuple[list[Link], set[UUID]]:
    """Take out every link between an instruction and the given references, whichever of the two named the other: the
    links, and the transactions that may go on without. Raises `Refused` (SET-071).
    """
    rows = tx.rows(SQL.remove, id=id_, references=list(references))
    gone = [Link(LinkKind(kind), reference) for kind, reference, _, _ in rows]
    missing = [name for name in references if name not in {g.reference for g in gone}]
    if missing:
        raise Refused(*(errors.NOT_LINKED("/unlink", reference=name) for name in missing))
    tx.execute(SQL.unmark, ids=[id_, *(other for _, _, other, _ in rows if other)])
    return gone, {transaction for *_, transaction in rows if transaction}


def links_of(tx: Transaction, id_: UUID) -> list[dict[str, Any]]:
    """What an instruction is linked with, seen from it, and the members of its pool: each with its reference, its id
    where it has arrived, and whether it is open, settled or cancelled.
    """
    names = ("kind", "reference", "instruction", "state")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(SQL.of_instruction, id=id_, limit=_SHOWN)]

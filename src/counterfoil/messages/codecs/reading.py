"""Reads a message along a table of its elements: one pass, in the schema's order; nothing unknown passes.

A `Block` mirrors a complex type of the schema, element by element, and says of each what becomes of it: it is
read, it is harmless and left, or it asks for something that is not served and is refused. Breaches of structure
are raised at once (`Refused`); what is wrong with a value is collected as a `Fault`, so that a sender learns of
everything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree

from counterfoil.core.errors import Refusal, Refused, Rule
from counterfoil.messages import errors

Element: TypeAlias = etree._Element  # noqa: SLF001 - the class of every element; lxml gives it no other name
Values = dict[str, Any]
Take = Callable[[Element, Values, list["Fault"]], None]
"""Takes an element in: adds what it says to the values, what is wrong with it to the faults."""
Content: TypeAlias = "Block | Group | Take | None"
"""What becomes of an element; None where it is left unread."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong value: why, and ISO 20022's reason code for it."""

    iso: str
    refusal: Refusal


def fault(rule: Rule, iso: str, element: Element, **said: object) -> Fault:
    """A fault at an element."""
    return Fault(
        iso, rule(pointer(element), iso=iso, element=local_name(element), line=line(element), **said)
    )


def local_name(element: Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def line(element: Element) -> int:
    """The line on which the element begins."""
    found = element.sourceline
    return found if isinstance(found, int) else 0


def pointer(element: Element) -> str:
    """The element and its ancestors, below the root: /SctiesSttlmTxInstr/TradDtls/TradDt."""
    names = [local_name(element)]
    names += [local_name(above) for above in element.iterancestors() if above.getparent() is not None]
    return "/" + "/".join(reversed(names))


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a block."""

    name: str
    content: Content
    least: int
    many: bool = False


def one(name: str, content: Content) -> Field:
    """An element that the schema demands."""
    return Field(name, content, 1)


def maybe(name: str, content: Content) -> Field:
    """An optional element."""
    return Field(name, content, 0)


def many(name: str, content: Content, least: int = 0) -> Field:
    """An element that may be repeated."""
    return Field(name, content, least, many=True)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A complex type: its elements in order or, for a choice, exactly one of them."""

    fields: tuple[Field, ...]
    is_choice: bool = False

    def compile(self, namespace: str) -> Take:
        """A walk over the children of an element."""
        if self.is_choice:
            rules = {_tag(namespace, f): (0, False, 1, _take(f.content, namespace)) for f in self.fields}
            return _walk(rules, 1, "any of " + ", ".join(f.name for f in self.fields))
        rules = {
            _tag(namespace, f): (i, f.many, 1 << i, _take(f.content, namespace))
            for i, f in enumerate(self.fields)
        }
        needed = sum(1 << i for i, f in enumerate(self.fields) if f.least)
        return _walk(rules, needed, "")


@dataclass(frozen=True, slots=True)
class Group:
    """A block with values of its own under `key`; in a list where `listed`."""

    key: str
    block: Block
    listed: bool = False

    def compile(self, namespace: str) -> Take:
        """Walks the block with fresh values."""
        walk, key, listed = self.block.compile(namespace), self.key, self.listed

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            found: Values = {}
            walk(element, found, faults)
            if listed:
                values.setdefault(key, []).append(found)
            else:
                values[key] = found

        return take


def _take(content: Content, namespace: str) -> Take | None:
    return content.compile(namespace) if isinstance(content, Block | Group) else content


def sequence(*fields: Field) -> Block:
    """Elements in this order."""
    return Block(fields)


def choice(*fields: Field) -> Block:
    """Exactly one of these elements."""
    return Block(fields, is_choice=True)


def _tag(namespace: str, field: Field) -> str:
    return f"{{{namespace}}}{field.name}"


def _walk(rules: Mapping[str, tuple[int, bool, int, Take | None]], needed: int, any_of: str) -> Take:
    find = rules.get

    def walk(element: Element, values: Values, faults: list[Fault]) -> None:
        place = -1
        seen = 0
        for child in element:
            rule = find(child.tag)
            if rule is None:
                raise unknown(child)
            at, repeats, bit, take = rule
            if at <= place and (at < place or not repeats):
                raise _misplaced(errors.OUT_OF_ORDER, child)
            place = at
            seen |= bit
            if take is not None:
                take(child, values, faults)
        if needed & ~seen:
            lacking = next(tag for tag, rule in rules.items() if needed & ~seen & rule[2])
            raise _lacks(element, any_of or lacking.rpartition("}")[2])

    return walk


def unknown(element: Element) -> Refused:
    """The refusal of an element that has no place where it stands."""
    return _misplaced(errors.UNKNOWN_ELEMENT, element)


def _misplaced(rule: Rule, element: Element) -> Refused:
    parent = element.getparent()
    above = "the root" if parent is None else local_name(parent)
    return Refused(rule(pointer(element), line=line(element), element=local_name(element), parent=above))


def _lacks(element: Element, name: str) -> Refused:
    parent = local_name(element)
    return Refused(errors.MISSING_ELEMENT(pointer(element), line=line(element), parent=parent, element=name))

"""Reads a message along a table of its elements: one pass, in the schema's order; nothing unknown passes.

A `Block` mirrors a complex type of the schema, element by element, and says of each what becomes of it: it is read, it
is harmless and left, or it asks for something that is not served and is refused. Breaches of structure are raised at
once (`Refused`); what is wrong with a value is collected as a `Fault`, so that a sender learns of everything.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lxml.etree import _Element as Element

from counterfoil.core.errors import Refusal, Refused, Rule, ensure
from counterfoil.messages import errors
from counterfoil.messages.codecs import values as forms

Values = dict[str, Any]
Take = Callable[[Element, Values, list["Fault"]], None]
Convert = Callable[[str], Any]


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
    return element.sourceline or 0


def pointer(element: Element) -> str:
    """The element and its ancestors, below the root: /SctiesSttlmTxInstr/TradDtls/TradDt."""
    names = [local_name(element)]
    names += [local_name(above) for above in element.iterancestors() if above.getparent() is not None]
    return "/" + "/".join(reversed(names))


class Content(Protocol):
    """What becomes of an element."""

    def compile(self, namespace: str) -> Take | None:
        """The function that takes an element in; None where it is left."""


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
            rules = {_tag(namespace, f): (0, False, 1, f.content.compile(namespace)) for f in self.fields}
            return _walk(rules, 1, "any of " + ", ".join(f.name for f in self.fields))
        rules = {
            _tag(namespace, f): (i, f.many, 1 << i, f.content.compile(namespace))
            for i, f in enumerate(self.fields)
        }
        needed = sum(1 << i for i, f in enumerate(self.fields) if f.least)
        return _walk(rules, needed, "")


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


@dataclass(frozen=True, slots=True)
class Harmless:
    """Left unread: it changes nothing of what is done with the instruction."""

    def compile(self, namespace: str) -> None:
        """Nothing is taken."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Not read, but that it is there is noted under `key`."""

    key: str

    def compile(self, namespace: str) -> Take:
        """Notes it."""
        key = self.key

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            values[key] = True

        return take


@dataclass(frozen=True, slots=True)
class NotServed:
    """Refused wherever it stands: `what` is asked for is not served."""

    iso: str
    what: str

    def compile(self, namespace: str) -> Take:
        """A fault for each."""

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            faults.append(fault(errors.NOT_SERVED, self.iso, element, what=self.what))

        return take


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value, converted, under `key`."""

    key: str
    convert: Convert
    iso: str

    def compile(self, namespace: str) -> Take:
        """Reads the text of an element without children."""
        key, convert, iso = self.key, self.convert, self.iso
        # Most leaves are codes: their value is looked up without a call.
        codes = convert.codes if isinstance(convert, forms.CodeOf) else {}

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            if len(element):
                raise unknown(element[0])
            text = element.text
            if text in codes:
                values[key] = codes[text]
                return
            try:
                value = convert(text or "")
            except ValueError as wrong:
                faults.append(fault(errors.FIELD, iso, element, reason=wrong))
            else:
                values[key] = value

        return take


@dataclass(frozen=True, slots=True)
class Codes:
    """A code of a list: `read` ones are listed under `key`, `left` ones are harmless, others refused with the reason."""

    key: str
    iso: str
    read: Collection[str] = ()
    left: Collection[str] = ()
    refused: Mapping[str, str] | None = None

    def compile(self, namespace: str) -> Take:
        """Sorts the code into what is read, left and refused."""
        read, left, refused = frozenset(self.read), frozenset(self.left), dict(self.refused or {})
        ensure(not (read & left or (read | left) & refused.keys()), "a code has one meaning")

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            if len(element):
                raise unknown(element[0])
            code = element.text or ""
            if code in read:
                values.setdefault(self.key, []).append(code)
            elif code in refused:
                faults.append(fault(errors.NOT_SERVED, self.iso, element, what=refused[code]))
            elif code not in left:
                faults.append(fault(errors.FIELD, self.iso, element, reason=f"is {code!r}, no known code"))

        return take


@dataclass(frozen=True, slots=True)
class Flag:
    """An indicator that may say only one thing: `refused` is the other."""

    iso: str
    refused: bool
    what: str

    def compile(self, namespace: str) -> Take:
        """A fault where the indicator says `refused`."""

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            if len(element):
                raise unknown(element[0])
            try:
                is_refused = forms.boolean(element.text or "") is self.refused
            except ValueError as wrong:
                faults.append(fault(errors.FIELD, self.iso, element, reason=wrong))
                return
            if is_refused:
                faults.append(fault(errors.NOT_SERVED, self.iso, element, what=self.what))

        return take


@dataclass(frozen=True, slots=True)
class MoneyAmount:
    """An amount with its currency, under `amount` and `currency`."""

    def compile(self, namespace: str) -> Take:
        """Reads text and attribute."""

        def take(element: Element, values: Values, faults: list[Fault]) -> None:
            if len(element):
                raise unknown(element[0])
            try:
                values["amount"] = forms.amount(element.text or "")
            except ValueError as wrong:
                faults.append(fault(errors.FIELD, "DMON", element, reason=wrong))
            try:
                values["currency"] = forms.currency(element.get("Ccy", ""))
            except ValueError as wrong:
                faults.append(fault(errors.FIELD, "NCRR", element, reason=wrong))

        return take


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

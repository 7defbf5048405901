"""From bytes to what a message says. Nothing but `MessageRefused` is ever raised for bad input.

A document type declaration is refused before it is parsed, so there are no entities; nothing is loaded from anywhere.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

from lxml import etree

from counterfoil.core.errors import Refusal, Refused
from counterfoil.messages import errors
from counterfoil.messages.codecs import cancellation, election, instruction, modification
from counterfoil.messages.codecs.cancellation import CANCELLATION
from counterfoil.messages.codecs.election import ELECTION
from counterfoil.messages.codecs.header import VERSIONS, read_header
from counterfoil.messages.codecs.instruction_table import INSTRUCTION
from counterfoil.messages.codecs.modification import MODIFICATION
from counterfoil.messages.codecs.reading import (
    Block,
    Element,
    Fault,
    Take,
    Values,
    line,
    local_name,
    one,
    pointer,
    sequence,
)
from counterfoil.messages.model import Header, Reason
from counterfoil.messages.received import MessageRefused, Received, ReceivedMessage

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
LARGEST = 1024 * 1024
"""Bytes of one message, unless the caller says otherwise: some hundred times the usual size."""
DEEPEST = 256
"""What libxml2 allows; the deepest schema has about 15."""

LONGEST_NAME = 35
"""Characters of a message's name: what is longer names none, and is not kept as one."""

MOST_FAULTS = 100
"""How many wrong values a refusal tells of: a message of nothing but faults must not have an answer of their size."""

Build = Callable[[Values, list[Fault]], ReceivedMessage | None]


@dataclass(frozen=True, slots=True)
class _Definition:
    walk: Take
    build: Build


def _definition(name: str, root: str, block: Block, build: Build) -> tuple[str, _Definition]:
    document = sequence(one(root, block))
    return name, _Definition(document.compile(NAMESPACE + name), build)


TABLES = {
    "seev.033.001.13": ("CorpActnInstr", ELECTION, election.build),
    "sese.020.001.08": ("SctiesTxCxlReq", CANCELLATION, cancellation.build),
    "sese.023.001.12": ("SctiesSttlmTxInstr", INSTRUCTION, instruction.build),
    "sese.030.001.10": ("SctiesSttlmCondsModReq", MODIFICATION, modification.build),
}
"""The messages that are taken: root element, table, builder."""
_DEFINITIONS = dict(_definition(name, *table) for name, table in TABLES.items())
_TAKEN = " ".join(_DEFINITIONS)

_ENCODING = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ENTITY = re.compile(rb"&(?!#|(?:amp|lt|gt|quot|apos);)")
# All that has a name between signs: not comments and the like, nor ends of elements.
_START_TAGS = re.compile(rb"<([^/>!][^>]*)")
_WHOLE_TAG = re.compile(rb"""[^\s"'<>=]+(?:\s+[^\s"'<>=]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*[/?]?""")
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_STRAY_ATTRIBUTES = (
    "descendant-or-self::*/@*[not(name() = 'Ccy' and parent::*[local-name() = 'Amt'"
    " or local-name() = 'OrgnlCcyAndOrdrdAmt' or local-name() = 'RsltgAmt'"
    " or local-name() = 'InstdAmt' or local-name() = 'PricVal'])"
    f" and not(local-name() = 'schemaLocation' and namespace-uri() = '{_INSTANCE}')]"
)
_STRAY_TEXTS = "descendant-or-self::*[*]/text()[normalize-space()]"
# Whether there is one, and the first: a list of all takes time with the square of their number.
_has_stray = etree.XPath(f"boolean({_STRAY_ATTRIBUTES}) or boolean({_STRAY_TEXTS})")
_first_attribute = etree.XPath(f"({_STRAY_ATTRIBUTES})[1]")
_first_text = etree.XPath(f"({_STRAY_TEXTS})[1]")

_TRUSTED_LONGEST, _TRUSTED_MOST = 200, 10_000
_trusted: set[bytes] = set()


@dataclass(slots=True)
class _Context:
    """How far a message was understood when it is refused."""

    definition: str | None = None
    header: Header | None = None
    reference: str | None = None


def decode(data: bytes, *, largest: int = LARGEST) -> Received:
    """What a message says: a bare Document, or AppHdr and Document under one root of any name.

    Raises `MessageRefused` with every reason found (MSG-001 to MSG-033), each with ISO 20022's code beside it.
    Nothing is looked up: whether parties, accounts and securities exist is for the caller to find out.
    """
    context = _Context()
    try:
        return _decode(data, largest, context)
    except _Faulty as faulty:
        told = faulty.faults[:MOST_FAULTS]
        refusals = tuple(f.refusal for f in told)
        reasons = tuple(Reason(f.iso, f.refusal.detail) for f in told)
    except Refused as refused:
        refusals = refused.refusals
        reasons = tuple(Reason("OTHR", r.detail) for r in refusals)
    raise MessageRefused(
        refusals,
        reasons,
        definition=context.definition,
        header=context.header,
        reference=context.reference,
    )


class _Faulty(Exception):
    """The message could be read, but some values are wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__()


def _decode(data: bytes, largest: int, context: _Context) -> Received:
    if len(data) > largest:
        raise Refused(errors.TOO_LARGE(size=len(data), limit=largest))
    _check_text(data)
    tags = set(_START_TAGS.findall(data))
    if tags <= _trusted and not _ENTITY.search(data):
        return _read(data, context, _PARSER)
    received = _apart(data, context)
    if len(_trusted) < _TRUSTED_MOST:
        # A sign within an attribute's value would hide what follows it: only whole tags are trusted.
        _trusted.update(tag for tag in tags if len(tag) <= _TRUSTED_LONGEST and _WHOLE_TAG.fullmatch(tag))
    return received


def _check_text(data: bytes) -> None:
    """UTF-8 and nothing else, so that what is searched for here is what the parser will see."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise Refused(errors.NOT_UTF8(reason=f"byte {error.start} ({error.reason})")) from None
    if b"\x00" in data:
        raise Refused(errors.NOT_UTF8(reason=f"byte {data.index(0)} is zero"))
    declared = _ENCODING.match(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0)
    if declared and declared[1].upper() != b"UTF-8":
        raise Refused(errors.NOT_UTF8(reason=f"it is declared as {declared[1].decode()}"))
    if b"<!DOCTYPE" in data:
        raise Refused(errors.TYPE_DECLARATION())


def _apart(data: bytes, context: _Context) -> Received:
    """Reads a message with tags or entities that no accepted message had, in a thread of its own.

    lxml keeps every name that it has met for as long as the parser or the thread lives: names made up without end
    would fill the memory. So both are new here; what was accepted once is trusted, up to a limit.
    """
    outcome: list[Received | BaseException] = []

    def read() -> None:
        try:
            outcome.append(_read(data, context, _parser()))
        except BaseException as error:  # noqa: BLE001 - handed on to the caller's thread
            outcome.append(error)

    thread = Thread(target=read, name="messages.decode")
    thread.start()
    thread.join()
    found = outcome.pop()
    if isinstance(found, BaseException):
        try:
            raise found
        finally:
            del (
                found
            )  # the error holds this frame, and must not be held by it: the document would stay for a while
    return found


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip


_PARSER = _parser()


def _read(data: bytes, context: _Context, parser: etree.XMLParser) -> Received:
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(_not_xml(error)) from None
    document, context.header = _unwrap(root)
    name = context.definition = _name(document)
    definition = _DEFINITIONS.get(name)
    if definition is None:
        raise Refused(_not_taken(name))
    if context.header is not None and context.header.definition != name:
        raise Refused(errors.HEADER_DIFFERS("/AppHdr", announced=context.header.definition, definition=name))
    if _has_stray(document):
        raise Refused(_stray(document))
    values: Values = {}
    faults: list[Fault] = []
    definition.walk(document, values, faults)
    message = None if faults else definition.build(values, faults)
    if message is None or faults:
        context.reference = values.get("reference")
        raise _Faulty(faults)
    return Received(name, message, context.header)


def _not_xml(error: etree.XMLSyntaxError) -> Refusal:
    if (error.msg or "").startswith("Excessive depth"):
        return errors.TOO_DEEP(limit=DEEPEST)
    reason = (error.msg or "not XML").partition("\n")[0].partition(", line ")[0]
    return errors.NOT_XML(line=error.lineno or 0, reason=reason)


def _unwrap(root: Element) -> tuple[Element, Header | None]:
    """The Document, and the header before it."""
    if local_name(root) == "Document":
        return root, None
    children = list(root)
    if len(children) == 1 and local_name(children[0]) == "Document":
        return children[0], None
    if [local_name(child) for child in children] != ["AppHdr", "Document"]:
        raise Refused(errors.ENVELOPE(reason=f"{local_name(root)} holds no AppHdr and Document"))
    header, document = children
    namespace = header.tag.rpartition("}")[0].lstrip("{")
    if namespace.removeprefix(NAMESPACE) not in VERSIONS or not namespace.startswith(NAMESPACE):
        raise Refused(errors.ENVELOPE(reason=f"the header's namespace is {namespace or 'missing'}"))
    return document, read_header(header, namespace)


def _name(document: Element) -> str:
    namespace = document.tag.rpartition("}")[0].lstrip("{")
    if not namespace.startswith(NAMESPACE) or len(namespace) > len(NAMESPACE) + LONGEST_NAME:
        raise Refused(
            errors.UNKNOWN_MESSAGE(definition=namespace or "A Document without namespace", taken=_TAKEN)
        )
    return namespace.removeprefix(NAMESPACE)


def _not_taken(name: str) -> Refusal:
    kind = name[:9]
    same = next((taken for taken in _DEFINITIONS if taken.startswith(kind) and name[8:9] == "."), None)
    if same:
        return errors.VERSION(definition=name, taken=same)
    return errors.UNKNOWN_MESSAGE(definition=name, taken=_TAKEN)


def _stray(document: Element) -> Refusal:
    strays: Any = _first_attribute(document) or _first_text(document)
    found = strays[0]
    parent = found.getparent()
    if found.is_tail:
        parent = parent.getparent()
    what = f"an attribute {found.attrname}" if found.is_attribute else f"the text {found.strip()[:40]!r}"
    return errors.STRAY(pointer(parent), line=line(parent), element=local_name(parent), what=what)

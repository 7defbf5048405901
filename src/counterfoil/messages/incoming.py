"""From what is handed in to single messages, read but not yet acted on: nothing here looks anything up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from counterfoil.core.errors import Refused
from counterfoil.core.ids import new_ids
from counterfoil.messages import errors
from counterfoil.messages.codecs.decoding import LARGEST, decode
from counterfoil.messages.model import Header
from counterfoil.messages.received import MessageRefused, Received

MOST = 5000
"""Messages in one file."""
_FILE = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?Xchg[\s>][^>]*?urn:iso:std:iso:20022:tech:xsd:head\.002\.001\.01"
)
_HEAD_BYTES = 4096
_OPENED = re.compile(rb"<(?:[\w.-]+:)?Pyld(?:\s[^<>]*)?>")
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?Pyld\s*>")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came: what it says (`received`), or why it cannot be read (`refused`)."""

    id: UUID
    content: bytes
    sha256: bytes
    received: Received | None = None
    refused: MessageRefused | None = None

    @property
    def header(self) -> Header | None:
        """Its header, as far as there is one and it could be read."""
        found = self.received or self.refused
        return found.header if found else None

    @property
    def definition(self) -> str | None:
        """Which message it is, as far as that is known."""
        found = self.received or self.refused
        return found.definition if found else None


def read(contents: Sequence[bytes]) -> list[Incoming]:
    """Read messages, each by itself. Do it before a transaction begins: it takes most of the time."""
    return [_read(id_, content) for id_, content in zip(new_ids(len(contents)), contents, strict=True)]


def _read(id_: UUID, content: bytes) -> Incoming:
    digest = sha256(content).digest()
    try:
        return Incoming(id_, content, digest, received=decode(content))
    except MessageRefused as refused:
        return Incoming(id_, content[:LARGEST], digest, refused=refused)


def unpack(body: bytes) -> list[bytes]:
    """The messages of a file (head.002.001.01: Xchg with a message in each Pyld), byte by byte as they were put in;
    any other body is one message. Raises `Refused` (MSG-110, MSG-111).

    A message in a file declares its namespaces itself. Comments and CDATA are refused, for a tag in them is none.
    """
    if _FILE.match(body[:_HEAD_BYTES]) is None:
        return [body]
    if b"<!" in body:
        raise Refused(errors.FILE(reason="It has a comment, CDATA or a document type"))
    opened, closed = list(_OPENED.finditer(body)), list(_CLOSED.finditer(body))
    if len(opened) > MOST:
        raise Refused(errors.TOO_MANY(limit=f"{MOST:,}"))
    places = [at for pair in zip(opened, closed, strict=False) for tag in pair for at in tag.span()]
    if not opened or len(opened) != len(closed) or places != sorted(places):
        raise Refused(errors.FILE(reason="Its Pyld elements are missing, nested or not closed"))
    return [body[start.end() : end.start()] for start, end in zip(opened, closed, strict=True)]

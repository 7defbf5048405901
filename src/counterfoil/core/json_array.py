"""Cuts a JSON array into the texts of its members as it streams in, without reading what they say.

Each member is kept as it was sent and judged alone later, by the same strict reader as a line of NDJSON: a number of
absurd size, a name that stands twice or half a surrogate pair costs one item, not the batch.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator

_BLANKS = re.compile(r"[ \t\n\r]*")


def _nothing(_: object) -> None:
    """No value is built, so no number is ever computed."""


# strict=False: a control character in a string is the member's own fault.
_decoder = json.JSONDecoder(
    strict=False,
    parse_float=_nothing,
    parse_int=_nothing,
    parse_constant=_nothing,
    object_pairs_hook=_nothing,
)


class MemberTooLarge(Exception):
    """A member is longer than permitted."""


def members(chunks: Iterable[bytes], *, name: str, maximum: int) -> Iterator[str]:
    """The text of each member of one array, or of the array `name` that is all of one object.

    Raises `ValueError` for what is no such JSON text, `MemberTooLarge` for a member of more than `maximum`
    characters.
    """
    text = _Text(chunks, maximum)
    wrapped = text.peek() == "{"
    if wrapped:
        text.take("{")
        if text.peek() != '"' or text.value() != f'"{name}"':
            raise ValueError(f'an object has the one member "{name}", an array')
        text.take(":")
    text.take("[")
    if text.peek() == "]":
        text.take("]")
    else:
        yield text.value()
        while text.take(",]") == ",":
            yield text.value()
    if wrapped:
        text.take("}")
    if text.peek():
        raise ValueError("something follows behind the array")


class _Text:
    """The text of the chunks, of which only what is not yet cut is held."""

    def __init__(self, chunks: Iterable[bytes], maximum: int) -> None:
        self._chunks = iter(chunks)
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._maximum = maximum
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is not blank; nothing at the end."""
        while True:
            self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> str:
        """The next character, which is one of `wanted`."""
        found = self.peek()
        if not found or found not in wanted:
            raise ValueError(f"{' or '.join(wanted)} is expected where {found or 'the end'} stands")
        self._at += 1
        return found

    def value(self) -> str:
        """The text of the next value."""
        self.peek()
        while True:
            problem: ValueError | None = None
            try:
                _, end = _decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
            except ValueError as error:  # malformed, or not yet whole
                problem, end = error, len(self._text)
            if end - self._at > self._maximum:
                raise MemberTooLarge from problem
            # A number that ends with the chunk may go on in the next.
            if end == len(self._text) and self._more():
                continue
            if problem is not None:
                raise problem
            start, self._at = self._at, end
            return self._text[start:end]

    def _more(self) -> bool:
        for chunk in self._chunks:
            self._text = self._text[self._at :] + self._utf8.decode(chunk)
            self._at = 0
            return True
        self._utf8.decode(b"", final=True)
        return False

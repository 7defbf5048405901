"""Turns the body of a batch upload into item payloads, as it streams in.

NDJSON lines are only cut, not parsed: a line that is not JSON becomes one rejected item, not a refused batch.
"""

import codecs
import csv
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from counterfoil.core import json
from counterfoil.core.errors import Refusal, Refused
from counterfoil.core.json_array import MemberTooLarge, members
from counterfoil.processes import errors

MAXIMUM_ITEMS = 1_000_000
MAXIMUM_BYTES = 2 * 1024**3
"""Of the body once it is uncompressed."""
MAXIMUM_ITEM_BYTES = 256 * 1024
_MAXIMUM_INFLATION = 200
"""A body that grows more than this by decompression is taken for a bomb. JSON of one product grows about 10 to 20."""
_STEP = 256 * 1024
_MAXIMUM_PATH = 16
"""Steps in the path that a CSV column's name is."""
_INDEX_DIGITS = 4


def items(chunks: Iterable[bytes], content_type: str, content_encoding: str = "") -> Iterator[bytes]:
    """The payload of each item, in order. Raises `Refused` (PRC-020, 021, 024, 025) for a body that is no batch."""
    return (payload for _, payload in numbered_items(chunks, content_type, content_encoding))


def numbered_items(
    chunks: Iterable[bytes], content_type: str, content_encoding: str = ""
) -> Iterator[tuple[int, bytes]]:
    """The same with the line on which each item begins; of JSON, which has no lines, its number."""
    media_type = content_type.partition(";")[0].strip().lower()
    read = _FORMATS.get(media_type)
    if read is None:
        raise Refused(errors.UNKNOWN_FORMAT(format=media_type))
    encoding = content_encoding.strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Refused(errors.BROKEN_ENCODING(format=content_encoding, reason="only gzip is understood"))
    count = 0
    for line, payload in read(_gathered(_limited(_inflated(chunks) if encoding == "gzip" else chunks))):
        count += 1
        if count > MAXIMUM_ITEMS:
            raise Refused(errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_ITEMS:,} items"))
        yield line, payload
    if count == 0:
        raise Refused(errors.EMPTY_BATCH())


def _limited(chunks: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > MAXIMUM_BYTES:
            raise Refused(errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_BYTES // 1024**2} MiB"))
        yield chunk


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks of a useful size: one that goes on with what the last left open is read again with it."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= _STEP:
            yield b"".join(parts)
            parts, size = [], 0
    if size:
        yield b"".join(parts)


def _unmarked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without the byte order mark that some programs put in front of a text."""
    coming = iter(chunks)
    yield next(coming, b"").removeprefix(codecs.BOM_UTF8)
    yield from coming


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    taken = given = 0
    try:
        for chunk in chunks:
            taken += len(chunk)
            rest = chunk
            out = b""
            while rest or len(out) == _STEP:  # a full step may have left output behind
                out = inflater.decompress(rest, _STEP)
                given += len(out)
                if given > _MAXIMUM_INFLATION * taken + _STEP:
                    reason = f"it inflates more than {_MAXIMUM_INFLATION} times"
                    raise Refused(errors.BROKEN_ENCODING(format="gzip", reason=reason))
                if out:
                    yield out
                if inflater.eof and inflater.unused_data:  # a further gzip member follows
                    rest, inflater = inflater.unused_data, zlib.decompressobj(wbits=31)
                else:
                    rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise Refused(errors.BROKEN_ENCODING(format="gzip", reason=error)) from None
    if not inflater.eof:
        raise Refused(errors.BROKEN_ENCODING(format="gzip", reason="it ends too early"))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; what is left behind the last line end counts as one."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield _bounded(line)
        _bounded(rest)
    if rest:
        yield _bounded(rest)


def _bounded(item: bytes) -> bytes:
    if len(item) > MAXIMUM_ITEM_BYTES:
        raise Refused(_item_too_large())
    return item


def _item_too_large() -> Refusal:
    return errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_ITEM_BYTES // 1024} KiB an item")


def _ndjson(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    lines = map(bytes.strip, _lines(_unmarked(chunks)))
    return ((n, line) for n, line in enumerate(lines, 1) if line)


def _json(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The members of one JSON array, or of the array `items` in one object, as they were sent."""
    try:
        for n, text in enumerate(members(chunks, name="items", maximum=MAXIMUM_ITEM_BYTES), 1):
            yield n, _bounded(text.encode())
    except MemberTooLarge:
        raise Refused(_item_too_large()) from None
    except ValueError as error:
        raise Refused(errors.BROKEN_ENCODING(format="JSON", reason=error)) from None


def _csv(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """One item a row. A column's name is the path of its field: `reference`, `instrument.underlyings.0.isin`.

    An empty cell leaves the field out. Values are texts; the terms read numbers from them. A column whose name begins
    with # is a remark, as why an item was refused the last time, and skipped.
    """
    try:
        text = (line.decode() + "\n" for line in _lines(_unmarked(chunks)))
        rows = csv.reader(text, strict=True)
        paths = _paths([name.strip() for name in next(rows, [])])
        begins = rows.line_num + 1
        for row in rows:
            if any(row):
                yield begins, _bounded(json.dumps(_nested(paths, row, begins)).encode())
            begins = rows.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=error)) from None


def _paths(header: list[str]) -> list[list[str]]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        reason = "commas separate its columns; the header has other marks"
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
    if len(set(header)) != len(header) or not all(header):
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason="a column has no name, or a name twice"))
    paths = [name.split(".") for name in header]
    if not all(len(path) <= _MAXIMUM_PATH and all(path) for path in paths):
        reason = f"a column's path has an empty step or more than {_MAXIMUM_PATH}"
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
    return paths


def _nested(paths: list[list[str]], row: list[str], line: int) -> Any:
    if len(row) != len(paths):
        reason = f"line {line} has {len(row)} cells, the header {len(paths)}"
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
    root: dict[str, Any] = {}
    for path, cell in zip(paths, row, strict=True):
        if cell == "" or path[0].startswith("#"):
            continue
        node = root
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                reason = f'the column "{".".join(path)}" stands below another column'
                raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
        if path[-1] in node:
            reason = f'the column "{".".join(path)}" stands above another column'
            raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
        node[path[-1]] = cell
    return _lists(root)


def _lists(value: Any) -> Any:
    """Objects whose names are 0, 1, 2 … become lists."""
    if not isinstance(value, dict):
        return value
    children = {name: _lists(child) for name, child in value.items()}
    if children and all(
        name.isdecimal() and name.isascii() and len(name) <= _INDEX_DIGITS for name in children
    ):
        return [children[name] for name in sorted(children, key=int)]
    return children


_FORMATS: dict[str, Callable[[Iterable[bytes]], Iterator[tuple[int, bytes]]]] = {
    "application/x-ndjson": _ndjson,
    "application/jsonl": _ndjson,
    "application/json": _json,
    "text/csv": _csv,
}

"""Turns the body of a batch upload into item payloads, as it streams in.

NDJSON lines are only cut, not parsed: a line that is not JSON becomes one rejected item, not a refused batch.
"""

import csv
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ijson

from counterfoil.core import json
from counterfoil.core.errors import Refused
from counterfoil.processes import errors

MAXIMUM_ITEMS = 1_000_000
MAXIMUM_BYTES = 2 * 1024**3
"""Of the body once it is uncompressed."""
MAXIMUM_ITEM_BYTES = 256 * 1024
_MAXIMUM_INFLATION = 200
"""A body that grows more than this by decompression is taken for a bomb. JSON of one product grows about 10 to 20."""
_STEP = 256 * 1024


def items(chunks: Iterable[bytes], content_type: str, content_encoding: str = "") -> Iterator[bytes]:
    """The payload of each item, in order. Raises `Refused` (PRC-020, 021, 024, 025) for a body that is no batch."""
    media_type = content_type.partition(";")[0].strip().lower()
    read = _FORMATS.get(media_type)
    if read is None:
        raise Refused(errors.UNKNOWN_FORMAT(format=media_type))
    if content_encoding not in ("", "identity", "gzip"):
        raise Refused(errors.BROKEN_ENCODING(format=content_encoding, reason="only gzip is understood"))
    count = 0
    for payload in read(_limited(_inflated(chunks) if content_encoding == "gzip" else chunks)):
        count += 1
        if count > MAXIMUM_ITEMS:
            raise Refused(errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_ITEMS:,} items"))
        yield payload
    if count == 0:
        raise Refused(errors.EMPTY_BATCH())


def _limited(chunks: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > MAXIMUM_BYTES:
            raise Refused(errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_BYTES // 1024**2} MiB"))
        yield chunk


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    taken = given = 0
    try:
        for chunk in chunks:
            taken += len(chunk)
            rest = chunk
            while rest:
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


def _bounded(line: bytes) -> bytes:
    if len(line) > MAXIMUM_ITEM_BYTES:
        raise Refused(errors.BATCH_TOO_LARGE(limit=f"{MAXIMUM_ITEM_BYTES // 1024} KiB an item"))
    return line


def _ndjson(chunks: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in map(bytes.strip, _lines(chunks)) if line)


def _json(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The members of one JSON array, or of the array `items` in one object."""
    source = iter(chunks)
    first = next(source, b"")
    prefix = "items.item" if first.lstrip()[:1] == b"{" else "item"
    try:
        for item in ijson.items(_Reader(first, source), prefix, use_float=False):
            yield _bounded(json.dumps(item).encode())
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise Refused(errors.BROKEN_ENCODING(format="JSON", reason=error)) from None
    except ValueError as error:
        raise Refused(errors.BROKEN_ENCODING(format="JSON", reason=error)) from None


class _Reader:
    """The file-like object that ijson wants over an iterator of chunks."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._buffer = first
        self._rest = rest

    def read(self, size: int) -> bytes:
        while not self._buffer and size:
            try:
                self._buffer = next(self._rest)
            except StopIteration:
                return b""
        out, self._buffer = self._buffer[:size], self._buffer[size:]
        return out


def _csv(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One item a row. A column's name is the path of its field: `reference`, `instrument.underlyings.0.isin`.

    An empty cell leaves the field out. Values are texts; the terms read numbers from them.
    """
    try:
        text = (line.decode("utf-8") + "\n" for line in _lines(chunks))
        rows = csv.reader(text, strict=True)
        header = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
        if len(set(header)) != len(header) or not all(header):
            raise Refused(
                errors.BROKEN_ENCODING(format="CSV", reason="a column has no name, or a name twice")
            )
        paths = [name.split(".") for name in header]
        for row in rows:
            if any(row):
                yield json.dumps(_nested(paths, row, rows.line_num)).encode()
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=error)) from None


def _nested(paths: list[list[str]], row: list[str], line: int) -> Any:
    if len(row) != len(paths):
        reason = f"line {line} has {len(row)} cells, the header {len(paths)}"
        raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
    root: dict[str, Any] = {}
    for path, cell in zip(paths, row, strict=True):
        if cell == "":
            continue
        node = root
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                reason = f'the column "{".".join(path)}" stands below another column'
                raise Refused(errors.BROKEN_ENCODING(format="CSV", reason=reason))
        node[path[-1]] = cell
    return _lists(root)


def _lists(value: Any) -> Any:
    """Objects whose names are 0, 1, 2 … become lists."""
    if not isinstance(value, dict):
        return value
    children = {name: _lists(child) for name, child in value.items()}
    if children and all(name.isdigit() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children


_FORMATS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "application/x-ndjson": _ndjson,
    "application/jsonl": _ndjson,
    "application/json": _json,
    "text/csv": _csv,
}

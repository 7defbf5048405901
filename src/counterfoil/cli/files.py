"""Files that commands hand in."""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_TYPES = {
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".csv": "text/csv",
}
_CHUNK = 256 * 1024


def upload_headers(file: Path) -> dict[str, str]:
    """What a file is, by its name: .ndjson, .jsonl, .json or .csv, and .gz behind it."""
    packed = file.suffix == ".gz"
    suffix = Path(file.stem).suffix if packed else file.suffix
    headers = {"Content-Type": _TYPES.get(suffix.lower(), "application/x-ndjson")}
    return headers | ({"Content-Encoding": "gzip"} if packed else {})


def content_digest(file: Path) -> str:
    """SHA-256 of what a file says, packed or not."""
    digest = sha256()
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def chunks_of(file: Path) -> Iterator[bytes]:
    """The file, piece by piece."""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk

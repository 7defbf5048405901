"""Bodies that are files: larger than memory should have to hold."""

import tempfile
from collections.abc import AsyncIterable, Iterator
from typing import IO

from counterfoil.core.errors import Refused
from counterfoil.processes import BATCH_TOO_LARGE, MAXIMUM_BYTES

_CHUNK = 256 * 1024
_IN_MEMORY = 4 * 1024 * 1024


async def spooled(body: AsyncIterable[bytes]) -> IO[bytes]:
    """The whole body, on disk where it is large: no transaction is open while a client takes its time.

    Raises `Refused` (PRC-021) beyond the limit.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > MAXIMUM_BYTES:
            file.close()
            raise Refused(BATCH_TOO_LARGE(limit=f"{MAXIMUM_BYTES // 1024**2} MiB"))
        file.write(chunk)
    file.seek(0)
    return file


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The body again, piece by piece."""
    while chunk := file.read(_CHUNK):
        yield chunk

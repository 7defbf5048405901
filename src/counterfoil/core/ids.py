"""Ids are UUIDv7 (RFC 9562, section 5.7), made by the caller so that a retry repeats them.

They sort by time of making, which keeps B-tree pages hot; within one process they are strictly increasing.
"""

import os
import time
from threading import Lock
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = 62
_lock = Lock()
_last = 0


def new_ids(count: int) -> list[UUID]:
    """`count` fresh ids in increasing order.

    The 12 bits after the version and the lowest millisecond bits together form a counter that runs ahead of the
    clock when more than 4,096 ids are made in one millisecond.
    """
    global _last  # noqa: PLW0603 - one counter for the whole process keeps ids increasing across threads
    with _lock:
        first = max(_last + 1, (time.time_ns() // 1_000_000) << 12)
        _last = first + count - 1
    noise = os.urandom(8 * count)
    mask = (1 << _RANDOM_BITS) - 1
    ids = []
    for i in range(count):
        tick = first + i
        tail = int.from_bytes(noise[8 * i : 8 * i + 8]) & mask
        ids.append(UUID(int=(tick >> 12) << 80 | _VERSION | (tick & 0xFFF) << 64 | _VARIANT | tail))
    return ids


def new_id() -> UUID:
    """One fresh id."""
    return new_ids(1)[0]

"""Ids of new rows, made in the client: a plan can refer to rows that are not there yet."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7(_what: str = "") -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, 12 more of their fraction, then chance.

    Later ones of a process are greater: new rows land at the end of their indexes, and an invoice's new items are in the order
    of its lines.
    """
    global _last  # noqa: PLW0603 - the one thing that a process remembers of its ids
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    moment = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        _last = moment = max(moment, _last + 1)
    bits = (moment >> 12 << 80) | (0x7 << 76) | ((moment & 0xFFF) << 64) | int.from_bytes(os.urandom(8), "big")
    return UUID(int=bits & ~(0x3 << 62) | (0x2 << 62))

"""Ids of new rows, made in the client: a plan can refer to rows that are not there yet."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7(_what: str = "") -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance. New rows land at the end of their indexes."""
    chance = int.from_bytes(os.urandom(10), "big")
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds << 80) | chance
    bits = bits & ~(0xF << 76) | (0x7 << 76)
    return UUID(int=bits & ~(0x3 << 62) | (0x2 << 62))

"""The keys that things are found by: texts brought to one form, without a dictionary, so that no key ever changes with one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

KEY_LENGTH = 200
"""Characters of a text that a key keeps. A btree entry takes 2,704 bytes; what is longer ends in a hash of the whole."""

NO_NUMBER = frozenset({"", "-", "--", "#N/A", "N/A", "NULL", "NONE", "0"})
"""Item numbers that say there is none: a blank or a spreadsheet's placeholder must not make all its lines one item."""

RUINED_NUMBER = re.compile(r"\d(?:[.,]\d+)?[Ee]\+\d+")
"""What a spreadsheet makes of long numbers: 7.61E+11 is many of them."""

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Soft hyphens, zero-width characters and direction marks: a person sees no difference, so a key makes none."""

DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the order of letters around: a name that holds them reads otherwise than it is written."""

LEGAL_FORM = re.compile(r"[\s,.]*\binc\b[\s.]*$")


@lru_cache(maxsize=65_536)
def plain_text(text: str) -> str:
    """`text` in upper case, compatibility forms resolved, blanks as one space each, invisible characters gone."""
    visible = text if text.isascii() else INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(visible.upper().split())


def shown_text(text: str) -> str:
    """`text` as it is kept and shown: composed (NFC), without marks that turn its direction."""
    return text if text.isascii() else DIRECTION.sub("", unicodedata.normalize("NFC", text))


@lru_cache(maxsize=4_096)
def vendor_key(name: str) -> str:
    """What makes two spellings one vendor: case, blanks, a closing dot and `Inc` make no difference."""
    folded = plain_text(name).casefold()
    return LEGAL_FORM.sub("", folded).rstrip(" .,") or folded


def item_number(text: str) -> str | None:
    """The vendor's item number, as a person sees it; None for a blank one or a placeholder. Case is kept: it may matter."""
    visible = text if text.isascii() else INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    number = " ".join(visible.split())
    return None if number.upper() in NO_NUMBER or RUINED_NUMBER.fullmatch(number) else number


def item_key(number: str | None, reading: str) -> str:
    """`n:` and the number, or without one `d:` and the reading of the description."""
    return f"n:{shortened(number)}" if number is not None else f"d:{shortened(reading)}"


def shortened(text: str) -> str:
    """`text`, or its beginning and a hash of all of it where it is too long for an index."""
    if len(text) <= KEY_LENGTH:
        return text
    return f"{text[: KEY_LENGTH - 33]}#{blake2b(text.encode(), digest_size=16).hexdigest()}"


def unread_pack_key(pack_size: str) -> str:
    """The key of a pack size that can't be read: only a mapping made by hand can know it."""
    return "?" + shortened(plain_text(pack_size))

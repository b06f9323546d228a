"""A tenant's own abbreviations, over the built-in list: what its vendors write short, and what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from invoicedb.domain.spelling import canonical, singular
from invoicedb.domain.stated_sizes import capitals
from invoicedb.errors import InvalidAbbreviation

SHORT_LENGTH = 40
LONG_WORDS = 10

Entry = tuple[str, str]
"""An abbreviation and the words it stands for, in capitals."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Canonical words by abbreviation, which is singular. Equal is only the same object: readings are remembered by it."""

    entries: Mapping[str, tuple[str, ...]]

    def words(self, token: str) -> tuple[str, ...] | None:
        """The words that a token in capitals, of one or many, stands for; None where it is no abbreviation of this tenant's."""
        return self.entries.get(singular(token)) if self.entries else None


EMPTY = Dictionary({})


def dictionary_of(entries: tuple[Entry, ...]) -> Dictionary:
    return _remembered(entries) if entries else EMPTY


@lru_cache(maxsize=1_024)
def _remembered(entries: tuple[Entry, ...]) -> Dictionary:
    return Dictionary({singular(short): _words(long) for short, long in entries})


def read_entry(abbreviation: str, expansion: str) -> Entry:
    """What a user says that an abbreviation stands for, as it is kept: in capitals, blanks as one.

    Raises InvalidAbbreviation for one of several words, without a letter, or that stands for nothing or for itself.
    """
    short, long = (" ".join(capitals(text).split()) for text in (abbreviation, expansion))
    reason = _why_not(short, long)
    if reason:
        raise InvalidAbbreviation(abbreviation=abbreviation, expansion=expansion, reason=reason)
    return short, long


def _why_not(short: str, long: str) -> str:
    if not short or " " in short or len(short) > SHORT_LENGTH or not any(map(str.isalpha, short)):
        return f"an abbreviation is one word with a letter in it, of at most {SHORT_LENGTH} characters"
    if not long or len(long.split()) > LONG_WORDS or not all(map(str.isalpha, long.split())):
        return f"it stands for one word or up to {LONG_WORDS}, of letters only"
    return "it stands for itself" if _words(long) == (singular(short),) else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for word in text.split() for one in canonical(word)))

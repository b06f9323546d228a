"""A tenant's own abbreviations, over the built-in list: what its vendors write short, and what it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from invoicedb.domain.spelling import canonical, singular
from invoicedb.domain.stated_sizes import capitals
from invoicedb.errors import InvalidAbbreviation

SHORT_LENGTH = 40
LONG_WORDS = 10
LONG_LENGTH = 200
NO_SHORT = f"an abbreviation is one word of letters, digits and signs between them, of at most {SHORT_LENGTH} characters"
SHORT = re.compile(r"[^\W_]+(?:[&/.\-]+[^\W_]+)*/?")
"""What a reading takes for one word: what starts or ends in other signs would never be met."""

Entry = tuple[str, str]
"""An abbreviation and the words it stands for, in capitals."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Canonical words by abbreviation, as it was said and by its singular.

    Equal is only the same object: readings are remembered by it.
    """

    entries: Mapping[str, tuple[str, ...]]
    by_singular: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def words(self, token: str) -> tuple[str, ...] | None:
        """The words that a token in capitals stands for; None where it is no abbreviation of this tenant's.

        Said of one it is of many as well, and the other way round, unless both were said: ABC and ABCS may be two.
        """
        return (self.entries.get(token) or self.by_singular.get(singular(token))) if self.entries else None


EMPTY = Dictionary({})


def dictionary_of(entries: tuple[Entry, ...]) -> Dictionary:
    return _remembered(entries) if entries else EMPTY


@lru_cache(maxsize=1_024)
def _remembered(entries: tuple[Entry, ...]) -> Dictionary:
    said = {short: _words(long) for short, long in entries}
    return Dictionary(said, {singular(short): words for short, words in said.items()} | said)


def read_entry(abbreviation: str, expansion: str) -> Entry:
    """What a user says that an abbreviation stands for, as it is kept: in capitals, blanks as one.

    Raises InvalidAbbreviation for one of several words, without a letter, or that stands for nothing or for itself.
    """
    if not isinstance(abbreviation, str) or not isinstance(expansion, str):
        raise InvalidAbbreviation(abbreviation=str(abbreviation), expansion=str(expansion), reason="both are texts")
    short, long = (" ".join(capitals(text).split()) for text in (abbreviation, expansion))
    reason = _why_not(short, long) if SHORT.fullmatch(" ".join(abbreviation.split())) else NO_SHORT
    if reason:
        raise InvalidAbbreviation(abbreviation=abbreviation, expansion=expansion, reason=reason)
    return short, long


def _why_not(short: str, long: str) -> str:
    if not short or len(short) > SHORT_LENGTH or not any(map(str.isalpha, short)):
        return NO_SHORT
    if not long or len(long) > LONG_LENGTH or len(long.split()) > LONG_WORDS or not all(map(str.isalpha, long.split())):
        return f"it stands for one word or up to {LONG_WORDS}, of letters only, {LONG_LENGTH} in all"
    return "it stands for itself" if _words(long) == (singular(short),) else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for word in text.split() for one in canonical(word)))

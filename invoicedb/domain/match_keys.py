"""Match keys: how the few items that a line could mean are found, in the database and in memory alike.

A word's skeleton survives most spellings, and a key is the sum of the hashes of some of a text's words. Texts that share all
words, all but one, or two share a key: candidates cost as many look-ups as the line has keys, whatever the catalog's size.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, islice, pairwise
from uuid import UUID

from invoicedb.domain.dictionary import Dictionary
from invoicedb.domain.reading import Reading, read
from invoicedb.domain.spelling import skeleton
from invoicedb.domain.words import FAINT, IMPLIED

KEY_FORMAT = 1
"""Raised whenever readings or skeletons change: stored keys of another format must be made anew."""

ROWS_PER_KEY = 64
"""A key that more items share says little. The lowest item ids are taken, so that they are the same every time."""

CANDIDATES = 20
"""Compared for one line. Measured: of a retailer's renamed articles all have the right item among them, of electronics 96 %."""

# Of longer names, the longest words; 40 keys at most.
_DROPPED = 8  # words left out in turn
_PAIRED = 7  # words that make pairs: 21 keys
_CODED = 4  # words that make pairs with codes
_JOINED = 6  # names of more words are found by their pairs, joined words or not
_CODES = 2
_SHORTENED = 4  # spellings of one description with an abbreviation of the tenant's in it
_HALF, _ALL = 1 << 63, (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that a line could mean.

    `hits` counts the keys that it shares with the line; `base_unit` is g, ml or each; `aliases` are the descriptions mapped to
    it (its name is one without being named again), `packs` the pack size texts mapped to it. `other_number` is one by which the
    line's own vendor sells it, where it is not the line's.
    """

    item_id: UUID
    hits: int
    name: str
    base_unit: str
    aliases: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    other_number: str = ""


def match_keys(reading: Reading) -> tuple[int, ...]:
    """The keys of a reading, to store or to look up: at most 40 signed 64-bit integers, sorted, distinct.

    Keys of: the set of all words, the set without each one, each pair, the set with two neighbours written as one, each code,
    each code with a word. Empty when the reading has no words. Words that say little are left out.
    """
    words = [word for word in reading.words if word not in FAINT]
    without = [word for word in words if word not in IMPLIED or not is_implied(word, reading)]
    keys = _keys(words, reading) | (_keys(without, reading) if len(without) < len(words) else set())
    return tuple(sorted({((one + _HALF) & _ALL) - _HALF for one in keys}))


@lru_cache(maxsize=1 << 10)
def description_keys(description: str) -> tuple[int, ...]:
    """The keys of a description. Remembered: a new line is looked up by them, compared by them, and then found by them."""
    return match_keys(read(description))


def is_implied(word: str, reading: Reading) -> bool:
    """Whether the others say it already: of milk 2 % everybody knows that it is reduced in fat, and not everybody says so."""
    return any(needed <= reading.said | reading.facts for needed in IMPLIED.get(word, ()))


def _keys(words: Sequence[str], reading: Reading) -> set[int]:
    if not words:
        return set()
    hashes = [_word_hash(word) for word in sorted(sorted(words), key=len, reverse=True)]
    total = sum(hashes)
    codes = [_hash(code) for code in sorted(reading.codes)[:_CODES]]
    sums = {total, *codes, *[code + word for code in codes for word in hashes[:_CODED]]}
    sums.update([one + other for one, other in combinations(hashes[:_PAIRED], 2)])
    if len(hashes) > 1:
        sums.update([total - one for one in hashes[:_DROPPED]])
        sums.update(_joined(words, total) if len(words) <= _JOINED else ())
    return sums


def alias_keys(description: str, dictionary: Dictionary) -> tuple[int, ...]:
    """The keys that an item is found by under one of its descriptions, sorted and distinct.

    A line is looked up before anybody knows its tenant's abbreviations. So what it may write short is a key of the item's: the
    description's own keys, those of what it stands for, and those of its words written short.
    """
    if not dictionary.entries:
        return description_keys(description)
    reading = read(description)
    spellings = (reading, read(description, None, dictionary), *islice(_shortened(reading, dictionary), _SHORTENED))
    return tuple(sorted({key for spelling in spellings for key in match_keys(spelling)}))


def _shortened(reading: Reading, dictionary: Dictionary) -> Iterator[Reading]:
    for short, words in dictionary.entries.items():
        if reading.said.issuperset(words):
            spelt = [read(short).words if word == words[0] else () if word in words else (word,) for word in reading.words]
            yield replace(reading, words=tuple(dict.fromkeys(word for each in spelt for word in each)))


def _joined(words: Sequence[str], total: int) -> list[int]:
    """The sum with two neighbours written as one word: NIGHT LIGHT, NIGHTLIGHT."""
    return [total - _word_hash(one) - _word_hash(other) + _word_hash(one + other) for one, other in pairwise(words)]


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    return _hash(skeleton(word))


def _hash(text: str) -> int:
    """The same in every process and version of Python, as `hash` is not."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


class KeyIndex:
    """The items created or renamed within one invoice, found as the database finds the others.

    It answers as the statement there does: of each key, the 64 items with the lowest ids; then the 20 items with the most keys,
    of equal ones the lowest ids.
    """

    def __init__(self) -> None:
        self._items: dict[UUID, Candidate] = {}
        self._by_key: dict[int, list[UUID]] = {}

    def add(
        self,
        item_id: UUID,
        keys: Iterable[int],
        *,
        name: str,
        base_unit: str,
        aliases: Sequence[str] = (),
        packs: Sequence[str] = (),
    ) -> None:
        """Adds an item with the keys of its descriptions. Added again, it has the keys, names and packs of both times."""
        added = Candidate(item_id, 0, name, base_unit, tuple(aliases), tuple(packs))
        known = self._items.get(item_id)
        self._items[item_id] = _together(known, added) if known else added
        for key in keys:
            holders = self._by_key.setdefault(key, [])
            at = bisect_left(holders, item_id)
            if holders[at : at + 1] != [item_id]:
                insort(holders, item_id)

    def candidates(self, keys: Iterable[int], limit: int = CANDIDATES) -> list[Candidate]:
        """The `limit` items that share most of `keys`, best first."""
        hits = Counter(item_id for key in set(keys) for item_id in self._by_key.get(key, ())[:ROWS_PER_KEY])
        return best_candidates((), (replace(self._items[item_id], hits=count) for item_id, count in hits.items()), limit)


def best_candidates(found: Iterable[Candidate], created: Iterable[Candidate], limit: int = CANDIDATES) -> list[Candidate]:
    """The candidates of the database and of this invoice, as one index over both gives them: most hits first, then by id.

    (As long as no key is shared by more than 64 items.) An item in both is one candidate, with the aliases of both.
    """
    merged: dict[UUID, Candidate] = {}
    for candidate in (*found, *created):
        known = merged.get(candidate.item_id)
        merged[candidate.item_id] = _together(known, candidate) if known else candidate
    return sorted(merged.values(), key=_most_hits_first)[:limit]


def _most_hits_first(candidate: Candidate) -> tuple[int, UUID]:
    return -candidate.hits, candidate.item_id


def _together(one: Candidate, other: Candidate) -> Candidate:
    renamed = () if other.name == one.name else (other.name,)
    return replace(
        one,
        hits=max(one.hits, other.hits),
        aliases=tuple(dict.fromkeys((*one.aliases, *renamed, *other.aliases))),
        packs=tuple(dict.fromkeys((*one.packs, *other.packs))),
    )

"""One spelling for the words that are written in many, and what two spellings have in common.

A rule that two unlike words could pass is no rule of this module: it is a likeness, in `likeness`, that a person looks at.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from invoicedb.domain.abbreviations import ABBREVIATIONS
from invoicedb.domain.words import AMBIGUOUS, CHANGING, ENDING_IN_IE, EXCLUDING, FAINT, OTHER_WORDS, PHRASES, SILENT, SINGULAR

VOWELS = frozenset("AEIOU")

_NOT_CONSONANTS = str.maketrans("", "", "AEIOUY")
_SKELETON = 5  # letters: more would tell more words apart, and find fewer misspelt ones


@lru_cache(maxsize=1 << 16)
def canonical(word: str) -> tuple[str, ...]:
    """The words that one written word in capitals stands for: TOMS is TOMATO, UNSLTD is UNSALTED, EVOO is four words."""
    for written in (word, singular(word)):
        if written in ABBREVIATIONS:
            return ABBREVIATIONS[written]
    one = singular(word)
    return (one,) if VOWELS.intersection(one) else (_WITHOUT_VOWELS.get(one, one),)


def singular(word: str) -> str:
    """Without a plural's ending, by rule: TOMATOES, BERRIES, BOXES, WINGS. GLASS, ASPARAGUS and CHRISTMAS stay."""
    if len(word) <= 3 or word[-1] != "S" or word[-2] in "SU" or word in SINGULAR:
        return word
    if word.endswith("IES") and len(word) > 4 and word[:-1] not in ENDING_IN_IE:
        return word[:-3] + "Y"
    if word.endswith(("SSES", "XES", "CHES", "SHES", "ZZES", "TOES")):
        return word[:-2]
    return word[:-1]


def consonants(word: str) -> str:
    """Doubles once: NSLTD of UNSALTED and UNSLTD, SHRD of SHREDDED and SHRD."""
    letters = word.translate(_NOT_CONSONANTS)
    return "".join([letter for at, letter in enumerate(letters) if not at or letter != letters[at - 1]])


def skeleton(word: str) -> str:
    """What most spellings of a word share: its first letter and the consonants after it, doubles once, five letters in all."""
    return (word[0] + consonants(word[1:]))[:_SKELETON]


def _known() -> frozenset[str]:
    expanded = {word for words in ABBREVIATIONS.values() for word in words}
    return frozenset(expanded.union(*EXCLUDING, CHANGING, FAINT, SILENT, OTHER_WORDS, *PHRASES, PHRASES.values()))


def _without_vowels(words: Iterable[str]) -> dict[str, str]:
    """How known words look without vowels, where only one looks so and at least three letters are left."""
    looks: dict[str, set[str]] = {}
    for word in words:
        looks.setdefault(word[0] + consonants(word[1:]), set()).add(word)
    return {look: min(stand) for look, stand in looks.items() if len(stand) == 1 and len(look) >= 3 and look not in AMBIGUOUS}


KNOWN = _known()
"""Words that are themselves: two of them that look alike are two words, no slip."""

_WITHOUT_VOWELS = _without_vowels(KNOWN)

"""When two differently written words are one word: an abbreviation, another form, a slip of the pen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from invoicedb.domain.spelling import KNOWN, VOWELS, consonants
from invoicedb.domain.vocabulary import LENGTHS, MEASURES
from invoicedb.domain.words import AMBIGUOUS, CHANGING

TYPO_SIMILARITY = 0.75
"""One slip in five letters, two in eight (optimal string alignment). Measured on the renamed articles of a retailer."""

TYPO_LENGTH = 5
"""Shorter words are other words too often: LIME and LIMA."""

_UNITS = LENGTHS.union(MEASURES)
"""They stand for nothing but themselves: CM is no CHRISTMAS, PD no POUND."""

_ENDINGS = frozenset({"D", "ED", "EN", "ER", "ING", "Y"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """`worth`: how sure the two are one word, from 0 to 1. `caution`: why a person should look, blank where none need."""

    worth: float
    caution: str = ""


@lru_cache(maxsize=1 << 16)
def likeness(one: str, other: str) -> Likeness | None:
    """How two canonical words may be one, or None. Both begin alike; a word that changes the goods is like no other."""
    if one[0] != other[0] or not (one.isalpha() and other.isalpha()) or {one, other} & CHANGING:
        return None
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    return _abbreviation(short, long) or _form(short, long) or _slip(short, long)


def _abbreviation(short: str, long: str) -> Likeness | None:
    """All consonants of a word stand for it (VNYL); some of them (CHKN), or its beginning (GRAN), may stand for it."""
    if len(short) < 2 or short in KNOWN or short in _UNITS or long in _UNITS:
        return None
    if VOWELS.intersection(short):
        prefix = 3 <= len(short) <= len(long) - 2 and long.startswith(short)
        return Likeness(0.9, "an abbreviation") if prefix else None
    letters = iter(long)
    if not all(letter in letters for letter in short):
        return None
    if len(short) >= 3 and short not in AMBIGUOUS and consonants(short) == consonants(long):
        return Likeness(0.97)
    return Likeness(0.9, "an abbreviation")


def _form(short: str, long: str) -> Likeness | None:
    """WOOD and WOODEN, COLOR and COLORING; but SALT and SALTED as well, so a person looks."""
    stem = short.rstrip("EY")
    if len(stem) < 3 or not long.startswith(stem):
        return None
    ending = long[len(stem) :]
    doubled = ending[:1] == stem[-1] and ending[1:] in _ENDINGS
    return Likeness(0.92, "another form") if doubled or ending in _ENDINGS else None


def _slip(short: str, long: str) -> Likeness | None:
    """A consonant doubled or not, a vowel left out, a letter out of place are slips. Any other letter is another word too often
    (CHICKEN, CHICKPEA; BREAST, BEAST; NITRITE, NITRATE; MACARON, MACAROON), so a person looks.
    """
    if len(short) < TYPO_LENGTH or (short in KNOWN and long in KNOWN) or long.startswith(short):
        return None
    if not OSA.normalized_similarity(short, long, score_cutoff=TYPO_SIMILARITY):
        return None
    is_slip = sorted(short) == sorted(long) or _once(short) == _once(long) or _lacks_a_vowel(short, long)
    return Likeness(0.95) if is_slip else Likeness(0.9, "other letters")


def _lacks_a_vowel(short: str, long: str) -> bool:
    """A longer word without one of its vowels; in a short one, and where a vowel is doubled, it is another word too often.

    WHISKY and WHISKEY are one of any length.
    """
    if long == f"{short[:-1]}EY" and short[-1] == "Y":
        return True
    single = (
        at for at, letter in enumerate(long) if letter in VOWELS and letter not in (long[at - 1 : at], long[at + 1 : at + 2])
    )
    return len(short) > TYPO_LENGTH and any(long[:at] + long[at + 1 :] == short for at in single)


def _once(word: str) -> str:
    """Doubled consonants once: MAYONAISE and MAYONNAISE; but MACARON is no MACAROON."""
    return "".join([letter for at, letter in enumerate(word) if letter in VOWELS or letter != word[at - 1 : at]])

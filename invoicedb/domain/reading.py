"""Reads a description once: its words, its facts (numbers that tell articles apart), codes, letters and sizes.

Pure: equal texts give equal readings, in any process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from invoicedb.domain.abbreviations import ABBREVIATIONS
from invoicedb.domain.dictionary import EMPTY, Dictionary
from invoicedb.domain.spelling import canonical
from invoicedb.domain.stated_sizes import USUAL_SIZES, Pack, Size, capitals, read_pack, take_sizes
from invoicedb.domain.words import FAINT, LINKS, NUMBERS, PHRASES, SILENT, UNITS

CODE_LENGTH = 5
"""From this length on, letters with digits are a maker's code and a bare number is an item number, no count and no ratio."""

LONGEST_READ = 500
"""Characters of a description that are read: what follows is terms and addresses, and time is for the names."""

_DECIMAL = r"\d+(?:\.\d+)?"
_TOKEN = re.compile(r"\.?[^\W_]+(?:[&/|.\-]+[^\W_]+)*[%/]?")
_SIGN = re.compile(r"[&/|.\-%]+")
_ACRONYM = re.compile(r"[A-Z](?:\.[A-Z])+")
_MAKERS_CODE = re.compile(rf"[A-Z]{{1,4}}-\d{{{CODE_LENGTH},7}}")
_ITEM_NUMBER = re.compile(rf"(?=.*\d{{{CODE_LENGTH}}})\d+(?:-\d+)*")
_PERCENT = re.compile(rf"\.?{_DECIMAL}%?")
_RATIO = re.compile(rf"({_DECIMAL})[-/|]({_DECIMAL})")
_UP_TO = re.compile(r"U[/-]?(\d+)")
_SET_OF = re.compile(r"S/(\d+)")
_MEASURE = re.compile(rf"{_DECIMAL}(?:[-/X]{_DECIMAL})*[A-Z]{{0,3}}")
_WITH_UNIT = re.compile(rf"({_DECIMAL}(?:[-/X]{_DECIMAL})*)([A-Z]{{2,3}})")
_AMOUNT = re.compile(rf"\.?{_DECIMAL}(?:[-/|X]{_DECIMAL})*")
_SCANNED = re.compile(r"([A-Z]{3,})(\d{8,})")
_NUMBERED = re.compile(r"([A-Z]{4,})(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a description says, and its line's pack size.

    `key` is equal for texts with the same words, letters, units, facts, codes and sizes, in whatever order. `words` are
    canonical, in the order of the text, each once. `facts` are numbers, ratios and percentages, `codes` makers' codes and item
    numbers, `letters` single letters, `sizes` the sizes inside the description, `units` those that are part of none. `pack` is
    the pack size's meaning. `said` are the words as a set, `joined` each two neighbours written as one. `links` are FOR and
    WITH, as what they stand between may be two things. `own` is what repeats the line's own item number.
    """

    key: str
    words: tuple[str, ...]
    facts: frozenset[str]
    codes: frozenset[str]
    letters: frozenset[str]
    units: frozenset[str]
    sizes: tuple[Size, ...]
    pack: Pack
    said: frozenset[str]
    joined: frozenset[str]
    links: frozenset[str]
    own: frozenset[str] = frozenset()

    @property
    def has_words(self) -> bool:
        """False for a blank, a number, signs: what says nothing of the goods and is never compared."""
        return any(len(word) > 1 and word not in FAINT for word in self.words)


@dataclass(frozen=True, slots=True)
class Token:
    """What one run of characters says. P&D: two words; 80/20: a fact; QTVS208W: a code."""

    words: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 15)
def read(description: str, pack_size: str | None = None, dictionary: Dictionary = EMPTY) -> Reading:
    """The reading of a description and a pack size as printed. Never raises: what isn't understood is a word or left out.

    `dictionary` holds the tenant's own abbreviations, which go before the built-in ones.
    """
    reading = _read(capitals(description[:LONGEST_READ]), dictionary)
    return replace(reading, pack=read_pack(pack_size)) if pack_size else reading


@lru_cache(maxsize=1 << 15)
def _read(text: str, dictionary: Dictionary) -> Reading:
    """A name and its spelling in capitals are read once."""
    text, sizes, counts = (text, (), set[str]()) if text.replace(" ", "").isalpha() else take_sizes(text)
    written = _TOKEN.findall(text)
    tokens = [_own(token, dictionary) or understand(token) for token in written]
    written_words = [word for token in tokens for word in token.words]
    words, links = _ideas(written_words), LINKS.intersection(written_words)
    facts = frozenset(counts.union(*[token.facts for token in tokens]))
    codes = frozenset([code for token in tokens for code in token.codes])
    letters = frozenset([letter for token in tokens for letter in token.letters])
    units = frozenset([unit for token in tokens for unit in token.units])
    if usual := _usual(written, units):
        units, sizes = units - usual, (*sizes, *[USUAL_SIZES[unit] for unit in sorted(usual)])
    said = (words, letters, units, facts, codes, [size.key for size in sizes], links)
    key = " ".join([part for parts in said for part in sorted(parts)])
    joined = frozenset([one + other for one, other in pairwise(words)])
    return Reading(key, words, facts, codes, letters, units, sizes, Pack(), frozenset(words), joined, links)


def numbered(reading: Reading, item_number: str | None) -> Reading:
    """`reading` as that of a line with this item number: where the text repeats it, it says nothing that the number doesn't."""
    if not item_number or not (reading.codes or reading.facts):
        return reading
    number = read(item_number)
    own = (reading.codes | reading.facts) & {said for said in number.codes | number.facts if len(said) >= CODE_LENGTH}
    return replace(reading, own=own) if own else reading


def _usual(written: Sequence[str], units: frozenset[str]) -> frozenset[str]:
    """The units that are a size by themselves, as nothing counts them: MILK GALLON, but not HALF GALLON."""
    if units.isdisjoint(USUAL_SIZES):
        return frozenset()
    after = zip(("", *written), written, strict=False)
    return units & {UNITS[unit] for before, unit in after if unit in UNITS and not _counts(before)} & USUAL_SIZES.keys()


def _counts(written: str) -> bool:
    return written in NUMBERS or written == "HALF" or _AMOUNT.fullmatch(written) is not None


def _own(token: str, dictionary: Dictionary) -> Token | None:
    words = dictionary.words(token)
    return Token(words=words) if words else None


def _ideas(words: Iterable[str]) -> tuple[str, ...]:
    """The words that say something, each once; two that are one idea (SKIN OFF) as one."""
    kept: dict[str, None] = {}
    before = ""
    for word in words:
        phrase = PHRASES.get((before, word))
        if phrase is not None:
            kept.pop(before, None)
        if phrase is not None or word not in SILENT:
            kept[phrase or word] = None
        before = phrase or word
    return tuple(kept)


@lru_cache(maxsize=1 << 16)
def understand(token: str) -> Token:
    """What one token says, its inner signs included."""
    if token in ABBREVIATIONS:
        return Token(words=ABBREVIATIONS[token])
    if token in NUMBERS:
        return Token(facts=(NUMBERS[token],))
    if token.isalpha():
        return _part(token)
    if _ACRONYM.fullmatch(token):
        return Token(words=canonical(token.replace(".", "")))
    return _number(token) or _named(token)


def _number(token: str) -> Token | None:
    """Numbers in one spelling, or None: 16-20 is 16/20, S/4 is 4, 007 is 7, 2PLY is 2 and PLY, 520-000417 a code."""
    if with_unit := _WITH_UNIT.fullmatch(token):
        number, unit = _number(with_unit[1]) or Token(), _part(with_unit[2])
        return Token(words=unit.words, facts=number.facts, codes=number.codes, units=unit.units)
    if _ITEM_NUMBER.fullmatch(token):
        return Token(codes=(_item_number(token),))
    for shape, spelt in ((_PERCENT, r"\g<0>"), (_RATIO, r"\1/\2"), (_UP_TO, r"U\1"), (_SET_OF, r"\1"), (_MEASURE, r"\g<0>")):
        if found := shape.fullmatch(token):
            return Token(facts=(found.expand(spelt).lstrip("0") or "0",))
    return None


def _item_number(token: str) -> str:
    """020-30456-00 as 203045600: hyphens and leading zeros come and go."""
    return token.replace("-", "").lstrip("0") or "0"


def _named(token: str) -> Token:
    """Words and codes: G4J873-10 and QLA-00042 are one code, SALT/PEPPER two words, T-LIGHT one."""
    parts = [part for part in _SIGN.split(token) if part]
    mixed = any(_is_mixed(part) and (len(part) >= CODE_LENGTH or "/" not in token) for part in parts)
    if mixed or _MAKERS_CODE.fullmatch(token):
        return _part("".join(parts))
    if len(parts) == 2 and len(parts[0]) == 1 and "-" in token:
        return Token(words=canonical("".join(parts)))
    said = [_part(part) for part in parts]
    return Token(*(tuple(each for token in said for each in getattr(token, kind)) for kind in Token.__slots__))


def _part(part: str) -> Token:
    if part.isdigit():
        return Token(codes=(_item_number(part),)) if len(part) >= CODE_LENGTH else Token(facts=(part,))
    if _is_mixed(part):
        return _mixed(part)
    if part in UNITS:
        return Token(units=(UNITS[part],))
    if len(part) == 1 and part not in ABBREVIATIONS:
        return Token(letters=(part,))
    return Token(words=canonical(part))


def _mixed(part: str) -> Token:
    """Letters with digits: CREAM12 is a word and a number, SALTED00123456789012 a word and what a scanner reads."""
    if numbered := _NUMBERED.fullmatch(part):
        return Token(words=canonical(numbered[1]), facts=(numbered[2],))
    if scanned := _SCANNED.fullmatch(part):
        return Token(words=canonical(scanned[1]), codes=(_item_number(scanned[2]),))
    return Token(codes=(part,)) if len(part) >= CODE_LENGTH else Token(words=(part,))


def _is_mixed(part: str) -> bool:
    return not part.isalpha() and not part.isdigit()

"""The sizes that a description states, and those of pack sizes, as far as matching needs them.

Where a size stands in a text is seen here, by its look; what it means is read by `pack_size` alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from invoicedb.domain.keys import plain_text
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import LineError

NUMBER_10_CAN = "#10"

_NUMBER = r"\.?\d+(?:[.,]\d+)?"
_UNIT = (
    r"FL\.? ?OZS?|OZS?|Z|LBS?|POUNDS?|#|KGS?|KILOS?|G|GMS?|GRS?|GRAMS?|MG|MLS?|CL|LTRS?|LITRES?|LITERS?|L|GALS?|GALLONS?|GL"
    r"|QTS?|QUARTS?|PTS?|PINTS?|DZ|DOZ|DOZEN|CT|CNT|COUNT|PCS?|PIECES?|EA|PK"
)
_SIZE = re.compile(rf"(?<![\w#.,/-])({_NUMBER}(?:\s?[/X|]\s?{_NUMBER})*)(?:\s?-\s?|\s?)({_UNIT})(?:\.|AVG?|\b|(?<=#))(?![\d%])")
_CAN = re.compile(r"(?:\b\d+\s?/\s?#?|#\s?)10\b(?: CANS?\b)?(?!\s?/)(?!\s?(?:OZ|LB|G|L|ML|CT)\b)")
_NO_BEFORE_A_NUMBER = re.compile(r"\bNO\b\.?(?=\s*\d)")
_INCHES = re.compile(r'(?<=\d)"')
_BY = re.compile(r"(?<=\d)\s*X\s*(?=\d)")
_COUNTS = frozenset({"CT", "CNT", "COUNT", "PC", "PCS", "PIECE", "PIECES"})
_RANGE = re.compile(r"(\d+)\s?[/|]\s?(\d+)")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LOOK_ALIKES = str.maketrans(
    {
        "'": "",
        "`": "",
        "\u2019": "",
        "\u00b4": "",
        "\\": "|",
        "\u2013": "-",
        "\u2014": "-",
        "\u00d7": "X",
        "\u2044": "/",
        "+": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Size:
    """`total` of one pack and `unit` of one thing in it, both in `base_unit` (g, ml, each). `fluid`: the same, if by volume."""

    base_unit: str
    total: Decimal
    unit: Decimal
    fluid: Size | None = None

    @property
    def readings(self) -> tuple[Size, ...]:
        """What the size may be: ounces that don't say which are of weight or fluid."""
        return (self,) if self.fluid is None else (self, self.fluid)

    def agrees(self, other: Size) -> bool:
        """The same unit size; of counted goods the same total will do (12/500 CT is 6000 CT). 1 % off is rounding."""
        return any(one.is_like(another) for one in self.readings for another in other.readings)

    def is_like(self, other: Size) -> bool:
        if self.base_unit != other.base_unit:
            return False
        return _near(self.unit, other.unit) or (self.base_unit == "each" and _near(self.total, other.total))

    def states(self, other: Size) -> bool:
        """What a text says of a pack: its unit size, or all that it holds."""
        pairs = ((one, another) for one in self.readings for another in other.readings)
        return self.agrees(other) or any(a.base_unit == b.base_unit and _near(a.total, b.total) for a, b in pairs)

    def __str__(self) -> str:
        return f"{self.total.normalize():f}{self.base_unit}"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack size text: its size (None when it can't be read) and the numbers in it that a description may repeat."""

    size: Size | None = None
    facts: frozenset[str] = frozenset()


def capitals(text: str) -> str:
    """Upper case without accents and apostrophes, signs that look alike as one sign."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain_text(text)))
        text = unicodedata.normalize("NFC", text)
    return text.upper().translate(_LOOK_ALIKES)


@lru_cache(maxsize=1 << 14)
def read_pack(text: str) -> Pack:
    """What a pack size text says. Never raises: a text that isn't understood has no size."""
    plain = capitals(text)
    facts = re.findall(r"\d+", plain)
    return Pack(_size(text), frozenset([*facts, NUMBER_10_CAN] if _CAN.search(plain) else facts))


def take_sizes(text: str) -> tuple[str, tuple[Size, ...], set[str]]:
    """`text` (in capitals) without its sizes, the sizes, and plain counts as facts: 24 CT and SET OF 24 say the same."""
    text = _BY.sub("X", _INCHES.sub("", _NO_BEFORE_A_NUMBER.sub(" ", text)))
    text, cans = _CAN.subn(" ", text)
    facts = {NUMBER_10_CAN} if cans else set()
    sizes: list[Size] = []

    def take(found: re.Match[str]) -> str:
        numbers, unit = found.groups()
        size = None if unit in _COUNTS and _is_range(numbers) else _size(f"{numbers} {'OZ' if unit == 'Z' else unit}")
        if size is None:
            return f"{numbers} " if unit in _COUNTS else found[0]
        if size.base_unit == "each" and size.unit in (1, size.total):
            facts.add(f"{size.total.normalize():f}")
        else:
            sizes.append(size)
        return " "

    return _SIZE.sub(take, text), tuple(sizes), facts


def any_states(sizes: Iterable[Size], others: Iterable[Size]) -> bool:
    """Whether one of `sizes` is what one of `others` says."""
    others = tuple(others)
    return any(size.states(other) for size in sizes for other in others)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) * 100 <= max(one, other)


def _is_range(numbers: str) -> bool:
    """16/20 of shrimp is a range; 12/500 of napkins is twelve packs."""
    ends = _RANGE.fullmatch(numbers)
    return ends is not None and int(ends[1]) < int(ends[2]) < 2 * int(ends[1])


@lru_cache(maxsize=1 << 14)
def _size(text: str) -> Size | None:
    try:
        pack = read_pack_size(text)
    except LineError:
        return None
    fluid = None if pack.fluid is None else Size(pack.fluid.base_unit, pack.fluid.base_quantity, pack.fluid.unit_size)
    return Size(pack.base_unit, pack.base_quantity, pack.unit_size, fluid)

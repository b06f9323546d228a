"""The sizes that a description states, and those of pack sizes, as far as matching needs them.

Where a size stands in a text is seen here, by its look; what it means is read by `pack_size` alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from invoicedb.domain.keys import plain_text
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.units import TO_BASE, canonical_unit, to_base
from invoicedb.domain.words import UNITS
from invoicedb.errors import LineError

NUMBER_10_CAN = "#10"

_NUMBER = r"\.?\d+(?:[.,]\d+)?"
_UNIT = (
    r"FL\.? ?OZS?|OZS?|Z|LBS?|POUNDS?|#|KGS?|KILOS?|G|GMS?|GRS?|GRAMS?|MG|MLS?|CL|LTRS?|LITRES?|LITERS?|L|GALS?|GALLONS?|GL"
    r"|QTS?|QUARTS?|PTS?|PINTS?|DZ|DOZ|DOZEN|CT|CNT|COUNT|PCS?|PIECES?|EA|PK"
)
_GLOVES = r"(?<=CT|PK|PC)(?=(?:X{1,3}[LS]|LGE?|LRG|MED|SML?)\b)"  # 10/100CTXL: so many, and how large each is
_SIZE = re.compile(
    rf"(?<![\w#.,/-])({_NUMBER}(?:\s?[/X|]\s?{_NUMBER})*)(?:\s?-\s?|\s?)({_UNIT})(?:\.|AVG?|\b|(?<=#)|{_GLOVES})(?![\d%])"
)
_CAN = re.compile(r"(?:\b\d+\s?/\s?#?|#\s?)10\b(?: CANS?\b)?(?!\s?/)(?!\s?(?:OZ|LB|G|L|ML|CT)\b)")
_NO_BEFORE_A_NUMBER = re.compile(r"\bNO\b\.?(?=\s*\d)")
_INCHES = re.compile(r'(?<=\d)(?:"|[\s-]?INCH(?:ES)?(?=\s?X\s?\d|\b))')
_TOLD_EACH_TIME = re.compile(r"(?<=\d)\s?(CM|MM|FT|IN)\s?X\s?(?=[\d.]+\s?\1(?:\s?X|\b))")
_BY = re.compile(r"(?<=\d)\s*X\s*(?=\d)")
_COUNTS = frozenset({"CT", "CNT", "COUNT", "PC", "PCS", "PIECE", "PIECES"})
_IN_A_NAME: Mapping[str, str] = {"Z": "OZ", "G": "GM", "GR": "GM"}
"""Units as names mean them, where a pack size may mean another by them."""
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
    """`total` of one pack and `unit` of one thing in it, both in `base_unit` (g, ml, each).

    `fluid`: the same, if by volume. `said`: as it was understood, for people; sizes that differ in it alone are equal.
    """

    base_unit: str
    total: Decimal
    unit: Decimal
    fluid: Size | None = None
    said: str = field(default="", compare=False)

    @property
    def readings(self) -> tuple[Size, ...]:
        """What the size may be: ounces that don't say which are of weight or fluid."""
        return (self,) if self.fluid is None else (self, self.fluid)

    @property
    def is_one_unit(self) -> bool:
        """1 EA, 1 LB, 1 KG: how goods are priced, rather than how they are packed."""
        return (self.base_unit, self.total) in _PRICED_BY

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

    @property
    def key(self) -> str:
        """Equal for equal totals, however they are written."""
        return f"{self.total.normalize():f}{self.base_unit}"

    def __str__(self) -> str:
        return self.said or self.key


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack size text: its size (None when it can't be read) and the numbers in it that a description may repeat."""

    size: Size | None = None
    facts: frozenset[str] = frozenset()


def _one(unit: str) -> Size:
    held = to_base(Decimal(1), unit, item_unit="ml")
    return Size("ml", held, held, said=unit)


_PRICED_BY = frozenset((base_unit, held) for held, base_unit in map(TO_BASE.__getitem__, ("each", "lb", "kg")))

USUAL_SIZES: Mapping[str, Size] = {unit: _one(unit) for unit in ("GALLON", "QUART", "PINT", "LITRE")}
"""What a unit without a number says of its goods: MILK GALLON is a gallon, while BEEF LB is only sold by the pound."""

MEASURED_IN: Mapping[str, str] = {
    unit: TO_BASE[name][1] for unit in sorted(set(UNITS.values())) if (name := canonical_unit(unit)) is not None
}
"""The base unit of what a unit measures. A length has none."""


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
    text = _by_one_unit(_NO_BEFORE_A_NUMBER.sub(" ", text) if "NO" in text else text)
    text, cans = _CAN.subn(" ", text) if "10" in text else (text, 0)
    facts = {NUMBER_10_CAN} if cans else set()
    sizes: list[Size] = []

    def take(found: re.Match[str]) -> str:
        numbers, unit = found.groups()
        size = None if unit in _COUNTS and _is_range(numbers) else _size(f"{numbers} {_IN_A_NAME.get(unit, unit)}")
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


def _by_one_unit(text: str) -> str:
    """65CM x 65CM as 65X65CM; inches are what a number without a unit means."""
    if '"' in text or "INCH" in text:
        text = _INCHES.sub("", text)
    return _BY.sub("X", _TOLD_EACH_TIME.sub("X", text)) if "X" in text else text


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
    said, _, _ = pack.understood.partition(" (weight, as")  # what an ounce was taken for is no part of what is written
    return Size(pack.base_unit, pack.base_quantity, pack.unit_size, fluid, said)

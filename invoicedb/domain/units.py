"""Units of measure and their exact factors, and what a unit is of an item that is kept in another dimension.

Sources: the pound is 0.45359237 kg (international yard and pound agreement, 1959), an ounce 1/16 of it. The US gallon is 231
cubic inches of 2.54 cm (the yard of the same agreement), so 3.785411784 l, and divides into 4 quarts, 8 pints, 128 fluid
ounces. The imperial gallon is 4.54609 l (UK Weights and Measures Act 1985) and divides into 160 fluid ounces; a bushel is 8 of
it. A barrel of beer is 31 US gallons (27 CFR 25.11), of oil, "barrel", 42; kegs are parts of the former. The US bushel is
2150.42 cubic inches and divides into 4 pecks, 8 dry gallons, 32 dry quarts, 64 dry pints. The rest is SI.
Codes: UN/ECE Recommendation 20, whose printed factors are rounded and not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, Inexact
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from invoicedb.domain.numbers import EXACT, INTEGER_DIGITS, plain
from invoicedb.domain.vocabulary import BARE_OUNCES, REC20_UNITS, UNIT_SPELLINGS
from invoicedb.errors import InvalidConversion, UnitMismatch

BaseUnit = Literal["g", "ml", "each"]

_GRAMS = {
    "microgram": "0.000001",
    "mg": "0.001",
    "cg": "0.01",
    "dg": "0.1",
    "g": "1",
    "dag": "10",
    "hg": "100",
    "kg": "1000",
    "100 kg": "100000",
    "tonne": "1000000",
    "kilotonne": "1000000000",
    "grain": "0.06479891",
    "dram": "1.7718451953125",
    "oz": "28.349523125",
    "troy oz": "31.1034768",
    "troy lb": "373.2417216",
    "lb": "453.59237",
    "stone": "6350.29318",
    "quarter": "12700.58636",
    "cwt": "45359.237",
    "long cwt": "50802.34544",
    "short ton": "907184.74",
    "long ton": "1016046.9088",
}
_MILLILITRES = {
    "microlitre": "0.001",
    "ml": "1",
    "cl": "10",
    "dl": "100",
    "l": "1000",
    "dal": "10000",
    "hl": "100000",
    "m3": "1000000",
    "cubic inch": "16.387064",
    "cubic foot": "28316.846592",
    "cubic yard": "764554.857984",
    "tsp": "4.92892159375",
    "tbsp": "14.78676478125",
    "fl oz": "29.5735295625",
    "gill": "118.29411825",
    "cup": "236.5882365",
    "pt": "473.176473",
    "qt": "946.352946",
    "gal": "3785.411784",
    "barrel": "158987.294928",
    "half barrel": "58673.882652",
    "quarter barrel": "29336.941326",
    "sixth barrel": "19557.960884",
    "eighth barrel": "14668.470663",
    "dry pt": "550.6104713575",
    "dry qt": "1101.220942715",
    "dry gal": "4404.88377086",
    "peck": "8809.76754172",
    "bushel": "35239.07016688",
    "imperial fl oz": "28.4130625",
    "imperial gill": "142.0653125",
    "imperial pt": "568.26125",
    "imperial qt": "1136.5225",
    "imperial gal": "4546.09",
    "imperial peck": "9092.18",
    "imperial bushel": "36368.72",
}
_PIECES = {
    "each": "1",
    "pair": "2",
    "ten": "10",
    "dozen": "12",
    "score": "20",
    "ten pairs": "20",
    "dozen pairs": "24",
    "hundred": "100",
    "gross": "144",
    "thousand": "1000",
    "great gross": "1728",
    "million": "1000000",
}


def _table(factors: Mapping[str, str], base_unit: BaseUnit) -> dict[str, tuple[Decimal, BaseUnit]]:
    return {unit: (Decimal(factor), base_unit) for unit, factor in factors.items()}


TO_BASE: Mapping[str, tuple[Decimal, BaseUnit]] = MappingProxyType(
    _table(_GRAMS, "g") | _table(_MILLILITRES, "ml") | _table(_PIECES, "each")
)
"""Canonical unit -> how many base units 1 of it is, and which base unit. A volume not called imperial is US liquid measure."""


def canonical_unit(spelling: str) -> str | None:
    """The canonical name of a unit as on paper or as an e-invoice code: `LBS`, `#` and `LBR` are "lb"; None if unknown."""
    if spelling in TO_BASE:
        return spelling
    written = _folded(spelling)
    return UNIT_SPELLINGS.get(written) or REC20_UNITS.get(written)


def _folded(spelling: str) -> str:
    return " ".join(spelling.upper().replace(".", " ").split())


def to_base(quantity: Decimal, unit: str, *, item_unit: str) -> Decimal:
    """`quantity` of `unit` in the item's base unit (g, ml, each): 2 lb are 907.18474 g. Exact, never rounded.

    Raises UnitMismatch when the dimensions differ or the unit is unknown. Factors: see the module's sources.
    """
    factor, base_unit = TO_BASE.get(canonical_unit(unit) or unit, (None, None))
    if factor is None or base_unit != item_unit:
        raise UnitMismatch(unit=unit, item_unit=item_unit)
    return EXACT.multiply(quantity, factor)


# ---- an item's own conversions ---------------------------------------------------------------------------------------------

_LONGEST = 200
_SHOWN = 60
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_AMOUNT = re.compile(rf"({_NUMBER}(?:/{_NUMBER})?)?\s*(.*)", re.DOTALL)
_CONVERSION = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:/[0-9]*[1-9][0-9]*)?")


def read_conversions(stated: Mapping[str, str], *, item_unit: str) -> dict[str, str]:
    """What is said of an item kept in `item_unit` (g, ml, each), as its conversions: how much of that is 1 g, 1 ml or 1 each.

    Of an item in g, {"each": "150 g", "1 l": "0.92 kg"} gives {"each": "150", "ml": "0.92"}. Either side may be the item's
    ({"1 lb": "12 each"}), and what was given back can be said again. Amounts are decimals or fractions (1/2 lb), and 1 where
    there is none; without a unit they are the item's. Ounces that don't say which are fluid for an item in ml, else of weight.

    A quotient that is no finite decimal is kept as a fraction in lowest terms: where 12 each are 1 lb, no decimal says what 1 g
    is, yet 5 lb are exactly 60 each. `converted` refuses the packs that it can't tell exactly.

    Raises InvalidConversion for what is no amount above 0, for two sides of one dimension, and where neither is the item's.
    """
    told: dict[str, Fraction] = {}
    for left, right in stated.items():
        said = f"{left} = {right}"
        unit, amount = _told(said, _amount(said, left, item_unit), _amount(said, right, item_unit), item_unit)
        if told.setdefault(unit, amount) != amount:
            raise _refused(said, f"another conversion says that 1 {unit} is {_written(told[unit])} {item_unit}")
        if amount >= 10**INTEGER_DIGITS or len(_written(amount)) > _LONGEST:
            raise _refused(said, f"1 {unit} is {item_unit} in more digits than are kept")
    return {unit: _written(amount) for unit, amount in told.items()}


def converted(quantity: Decimal, conversion: str) -> Decimal | None:
    """`quantity` times a conversion, decimal or fraction. Exact: None where the product is no finite decimal.

    None too for what is no conversion, as anybody may write to the column.
    """
    conversion = str(conversion)  # in JSON that was written by hand it may be a number
    if len(conversion) > _LONGEST or not _CONVERSION.fullmatch(conversion):
        return None
    above, _, below = conversion.partition("/")
    try:
        product = EXACT.divide(EXACT.multiply(quantity, Decimal(above)), Decimal(below or 1))
    except Inexact:
        return None
    return Decimal(plain(product)) if product else None


def ratio_between(
    unit: str, conversions: Mapping[str, str], other_unit: str, other_conversions: Mapping[str, str]
) -> tuple[Decimal, Decimal] | None:
    """What 1 of an item's base unit is of another item's, as (numerator, denominator); `conversions` are those of each item.

    By the other item's conversions, else by those of the first, turned round; None where neither says it.
    """
    if unit == other_unit:
        return Decimal(1), Decimal(1)
    if (told := _ratio(other_conversions.get(unit, ""))) is not None:
        return told
    above_below = _ratio(conversions.get(other_unit, ""))
    return None if above_below is None else (above_below[1], above_below[0])


def _ratio(conversion: str) -> tuple[Decimal, Decimal] | None:
    if len(str(conversion)) > _LONGEST or not _CONVERSION.fullmatch(str(conversion)):
        return None
    above, _, below = str(conversion).partition("/")
    return (Decimal(above), Decimal(below or 1)) if Decimal(above) else None


def by_ratio(quantity: Decimal, ratio: tuple[Decimal, Decimal]) -> Decimal | None:
    """`quantity` in the other unit, exactly; None where no finite decimal says it."""
    try:
        return EXACT.divide(EXACT.multiply(quantity, ratio[0]), ratio[1])
    except Inexact:
        return None


def _told(said: str, left: tuple[Fraction, str], right: tuple[Fraction, str], item_unit: str) -> tuple[str, Fraction]:
    """The unit that is told, and how many of the item's unit one of it is."""
    (own, own_unit), (other, unit) = (left, right) if left[1] == item_unit else (right, left)
    if own_unit == unit:
        raise _refused(said, f"both sides are told in {unit}, and a conversion tells one dimension in another")
    if own_unit != item_unit:
        raise _refused(said, f"the item is kept in {item_unit}, and neither side is")
    return unit, own / other


def _amount(said: str, text: str, item_unit: str) -> tuple[Fraction, str]:
    """How many base units, and which: 1/2 lb are 226.796185 g."""
    found = _AMOUNT.fullmatch(text.strip()[: _LONGEST + 1])
    number, unit = found.groups() if found else (None, "")
    if not text.strip() or len(text) > _LONGEST:
        raise _refused(said, f"a side is {'too long' if text.strip() else 'empty'}: write it as in each = 150 g")
    factor, base_unit = TO_BASE.get(_unit_of_item(unit, item_unit) if unit else item_unit, (None, ""))
    if factor is None:
        raise _refused(said, _why_no_amount(unit))
    amount = _number(number or "1") * Fraction(factor)
    if not amount:
        raise _refused(said, f"{number} is no amount above 0")
    return amount, base_unit


def _number(text: str) -> Fraction:
    """0 for a fraction of nothing."""
    above, _, below = text.partition("/")
    parts = Fraction(above), Fraction(below or 1)
    return parts[0] / parts[1] if parts[1] else Fraction(0)


def _why_no_amount(rest: str) -> str:
    if re.match(r"[-+,.0-9]", rest):
        return f"{rest[:_SHOWN]!r} is no amount: write digits and a decimal point, or a fraction, and a unit: 1.5 kg, 3/2 kg"
    return f"{rest[:_SHOWN]!r} is no unit: write one such as g, kg, oz, lb, ml, l, fl oz, gal, each, dozen"


def _unit_of_item(spelling: str, item_unit: str) -> str:
    by_volume = item_unit == "ml" and _folded(spelling) in BARE_OUNCES
    return "fl oz" if by_volume else canonical_unit(spelling) or spelling


def _written(amount: Fraction) -> str:
    try:
        return plain(EXACT.divide(Decimal(amount.numerator), Decimal(amount.denominator)))
    except Inexact:
        return f"{amount.numerator}/{amount.denominator}"


def _refused(said: str, reason: str) -> InvalidConversion:
    shown = said if len(said) <= _SHOWN else said[:_SHOWN] + "…"
    return InvalidConversion(said=shown, reason=reason)

"""Units of measure and their exact factors.

Sources: the pound is 0.45359237 kg (international yard and pound agreement, 1959), an ounce 1/16 of it. The US gallon is
231 cubic inches of 2.54 cm (the yard of the same agreement), so 3.785411784 l, and divides into 4 quarts, 8 pints, 128 fluid
ounces. The imperial gallon is 4.54609 l (UK Weights and Measures Act 1985) and divides into 160 fluid ounces. The rest is SI.
Codes: UN/ECE Recommendation 20, whose printed factors are rounded and not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from invoicedb.domain.numbers import EXACT
from invoicedb.domain.vocabulary import REC20_UNITS, UNIT_SPELLINGS
from invoicedb.errors import UnitMismatch

BaseUnit = Literal["g", "ml", "each"]

_GRAMS = {
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
    "tsp": "4.92892159375",
    "tbsp": "14.78676478125",
    "fl oz": "29.5735295625",
    "gill": "118.29411825",
    "cup": "236.5882365",
    "pt": "473.176473",
    "qt": "946.352946",
    "gal": "3785.411784",
    "barrel": "158987.294928",
    "imperial fl oz": "28.4130625",
    "imperial gill": "142.0653125",
    "imperial pt": "568.26125",
    "imperial qt": "1136.5225",
    "imperial gal": "4546.09",
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
    written = " ".join(spelling.upper().replace(".", " ").split())
    return UNIT_SPELLINGS.get(written) or REC20_UNITS.get(written)


def to_base(quantity: Decimal, unit: str, *, item_unit: str) -> Decimal:
    """`quantity` of `unit` in the item's base unit (g, ml, each): 2 lb are 907.18474 g. Exact, never rounded.

    Raises UnitMismatch when the dimensions differ or the unit is unknown. Factors: see the module's sources.
    """
    factor, base_unit = TO_BASE.get(canonical_unit(unit) or unit, (None, None))
    if factor is None or base_unit != item_unit:
        raise UnitMismatch(unit=unit, item_unit=item_unit)
    return EXACT.multiply(quantity, factor)

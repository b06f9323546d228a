"""Pack sizes: from `6/5 LB` to what one pack holds, exactly.

A pack size is read as a bookkeeper would, or refused: what has two meanings raises AmbiguousPackSize with both of them, and
what has none UnreadablePackSize. Conventions, where a text alone can't tell:

- OZ alone may be of weight or fluid: it is read as weight, and an item of volume takes the pack's `fluid` reading. FL, WT and a
  second size beside it (12 OZ, 355 ML) say which.
- In a/b UNIT, a is a number of packs and b the size of one; a fraction that goods are sold in (1/2 lb) is ambiguous.
- G is grams, and of amounts that liquids come in (1, 2.5, 5) ambiguous, unless a small g or the container tells.
- # after a number is pounds; #10 is a can size, and counts cans.
- A number of containers whose size isn't stated counts them, in each.
- Net weight is taken before drained weight; gross weight is no one's stock.
- In the name of an article (BAG ZIP 2GAL, CUP 12 OZ) a weight or volume is what the article holds; only counts are taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, reduce

from invoicedb.domain.numbers import EXACT, INTEGER_DIGITS, plain
from invoicedb.domain.pack_doubts import in_words
from invoicedb.domain.pack_grammar import Statement
from invoicedb.domain.pack_meaning import meaning
from invoicedb.domain.pack_runs import Doubt
from invoicedb.domain.pack_scan import scan
from invoicedb.domain.units import TO_BASE, BaseUnit
from invoicedb.errors import AmbiguousPackSize, UnreadablePackSize

LONGEST_PACK_SIZE = 200
LONGEST_DESCRIPTION = 2_000
_SHOWN = 60
_REMEMBERED = 8192
_LIMIT = Decimal(10) ** INTEGER_DIGITS

# The units of keys: sign, decimals, and the least amount that is written in it. The first that fits is taken. OZ is not
# among the signs: it is that of ounces which may be fluid, and means another quantity to an item of volume.
_KEY_UNITS: dict[BaseUnit, tuple[tuple[str, str, int, int], ...]] = {
    "g": (("lb", "LB", 2, 1), ("oz", "OZWT", 9, 0), ("kg", "KG", 2, 1), ("g", "G", 99, 0)),
    "ml": (("gal", "GAL", 2, 1), ("qt", "QT", 2, 1), ("fl oz", "FLOZ", 9, 0), ("l", "L", 2, 1), ("ml", "ML", 99, 0)),
    "each": (("each", "EA", 99, 0),),
}


@dataclass(frozen=True, slots=True)
class PackSize:
    """What one pack holds: `count` containers of `unit_size` base units each, `base_quantity` in all; exact.

    `unit` is the unit as written, by its canonical name. `key` is equal for equal meanings alone (count, unit size and
    dimension): `6/5 LB`, `6 x 5 lbs` and `6/80 OZ WT` are all `6/5LB`, but 6/80 OZ is `6/80OZ`, as it may be fluid.
    `understood` is for people: `6 x 5 lb`. `fluid`: the pack in fluid ounces, where the text says OZ and not which.
    """

    base_quantity: Decimal
    base_unit: BaseUnit
    count: Decimal
    unit_size: Decimal
    unit: str
    key: str
    understood: str
    fluid: PackSize | None = None

    def told_in(self, base_unit: str) -> PackSize:
        """The reading that is told in `base_unit`: in ml, ounces that may be fluid are."""
        return self.fluid if base_unit == "ml" and self.fluid is not None else self


def read_pack_size(text: str) -> PackSize:
    """The meaning of a pack size as printed on an invoice, alone or within a product's name, of at most 200 characters.

    Raises UnreadablePackSize or AmbiguousPackSize, whatever the text is; both name it and say why. What is no text at all, None
    too, is an UnreadablePackSize: a line without a pack size has nothing to read.
    """
    if not isinstance(text, str):
        kind = type(text).__name__
        raise UnreadablePackSize(text=f"<{kind}>", reason=f"a pack size is a text, not {kind}")
    if len(text) > LONGEST_PACK_SIZE:
        reason = f"it has {len(text)} characters, {LONGEST_PACK_SIZE} are read"
        raise UnreadablePackSize(text=text[:_SHOWN] + "…", reason=reason)
    return _read(text)


def find_sizes(text: str) -> tuple[PackSize, ...]:
    """The sizes stated in a product's description, in the order they stand: 5 l in "OLIVE OIL EXTRA VIRGIN 5L".

    Takes every statement with a single meaning, what a cup holds as well; raises nothing. Reads the first 2,000 characters.
    """
    sizes = (_pack_size(statement) for statement in scan(text[:LONGEST_DESCRIPTION]).statements)
    return tuple(size for size in sizes if isinstance(size, PackSize))


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str) -> PackSize:
    found = meaning(scan(text))
    size = _pack_size(found) if isinstance(found, Statement) else found
    if isinstance(size, PackSize):
        return size
    if size.readings:
        raise AmbiguousPackSize(text=text, readings=size.readings)
    raise UnreadablePackSize(text=text, reason=size.reason)


@lru_cache(maxsize=_REMEMBERED)
def _pack_size(statement: Statement) -> PackSize | Doubt:
    if not statement.may_be_fluid:
        return _sized(statement)
    weight, fluid = _sized(statement), _sized(statement.fluid)
    if isinstance(weight, Doubt) or isinstance(fluid, Doubt):
        return weight if isinstance(weight, Doubt) else fluid
    said = in_words(statement)
    fluid = replace(fluid, understood=f"{said} (fluid, as the item is one of volume)")
    key = _counted(weight.count, f"{plain(statement.size)}OZ")
    return replace(weight, key=key, understood=f"{said} (weight, as it doesn't say fluid)", fluid=fluid)


def _sized(statement: Statement) -> PackSize | Doubt:
    factor, base_unit = TO_BASE[statement.unit]
    count = reduce(EXACT.multiply, statement.counts, Decimal(1))
    unit_size = Decimal(plain(EXACT.multiply(statement.size, factor)))
    base_quantity = Decimal(plain(EXACT.multiply(count, unit_size)))
    if base_quantity >= _LIMIT:
        return Doubt(f"more than {INTEGER_DIGITS} digits of {base_unit}")
    key = _counted(count, _size_key(unit_size, base_unit))
    return PackSize(base_quantity, base_unit, count, unit_size, statement.unit, key, in_words(statement))


def _counted(count: Decimal, size_key: str) -> str:
    return size_key if count == 1 else f"{plain(count)}/{size_key}"


def _size_key(unit_size: Decimal, base_unit: BaseUnit) -> str:
    """The size in the first unit that fits it: a function of the size alone, so that equal sizes are written the same."""
    for unit, sign, decimals, least in _KEY_UNITS[base_unit]:
        amount, rest = EXACT.divmod(EXACT.scaleb(unit_size, decimals), TO_BASE[unit][0])
        written = EXACT.scaleb(amount, -decimals)
        if not rest and written >= least:
            return plain(written) + sign
    return plain(unit_size) + base_unit

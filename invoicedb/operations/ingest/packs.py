"""What a pack holds of an item, in the unit that the item is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from invoicedb.domain.pack_size import PackSize
from invoicedb.domain.units import converted
from invoicedb.errors import UnitMismatch

ONE = Decimal(1)


def pack_in(pack: PackSize | None, base_unit: str, conversions: Mapping[str, str]) -> Decimal:
    """What one pack holds in an item's base unit, exactly; without a pack size it is one each.

    Raises UnitMismatch where the dimensions differ and the item has no conversion, or none that gives a finite decimal.
    """
    held = held_in(pack, base_unit, conversions)
    if held is None:
        raise UnitMismatch(unit="each" if pack is None else pack.unit, item_unit=base_unit)
    return held


def can_hold(pack: PackSize | None, base_unit: str, conversions: Mapping[str, str]) -> bool:
    """Whether a pack can be told in an item's base unit: `pack_in` does not raise."""
    return held_in(pack, base_unit, conversions) is not None


def held_in(pack: PackSize | None, base_unit: str, conversions: Mapping[str, str]) -> Decimal | None:
    if pack is None:
        return in_unit_of_item(ONE, "each", base_unit, conversions)
    taken = taken_by(pack, base_unit, conversions)
    return in_unit_of_item(taken.base_quantity, taken.base_unit, base_unit, conversions)


def taken_by(pack: PackSize, base_unit: str, conversions: Mapping[str, str]) -> PackSize:
    """The pack as an item reads it: ounces that may be fluid are, if it is kept in ml, or in each and told in ml alone."""
    by_volume = base_unit == "each" and "ml" in conversions and "g" not in conversions
    return pack.told_in("ml" if by_volume else base_unit)


def in_unit_of_item(quantity: Decimal, unit: str, base_unit: str, conversions: Mapping[str, str]) -> Decimal | None:
    if unit == base_unit:
        return quantity
    return converted(quantity, conversions[unit]) if unit in conversions else None


def ounces_taken(pack: PackSize | None, base_unit: str, conversions: Mapping[str, str]) -> tuple[str, ...]:
    """How ounces were read that may be of weight or fluid: nobody is to find out later."""
    return () if pack is None or pack.fluid is None else (taken_by(pack, base_unit, conversions).understood,)

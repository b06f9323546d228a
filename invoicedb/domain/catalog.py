"""One row of a catalog: what it says of an item, its opening stock and what a vendor calls it, or why it can't be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicedb.domain.amounts import TEXT_LENGTH, read_money, read_text
from invoicedb.domain.head import is_surrogate, read_date, read_id, read_vendor_name
from invoicedb.domain.keys import item_key, item_number, plain_text, vendor_key
from invoicedb.domain.lines import DESCRIPTION_LENGTH, pack_key
from invoicedb.domain.money import line_money
from invoicedb.domain.numbers import plain, read_number
from invoicedb.domain.pack_size import PackSize, read_pack_size
from invoicedb.domain.units import canonical_unit
from invoicedb.errors import ErrorType, InvalidInvoice, InvalidNumber, InvalidText, LineNotAnObject, MissingDescription
from invoicedb.models import CATALOG_FIELDS, meant_by


@dataclass(frozen=True, slots=True)
class StatedOpening:
    """Stock that was there: so many of `counted`. `value`: money for all of it; None where nothing is said, as of `day`."""

    quantity: Decimal
    counted: PackSize
    value: Decimal | None
    day: date | None


@dataclass(frozen=True, slots=True)
class SoldAs:
    """What a vendor calls an item, and the keys that a line of it will have."""

    vendor_name: str
    vendor_key: str
    item_number: str | None
    description: str
    pack_size: str | None
    item_key: str
    pack_key: str
    reading: str


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A row of a catalog that can be read. None and empty stand for what it does not say.

    `base_unit`: g, ml or each, as stated; `pack_unit`: that of the packs that are counted or sold.
    """

    row_number: int
    item_id: UUID | None
    name: str
    category: str | None
    base_unit: str | None
    pack_unit: str | None
    conversions: Mapping[str, str]
    opening: StatedOpening | None
    sold_as: SoldAs | None


def read_entry(row_number: int, raw: object, *, vendor_name: str | None, currency: str | None) -> CatalogEntry:
    """The row. `vendor_name`: whose it is where the row names none. Raises a LineError that says what is wrong with it."""
    if not isinstance(raw, Mapping):
        found = "null" if raw is None else f"a {type(raw).__name__}"
        raise LineNotAnObject(found=found, wanted="a row is an object with a name")
    refuse_unknown(raw)
    refuse_unstorable(raw)
    item_id, name = read_item_id(raw.get("item_id")), read_text(raw, "name", TEXT_LENGTH)
    if name is None and item_id is None:
        raise InvalidText(field="name", reason="is missing: an item has a name")
    return CatalogEntry(
        row_number=row_number,
        item_id=item_id,
        name=name or "",
        category=read_text(raw, "category", TEXT_LENGTH),
        base_unit=read_base_unit(raw),
        pack_unit=unit_of_packs(raw),
        conversions=read_stated_conversions(raw.get("conversions")),
        opening=read_opening(raw, currency),
        sold_as=read_sold_as(raw, name or "", vendor_name),
    )


def refuse_unknown(raw: Mapping[Any, Any]) -> None:
    """What is not read might be stock that nobody misses until it is too late."""
    for key in raw:
        if key not in CATALOG_FIELDS:
            raise InvalidText(field=str(key), reason=f"is not read: {meant_by(str(key))}")


def refuse_unstorable(raw: Mapping[Any, Any]) -> None:
    for key, value in raw.items():
        if isinstance(value, str) and any(map(is_surrogate, value)):
            raise InvalidText(field=str(key), reason="holds half of a character: this is no text")


def read_item_id(value: object) -> UUID | None:
    if value is None or value == "":
        return None
    try:
        return read_id(value, field="item_id")
    except InvalidInvoice as error:
        raise InvalidText(field="item_id", reason=error.reason) from None


def read_base_unit(raw: Mapping[str, Any]) -> str | None:
    """g, ml or each: that of the unit that is named."""
    text = read_text(raw, "base_unit", TEXT_LENGTH)
    if text is None:
        return None
    if canonical_unit(text) is None:
        raise InvalidText(field="base_unit", reason=f"{text!r} is no unit: write g, ml, each or one told in them, such as kg")
    return read_unit(text).base_unit


def unit_of_packs(raw: Mapping[str, Any]) -> str | None:
    """The base unit of what is counted, else of what a vendor packs: for an item that says no other."""
    for field in ("opening_unit", "pack_size"):
        text = read_text(raw, field, TEXT_LENGTH)
        if text is not None:
            return read_unit(text).base_unit
    return None


def read_unit(text: str) -> PackSize:
    """A unit or a pack, as what one of it holds: lb, 6/5 LB."""
    return read_pack_size(f"1 {text}" if canonical_unit(text) else text)


def read_stated_conversions(value: object) -> Mapping[str, str]:
    """As an object, or as a text: each = 150 g; 1 l = 0.92 kg."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        sides = [part.split("=") for part in value.split(";") if part.strip()]
        if not all(len(side) == 2 for side in sides):
            raise InvalidText(field="conversions", reason=f"{value[:60]!r} are none: write each = 150 g; 1 l = 0.92 kg")
        return {left.strip(): right.strip() for left, right in sides}
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for pair in value.items() for each in pair):
        raise InvalidText(field="conversions", reason='are none: give an object of texts, as in {"each": "150 g"}')
    return value


# ---- opening stock -----------------------------------------------------------------------------------------------------------


def read_opening(raw: Mapping[str, Any], currency: str | None) -> StatedOpening | None:
    """None where nothing was there: no quantity, or 0."""
    given = [field for field in ("opening_value", "opening_unit_cost", "opening_date") if raw.get(field) not in (None, "")]
    if raw.get("opening_quantity") in (None, ""):
        if given:
            raise InvalidText(field="opening_quantity", reason=f"is missing, though {given[0]} is given")
        return None
    quantity = read_number(raw["opening_quantity"], field="opening_quantity", error_type=ErrorType.INVALID_QUANTITY)
    if quantity < 0:
        reason = "is below zero: opening stock is what was there"
        kind = ErrorType.NEGATIVE_QUANTITY
        raise InvalidNumber(field="opening_quantity", text=plain(quantity), reason=reason, error_type=kind)
    if not quantity:
        return None
    return StatedOpening(quantity, counted_in(raw), read_value(raw, quantity, currency), read_opening_date(raw))


def counted_in(raw: Mapping[str, Any]) -> PackSize:
    text = read_text(raw, "opening_unit", TEXT_LENGTH) or read_text(raw, "base_unit", TEXT_LENGTH)
    if text is None:
        raise InvalidText(field="opening_unit", reason="is missing: say what is counted, such as lb, each or 6/5 LB")
    return read_unit(text)


def read_value(raw: Mapping[str, Any], quantity: Decimal, currency: str | None) -> Decimal | None:
    """Money for all of it, given so or as the cost of one of what is counted; None where nothing is said."""
    value, cost = raw.get("opening_value"), raw.get("opening_unit_cost")
    if value not in (None, "") and cost not in (None, ""):
        raise InvalidText(field="opening_value", reason="and opening_unit_cost are both given: give one of them")
    if value not in (None, ""):
        return read_money(value, "opening_value", ErrorType.INVALID_TOTAL)
    if cost in (None, ""):
        return None
    return line_money(quantity, read_money(cost, "opening_unit_cost", ErrorType.INVALID_PRICE), currency)


def read_opening_date(raw: Mapping[str, Any]) -> date | None:
    value = raw.get("opening_date")
    if value is None or value == "":
        return None
    try:
        return read_date(value)
    except InvalidInvoice as error:
        raise InvalidText(field="opening_date", reason=error.reason) from None


# ---- what a vendor calls it --------------------------------------------------------------------------------------------------


def read_sold_as(raw: Mapping[str, Any], name: str, vendor_name: str | None) -> SoldAs | None:
    """Under the vendor's number, else its description, else the item's name; None where no vendor is named.

    `vendor_name` is that of the rows that name none, but say what a vendor calls the item, or how it is packed.
    """
    number_text, said = read_text(raw, "item_number", TEXT_LENGTH), read_text(raw, "description", DESCRIPTION_LENGTH)
    pack_size = read_text(raw, "pack_size", TEXT_LENGTH)
    own = read_text(raw, "vendor_name", DESCRIPTION_LENGTH)
    vendor = read_vendor(own or (vendor_name if number_text or said or pack_size else None))
    if vendor is None:
        require_no_vendor(item_number=number_text, description=said)
        return None
    number = None if number_text is None else item_number(number_text)
    reading = plain_text(said or ("" if number else name))
    if number is None and not reading:
        raise MissingDescription
    return SoldAs(
        vendor_name=vendor,
        vendor_key=vendor_key(vendor),
        item_number=number,
        description=said or name,
        pack_size=pack_size,
        item_key=item_key(number, reading),
        pack_key=pack_key(pack_size),
        reading=reading,
    )


def require_no_vendor(**texts: str | None) -> None:
    for field, text in texts.items():
        if text is not None:
            raise InvalidText(field="vendor_name", reason=f"is missing: say whose {field} {text[:60]!r} is")


def read_vendor(text: str | None) -> str | None:
    try:
        return None if text is None else read_vendor_name(text)
    except InvalidInvoice as error:
        raise InvalidText(field="vendor_name", reason=error.reason) from None

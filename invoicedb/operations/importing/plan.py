"""What an import writes, decided purely: what is there goes in with the rows, what is to be added comes out.

An import adds what is missing and changes nothing that is there: a row that says otherwise fails alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID, uuid5

from invoicedb.domain.catalog import CatalogEntry, SoldAs
from invoicedb.domain.dictionary import Dictionary
from invoicedb.domain.document import INVOICE_IDS
from invoicedb.domain.keys import plain_text
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.numbers import EXACT, plain
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.units import read_conversions
from invoicedb.errors import AlreadyMapped, AmbiguousItem, CatalogConflict, InvalidRule, InvalidText, InvoicedbError, LineError
from invoicedb.operations.ingest.packs import pack_in
from invoicedb.results import CatalogRow, CatalogRowStatus

SoldKey: TypeAlias = tuple[str, str, str]
"""Vendor key, item key, pack key."""

Differences: TypeAlias = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Opening:
    """An item's opening stock, in base units, and the money for all of it."""

    quantity: Decimal
    total: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the plan sees it: from the database, or made by an earlier row."""

    id: UUID
    name: str
    category: str | None
    base_unit: str
    conversions: Mapping[str, str]
    opening: Opening | None = None
    merged_into_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the database has for the rows."""

    catalog_version: int
    by_id: Mapping[UUID, Item]
    by_name: Mapping[str, tuple[Item, ...]]
    sold: Mapping[SoldKey, tuple[UUID, str]]
    dictionary: Dictionary


@dataclass(frozen=True, slots=True)
class NewOpening:
    row_number: int
    item_id: UUID
    opening: Opening


@dataclass(frozen=True, slots=True)
class NewSold:
    """What a vendor calls an item, and what one pack of it holds."""

    item_id: UUID
    sold_as: SoldAs
    base_quantity: Decimal


@dataclass(slots=True)
class Plan:
    """What is to be written. It grows row by row: a later row may be of an item that an earlier one makes."""

    user_id: UUID
    found: Found
    today: date
    items: dict[UUID, Item] = field(default_factory=dict)
    made: set[UUID] = field(default_factory=set)
    filled: set[UUID] = field(default_factory=set)
    openings: list[NewOpening] = field(default_factory=list)
    sold: dict[SoldKey, NewSold] = field(default_factory=dict)
    match_keys: dict[UUID, set[int]] = field(default_factory=dict)
    rows: list[CatalogRow] = field(default_factory=list)

    @property
    def touched(self) -> set[UUID]:
        """The items that are locked: whatever is written of them."""
        opened, sold = {each.item_id for each in self.openings}, {each.item_id for each in self.sold.values()}
        return self.made | self.filled | opened | sold

    def add(self, entry: CatalogEntry) -> None:
        try:
            self.rows.append(self.planned(entry))
        except (LineError, InvalidRule) as error:
            self.rows.append(failed_row(entry.row_number, entry.name, error))

    def planned(self, entry: CatalogEntry) -> CatalogRow:
        """Everything is looked at before anything is kept: of a row that fails nothing stays."""
        known = self.known(entry)
        item = new_item(self.new_item_id(entry), entry) if known is None else known
        as_said = with_missing(item, entry)
        opening = self.opening_of(as_said, entry)
        sold = self.sold_of(as_said, entry)
        self.keep(entry, known, as_said, opening, sold)
        status = CatalogRowStatus.CREATED if known is None else CatalogRowStatus.ADDED
        if known == as_said and opening is None and sold is None:
            status = CatalogRowStatus.UNCHANGED
        quantity, value = (None, None) if opening is None else (opening.quantity, opening.total)
        return CatalogRow(entry.row_number, as_said.name, status, as_said.id, as_said.base_unit, quantity, value)

    def known(self, entry: CatalogEntry) -> Item | None:
        """The item that the row means: by its name the one that is called so now, one that was merged only where no other is.

        Raises InvalidText for one that is not there, AmbiguousItem.
        """
        item_id = self.new_item_id(entry)
        item = self.items.get(item_id) or self.found.by_id.get(item_id)
        if entry.item_id is None and not (item is not None and item.name == entry.name and item.merged_into_id is None):
            named = self.found.by_name.get(entry.name, ())
            if len(named) > 1:
                raise AmbiguousItem(name=entry.name, item_ids=[each.id for each in named])
            item = next((self.items.get(each.id, each) for each in named), item) or self.renamed(entry)
        if item is None and entry.item_id is not None:
            raise InvalidText(field="item_id", reason=f"is {item_id}, and no item of this user: check it, or leave it out")
        if item is not None and item.merged_into_id is not None:
            raise InvalidText(field="name", reason=f"is that of an item merged into {item.merged_into_id}: give that item_id")
        return item

    def renamed(self, entry: CatalogEntry) -> Item | None:
        """The item that was made for this name and is called otherwise now, where the row adds nothing: the same file again.

        Raises CatalogConflict where the row opens it with other stock than it was opened with.
        """
        item = self.found.by_id.get(item_id_of(self.user_id, entry))
        if item is None or item.merged_into_id is not None:
            return None
        try:
            as_said = with_missing(item, entry)
        except (CatalogConflict, InvalidRule):
            return None
        adds = as_said != item or self.opening_of(as_said, entry) is not None or self.sold_of(as_said, entry) is not None
        return None if adds else item

    def new_item_id(self, entry: CatalogEntry) -> UUID:
        """The one that the name makes; where the item that it was made for is called otherwise now, with the catalog's version.

        An import that lands raises the version, so that no later one makes the same.
        """
        item_id = item_id_of(self.user_id, entry)
        there = self.found.by_id.get(item_id)
        if entry.item_id or there is None or plain_text(there.name) == plain_text(entry.name):
            return item_id
        return uuid5(item_id, str(self.found.catalog_version))

    def opening_of(self, item: Item, entry: CatalogEntry) -> Opening | None:
        """What is to be booked; None where nothing is said, or it is there already as the row says."""
        stated = entry.opening
        if stated is None:
            return None
        quantity = EXACT.multiply(stated.quantity, pack_in(stated.counted, item.base_unit, item.conversions))
        if item.opening is None:
            return Opening(quantity, stated.value or Decimal(0), stated.day or self.today)
        there = item.opening
        said = (("opening_quantity", there.quantity, quantity), ("opening_value", there.total, stated.value))
        differences = [(name, plain(was), plain(now)) for name, was, now in said if now is not None and was != now]
        if stated.day not in (None, there.day):
            differences.append(("opening_date", str(there.day), str(stated.day)))
        require_same(item, differences)
        return None

    def sold_of(self, item: Item, entry: CatalogEntry) -> NewSold | None:
        if entry.sold_as is None:
            return None
        sold = entry.sold_as
        key = key_of(sold)
        item_id, name = self.mapped_to(key)
        if item_id is None:
            pack = None if sold.pack_size is None else read_pack_size(sold.pack_size)
            return NewSold(item.id, sold, pack_in(pack, item.base_unit, item.conversions))
        if item_id != item.id:
            called = f"{sold.item_number or sold.description!r} of {sold.vendor_name} in pack {sold.pack_size or 'each'}"
            raise AlreadyMapped(sold_as=called, item_id=item_id, name=name)
        return None

    def mapped_to(self, key: SoldKey) -> tuple[UUID | None, str]:
        made = self.sold.get(key)
        if made is not None:
            return made.item_id, self.items[made.item_id].name
        return self.found.sold.get(key, (None, ""))

    def keep(self, entry: CatalogEntry, known: Item | None, item: Item, opening: Opening | None, sold: NewSold | None) -> None:
        self.items[item.id] = item if opening is None else replace(item, opening=opening)
        if known is None:
            self.made.add(item.id)
            self.alias(item.id, item.name)
        elif known != item and item.id not in self.made:
            self.filled.add(item.id)
        if opening is not None:
            self.openings.append(NewOpening(entry.row_number, item.id, opening))
        if sold is not None:
            self.sold[key_of(sold.sold_as)] = sold
            self.alias(item.id, sold.sold_as.description)

    def alias(self, item_id: UUID, text: str) -> None:
        if text:
            self.match_keys.setdefault(item_id, set()).update(alias_keys(text, self.found.dictionary))


def item_id_of(user_id: UUID, entry: CatalogEntry) -> UUID:
    """The id that the row gives, or the one that its name makes: the same however often it is imported."""
    return entry.item_id or uuid5(INVOICE_IDS, json.dumps(["catalog", str(user_id), plain_text(entry.name)]))


def new_item(item_id: UUID, entry: CatalogEntry) -> Item:
    return Item(item_id, entry.name, entry.category, entry.base_unit or entry.pack_unit or "each", {})


def with_missing(item: Item, entry: CatalogEntry) -> Item:
    """The item with what the row says and nobody had said. Raises CatalogConflict, InvalidConversion."""
    require_same(item, differing(("base_unit", item.base_unit, entry.base_unit)))
    conversions = read_conversions(entry.conversions, item_unit=item.base_unit)
    name = ("name", item.name, entry.name if entry.item_id else None)
    others = (("category", item.category, entry.category), ("conversions", item.conversions, conversions))
    require_same(item, differing(name, *others))
    return replace(item, category=item.category or entry.category, conversions=item.conversions or conversions)


def differing(*said: tuple[str, object, object]) -> Differences:
    """Where both sides say something, and not the same."""
    return [(name, str(there), str(given)) for name, there, given in said if there and given and there != given]


def require_same(item: Item, differences: Differences) -> None:
    if differences:
        raise CatalogConflict(item_id=item.id, name=item.name, differences=differences)


def key_of(sold: SoldAs) -> SoldKey:
    return sold.vendor_key, sold.item_key, sold.pack_key


def failed_row(row_number: int, name: str, error: InvoicedbError) -> CatalogRow:
    status = CatalogRowStatus.FAILED
    return CatalogRow(row_number, name, status, error_type=error.error_type.value, error=str(error))


# ---- as parameters -----------------------------------------------------------------------------------------------------------


def asked_of(entries: Iterable[CatalogEntry], user_id: UUID) -> list[dict[str, str | int | None]]:
    """Which items to look for, each once."""
    wanted = dict.fromkeys((item_id_of(user_id, entry), None if entry.item_id else entry.name) for entry in entries)
    return [{"place": place, "id": str(item_id), "name": name} for place, (item_id, name) in enumerate(wanted)]


def sold_json(entries: Iterable[CatalogEntry]) -> str:
    keys = dict.fromkeys(key_of(entry.sold_as) for entry in entries if entry.sold_as is not None)
    return json.dumps([dict(zip(("vendor_key", "item_key", "pack_key"), key, strict=True)) for key in keys])


def plan_params(plan: Plan, new_id: Callable[[str], UUID], packed: Callable[[list[int]], str]) -> dict[str, str]:
    """New rows, each table's as one JSON parameter."""
    vendors = {each.sold_as.vendor_key: each.sold_as.vendor_name for each in plan.sold.values()}
    rows: dict[str, list[dict[str, object]]] = {
        "vendors": [{"id": str(new_id(f"vendor {key}")), "name": name, "key": key} for key, name in vendors.items()],
        "items": [item_row(plan.items[item_id]) for item_id in sorted(plan.made)],
        "filled": [item_row(plan.items[item_id]) for item_id in sorted(plan.filled)],
        "touched": [{"id": str(item_id)} for item_id in sorted(plan.touched)],
        "keyed_items": [{"id": str(item_id), "keys": packed(sorted(keys))} for item_id, keys in plan.match_keys.items()],
        "mappings": [mapping_row(each) for each in plan.sold.values()],
        "openings": [opening_row(each) for each in plan.openings],
    }
    return {name: json.dumps(each, separators=(",", ":")) for name, each in rows.items()}


def item_row(item: Item) -> dict[str, object]:
    return {
        "id": str(item.id),
        "name": item.name,
        "category": item.category,
        "base_unit": item.base_unit,
        "conversions": dict(item.conversions),
    }


def mapping_row(made: NewSold) -> dict[str, object]:
    sold = made.sold_as
    return {
        "vendor_key": sold.vendor_key,
        "item_key": sold.item_key,
        "pack_key": sold.pack_key,
        "inventory_item_id": str(made.item_id),
        "base_quantity": plain(made.base_quantity),
        "item_number": sold.item_number,
        "description": sold.description,
        "pack_size": sold.pack_size,
        "reading": sold.reading,
    }


def opening_row(made: NewOpening) -> dict[str, object]:
    opening = made.opening
    return {
        "line_number": made.row_number,
        "inventory_item_id": str(made.item_id),
        "quantity": plain(opening.quantity),
        "total": plain(opening.total),
        "day": opening.day.isoformat(),
    }

"""What a person says of an item: its name, its category, and, while nothing is booked on it, its base unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from invoicedb.domain.amounts import TEXT_LENGTH, read_text
from invoicedb.domain.catalog import read_base_unit
from invoicedb.domain.dictionary import dictionary_of
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.numbers import plain
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import BaseUnitFixed, InvalidText, ItemNotFound, UnitMismatch
from invoicedb.flights import Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.explain import FIND_LEVEL
from invoicedb.operations.ingest.book import ADD_MATCH_KEYS, LOCK_CATALOG
from invoicedb.operations.ingest.look_up import packed
from invoicedb.operations.ingest.packs import pack_in
from invoicedb.operations.rules import FIND_ITEM, LIST_ABBREVIATIONS, RAISE_CATALOG, SET_PACK_QUANTITIES
from invoicedb.results import StockLevel
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Use:
    """An item, whether anything is booked on it, the pack sizes that vendors sell it in, and how many mappings have none."""

    id: UUID
    name: str
    base_unit: str
    conversions: Mapping[str, str]
    is_booked: bool
    catalog_version: int
    pack_sizes: Sequence[str]
    unsized: int


FIND_USE = Statement("find_use", SQL["find_use"], Use)
RENAME_ITEM = silent("rename_item")
SET_CATEGORY = silent("set_category")
SET_BASE_UNIT = (silent("lock_vendors_of_packs"), silent("require_unbooked"), silent("set_base_unit"), SET_PACK_QUANTITIES)


# ---- name and category -------------------------------------------------------------------------------------------------------


def rename_item(item_id: UUID, name: str, call: Call) -> Operation[StockLevel]:
    """Two flights. The item is found by its new name as by the old one. Raises ItemNotFound, and InvalidText for no name."""
    text = read_text({"name": name}, "name", TEXT_LENGTH)
    if text is None:
        raise InvalidText(field="name", reason="is missing: an item has a name")
    landing = yield from find(item_id, call)
    dictionary = dictionary_of(tuple((each.abbreviation, each.expansion) for each in landing.rows(LIST_ABBREVIATIONS)))
    keys = json.dumps([{"id": str(item_id), "keys": packed(sorted(alias_keys(text, dictionary)))}])
    return (yield from write(item_id, (RENAME_ITEM, ADD_MATCH_KEYS), {"name": text, "keyed_items": keys}, call))


def set_category(item_id: UUID, category: str | None, call: Call) -> Operation[StockLevel]:
    """Two flights. None takes the category away. Raises ItemNotFound, and InvalidText for what is no text."""
    text = read_text({"category": category}, "category", TEXT_LENGTH)
    yield from find(item_id, call)
    return (yield from write(item_id, (SET_CATEGORY,), {"category": text}, call))


def find(item_id: UUID, call: Call) -> Operation[Landing]:
    asked = flight(FIND_ITEM, LIST_ABBREVIATIONS, *call.frame.leave, user_id=call.user_id, item_id=item_id)
    landing = yield call.opened() + asked
    if not landing.rows(FIND_ITEM):
        raise ItemNotFound(item_id=item_id)
    return landing


def write(
    item_id: UUID, statements: tuple[Statement[None], ...], params: Mapping[str, object], call: Call
) -> Operation[StockLevel]:
    within = flight(RAISE_CATALOG, *statements, FIND_LEVEL, user_id=call.user_id, item_id=item_id, **params)
    landing = yield call.opened() + flight(*call.frame.begin) + within + flight(*call.frame.end)
    return landing.rows(FIND_LEVEL)[0]


# ---- the base unit -----------------------------------------------------------------------------------------------------------


def set_base_unit(item_id: UUID, base_unit: str, call: Call) -> Operation[StockLevel]:
    """Two flights. Raises ItemNotFound, InvalidText for no unit, and BaseUnitFixed where the change would be ambiguous."""
    wanted = read_base_unit({"base_unit": base_unit})
    if wanted is None:
        raise InvalidText(field="base_unit", reason="is missing: write g, ml, each or one told in them, such as kg")
    return (yield from planned_again(lambda call: set_unit_once(item_id, wanted, call), call))


def set_unit_once(item_id: UUID, base_unit: str, call: Call) -> Operation[StockLevel]:
    asked = {"user_id": call.user_id, "item_id": item_id}
    landing = yield call.opened() + flight(FIND_USE, FIND_LEVEL, *call.frame.leave, **asked)
    for use in landing.rows(FIND_USE):
        if use.base_unit == base_unit:
            return landing.rows(FIND_LEVEL)[0]
        packs = json.dumps(packs_told_in(base_unit, use))
        params = {**asked, "catalog_version": use.catalog_version, "base_unit": base_unit, "packs": packs}
        head = call.opened() + flight(LOCK_CATALOG, *call.frame.begin, **params)
        landing = yield head + flight(*SET_BASE_UNIT, FIND_LEVEL, *call.frame.end, **params)
        return landing.rows(FIND_LEVEL)[0]
    raise ItemNotFound(item_id=item_id)


def packs_told_in(base_unit: str, use: Use) -> list[dict[str, str]]:
    """What each pack holds in another unit. Raises BaseUnitFixed where anything would have to be guessed."""
    reason = why_fixed(base_unit, use)
    told = []
    for pack_size in () if reason else use.pack_sizes:
        try:
            told.append({"pack_size": pack_size, "base_quantity": plain(pack_in(read_pack_size(pack_size), base_unit, {}))})
        except UnitMismatch:
            reason = f"a vendor sells it in {pack_size}, which {base_unit} can't tell: reassign that mapping first"
    if reason:
        raise BaseUnitFixed(item_id=use.id, name=use.name, base_unit=use.base_unit, wanted=base_unit, reason=reason)
    return told


def why_fixed(base_unit: str, use: Use) -> str:
    if use.is_booked:
        return (
            f"what is booked on it is in {use.base_unit}: say with set_conversions what 1 {base_unit} of it is, "
            "or import a new item and reassign its mappings to that"
        )
    if use.conversions:
        return f"its conversions are told in {use.base_unit}: take them away with set_conversions(…, {{}}) first"
    return "a vendor sells it without a pack size: reassign that mapping first" if use.unsized else ""

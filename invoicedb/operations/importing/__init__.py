"""An existing catalog with its opening stock, imported in one transaction: looked up in one flight, written in another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicedb.domain.catalog import CatalogEntry, read_entry, read_vendor
from invoicedb.domain.dictionary import dictionary_of
from invoicedb.errors import InvalidCatalog, LineError
from invoicedb.flights import Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.importing.plan import (
    Found,
    Item,
    Opening,
    Plan,
    SoldKey,
    asked_of,
    failed_row,
    plan_params,
    sold_json,
)
from invoicedb.operations.ingest.book import ADD_MATCH_KEYS, LOCK_CATALOG
from invoicedb.operations.ingest.look_up import packed
from invoicedb.operations.rules import FIND_CATALOG, LIST_ABBREVIATIONS
from invoicedb.results import CatalogResult, CatalogRow
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Named:
    """An item that a row may mean: `how` says whether by id or by name."""

    place: int
    how: str
    id: UUID
    name: str
    category: str | None
    base_unit: str
    conversions: Mapping[str, str]
    merged_into_id: UUID | None
    opening_quantity: Decimal | None
    opening_total: Decimal | None
    opening_day: date | None

    @property
    def item(self) -> Item:
        return Item(self.id, self.name, self.category, self.base_unit, self.conversions, self.opening, self.merged_into_id)

    @property
    def opening(self) -> Opening | None:
        if self.opening_quantity is None or self.opening_total is None or self.opening_day is None:
            return None
        return Opening(self.opening_quantity, self.opening_total, self.opening_day)


@dataclass(frozen=True, slots=True)
class Sold:
    """What a vendor's key is mapped to."""

    vendor_key: str
    item_key: str
    pack_key: str
    item_id: UUID
    item_name: str


FIND_NAMED = Statement("find_named", SQL["find_named"], Named)
FIND_SOLD_AS = Statement("find_sold_as", SQL["find_sold_as"], Sold)
ADD_NAMED_VENDORS = silent("add_named_vendors")
ADD_NAMED_ITEMS = silent("add_named_items")
LOCK_NAMED_ITEMS = silent("lock_named_items")
FILL_ITEMS = silent("fill_items")
ADD_SOLD_AS = silent("add_sold_as")
OPEN = (silent("add_openings"), silent("raise_by_openings"))


@dataclass(frozen=True, slots=True)
class Importing:
    """The rows of a catalog, whose they are where they name no vendor, and who says so."""

    rows: Sequence[object]
    vendor_name: str | None
    made_by: str | None

    def __post_init__(self) -> None:
        if not self.rows:
            raise InvalidCatalog(reason="there are no rows: give one for each item")
        try:
            read_vendor(self.vendor_name)
        except LineError as error:
            raise InvalidCatalog(reason=str(error)) from None

    def run(self, call: Call) -> Operation[CatalogResult]:
        """Two flights, one where nothing is missing. Raises Moved where others keep changing the catalog."""
        entries, failed = self.read(call)
        return (yield from planned_again(lambda call: self.run_once(entries, failed, call), call))

    def read(self, call: Call) -> tuple[list[CatalogEntry], list[CatalogRow]]:
        entries, failed = [], []
        for row_number, raw in enumerate(self.rows, 1):
            try:
                entries.append(read_entry(row_number, raw, vendor_name=self.vendor_name, currency=call.policy.currency))
            except LineError as error:
                failed.append(failed_row(row_number, name_in(raw), error))
        return entries, failed

    def run_once(self, entries: list[CatalogEntry], failed: list[CatalogRow], call: Call) -> Operation[CatalogResult]:
        landing = yield look_ups(entries, call)
        plan = Plan(call.user_id, found_in(landing), call.now.date())
        for entry in entries:
            plan.add(entry)
        import_id = call.new_id("import of a catalog")
        if plan.touched:
            landing = yield writing(plan, import_id, self.made_by, call)
        rows = sorted((*plan.rows, *failed), key=lambda row: row.row_number)
        return CatalogResult(import_id, tuple(rows), landing.round_trips)


def name_in(raw: object) -> str:
    name = raw.get("name") if isinstance(raw, Mapping) else None
    return name if isinstance(name, str) else ""


def look_ups(entries: list[CatalogEntry], call: Call) -> Flight:
    """The catalog's version first: what is read after it may be newer, and then the import does not land."""
    asked = {"asked": json.dumps(asked_of(entries, call.user_id)), "sold_as": sold_json(entries)}
    statements = (FIND_CATALOG, FIND_NAMED, FIND_SOLD_AS, LIST_ABBREVIATIONS)
    return call.opened() + flight(*statements, *call.frame.leave, user_id=call.user_id, **asked)


def found_in(landing: Landing) -> Found:
    named: list[Named] = landing.rows(FIND_NAMED)
    by_name: dict[str, tuple[Item, ...]] = {}
    for each in named:
        if each.how == "name":
            by_name[each.name] = (*by_name.get(each.name, ()), each.item)
    sold: dict[SoldKey, tuple[UUID, str]] = {
        (each.vendor_key, each.item_key, each.pack_key): (each.item_id, each.item_name) for each in landing.rows(FIND_SOLD_AS)
    }
    entries = tuple((each.abbreviation, each.expansion) for each in landing.rows(LIST_ABBREVIATIONS))
    version = landing.rows(FIND_CATALOG)[0].version
    return Found(version, {each.id: each.item for each in named if each.how == "id"}, by_name, sold, dictionary_of(entries))


def writing(plan: Plan, import_id: UUID, made_by: str | None, call: Call) -> Flight:
    """From the catalog's lock to COMMIT: a statement for each kind of row that is new."""
    params: dict[str, Any] = {
        "user_id": call.user_id,
        "catalog_version": plan.found.catalog_version,
        "import_id": import_id,
        "made_by": made_by,
        "now": call.now,
        **plan_params(plan, call.new_id, packed),
    }
    wanted = (
        (ADD_NAMED_VENDORS, plan.sold),
        (ADD_NAMED_ITEMS, plan.made),
        (LOCK_NAMED_ITEMS, plan.touched),
        (FILL_ITEMS, plan.filled),
        (ADD_SOLD_AS, plan.sold),
        (ADD_MATCH_KEYS, plan.match_keys),
    )
    new_rows = tuple(statement for statement, rows in wanted if rows)
    opened = OPEN if plan.openings else ()
    return call.opened() + flight(LOCK_CATALOG, *call.frame.begin, *new_rows, *opened, *call.frame.end, **params)

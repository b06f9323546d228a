"""Two items that are the same: one of them takes all that was mapped and booked to the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from invoicedb.domain.dictionary import Dictionary, dictionary_of
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.numbers import plain
from invoicedb.domain.units import by_ratio, ratio_between
from invoicedb.errors import ItemMerged, ItemNotFound, SameItem, UnitMismatch
from invoicedb.flights import BetLost, Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.correct import MOVEMENTS
from invoicedb.operations.ingest.book import ADD_MATCH_KEYS, LOCK_CATALOG
from invoicedb.operations.ingest.look_up import packed
from invoicedb.operations.review import MOVE, MOVE_STOCK
from invoicedb.operations.rules import LIST_ABBREVIATIONS
from invoicedb.results import MergeResult
from invoicedb.sql import SQL

Ratio = tuple[Decimal, Decimal]
SAME_UNIT: Ratio = (Decimal(1), Decimal(1))


@dataclass(frozen=True, slots=True)
class ToMerge:
    """An item, and the one that it is to be merged into or was; None where there is none."""

    catalog_version: int
    item_id: UUID | None
    item_name: str
    base_unit: str
    conversions: Mapping[str, str]
    merged_into_id: UUID | None
    record: Mapping[str, Any] | None
    into_id: UUID | None
    into_name: str
    into_unit: str
    into_conversions: Mapping[str, str]
    into_merged_into_id: UUID | None


@dataclass(frozen=True, slots=True)
class MappingOfItem:
    """What an item is mapped by."""

    vendor_id: UUID
    item_key: str
    pack_key: str
    base_quantity: Decimal
    description: str
    accepted_readings: list[str]
    rejected_item_ids: list[UUID]

    @property
    def key(self) -> tuple[str, str, str]:
        return str(self.vendor_id), self.item_key, self.pack_key

    def now_holding(self, base_quantity: str) -> dict[str, str]:
        return {**dict(zip(("vendor_id", "item_key", "pack_key"), self.key, strict=True)), "base_quantity": base_quantity}


LOOK_UP_MERGE = Statement("look_up_merge", SQL["look_up_merge"], ToMerge)
MAPPINGS_OF_ITEM = Statement("list_mappings_of_item", SQL["list_mappings_of_item"], MappingOfItem)
LOCK_VENDORS = silent("lock_vendors_of_item")
LOCK_FOR_MERGE = silent("lock_items_of_decision")
MOVE_MAPPINGS = silent("move_mappings")
REQUIRE_CONVERTIBLE = silent("require_convertible")
DROP_MATCH_KEYS = silent("drop_match_keys")
MARK_MERGED = silent("mark_merged")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge or its undoing, planned: what moves, from which item to which.

    `mappings`: rows of `move_mappings`. `ratio`: what 1 of the one's unit is of the other's. `others`: what moves beside what
    is mapped, None for all.
    """

    from_id: UUID
    to_id: UUID
    ratio: Ratio
    mappings: Sequence[Mapping[str, str]]
    keys: Sequence[int]
    others: Sequence[object] | None


# ---- the merge ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merging:
    """What somebody says: the one item is the other."""

    item_id: UUID
    into_item_id: UUID
    reason: str | None
    made_by: str | None

    def merge(self, call: Call) -> Operation[MergeResult]:
        """Two flights, one where it is merged so already. Raises SameItem, ItemNotFound, ItemMerged and UnitMismatch."""
        if self.item_id == self.into_item_id:
            raise SameItem(item_id=self.item_id)
        return (yield from planned_again(self.merge_once, call))

    def merge_once(self, call: Call) -> Operation[MergeResult]:
        landing = yield look_ups(self.item_id, self.into_item_id, call)
        found = require_found(landing, self.item_id, self.into_item_id)
        if found.merged_into_id == found.into_id:
            return result_of(found, None, None, landing)
        require_two(found)
        merge = plan_merge(found, landing.rows(MAPPINGS_OF_ITEM), dictionary_in(landing))
        record = json.dumps(record_of(merge, landing.rows(MAPPINGS_OF_ITEM), self.reason, self.made_by, call))
        params = {**params_of(merge, self.reason, self.made_by, call), "record": record}
        landed = yield from land(merge_flight(merge, found, params, call), found)
        return result_of(found, merge, params["document_id"], landed)


def plan_merge(found: ToMerge, mappings: Sequence[MappingOfItem], dictionary: Dictionary) -> Merge:
    """Raises UnitMismatch where what a pack holds can't be told exactly in the other item's unit."""
    ratio = ratio_between(found.base_unit, found.conversions, found.into_unit, found.into_conversions)
    if ratio is None:
        raise UnitMismatch(unit=found.base_unit, item_unit=found.into_unit)
    moved = [mapping.now_holding(held_by(mapping, ratio, found)) for mapping in mappings]
    item_id, into_id = both(found)
    return Merge(item_id, into_id, ratio, moved, keys_of(found.item_name, mappings, dictionary), None)


def held_by(mapping: MappingOfItem, ratio: Ratio, found: ToMerge) -> str:
    held = by_ratio(mapping.base_quantity, ratio)
    if held is None:
        raise UnitMismatch(unit=found.base_unit, item_unit=found.into_unit)
    return plain(held)


def record_of(
    merge: Merge, mappings: Iterable[MappingOfItem], reason: str | None, made_by: str | None, call: Call
) -> dict[str, Any]:
    """What an un-merge needs to know, and who said so where nothing was booked that a document could tell of."""
    return {
        "at": call.now.isoformat(),
        "reason": reason,
        "made_by": made_by,
        "numerator": plain(merge.ratio[0]),
        "denominator": plain(merge.ratio[1]),
        "mappings": [[*each.key, plain(each.base_quantity), [*map(str, each.rejected_item_ids)]] for each in mappings],
    }


# ---- what its undoing needs, too ---------------------------------------------------------------------------------------------


def look_ups(item_id: UUID, into_item_id: UUID | None, call: Call) -> Flight:
    """The catalog's version first: what is read after it may be newer, and then the merge does not land."""
    asked = {"user_id": call.user_id, "item_id": item_id, "into_item_id": into_item_id}
    return call.opened() + flight(LOOK_UP_MERGE, MAPPINGS_OF_ITEM, LIST_ABBREVIATIONS, *call.frame.leave, **asked)


def require_found(landing: Landing, item_id: UUID, into_item_id: UUID) -> ToMerge:
    found = landing.rows(LOOK_UP_MERGE)[0]
    for wanted, there in ((item_id, found.item_id), (into_item_id, found.into_id)):
        if there is None:
            raise ItemNotFound(item_id=wanted)
    return found


def require_two(found: ToMerge) -> None:
    """Raises ItemMerged where one of them is another item already."""
    item_id, into_id = both(found)
    if found.merged_into_id is not None:
        raise ItemMerged(item_id=item_id, item_name=found.item_name, into_item_id=found.merged_into_id)
    if found.into_merged_into_id is not None:
        raise ItemMerged(item_id=into_id, item_name=found.into_name, into_item_id=found.into_merged_into_id)


Value = TypeVar("Value")


def there(value: Value | None) -> Value:
    if value is None:
        raise LookupError("both items were found before")
    return value


def both(found: ToMerge) -> tuple[UUID, UUID]:
    return there(found.item_id), there(found.into_id)


def dictionary_in(landing: Landing) -> Dictionary:
    return dictionary_of(tuple((each.abbreviation, each.expansion) for each in landing.rows(LIST_ABBREVIATIONS)))


def keys_of(name: str, mappings: Iterable[MappingOfItem], dictionary: Dictionary) -> list[int]:
    """The match keys of an item's name and of every description that is accepted for it."""
    texts = {name}.union(*({each.description, *each.accepted_readings} for each in mappings))
    return sorted({key for text in texts if text for key in alias_keys(text, dictionary)})


# ---- what is written ---------------------------------------------------------------------------------------------------------


def params_of(merge: Merge, reason: str | None, made_by: str | None, call: Call) -> dict[str, Any]:
    return {
        "user_id": call.user_id,
        "from_item_id": merge.from_id,
        "item_id": merge.to_id,
        "numerator": merge.ratio[0],
        "denominator": merge.ratio[1],
        "others": None if merge.others is None else json.dumps(merge.others),
        "mappings": json.dumps(merge.mappings),
        "keyed_items": json.dumps([{"id": str(merge.to_id), "keys": packed(merge.keys)}]),
        "dropped_keys": json.dumps([{"id": str(merge.from_id), "keys": packed(merge.keys)}]),
        "document_id": call.new_id(f"merge of {merge.from_id} and {merge.to_id}"),
        "vendor_id": None,
        "reason": reason,
        "made_by": made_by,
        "now": call.now,
        "today": call.now.date(),
    }


def merge_flight(merge: Merge, found: ToMerge, params: dict[str, Any], call: Call) -> Flight:
    statements = (LOCK_VENDORS, LOCK_FOR_MERGE, *moving(merge), MARK_MERGED, DROP_MATCH_KEYS, *learning(merge))
    return written(statements, found, params, call)


def moving(merge: Merge) -> tuple[Statement[None], ...]:
    exact = (REQUIRE_CONVERTIBLE,) if merge.ratio != SAME_UNIT else ()
    return (MOVE_MAPPINGS, *exact, *MOVE)


def learning(merge: Merge) -> tuple[Statement[None], ...]:
    return (ADD_MATCH_KEYS,) if merge.keys else ()


def written(statements: tuple[Statement[None], ...], found: ToMerge, params: dict[str, Any], call: Call) -> Flight:
    head = flight(LOCK_CATALOG, *call.frame.begin, catalog_version=found.catalog_version, **params)
    return call.opened() + head + flight(*statements, MOVE_STOCK, MOVEMENTS, *call.frame.end, **params)


def land(written: Flight, found: ToMerge) -> Operation[Landing]:
    """Raises UnitMismatch where something that no mapping tells of can't be told in the other unit: nothing was written."""
    try:
        return (yield written)
    except BetLost:
        raise UnitMismatch(unit=found.base_unit, item_unit=found.into_unit) from None


def result_of(found: ToMerge, merge: Merge | None, document_id: UUID | None, landing: Landing) -> MergeResult:
    """`merge`: None where it was merged so before."""
    item_id, into_id = both(found)
    movements = tuple(landing.rows(MOVEMENTS)) if merge else ()
    return MergeResult(
        item_id=item_id,
        item_name=found.item_name,
        into_item_id=into_id,
        into_item_name=found.into_name,
        correction_id=document_id if movements else None,
        mappings=len(merge.mappings) if merge else 0,
        lines=len(movements) // 2,
        movements=movements,
        replayed=merge is None,
        round_trips=landing.round_trips,
    )

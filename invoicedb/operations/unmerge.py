"""A merge taken back: what came from the item is the item's again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicedb.domain.dictionary import Dictionary
from invoicedb.errors import ItemMerged, ItemNotFound, ItemNotMerged
from invoicedb.flights import Flight, Landing, Operation
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.merge import (
    LOCK_VENDORS,
    LOOK_UP_MERGE,
    MAPPINGS_OF_ITEM,
    MappingOfItem,
    Merge,
    ToMerge,
    both,
    dictionary_in,
    keys_of,
    land,
    learning,
    look_ups,
    moving,
    params_of,
    result_of,
    written,
)
from invoicedb.results import MergeResult

LOCK_FOR_UNMERGE = silent("lock_items_of_unmerge")
MARK_UNMERGED = silent("mark_unmerged")


@dataclass(frozen=True, slots=True)
class Unmerging:
    """What somebody says: the item is another than the one that it was merged into."""

    item_id: UUID
    reason: str | None
    made_by: str | None

    def unmerge(self, call: Call) -> Operation[MergeResult]:
        """Two flights. Raises ItemNotFound, ItemNotMerged, ItemMerged where the other was merged on, and UnitMismatch."""
        return (yield from planned_again(self.unmerge_once, call))

    def unmerge_once(self, call: Call) -> Operation[MergeResult]:
        landing = yield look_ups(self.item_id, None, call)
        found = require_merged(landing, self.item_id)
        merge = plan_unmerge(found, landing.rows(MAPPINGS_OF_ITEM), dictionary_in(landing))
        params = params_of(merge, self.reason, self.made_by, call)
        landed = yield from land(unmerge_flight(merge, found, params, call), found)
        return result_of(found, merge, params["document_id"], landed)


def plan_unmerge(found: ToMerge, present: Sequence[MappingOfItem], dictionary: Dictionary) -> Merge:
    """What the merge has moved goes back, with what it held; not a mapping that a person has given to another item since."""
    record = found.record or {}
    moved = {tuple(key): (held, rejected) for *key, held, rejected in record.get("mappings", ())}
    back = [each for each in present if each.key in moved and moved[each.key][1] == [*map(str, each.rejected_item_ids)]]
    ratio = (Decimal(record.get("denominator", 1)), Decimal(record.get("numerator", 1)))
    rows = [each.now_holding(moved[each.key][0]) for each in back]
    item_id, into_id = both(found)
    return Merge(into_id, item_id, ratio, rows, keys_of(found.item_name, back, dictionary), record.get("others", ()))


def require_merged(landing: Landing, item_id: UUID) -> ToMerge:
    found = landing.rows(LOOK_UP_MERGE)[0]
    if found.item_id is None:
        raise ItemNotFound(item_id=item_id)
    if found.into_id is None:
        raise ItemNotMerged(item_id=item_id, item_name=found.item_name)
    if found.into_merged_into_id is not None:
        raise ItemMerged(item_id=found.into_id, item_name=found.into_name, into_item_id=found.into_merged_into_id)
    return found


def unmerge_flight(merge: Merge, found: ToMerge, params: dict[str, Any], call: Call) -> Flight:
    """The other item keeps the match keys: as a candidate too many it does no harm."""
    return written((LOCK_VENDORS, LOCK_FOR_UNMERGE, *moving(merge), MARK_UNMERGED, *learning(merge)), found, params, call)

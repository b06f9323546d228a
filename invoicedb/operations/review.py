"""What a person decides about a match, and what follows: every line that was booked by it moves, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from invoicedb.domain.dictionary import Dictionary, dictionary_of
from invoicedb.domain.document import INVOICE_IDS
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import DecisionConflict, ItemMerged, ItemNotFound, LineNotBooked, MappingNotFound, UnitMismatch
from invoicedb.flights import Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.correct import MOVEMENTS
from invoicedb.operations.ingest.book import ADD_ITEMS, ADD_MATCH_KEYS, LOCK_CATALOG
from invoicedb.operations.ingest.look_up import packed
from invoicedb.operations.ingest.packs import held_in, in_unit_of_item, pack_in
from invoicedb.operations.ingest.plan import NAME_LENGTH
from invoicedb.operations.reports import rows
from invoicedb.operations.rules import LIST_ABBREVIATIONS
from invoicedb.results import DecisionResult, Movement, ReviewCase
from invoicedb.sql import SQL

NIL = UUID(int=0)
FIRST_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What a decision is planned by. `meant…` is the item that is meant, None where there is none yet.

    `is_packed`: the item number is known in a pack, which a line without one may have taken.
    """

    catalog_version: int
    is_packed: bool
    conversions: Mapping[str, str]
    meant_id: UUID | None
    meant_unit: str | None
    meant_conversions: Mapping[str, str] | None
    meant_name: str | None
    meant_merged_into_id: UUID | None


REVIEW_QUEUE = Statement("review_queue", SQL["review_queue"], ReviewCase.of_row)
FIND_MAPPING_CASE = Statement("find_mapping_case", SQL["find_mapping_case"], ReviewCase.of_row)
LOOK_UP_DECISION = Statement("look_up_decision", SQL["look_up_decision"], ToDecide)
DECIDE_MAPPING = silent("decide_mapping")
LOCK = tuple(silent(name) for name in ("lock_vendor_of_mapping", "lock_items_of_decision"))
MOVE = tuple(
    silent(name) for name in ("move_lines", "add_correction_movements", "add_correction", "move_prices", "mend_chains")
)
"""All that was booked by mappings that now are another item: the lines, and from the lines alone what follows from them."""
MOVE_STOCK = silent("move_stock")


# ---- what is to be decided ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A page of what waits for a person, oldest first."""

    limit: int
    after: ReviewCase | None

    def fetch(self, call: Call) -> Operation[list[ReviewCase]]:
        last = self.after
        return rows(
            REVIEW_QUEUE,
            call,
            limit=self.limit,
            after_time=FIRST_TIME if last is None else last.created_at,
            after_vendor=NIL if last is None else last.vendor_id,
            after_item_key="" if last is None else last.item_key,
            after_pack_key="" if last is None else last.pack_key,
        )


@dataclass(frozen=True, slots=True)
class MappingKey:
    """What a mapping is found by."""

    vendor_id: UUID
    item_key: str
    pack_key: str

    @classmethod
    def of(cls, case: ReviewCase) -> MappingKey:
        return cls(case.vendor_id, case.item_key, case.pack_key)

    def params(self, call: Call) -> dict[str, object]:
        keys = {"vendor_id": self.vendor_id, "item_key": self.item_key, "pack_key": self.pack_key}
        return {"user_id": call.user_id, **keys}

    def fetch(self, call: Call) -> Operation[ReviewCase]:
        landing = yield call.opened() + flight(FIND_MAPPING_CASE, *call.frame.leave, **self.params(call))
        return self.found(landing)

    def found(self, landing: Landing) -> ReviewCase:
        for case in landing.rows(FIND_MAPPING_CASE):
            return case
        raise MappingNotFound(vendor_id=self.vendor_id, item_key=self.item_key, pack_key=self.pack_key)


FIND_KEY_OF_LINE = Statement("find_key_of_line", SQL["find_key_of_line"], MappingKey)


def find_line_case(invoice_id: UUID, line_number: int, call: Call) -> Operation[ReviewCase]:
    """Two flights. Raises LineNotBooked where no item stands behind the line."""
    asked = {"user_id": call.user_id, "invoice_id": invoice_id, "line_number": line_number}
    landing = yield call.opened() + flight(FIND_KEY_OF_LINE, *call.frame.leave, **asked)
    for key in landing.rows(FIND_KEY_OF_LINE):
        return (yield from key.fetch(call))
    raise LineNotBooked(invoice_id=invoice_id, line_number=line_number)


# ---- the decision ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, planned: the item that the mapping is, and what one pack holds of it. `base_unit`: of an item to be made."""

    item_id: UUID
    base_quantity: Decimal
    base_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Deciding:
    """What somebody says who has seen `case`: it is the item `item_id`, or, with None, an item that is not there yet."""

    case: ReviewCase
    item_id: UUID | None
    reason: str | None
    made_by: str | None

    def decide(self, call: Call) -> Operation[DecisionResult]:
        """Two flights, one where it is decided so already.

        Raises MappingNotFound, DecisionConflict, ItemNotFound, ItemMerged, and a LineError where the pack can't be told in the
        item's unit.
        """
        return (yield from planned_again(self.decide_once, call))

    def decide_once(self, call: Call) -> Operation[DecisionResult]:
        landing = yield self.look_ups(call)
        case, item_id = MappingKey.of(self.case).found(landing), self.wanted(call)
        if is_decided_so(case, item_id):
            return DecisionResult(case, None, (), replayed=True, round_trips=landing.round_trips)
        require_as_seen(case, self.case)
        looked_up = landing.rows(LOOK_UP_DECISION)[0]
        verdict = verdict_of(case, item_id, looked_up, is_new=self.item_id is None)
        correction_id = call.new_id(f"correction to {item_id}")
        params = self.params(call, verdict, correction_id) | {"catalog_version": looked_up.catalog_version}
        keys = keys_of(
            case, dictionary_of(tuple((each.abbreviation, each.expansion) for each in landing.rows(LIST_ABBREVIATIONS)))
        )
        landing = yield booking(case, verdict, keys, params, call)
        return result_of(MappingKey.of(case).found(landing), correction_id, landing)

    def look_ups(self, call: Call) -> Flight:
        """The catalog's version first: what is read after it may be newer, and then the decision does not land."""
        asked = {**MappingKey.of(self.case).params(call), "item_id": self.wanted(call)}
        return call.opened() + flight(LOOK_UP_DECISION, FIND_MAPPING_CASE, LIST_ABBREVIATIONS, *call.frame.leave, **asked)

    def wanted(self, call: Call) -> UUID:
        return self.item_id or new_item_id(call.user_id, self.case)

    def params(self, call: Call, verdict: Verdict, correction_id: UUID) -> dict[str, object]:
        return {
            **MappingKey.of(self.case).params(call),
            "from_item_id": self.case.inventory_item_id,
            "item_id": verdict.item_id,
            "base_quantity": verdict.base_quantity,
            "numerator": None,
            "denominator": None,
            "others": "[]",
            "document_id": correction_id,
            "reason": self.reason,
            "made_by": self.made_by,
            "now": call.now,
            "today": call.now.date(),
        }


def new_item_id(user_id: UUID, case: ReviewCase) -> UUID:
    """Of the item that is made when this very case is rejected, however often that is said.

    A case that came back since, by a decision or a merge, is another one: it was decided at another time.
    """
    decided_at = None if case.decided_at is None else case.decided_at.astimezone(UTC).isoformat()
    seen = [case.vendor_id, case.item_key, case.pack_key, case.inventory_item_id, decided_at]
    return uuid5(INVOICE_IDS, json.dumps(["rejected", str(user_id), *map(str, seen)]))


def is_decided_so(case: ReviewCase, item_id: UUID) -> bool:
    return (case.inventory_item_id, case.review_state, case.pending_descriptions) == (item_id, "approved", ())


def require_as_seen(case: ReviewCase, seen: ReviewCase) -> None:
    """Raises DecisionConflict where the mapping is not what the person who decides has seen."""
    if state_of(case) != state_of(seen):
        raise DecisionConflict(
            item_id=case.inventory_item_id,
            item_name=case.item_name,
            review_state=case.review_state,
            pending_descriptions=case.pending_descriptions,
            decided_by=case.decided_by,
            decided_at=case.decided_at,
        )


def state_of(case: ReviewCase) -> tuple[object, ...]:
    return case.inventory_item_id, case.review_state, case.pending_descriptions, case.decided_at


def verdict_of(case: ReviewCase, item_id: UUID, looked_up: ToDecide, *, is_new: bool) -> Verdict:
    """Raises ItemNotFound, ItemMerged, and a LineError where the pack can't be told in the item's unit."""
    if item_id == case.inventory_item_id:
        return Verdict(item_id, case.pack_quantity)
    if is_new:
        base_unit = unit_of_pack(case, looked_up.conversions)
        return Verdict(item_id, pack_again(case, looked_up, base_unit, {}), base_unit)
    if looked_up.meant_unit is None or looked_up.meant_name is None:
        raise ItemNotFound(item_id=item_id)
    if looked_up.meant_merged_into_id is not None:
        raise ItemMerged(item_id=item_id, item_name=looked_up.meant_name, into_item_id=looked_up.meant_merged_into_id)
    return Verdict(item_id, pack_again(case, looked_up, looked_up.meant_unit, looked_up.meant_conversions or {}))


def pack_again(case: ReviewCase, looked_up: ToDecide, base_unit: str, other_conversions: Mapping[str, str]) -> Decimal:
    """What one pack holds of another item.

    What is in no pack and can have taken none is one each, also where its item can't be told in each any more.
    """
    if case.pack_size is not None:
        return pack_in(read_pack_size(case.pack_size), base_unit, other_conversions)
    if is_one_each(case, looked_up.conversions):
        return pack_in(None, base_unit, other_conversions)
    one_each = None if looked_up.is_packed else held_in(None, base_unit, other_conversions)
    held = one_each or in_unit_of_item(case.pack_quantity, case.base_unit, base_unit, other_conversions)
    if held is None:
        raise UnitMismatch(unit=case.base_unit, item_unit=base_unit)
    return held


def unit_of_pack(case: ReviewCase, conversions: Mapping[str, str]) -> str:
    if case.pack_size is not None:
        return read_pack_size(case.pack_size).base_unit
    return "each" if is_one_each(case, conversions) else case.base_unit


def is_one_each(case: ReviewCase, conversions: Mapping[str, str]) -> bool:
    """Without a pack size; else it holds what another pack of the item number does."""
    return held_in(None, case.base_unit, conversions) == case.pack_quantity


def keys_of(case: ReviewCase, dictionary: Dictionary) -> list[int]:
    """The match keys of every description that now speaks for the item."""
    texts = {case.description, *case.accepted_descriptions, *case.pending_descriptions}
    return sorted({key for text in texts if text for key in alias_keys(text, dictionary)})


# ---- what is written ---------------------------------------------------------------------------------------------------------


def booking(case: ReviewCase, verdict: Verdict, keys: list[int], params: dict[str, Any], call: Call) -> Flight:
    """The decision, and where it is another item all that was booked by the mapping."""
    new_rows = rows_json(case, verdict, keys)
    made = (ADD_ITEMS,) if verdict.base_unit else ()
    learnt = (ADD_MATCH_KEYS,) if keys else ()
    moving = verdict.item_id != case.inventory_item_id
    locked, moved, answer = (LOCK, MOVE, (MOVE_STOCK, MOVEMENTS)) if moving else ((), (), ())
    head = call.opened() + flight(LOCK_CATALOG, *call.frame.begin, **params)
    statements = (*made, *locked, DECIDE_MAPPING, *moved, *learnt, *answer, FIND_MAPPING_CASE)
    decided = flight(*statements, **params, **new_rows)
    return head + decided + flight(*call.frame.end)


def rows_json(case: ReviewCase, verdict: Verdict, keys: list[int]) -> dict[str, str]:
    name = (case.description or f"Item {case.item_number}")[:NAME_LENGTH]
    item = {"id": str(verdict.item_id), "name": name, "category": None, "base_unit": verdict.base_unit}
    keyed = {"id": str(verdict.item_id), "keys": packed(keys)}
    return {"items": json.dumps([item]), "keyed_items": json.dumps([keyed])}


def result_of(case: ReviewCase, correction_id: UUID, landing: Landing) -> DecisionResult:
    movements: tuple[Movement, ...] = tuple(landing.rows(MOVEMENTS))
    made = correction_id if movements else None
    return DecisionResult(case, made, movements, replayed=False, round_trips=landing.round_trips)

"""Two vendors that are the same: one of them takes all that was mapped and booked to the other; and two again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from invoicedb.domain.head import read_vendor_name
from invoicedb.domain.keys import vendor_key
from invoicedb.errors import (
    MappingCollision,
    NoVendorNamed,
    NumberCollision,
    SameVendor,
    VendorMerged,
    VendorNotFound,
    VendorNotMerged,
    VendorsCollide,
)
from invoicedb.flights import Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.operations.ingest.book import LOCK_CATALOG
from invoicedb.results import NamedVendor, VendorMergeResult
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class VendorToMerge:
    """A vendor, and the one that it is to be merged into or was; None where there is none.

    `through_id`: the one that it was merged into, where that one was merged on. `names`: those that came with it.
    """

    catalog_version: int
    vendor_id: UUID | None
    vendor_name: str
    merged_into_id: UUID | None
    into_id: UUID | None
    into_name: str
    into_merged_into_id: UUID | None
    through_id: UUID | None
    through_name: str
    names: Sequence[str] | None


FIND_VENDOR_NAMED = Statement("find_vendor_named", SQL["find_vendor_named"], NamedVendor)
LOOK_UP_VENDORS = Statement("look_up_vendors", SQL["look_up_vendors"], VendorToMerge)
NUMBER_COLLISIONS = Statement("list_number_collisions", SQL["list_number_collisions"], NumberCollision)
MAPPING_COLLISIONS = Statement("list_mapping_collisions", SQL["list_mapping_collisions"], MappingCollision)
MOVE_DOCUMENTS = Statement("move_documents_of_vendor", SQL["move_documents_of_vendor"], int)
UNITE_MAPPINGS = Statement("unite_mappings", SQL["unite_mappings"], int)
MOVE_MAPPINGS = Statement("move_mappings_of_vendor", SQL["move_mappings_of_vendor"], int)
PART_MAPPINGS = Statement("part_mappings", SQL["part_mappings"], int)
MEND = (silent("mend_items"), silent("mend_prices"))

MERGE: tuple[Statement[Any], ...] = (
    silent("lock_vendors_of_merge"),
    silent("require_numbers_apart"),
    silent("page_of_vendor"),
    silent("mark_vendor_merged"),
    silent("follow_vendor"),
    silent("raise_into_vendor"),
    MOVE_DOCUMENTS,
    UNITE_MAPPINGS,
    silent("drop_united"),
    MOVE_MAPPINGS,
    silent("follow_in_records"),
    silent("lock_items_of_page"),
    silent("move_prices_of_vendor"),
    *MEND,
)

UNMERGE: tuple[Statement[Any], ...] = (
    silent("lock_vendors_of_merge"),
    silent("page_of_vendor"),
    MOVE_DOCUMENTS,
    silent("lock_items_of_page"),
    silent("move_prices_of_vendor"),
    PART_MAPPINGS,
    silent("restore_united"),
    silent("drop_parted"),
    silent("part_in_records"),
    silent("return_names"),
    silent("mark_vendor_unmerged"),
    *MEND,
)


def find_vendor(vendor_name: str, call: Call) -> Operation[NamedVendor]:
    """Raises InvalidInvoice for a name that is none, NoVendorNamed. One flight."""
    asked = {"user_id": call.user_id, "vendor_key": vendor_key(read_vendor_name(vendor_name))}
    landing = yield call.opened() + flight(FIND_VENDOR_NAMED, *call.frame.leave, **asked)
    for found in landing.rows(FIND_VENDOR_NAMED):
        return found
    raise NoVendorNamed(vendor_name=vendor_name)


@dataclass(frozen=True, slots=True)
class VendorMerging:
    """What somebody says: the one vendor is the other."""

    vendor_id: UUID
    into_vendor_id: UUID
    reason: str | None
    made_by: str | None

    def merge(self, call: Call) -> Operation[VendorMergeResult]:
        """Two flights, one where it is merged so already. Raises SameVendor, VendorNotFound, VendorMerged, VendorsCollide."""
        if self.vendor_id == self.into_vendor_id:
            raise SameVendor(vendor_id=self.vendor_id)
        return (yield from planned_again(self.merge_once, call))

    def merge_once(self, call: Call) -> Operation[VendorMergeResult]:
        landing = yield look_ups(self.vendor_id, self.into_vendor_id, call)
        found = require_found(landing, self.vendor_id, self.into_vendor_id)
        if found.merged_into_id == self.into_vendor_id:
            return result_of(found, landing, replayed=True)
        require_two(found)
        require_no_collision(found, landing)
        params = params_of(found, self.vendor_id, self.into_vendor_id, None, call)
        said = {"reason": self.reason, "made_by": self.made_by}
        return result_of(found, (yield written(MERGE, {**params, **said}, call)))


@dataclass(frozen=True, slots=True)
class VendorUnmerging:
    """What somebody says: the vendor is another than the one that it was merged into."""

    vendor_id: UUID

    def unmerge(self, call: Call) -> Operation[VendorMergeResult]:
        """Two flights. Raises VendorNotFound, VendorNotMerged, and VendorMerged where the other was merged on."""
        return (yield from planned_again(self.unmerge_once, call))

    def unmerge_once(self, call: Call) -> Operation[VendorMergeResult]:
        landing = yield look_ups(self.vendor_id, None, call)
        found = require_merged(landing, self.vendor_id)
        names = [self.vendor_id, *map(UUID, found.names or ())]
        params = params_of(found, found.into_id, self.vendor_id, names, call)
        return result_of(found, (yield written(UNMERGE, params, call)))


# ---- what was found ----------------------------------------------------------------------------------------------------------


def look_ups(vendor_id: UUID, into_vendor_id: UUID | None, call: Call) -> Flight:
    """The catalog's version first: what is read after it may be newer, and then the merge does not land."""
    asked = {"user_id": call.user_id, "vendor_id": vendor_id, "into_vendor_id": into_vendor_id}
    collisions = () if into_vendor_id is None else (NUMBER_COLLISIONS, MAPPING_COLLISIONS)
    return call.opened() + flight(LOOK_UP_VENDORS, *collisions, *call.frame.leave, **asked)


def require_found(landing: Landing, vendor_id: UUID, into_vendor_id: UUID) -> VendorToMerge:
    found = landing.rows(LOOK_UP_VENDORS)[0]
    for wanted, there in ((vendor_id, found.vendor_id), (into_vendor_id, found.into_id)):
        if there is None:
            raise VendorNotFound(vendor_id=wanted)
    return found


def require_two(found: VendorToMerge) -> None:
    """Raises VendorMerged where one of them is another vendor already."""
    for vendor_id, name, merged_into_id in (
        (found.vendor_id, found.vendor_name, found.merged_into_id),
        (found.into_id, found.into_name, found.into_merged_into_id),
    ):
        if vendor_id is not None and merged_into_id is not None:
            raise VendorMerged(vendor_id=vendor_id, vendor_name=name, into_vendor_id=merged_into_id)


def require_no_collision(found: VendorToMerge, landing: Landing) -> None:
    numbers, mappings = landing.rows(NUMBER_COLLISIONS), landing.rows(MAPPING_COLLISIONS)
    if numbers or mappings:
        raise VendorsCollide(
            vendor_name=found.vendor_name, into_vendor_name=found.into_name, numbers=numbers, mappings=mappings
        )


def require_merged(landing: Landing, vendor_id: UUID) -> VendorToMerge:
    found = landing.rows(LOOK_UP_VENDORS)[0]
    if found.vendor_id is None:
        raise VendorNotFound(vendor_id=vendor_id)
    if found.into_id is None:
        raise VendorNotMerged(vendor_id=vendor_id, vendor_name=found.vendor_name)
    if found.through_id is not None:
        raise VendorMerged(vendor_id=found.through_id, vendor_name=found.through_name, into_vendor_id=found.into_id)
    return found


# ---- what is written ---------------------------------------------------------------------------------------------------------


def params_of(
    found: VendorToMerge, from_id: UUID | None, to_id: UUID, names: Sequence[UUID] | None, call: Call
) -> dict[str, Any]:
    """`names`: the vendors of whose documents, by what they name, all go; None for all there are."""
    return {
        "user_id": call.user_id,
        "catalog_version": found.catalog_version,
        "vendor_id": found.vendor_id,
        "into_vendor_id": found.into_id,
        "from_id": from_id,
        "to_id": to_id,
        "names": names,
        "now": call.now,
    }


def written(statements: tuple[Statement[Any], ...], params: dict[str, Any], call: Call) -> Flight:
    return call.opened() + flight(LOCK_CATALOG, *call.frame.begin, *statements, *call.frame.end, **params)


def result_of(found: VendorToMerge, landing: Landing, *, replayed: bool = False) -> VendorMergeResult:
    if found.vendor_id is None or found.into_id is None:
        raise LookupError("both vendors were found before")
    return VendorMergeResult(
        vendor_id=found.vendor_id,
        vendor_name=found.vendor_name,
        into_vendor_id=found.into_id,
        into_vendor_name=found.into_name,
        documents=sum(landing.rows(MOVE_DOCUMENTS)),
        mappings=sum(landing.rows(MOVE_MAPPINGS)) + sum(landing.rows(PART_MAPPINGS)),
        united=sum(landing.rows(UNITE_MAPPINGS)),
        replayed=replayed,
        round_trips=landing.round_trips,
    )

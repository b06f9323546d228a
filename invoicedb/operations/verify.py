"""Do the numbers follow from the documents? Compared page by page, and mended page by page under the booking's locks.

Invoices come first: what a line says of its movement and price is put right before what takes that back, and both before
stock and chains are derived from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from invoicedb.flights import Flight, Landing, Operation, Statement, flight
from invoicedb.operations.asked import row_count
from invoicedb.operations.call import Call, silent
from invoicedb.results import Difference
from invoicedb.sql import SQL

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class PageEnd:
    """How many rows a page has, and the key of the last one. `planned`: settings of the planner, echoed."""

    count: int
    key: str
    id: UUID | None
    not_echoed: bool
    planned: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the whole: how its pages are listed, what compares them, and what mends them after which locks.

    `types`: of the documents that are listed.
    """

    list_page: Statement[PageEnd]
    first_key: str
    compare: tuple[str, ...]
    lock: tuple[str, ...]
    mend: tuple[str, ...]
    types: tuple[str, ...] = ()


PAGE_OF_DOCUMENTS = Statement("page_of_documents", SQL["page_of_documents"], PageEnd)
LOCK_DOCUMENTS = ("lock_vendors_of_documents", "lock_documents", "lock_items_of_documents")
DOCUMENTS = Part(
    list_page=PAGE_OF_DOCUMENTS,
    first_key="-1",
    compare=("verify_documents", "verify_voids", "verify_sequences"),
    lock=LOCK_DOCUMENTS,
    mend=(
        "mend_totals",
        "mend_lines",
        "restore_movements",
        "restore_standing",
        "restore_reversals",
        "restore_prices",
        "mend_sequences",
    ),
    types=("invoice", "credit_memo"),
)
CORRECTIONS = Part(
    list_page=PAGE_OF_DOCUMENTS,
    first_key="-1",
    compare=("verify_reversals", "verify_sequences"),
    lock=LOCK_DOCUMENTS,
    mend=("restore_taken_back", "mend_reversals", "mend_sequences"),
    types=("void", "correction"),
)
ITEMS = Part(
    list_page=Statement("page_of_items", SQL["page_of_items"], PageEnd),
    first_key="",
    compare=("verify_items",),
    lock=("lock_items_of_page",),
    mend=("mend_openings", "mend_items", "mend_prices"),
)
PARTS = (DOCUMENTS, CORRECTIONS, ITEMS)
PAGE_AGAIN = silent("page_again")
LEFT = "left_of_"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a verification has come: in which part, and after which row."""

    part: int
    key: str
    id: UUID


START = Place(0, DOCUMENTS.first_key, NIL)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page came to, and where to go on; None at the end."""

    differences: tuple[Difference, ...]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Verification:
    """How a tenant's numbers are verified: so many rows at a time, and whether they are mended."""

    batch: int
    repair: bool

    def __post_init__(self) -> None:
        row_count(self.batch, name="batch")

    def verify_page(self, place: Place, call: Call) -> Operation[Page]:
        """One flight; with `repair` one more for a page that has differences."""
        part = PARTS[place.part]
        asked = {
            "user_id": call.user_id,
            "after_key": place.key,
            "after_id": place.id,
            "limit": self.batch,
            "types": list(part.types),
        }
        landing = yield call.opened() + flight(part.list_page, *comparing(part), *call.frame.leave, **asked)
        found = differences_of(landing, part)
        if found and self.repair:
            found = yield from mend_page(part, ids_of(found, part), call)
        return Page(tuple(found), self.place_after(place, landing.rows(part.list_page)[0]))

    def place_after(self, place: Place, end: PageEnd) -> Place | None:
        if end.count == self.batch and end.id is not None:
            return Place(place.part, end.key, end.id)
        following = place.part + 1
        return Place(following, PARTS[following].first_key, NIL) if following < len(PARTS) else None


@cache
def comparing(part: Part, prefix: str = "") -> tuple[Statement[Difference], ...]:
    return tuple(Statement(prefix + name, SQL[name], Difference.of_row) for name in part.compare)


def differences_of(landing: Landing, part: Part, prefix: str = "") -> list[Difference]:
    return [found for statement in comparing(part, prefix) for found in landing.rows(statement)]


def ids_of(found: Iterable[Difference], part: Part) -> str:
    """The rows of the page that differ, as an array's text."""
    ids = {each.item_id if part is ITEMS else each.invoice_id for each in found}
    return "{" + ",".join(sorted(str(each) for each in ids)) + "}"


def mend_page(part: Part, ids: str, call: Call) -> Operation[list[Difference]]:
    """What differs once the locks are held, and whether it still does when it was mended: one transaction, one flight."""
    landing = yield mending(part, ids, call)
    left = {subject(each) for each in differences_of(landing, part, LEFT)}
    return [replace(each, repaired=subject(each) not in left) for each in differences_of(landing, part)]


def mending(part: Part, ids: str, call: Call) -> Flight:
    within: tuple[Statement[Any], ...] = (
        PAGE_AGAIN,
        *map(silent, part.lock),
        *comparing(part),
        *map(silent, part.mend),
        *comparing(part, LEFT),
    )
    return call.opened() + flight(*call.frame.begin, *within, *call.frame.end, user_id=call.user_id, page=ids)


def subject(found: Difference) -> tuple[object, ...]:
    """What a difference is about, whatever its values are."""
    return found.kind, found.item_id, found.invoice_id, found.line_number, found.column

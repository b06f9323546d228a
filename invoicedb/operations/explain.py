"""Where an item's stock and price come from: its movements, newest first, with documents, lines and decisions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from invoicedb.errors import ItemNotFound
from invoicedb.flights import Operation, Statement, flight
from invoicedb.operations.asked import row_count
from invoicedb.operations.call import Call
from invoicedb.operations.reports import rows
from invoicedb.results import ExplainedMovement, Explanation, StockLevel
from invoicedb.sql import SQL

FIND_LEVEL = Statement("find_level", SQL["find_level"], StockLevel)
FIND_LEVELS = Statement("find_levels", SQL["find_levels"], StockLevel)
FIND_MERGED_INTO = Statement("find_merged_into", SQL["find_merged_into"], StockLevel)
LIST_MOVEMENTS = Statement("list_movements", SQL["list_movements"], ExplainedMovement.of_row)

LAST = (date.max, datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1), 2**31 - 1)
"""After any movement."""


@dataclass(frozen=True, slots=True)
class MovementPage:
    """A page of an item's movements, newest first."""

    item_id: UUID
    limit: int
    after: ExplainedMovement | None

    def __post_init__(self) -> None:
        row_count(self.limit)

    def explain(self, call: Call) -> Operation[Explanation]:
        """One flight. Raises ItemNotFound."""
        params = {"user_id": call.user_id, "item_id": self.item_id, "limit": self.limit, **self.key()}
        asked = flight(FIND_LEVEL, FIND_MERGED_INTO, LIST_MOVEMENTS, **params)
        landing = yield call.opened() + asked + flight(*call.frame.leave)
        for level in landing.rows(FIND_LEVEL):
            merged_into = next(iter(landing.rows(FIND_MERGED_INTO)), None)
            return Explanation(level, tuple(landing.rows(LIST_MOVEMENTS)), merged_into)
        raise ItemNotFound(item_id=self.item_id)

    def key(self) -> dict[str, object]:
        last = self.after
        key = LAST if last is None else (last.transaction_date, last.booked_at, last.reference_id, last.line_number)
        return dict(zip(("after_date", "after_time", "after_id", "after_line"), key, strict=True))


def find_levels(text: str, call: Call, *, limit: int) -> Operation[list[StockLevel]]:
    """Items with `text` in their name, in any case, by name."""
    return rows(FIND_LEVELS, call, text=text, limit=limit)

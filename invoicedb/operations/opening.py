"""Opening stock taken back: a wrong one is reversed, and the item may be opened again by another import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from invoicedb.errors import ItemMerged, ItemNotFound, ItemNotOpened
from invoicedb.flights import BetLost, Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.results import Movement, TakeBackResult
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Opened:
    """An item; None where there is none. `not_echoed`: a setting that the bet reads."""

    id: UUID | None
    name: str
    merged_into_id: UUID | None
    not_echoed: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A movement of the document that last took opening stock of the item back."""

    correction_id: UUID
    reason: str | None
    made_by: str | None
    movement: Movement

    @classmethod
    def of_row(cls, correction_id: UUID, reason: str | None, made_by: str | None, *movement: Any) -> TakenBack:
        return cls(correction_id, reason, made_by, Movement(*movement))


LOOK_UP_OPENING = Statement("look_up_opening", SQL["look_up_opening"], Opened)
FIND_TAKE_BACK = Statement("find_take_back", SQL["find_take_back"], TakenBack.of_row)
REQUIRE_OPENED = silent("require_opened")
TAKE_BACK = tuple(silent(name) for name in ("lock_opened_item", "take_back_openings", "add_correction", "move_stock"))


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Whose opening stock is taken back, why, and who says so."""

    item_id: UUID
    reason: str | None
    made_by: str | None

    def take_back(self, call: Call) -> Operation[TakeBackResult]:
        """One flight, also where it is taken back already. Raises ItemNotFound, ItemMerged and ItemNotOpened."""
        return (yield from planned_again(self.take_back_once, call))

    def take_back_once(self, call: Call) -> Operation[TakeBackResult]:
        try:
            landing, is_replay = (yield self.flight(call)), False
        except BetLost as lost:
            landing, is_replay = lost.landing, True
        return self.result_of(landing, replayed=is_replay)

    def flight(self, call: Call) -> Flight:
        params = {
            "user_id": call.user_id,
            "item_id": self.item_id,
            "document_id": call.new_id(f"opening stock of {self.item_id} taken back"),
            "vendor_id": None,
            "reason": self.reason,
            "made_by": self.made_by,
            "now": call.now,
            "today": call.now.date(),
        }
        looked_up = call.opened() + flight(LOOK_UP_OPENING, FIND_TAKE_BACK, REQUIRE_OPENED, **params)
        return looked_up + flight(*call.frame.begin, *TAKE_BACK, FIND_TAKE_BACK, *call.frame.end, **params)

    def result_of(self, landing: Landing, *, replayed: bool) -> TakeBackResult:
        item = landing.rows(LOOK_UP_OPENING)[0]
        if item.id is None:
            raise ItemNotFound(item_id=self.item_id)
        if item.merged_into_id is not None:
            raise ItemMerged(item_id=self.item_id, item_name=item.name, into_item_id=item.merged_into_id)
        rows = landing.rows(FIND_TAKE_BACK)
        for first in rows[:1]:
            return TakeBackResult(
                item_id=self.item_id,
                item_name=item.name,
                correction_id=first.correction_id,
                reason=first.reason,
                made_by=first.made_by,
                movements=tuple(each.movement for each in rows),
                replayed=replayed,
                round_trips=landing.round_trips,
            )
        raise ItemNotOpened(item_id=self.item_id, item_name=item.name)

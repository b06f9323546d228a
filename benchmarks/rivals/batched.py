"""The batched pattern: mappings one line at a time, movements and prices in one insert each, stock one item at a time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.rivals.pattern import SQL, Movement, Pattern, multiplied
from benchmarks.workload import Document


class Batched(Pattern):
    """Collect, then write. By its own claim 15-20 round trips for 15 lines: counted here."""

    name = "batched pattern"
    tenant = "batched"

    def book(self, user_id: UUID, document: Document) -> object:
        context = self.begin(user_id, document)
        movements = [self.map_line(context, number, line) for number, line in enumerate(document["line_items"], 1)]
        context["item_ids"] = list({movement.item_id for movement in movements})
        self.add("add_movements", context, [movement.movement_row() for movement in movements])
        previous = self.previous_prices(context)
        self.add("add_prices", context, [movement.price_row(previous.get(movement.item_id)) for movement in movements])
        self.update_stock(context, movements)
        return len(movements)

    def map_line(self, context: dict[str, Any], line_number: int, line: dict[str, Any]) -> Movement:
        item_id, base_quantity = self.find("find_mapping", context, line)
        return multiplied(line_number, line, item_id, base_quantity)

    def previous_prices(self, context: dict[str, Any]) -> dict[UUID, Decimal]:
        found = self.connection.execute(SQL["find_previous_prices"], context).fetchall()
        return dict(reversed(found))

    def update_stock(self, context: dict[str, Any], movements: Sequence[Movement]) -> None:
        stock = dict(self.connection.execute(SQL["find_stock"], context).fetchall())
        for movement in movements:
            stock[movement.item_id] += movement.quantity_change
        for movement in {movement.item_id: movement for movement in movements}.values():
            self.set_stock(context, movement, stock[movement.item_id])

"""The sequential pattern: four statements a line, each its own round trip and its own transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.rivals.pattern import SQL, Pattern, multiplied
from benchmarks.workload import Document


class Sequential(Pattern):
    """Per line: the mapping (with the item's stock and last price), the movement, the stock written back, the price.

    Kindly read: where the pattern reads the stock and the last price with statements of their own, it takes 93 instead of 63.
    """

    name = "sequential pattern"
    tenant = "sequential"

    def book(self, user_id: UUID, document: Document) -> object:
        context = self.begin(user_id, document)
        lines = enumerate(document["line_items"], 1)
        context["total"] = sum((self.book_line(context, number, line) for number, line in lines), Decimal(0))
        self.connection.execute(SQL["finish_invoice"], context)
        return context["total"]

    def book_line(self, context: dict[str, Any], line_number: int, line: dict[str, Any]) -> Decimal:
        item_id, base_quantity, stock, last_price = self.find("find_mapping_and_item", context, line)
        movement = multiplied(line_number, line, item_id, base_quantity)
        self.add("add_movements", context, [movement.movement_row()])
        self.set_stock(context, movement, stock + movement.quantity_change)
        self.add("add_prices", context, [movement.price_row(last_price)])
        return movement.total_cost

"""What the pattern's two processors share: the head of the document, and the arithmetic of one line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from benchmarks.rivals.direct import Direct, load
from benchmarks.workload import Document

SQL = load("pattern.sql")


@dataclass(frozen=True, slots=True)
class Movement:
    """A line with its item, multiplied out."""

    line_number: int
    item_id: UUID
    base_quantity: Decimal
    quantity_change: Decimal
    unit_price: Decimal
    total_cost: Decimal
    pack_size: str

    def movement_row(self) -> dict[str, Any]:
        return {
            "line_number": self.line_number,
            "inventory_item_id": str(self.item_id),
            "quantity_change": str(self.quantity_change),
            "unit_cost": str(round(self.total_cost / self.quantity_change, 10)),
            "total_cost": str(self.total_cost),
        }

    def price_row(self, previous: Decimal | None) -> dict[str, Any]:
        """The price beside the one before. One of 0 has no percentage."""
        return {
            "line_number": self.line_number,
            "inventory_item_id": str(self.item_id),
            "unit_price": str(self.unit_price),
            "pack_size": self.pack_size,
            "base_quantity": str(self.base_quantity),
            "base_unit_price": str(round(self.unit_price / self.base_quantity, 10)),
            "previous_price": None if previous is None else str(previous),
            "price_change_percent": str(round((self.unit_price - previous) * 100 / previous, 4)) if previous else None,
            "is_price_increase": None if previous is None else self.unit_price > previous,
        }


class Pattern(Direct):
    """The services that both processors call, one statement each."""

    def begin(self, user_id: UUID, document: Document) -> dict[str, Any]:
        """The vendor and the header: what every statement of this invoice needs."""
        head = document["invoice"]
        vendor = {"user_id": user_id, "new_id": uuid4(), "name": head["vendor_name"]}
        found = self.connection.execute(SQL["create_or_get_vendor"], vendor).fetchall()
        context = {
            "user_id": user_id,
            "invoice_id": uuid4(),
            "vendor_id": found[0][0],
            "posting_sequence": found[0][1],
            "invoice_number": head["invoice_number"],
            "invoice_date": head["invoice_date"],
            "currency": head["currency"],
            "line_count": len(document["line_items"]),
        }
        self.connection.execute(SQL["add_invoice"], context)
        return context

    def find(self, statement: str, context: dict[str, Any], line: dict[str, Any]) -> tuple[Any, ...]:
        keys = {"item_key": f"n:{line['item_number']}", "pack_key": line["pack_size"].replace(" ", "")}
        found = self.connection.execute(SQL[statement], context | keys).fetchone()
        if found is None:
            raise LookupError(line["description"])
        return found

    def add(self, statement: str, context: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
        self.connection.execute(SQL[statement], context | {"rows": json.dumps(list(rows))})

    def set_stock(self, context: dict[str, Any], movement: Movement, current: Decimal) -> None:
        """Written back as it was read, plus this line."""
        stock = {
            "item_id": movement.item_id,
            "current_quantity": current,
            "unit_price": movement.unit_price,
            "base_unit_price": round(movement.unit_price / movement.base_quantity, 10),
            "line_number": movement.line_number,
        }
        self.connection.execute(SQL["set_stock"], context | stock)


def multiplied(line_number: int, line: dict[str, Any], item_id: UUID, base_quantity: Decimal) -> Movement:
    quantity, unit_price = Decimal(line["quantity"]), Decimal(line["unit_price"])
    total = round(quantity * unit_price, 2)
    return Movement(line_number, item_id, base_quantity, quantity * base_quantity, unit_price, total, line["pack_size"])

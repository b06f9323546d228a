"""The client's part of the rivals that send an invoice in one call: as little as leaves the same rows as invoicedb.

It trusts the document: nothing is checked, pack sizes and descriptions are taken as they are spelt.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from benchmarks.rivals.direct import Direct
from benchmarks.workload import Document
from invoicedb.ids import uuid7

HASHED = ("line_number", "item_number", "description", "pack_size", "category", "quantity", "unit_price", "line_total")


def params_of(user_id: UUID, document: Document) -> dict[str, Any]:
    head = document["invoice"]
    vendor_key = head["vendor_name"].lower()
    lines = [row_of(number, line) for number, line in enumerate(document["line_items"], 1)]
    hashed = [[vendor_key, head["invoice_number"], head["invoice_date"], head["currency"]]]
    hashed += [[line[field] for field in HASHED] for line in lines]
    return {
        "user_id": user_id,
        "invoice_id": uuid7(),
        "new_vendor_id": uuid7(),
        "vendor_name": head["vendor_name"],
        "vendor_key": vendor_key,
        "invoice_number": head["invoice_number"],
        "invoice_date": head["invoice_date"],
        "currency": head["currency"],
        "total": sum(Decimal(line["line_total"]) for line in lines),
        "content_hash": sha256(json.dumps(hashed).encode()).hexdigest(),
        "now": datetime.now(UTC),
        "lines": json.dumps(lines),
    }


def row_of(line_number: int, line: dict[str, Any]) -> dict[str, Any]:
    quantity, unit_price = Decimal(line["quantity"]), Decimal(line["unit_price"])
    return line | {
        "line_number": line_number,
        "quantity": plain(quantity),
        "unit_price": plain(unit_price),
        "line_total": plain(round(quantity * unit_price, 2)),
        "item_key": f"n:{line['item_number']}",
        "pack_key": line["pack_size"].replace(" ", ""),
        "reading": line["description"].upper(),
    }


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


class OneCall(Direct):
    """One prepared statement, one round trip, one transaction."""

    call: str

    def book(self, user_id: UUID, document: Document) -> object:
        return self.connection.execute(self.call, params_of(user_id, document), prepare=True).fetchall()

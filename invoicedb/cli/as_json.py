"""JSON out: quantities and money as exact decimal text, ids and dates as text, never a float."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any

from invoicedb.cli.text import number
from invoicedb.results import InvoiceResult, to_plain


def json_text(value: Any) -> str:
    """`value` as JSON in ASCII: whatever a description holds, no terminal obeys it."""
    return json.dumps(value, default=plain_value)


def plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value, "")
    return to_plain(value) if is_dataclass(value) else str(value)


def print_list(rows: Iterable[Any]) -> None:
    """One JSON document, a row a line, written as the rows come."""
    separator = "["
    for row in rows:
        print(f"{separator}\n{json_text(row)}", end="")
        separator = ","
    print("[]" if separator == "[" else "\n]")


def result_json(result: InvoiceResult) -> dict[str, Any]:
    """An invoice's result with its head."""
    head = {
        "vendor_name": result.vendor_name,
        "invoice_number": result.invoice_number,
        "invoice_date": result.invoice_date,
        "currency": result.currency,
        "document_type": result.document_type,
    }
    return {**head, **result.to_dict(), "processing_time_seconds": f"{result.processing_time_seconds:.6f}"}

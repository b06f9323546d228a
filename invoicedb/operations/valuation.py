"""What the stock is worth: at the last price, and at the average of all that was bought."""

from __future__ import annotations

from dataclasses import dataclass

from invoicedb.flights import Operation, Statement
from invoicedb.operations.call import Call
from invoicedb.operations.reports import NIL, rows
from invoicedb.results import StockValue
from invoicedb.sql import SQL

LIST_VALUATION = Statement("list_valuation", SQL["list_valuation"], StockValue.of_row)


@dataclass(frozen=True, slots=True)
class ValuationPage:
    """A page of items by name, each with its value. It reads all movements of the page's items."""

    limit: int
    after: StockValue | None

    def fetch(self, call: Call) -> Operation[list[StockValue]]:
        name, item_id = ("", NIL) if self.after is None else (self.after.name, self.after.id)
        return rows(LIST_VALUATION, call, limit=self.limit, after_name=name, after_id=item_id)

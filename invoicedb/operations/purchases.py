"""What was bought, by vendor, category or item: added up by the database over the invoices of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from invoicedb.flights import Operation, Statement
from invoicedb.operations.asked import period
from invoicedb.operations.call import Call
from invoicedb.operations.reports import rows
from invoicedb.results import PurchaseTotal
from invoicedb.sql import SQL

PurchasesBy: TypeAlias = Literal["vendor", "category", "item"]

PURCHASES: dict[str, Statement[PurchaseTotal]] = {
    by: Statement(name, SQL[name], PurchaseTotal)
    for by, name in (
        ("vendor", "purchases_by_vendor"),
        ("category", "purchases_by_category"),
        ("item", "purchases_by_item"),
    )
}


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """A page of totals by name. Each page adds up the whole period: the key is where it goes on, not what it saves."""

    by: PurchasesBy
    monthly: bool
    since: date | None
    until: date | None
    limit: int
    after: PurchaseTotal | None

    def __post_init__(self) -> None:
        if self.by not in PURCHASES:
            raise ValueError(f"purchases are added up by {', '.join(PURCHASES)}, not by {self.by!r}")

    def fetch(self, call: Call) -> Operation[list[PurchaseTotal]]:
        return rows(
            PURCHASES[self.by],
            call,
            monthly=self.monthly,
            **period(self.since, self.until),
            limit=self.limit,
            **self.key(),
        )

    def key(self) -> dict[str, object]:
        """Where the page before has ended. What a row has none of comes first, as an empty text."""
        last = self.after
        if last is None:
            return {"after_name": None, "after_id": None, "after_month": None, "after_currency": None}
        return {
            "after_name": last.name or "",
            "after_id": "" if last.id is None else str(last.id),
            "after_month": last.month,
            "after_currency": last.currency or "",
        }

"""What users read back: invoices, stock, prices. One flight each; lists come in pages, each after the last row of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from invoicedb.domain.head import FIRST_DATE
from invoicedb.domain.keys import vendor_key
from invoicedb.errors import InvoiceNotFound
from invoicedb.flights import Operation, Row, Statement, flight
from invoicedb.operations.asked import period, row_count, status_or_none
from invoicedb.operations.call import Call
from invoicedb.operations.ingest.look_up import BOOKED_LINES
from invoicedb.results import InvoiceSummary, PricePoint, StockLevel, StoredInvoice
from invoicedb.sql import SQL

NIL = UUID(int=0)

FIND_INVOICE = Statement("find_invoice", SQL["find_invoice"], InvoiceSummary)
LIST_INVOICES = Statement("list_invoices", SQL["list_invoices"], InvoiceSummary)
LIST_STOCK = Statement("list_stock", SQL["list_stock"], StockLevel)
LIST_PRICES = Statement("list_prices", SQL["list_prices"], PricePoint)
LIST_PRICES_OF_VENDOR = Statement("list_prices_of_vendor", SQL["list_prices_of_vendor"], PricePoint)
LIST_PRICES_OF_ITEM = Statement("list_prices_of_item", SQL["list_prices_of_item"], PricePoint)
LIST_ITEM_PRICES = Statement("list_item_prices", SQL["list_item_prices"], PricePoint)


def rows(statement: Statement[Row], call: Call, **params: object) -> Operation[list[Row]]:
    """A page of a list. Raises ValueError for a `limit` that is none."""
    row_count(params["limit"])
    asked = flight(statement, user_id=call.user_id, **params)
    landing = yield call.opened() + asked + flight(*call.frame.leave)
    return landing.rows(statement)


def get_invoice(invoice_id: UUID, call: Call) -> Operation[StoredInvoice]:
    """The invoice and its lines as they stand now. Raises InvoiceNotFound."""
    asked = flight(FIND_INVOICE, BOOKED_LINES, user_id=call.user_id, invoice_id=invoice_id)
    landing = yield call.opened() + asked + flight(*call.frame.leave)
    for summary in landing.rows(FIND_INVOICE):
        return StoredInvoice(summary, tuple(landing.rows(BOOKED_LINES)))
    raise InvoiceNotFound(invoice_id=invoice_id)


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of invoices by date, oldest first."""

    vendor_name: str | None
    status: str | None
    since: date | None
    until: date | None
    limit: int
    after: InvoiceSummary | None

    def fetch(self, call: Call) -> Operation[list[InvoiceSummary]]:
        return rows(
            LIST_INVOICES,
            call,
            vendor_key=None if self.vendor_name is None else vendor_key(self.vendor_name),
            status=status_or_none(self.status),
            **period(self.since, self.until),
            limit=self.limit,
            after_date=FIRST_DATE if self.after is None else self.after.invoice_date,
            after_id=NIL if self.after is None else self.after.id,
        )


@dataclass(frozen=True, slots=True)
class StockPage:
    """A page of items by name."""

    limit: int
    after: StockLevel | None

    def fetch(self, call: Call) -> Operation[list[StockLevel]]:
        name, item_id = ("", NIL) if self.after is None else (self.after.name, self.after.id)
        return rows(LIST_STOCK, call, limit=self.limit, after_name=name, after_id=item_id)


@dataclass(frozen=True, slots=True)
class PricePage:
    """A page of price points by date, oldest first; `changed`: only those that differ from the price before.

    Each filter is in the statement, before its limit: a page that is not full is the last one.
    """

    since: date | None
    until: date | None
    changed: bool
    limit: int
    after: PricePoint | None
    vendor_name: str | None = None
    item_id: UUID | None = None
    at_least: Decimal | None = None

    def __post_init__(self) -> None:
        if self.at_least is not None and not is_percentage(self.at_least):
            raise ValueError(f"at_least is a percentage as a Decimal, 0 or more, not {self.at_least!r}")

    @property
    def statement(self) -> Statement[PricePoint]:
        """An item's prices come by its chains, a vendor's by its invoices, all of them by all invoices."""
        if self.item_id is not None:
            return LIST_PRICES_OF_ITEM
        return LIST_PRICES if self.vendor_name is None else LIST_PRICES_OF_VENDOR

    def fetch(self, call: Call) -> Operation[list[PricePoint]]:
        return rows(
            self.statement,
            call,
            vendor_key=None if self.vendor_name is None else vendor_key(self.vendor_name),
            item_id=self.item_id,
            at_least=self.at_least,
            **period(self.since, self.until),
            changed=self.changed,
            limit=self.limit,
            after_date=FIRST_DATE if self.after is None else self.after.invoice_date,
            after_id=NIL if self.after is None else self.after.invoice_id,
            after_line=0 if self.after is None else self.after.line_number,
        )


def is_percentage(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and Decimal(value).is_finite() and value >= 0


def list_item_prices(item_id: UUID, call: Call, *, limit: int) -> Operation[list[PricePoint]]:
    """An item's price points over all vendors, latest first."""
    return rows(LIST_ITEM_PRICES, call, item_id=item_id, limit=limit)

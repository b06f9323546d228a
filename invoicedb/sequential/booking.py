"""One invoice within its transaction: its header, and its lines one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from invoicedb.domain.numbers import EXACT
from invoicedb.errors import (
    CorrectedInvoiceUnknown,
    ExcessReturns,
    InvoiceWarning,
    LineError,
    NearDuplicate,
    PeriodLocked,
    ReturnedMoreThanBought,
)
from invoicedb.flights import Landing, Rejected, failure_of
from invoicedb.models import PRICE_CORRECTION, FailedLine, Invoice, Line, Policy
from invoicedb.operations.ingest import prices_not_corrected
from invoicedb.operations.ingest.blame import error_of
from invoicedb.operations.ingest.book import Sending
from invoicedb.operations.ingest.look_up import KnownInvoice, Snapshot
from invoicedb.operations.ingest.settle import Replay, settle
from invoicedb.results import InvoiceResult, LineResult
from invoicedb.sequential.catalog import Catalog, Mapped
from invoicedb.sequential.prices import Point, change, quotient
from invoicedb.sequential.statements import Statements, values_of

NOWHERE = Landing({}, 0)


class LineRefused(Exception):
    """The database refuses a line for a reason that no plan could see. `failed` is the line, failed with it."""

    def __init__(self, failed: FailedLine) -> None:
        self.failed = failed
        super().__init__(failed.error)


@dataclass(slots=True)
class Booking:
    """One invoice within its transaction. `refused`: lines that the database has refused before, by number.

    `posting_sequence` is the invoice's place among those of its vendor, taken when its first line is booked.
    """

    statements: Statements
    policy: Policy
    new_id: Callable[[str], UUID]
    invoice: Invoice
    refused: Mapping[int, FailedLine]
    vendor_id: UUID | None = None
    named_vendor_id: UUID | None = None
    posting_sequence: int | None = None
    corrected_id: UUID | None = None
    sending: int = 1
    catalog: Catalog = field(init=False)

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.ask, self.policy, self.new_item_id)

    def run(self) -> InvoiceResult:
        self.ask("tenant")
        self.ask("catalog")
        settled = self.settle()
        while isinstance(settled, Invoice):
            self.invoice = settled
            settled = self.settle()
        return self.result(replayed=True) if isinstance(settled, Replay) else self.write(settled)

    def ask(self, name: str, /, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, which knows the invoice's facts without being told."""
        return self.statements.rows(name, {**self.facts(), **values})

    def facts(self) -> dict[str, object]:
        return {
            **values_of(self.invoice),
            "line_count": len(self.invoice.lines),
            "vendor_id": self.vendor_id,
            "named_vendor_id": self.named_vendor_id,
            "posting_sequence": self.posting_sequence,
            "corrected_id": self.corrected_id,
            "corrects_key": self.corrects_key,
            "sending": self.sending,
        }

    def new_item_id(self, what: str) -> UUID:
        return self.new_id(f"{what} of invoice {self.invoice.invoice_id}")

    # ---- the header ----

    def settle(self) -> Sending | Replay | Invoice:
        self.vendor_id, self.named_vendor_id = next(iter(self.ask("vendor")), (None, None))
        ids = dict.fromkeys([self.invoice.invoice_id, *(invoice_id for (invoice_id,) in self.ask("invoice_of_number"))])
        known = tuple(KnownInvoice(*row) for invoice_id in ids for row in self.ask("invoice", invoice_id=invoice_id))
        return settle(self.invoice, Snapshot(0, frozenset(), known, self.booked_lines(), (), ()))

    def booked_lines(self) -> tuple[LineResult, ...]:
        return tuple(LineResult.of_row(*row) for row in self.ask("booked_lines"))

    def write(self, sending: Sending) -> InvoiceResult:
        for (locked_before,) in self.ask("locked"):
            raise PeriodLocked(locked_before=locked_before)
        self.add_vendor()
        self.sending = sending.number
        if self.invoice.is_credit_memo:
            self.corrected_id = self.find_corrected(sending)
        if sending.stored is None:
            self.ask("add_invoice")
        else:
            self.posting_sequence = sending.stored.posting_sequence
        written = replace(sending, lines=tuple(self.write_line(line) for line in sending.lines))
        self.ask("close_invoice", status=written.status.value, total=written.total)
        warnings = (*self.near_duplicates(written), *self.unknown_corrected(written), *self.excess_returns(written))
        return self.result(warnings=(*warnings, *prices_not_corrected(self.booked_lines()), *self.catalog.warnings))

    def add_vendor(self) -> None:
        if self.vendor_id is None:
            self.vendor_id = self.new_id(f"vendor {self.invoice.vendor_key}")
            self.ask("add_vendor")

    def near_duplicates(self, written: Sending) -> Iterator[InvoiceWarning]:
        for (other,) in self.ask("near_duplicate", total=written.total) if written.stored is None else ():
            yield NearDuplicate(invoice_id=other, invoice_date=self.invoice.invoice_date, total=written.total)

    # ---- a credit memo ----

    @property
    def corrects_key(self) -> str | None:
        number, restarts = self.invoice.corrects, self.policy.numbers_restart_yearly
        return number if number is None or not restarts else f"{self.invoice.invoice_date.year}:{number}"

    def find_corrected(self, sending: Sending) -> UUID | None:
        """The invoice that it corrects: what it was booked with, else the one that stands."""
        if sending.stored is not None:
            found = self.ask("stored_corrected")
        else:
            found = [*self.ask("corrected_by_id"), *self.ask("corrected_by_number")]
        return next((corrected for (corrected,) in found), None)

    def unknown_corrected(self, written: Sending) -> Iterator[InvoiceWarning]:
        named = self.invoice.corrects or self.invoice.corrects_id
        if written.stored is None and named is not None and self.corrected_id is None:
            yield CorrectedInvoiceUnknown(corrects=str(named))

    def excess_returns(self, written: Sending) -> tuple[InvoiceWarning, ...]:
        """Of each item that went back: whether more did than is there. Raises ExcessReturns by policy."""
        if not any(line.went_back for line in written.moving):
            return ()
        found = [
            ReturnedMoreThanBought(item_id=item_id, item_name=name, excess=excess, base_unit=base_unit, of_invoice=of_invoice)
            for item_id, name, base_unit in self.ask("returned_items")
            for statement in ("excess_in_stock", "excess_of_invoice")
            for excess, of_invoice in self.ask(statement, item_id=item_id)
        ]
        if found and self.policy.excess_returns == "refuse":
            raise ExcessReturns(returns=found)
        return tuple(found)

    def result(self, *, replayed: bool = False, warnings: tuple[InvoiceWarning, ...] = ()) -> InvoiceResult:
        return InvoiceResult(
            invoice_id=self.invoice.invoice_id,
            vendor_name=self.invoice.vendor_name,
            invoice_number=self.invoice.invoice_number,
            invoice_date=self.invoice.invoice_date,
            currency=self.invoice.currency,
            lines=self.booked_lines(),
            replayed=replayed,
            round_trips=0,
            processing_time_seconds=0.0,
            warnings=self.invoice.warnings + warnings,
            document_type=self.invoice.document_type,
        )

    # ---- a line ----

    def write_line(self, line: Line | FailedLine) -> Line | FailedLine:
        """The line as it was written. What an earlier sending left of it, failed, gives way."""
        if self.sending > 1:
            self.ask("drop_failed_line", line_number=line.line_number)
        line = self.refused.get(line.line_number, line)
        if isinstance(line, Line):
            line = self.book_or_fail(line)
        if isinstance(line, FailedLine):
            self.ask("add_failed_line", **values_of(line))
        return line

    def book_or_fail(self, line: Line) -> Line | FailedLine:
        try:
            self.book_line(line)
        except LineError as error:
            return FailedLine.of(line, error)
        except psycopg.Error as error:
            failure = failure_of(error, NOWHERE, lost=False)
            if isinstance(failure, Rejected):
                raise LineRefused(FailedLine.of(line, error_of(failure))) from error
            raise
        return line

    def book_line(self, line: Line) -> None:
        """Raises LineError, before anything is written of the line."""
        mapped = self.catalog.mapped(line) if line.is_of_item else None
        if self.posting_sequence is None:
            ((self.posting_sequence,),) = self.ask("raise_posting_sequence")
        if mapped is None:
            self.ask("add_charge", **values_of(line))
            return
        quantity = EXACT.multiply(line.quantity, mapped.base_quantity)
        corrects = line.kind == PRICE_CORRECTION
        price = self.corrected_price(line, mapped) if corrects else None if line.went_back else line.unit_price
        cost = self.cost(line, mapped)
        values = {
            **values_of(line),
            **values_of(mapped),
            "cost_total": cost,
            "corrected_price": price if corrects else None,
            "transaction_type": line.kind if corrects else "return" if line.went_back else "purchase",
            "quantity_change": 0 if corrects else quantity,
            "unit_cost": quotient(cost, quantity),
        }
        self.ask("add_line", **values, match_reasons=Jsonb(list(mapped.reasons)))
        self.ask("add_movement", **values)
        self.ask("raise_stock", **values)
        if price is not None:
            priced = {**values, "unit_price": price, "base_unit_price": quotient(price, mapped.base_quantity)}
            self.add_price(Point(self.invoice.invoice_id, line.line_number, price, mapped.base_quantity), priced)
            self.ask("set_last_purchase", **priced)

    def cost(self, line: Line, mapped: Mapped) -> Decimal:
        """The line's money and its share of the freight; of what goes back, its part of what is left of the invoice."""
        moved = EXACT.multiply(line.quantity, mapped.base_quantity)
        for of in ("pack", "number", "item") if line.went_back and self.corrected_id else ():
            ((left, cost, back),) = self.ask("left", **values_of(line), item_id=mapped.item_id, of=of)
            if left > 0:
                parts = [quotient(EXACT.multiply(cost, part), left) for part in (EXACT.add(back, moved), back)]
                return EXACT.subtract(*parts)
        return EXACT.add(line.line_total, line.share)

    def corrected_price(self, line: Line, mapped: Mapped) -> Decimal | None:
        """What the memo says, else the vendor's price before, less what this memo takes off; none below zero.

        Of a memo that names an invoice, only if that price is still the invoice's, or that of another memo about it.
        """
        if line.corrected_price is not None:
            return line.corrected_price
        for row in self.ask("last_price", item_id=mapped.item_id, line_number=line.line_number):
            point = Point(*row)
            about = {point.invoice_id, *(each for (each,) in self.ask("corrects_of", other_id=point.invoice_id))}
            if self.corrected_id is not None and self.corrected_id not in about:
                return None
            restated = quotient(EXACT.multiply(point.unit_price, mapped.base_quantity), point.base_quantity)
            ((taken_off,),) = self.ask("taken_off", **values_of(line), **values_of(mapped))
            taken = EXACT.add(taken_off, line.unit_price)
            exact = EXACT.multiply(point.unit_price, mapped.base_quantity)
            if exact < EXACT.multiply(taken, point.base_quantity):
                return None
            return max(EXACT.subtract(restated, taken), Decimal(0))
        return None

    def add_price(self, point: Point, values: Mapping[str, object]) -> None:
        """Into its place in the chain: after its predecessor, and before a price point that had another one until now."""
        before = next((Point(*row) for row in self.ask("predecessor", **values)), None)
        self.ask("add_price", **values, **change(before, point))
        for after in [Point(*row) for row in self.ask("successor", **values)]:
            place = {"next_invoice_id": after.invoice_id, "next_line_number": after.line_number}
            self.ask("mend_price", **place, **change(point, after))

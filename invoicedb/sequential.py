"""The reference: an invoice booked one line and one statement at a time, slowly, and written to be obviously right.

The same rules as the flights, which the tests hold against it, row for row. Shared with them are the judgements (how a document,
a pack size, a description is read), the plan for one line, and what a known invoice means; not shared is all that they do with
many lines at once: the plan for a whole invoice from one snapshot, and the set-based SQL of quantities, prices and stock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from invoicedb.domain.document import read_invoice
from invoicedb.domain.match_keys import match_keys
from invoicedb.domain.numbers import EXACT
from invoicedb.domain.reading import read
from invoicedb.errors import InvoiceWarning, LineError, NearDuplicate
from invoicedb.flights import Landing, Rejected, failure_of
from invoicedb.ids import uuid7
from invoicedb.models import FailedLine, Invoice, InvoiceResult, Line, LineResult, Policy
from invoicedb.operations.ingest.blame import error_of
from invoicedb.operations.ingest.book import Sending
from invoicedb.operations.ingest.look_up import CandidateRow, KnownInvoice, MappingRow, Snapshot
from invoicedb.operations.ingest.plan import NewMapping, Plan, plan_line
from invoicedb.operations.ingest.settle import Replay, settle
from invoicedb.sql import SQL
from invoicedb.tasks import Document, Id, document_of

NOWHERE = Landing({}, 0)


class InvoiceProcessor:
    """Books each invoice in one ordinary transaction on `connection`, which is in autocommit; some ten statements a line.

    `new_id` makes the id of a new row from what it is for, `now` tells the time that rows are stamped with. It retries nothing.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        policy: Policy | None = None,
        new_id: Callable[[str], UUID] = uuid7,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection, self._policy, self._new_id, self._now = connection, policy or Policy(), new_id, now

    def process_invoice(self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None) -> InvoiceResult:
        """What `Database.process_invoice` does, result and errors alike; `round_trips` counts the statements."""
        started, now = time.perf_counter(), self._now()
        document = document_of(invoice_data)
        invoice = read_invoice(user_id, document, invoice_id, policy=self._policy, today=now.date())
        statements = Statements(self._connection, invoice.user_id, now)
        done = self._book(invoice, statements)
        return replace(done, round_trips=statements.count, processing_time_seconds=time.perf_counter() - started)

    def _book(self, invoice: Invoice, statements: Statements) -> InvoiceResult:
        """A line that the database refuses is failed, and the invoice begun anew with it."""
        refused: dict[int, FailedLine] = {}
        while True:
            statements.count += 2  # BEGIN, and its end
            try:
                with self._connection.transaction():
                    return Booking(statements, self._policy, self._new_id, invoice, refused).run()
            except LineRefused as line:
                refused[line.failed.line_number] = line.failed
            except psycopg.Error as error:
                raise failure_of(error, NOWHERE, lost=self._connection.closed).for_user(attempts=1) from error


class LineRefused(Exception):
    """The database refuses a line for a reason that no plan could see. `failed` is the line, failed with it."""

    def __init__(self, failed: FailedLine) -> None:
        self.failed = failed
        super().__init__(failed.error)


@dataclass(slots=True)
class Statements:
    """Runs the statements of sequential.sql by their names, and counts them."""

    connection: psycopg.Connection[Any]
    user_id: UUID
    now: datetime
    count: int = 0

    def rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        self.count += 1
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(SQL[f"sequential_{name}"], {**values, "user_id": self.user_id, "now": self.now})
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True, slots=True)
class Mapped:
    """The item that a line is, and what one pack of the line holds of it."""

    item_id: UUID
    base_quantity: Decimal
    match_method: str
    match_score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StoredMapping:
    """The mapping of one item key and pack, as it is in the database."""

    item_id: UUID
    base_quantity: Decimal
    review_state: str
    accepted: list[str]
    pending: list[str]

    def knows(self, line: Line) -> bool:
        return self.review_state != "rejected" and line.reading in ("", *self.accepted, *self.pending)

    def for_line(self, line: Line) -> Mapped:
        in_review = self.review_state == "pending" or line.reading in self.pending
        return Mapped(self.item_id, self.base_quantity, "fuzzy_review" if in_review else "exact")


@dataclass(frozen=True, slots=True)
class Point:
    """A price paid: money for a pack that holds `base_quantity`."""

    invoice_id: UUID
    line_number: int
    unit_price: Decimal
    base_quantity: Decimal


@dataclass(slots=True)
class Booking:
    """One invoice within its transaction."""

    statements: Statements
    policy: Policy
    new_id: Callable[[str], UUID]
    invoice: Invoice
    refused: Mapping[int, FailedLine]
    vendor_id: UUID | None = None
    posting_sequence: int | None = None
    sending: int = 1
    catalog_is_raised: bool = False

    def run(self) -> InvoiceResult:
        self.rows("tenant")
        self.rows("catalog")
        settled = self.settle()
        while isinstance(settled, Invoice):
            self.invoice = settled
            settled = self.settle()
        return self.result(replayed=True) if isinstance(settled, Replay) else self.write(settled)

    def rows(self, name: str, /, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement: the invoice's facts are known to all of them."""
        return self.statements.rows(name, {**self.facts(), **values})

    def facts(self) -> dict[str, object]:
        invoice = self.invoice
        return {
            "invoice_id": invoice.invoice_id,
            "vendor_id": self.vendor_id,
            "vendor_name": invoice.vendor_name,
            "vendor_key": invoice.vendor_key,
            "invoice_number": invoice.invoice_number,
            "number_key": invoice.number_key,
            "invoice_date": invoice.invoice_date,
            "currency": invoice.currency,
            "line_count": len(invoice.lines),
            "generation": invoice.generation,
            "content_hash": invoice.content_hash,
            "posting_sequence": self.posting_sequence,
            "sending": self.sending,
        }

    # ---- the invoice ----

    def settle(self) -> Sending | Replay | Invoice:
        self.vendor_id = next((vendor_id for (vendor_id,) in self.rows("vendor")), None)
        known = dict.fromkeys([self.invoice.invoice_id, *(invoice_id for (invoice_id,) in self.rows("invoice_of_number"))])
        invoices = tuple(KnownInvoice(*row) for invoice_id in known for row in self.rows("invoice", invoice_id=invoice_id))
        return settle(self.invoice, Snapshot(0, frozenset(), invoices, self.booked_lines(), (), ()))

    def booked_lines(self) -> tuple[LineResult, ...]:
        return tuple(LineResult(*row) for row in self.rows("booked_lines"))

    def write(self, sending: Sending) -> InvoiceResult:
        self.add_vendor()
        self.sending = sending.number
        if sending.stored is None:
            self.rows("add_invoice")
        else:
            self.posting_sequence = sending.stored.posting_sequence
        written = replace(sending, lines=tuple(self.write_line(line) for line in sending.lines))
        self.rows("close_invoice", status=written.status.value, total=written.total)
        return self.result(warnings=tuple(self.near_duplicates(written)))

    def add_vendor(self) -> None:
        if self.vendor_id is None:
            self.vendor_id = self.new_id(f"vendor {self.invoice.vendor_key}")
            self.rows("add_vendor")

    def near_duplicates(self, written: Sending) -> Iterator[InvoiceWarning]:
        for (other,) in self.rows("near_duplicate", total=written.total) if written.stored is None else ():
            yield NearDuplicate(invoice_id=other, invoice_date=self.invoice.invoice_date, total=written.total)

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
        )

    # ---- a line ----

    def write_line(self, line: Line | FailedLine) -> Line | FailedLine:
        """The line as it was written. What an earlier sending left of it, failed, gives way."""
        if self.sending > 1:
            self.rows("drop_failed_line", line_number=line.line_number)
        line = self.refused.get(line.line_number, line)
        if isinstance(line, Line):
            try:
                self.book_line(line)
            except LineError as error:
                line = FailedLine.of(line, error)
            except psycopg.Error as error:
                raise blamed(line, error) from error
        if isinstance(line, FailedLine):
            self.rows("add_failed_line", **values_of(line))
        return line

    def book_line(self, line: Line) -> None:
        """Raises LineError, before anything is written of the line."""
        mapped = self.mapped(line)
        if self.posting_sequence is None:
            ((self.posting_sequence,),) = self.rows("raise_posting_sequence")
        quantity_change = EXACT.multiply(line.quantity, mapped.base_quantity)
        values = {
            **values_of(line),
            **values_of(mapped),
            "quantity_change": quantity_change,
            "unit_cost": rounded(Fraction(line.line_total) / Fraction(quantity_change), 10),
            "base_unit_price": rounded(Fraction(line.unit_price) / Fraction(mapped.base_quantity), 10),
        }
        self.rows("add_line", **values)
        self.rows("add_movement", **values)
        self.add_price(Point(self.invoice.invoice_id, line.line_number, line.unit_price, mapped.base_quantity), values)
        self.rows("raise_stock", **values)
        self.rows("set_last_purchase", **values)

    def add_price(self, point: Point, values: Mapping[str, object]) -> None:
        """Into its place in the chain, between the price point before and the one after, which now has another one before it."""
        before = next((Point(*row) for row in self.rows("predecessor", **values)), None)
        self.rows("add_price", **values, **change(before, point))
        for after in [Point(*row) for row in self.rows("successor", **values)]:
            place = {"next_invoice_id": after.invoice_id, "next_line_number": after.line_number}
            self.rows("mend_price", **place, **change(point, after))

    # ---- what a line is ----

    def mapped(self, line: Line) -> Mapped:
        """By its mapping; where that is not known, by the plan for this one line, with the database as it stands."""
        stored = self.stored_mapping(line)
        if stored is not None and stored.knows(line):
            return stored.for_line(line)
        plan = plan_line(line, self.snapshot(line), policy=self.policy, new_id=self.new_item_id)
        self.learn(plan)
        for made in plan.mappings:
            return Mapped(made.item_id, made.base_quantity, made.method.value, made.score)
        stored = self.stored_mapping(line)
        assert stored is not None, "a plan that makes no mapping has found one"
        return stored.for_line(line)

    def new_item_id(self, what: str) -> UUID:
        return self.new_id(f"{what} of invoice {self.invoice.invoice_id}")

    def stored_mapping(self, line: Line) -> StoredMapping | None:
        return next((StoredMapping(*row) for row in self.rows("mapping", **values_of(line))), None)

    def snapshot(self, line: Line) -> Snapshot:
        rows = self.rows("mappings_of_key", item_key=line.item_key)
        mappings = tuple(MappingRow(line.line_number, *row) for row in rows)
        return Snapshot(0, frozenset({line.line_number}), (), (), mappings, tuple(self.candidates(line)))

    def candidates(self, line: Line) -> Iterator[CandidateRow]:
        keys = match_keys(read(line.description, line.pack_size))
        for item_id, hits in self.rows("candidates", match_keys=list(keys)):
            rows = self.rows("mappings_of_item", item_id=item_id)
            descriptions = sorted({reading for readings, _ in rows for reading in readings if reading})
            packs = sorted({pack_size for readings, pack_size in rows if pack_size is not None and readings})
            for name, base_unit, conversions in self.rows("item", item_id=item_id):
                yield CandidateRow(line.line_number, item_id, hits, name, base_unit, conversions, descriptions, packs)

    def learn(self, plan: Plan) -> None:
        """The plan's new rows. The catalog's version is raised once by an invoice."""
        if plan.changes_catalog and not self.catalog_is_raised:
            self.rows("raise_catalog")
            self.catalog_is_raised = True
        for item in plan.items:
            self.rows("add_item", **{**values_of(item), "item_id": item.id})
        for made in plan.mappings:
            self.add_mapping(made)
        for (item_key, pack_key), new in plan.readings.items():
            self.rows("add_readings", item_key=item_key, pack_key=pack_key, **values_of(new))
        for item_id, keys in plan.match_keys.items():
            self.rows("add_match_keys", item_id=item_id, match_keys=list(keys))

    def add_mapping(self, made: NewMapping) -> None:
        """A rejected mapping of the same key gives way, and is remembered as rejected."""
        values = {**values_of(made), "match_method": made.method.value, "match_score": made.score, "review_state": made.review_state}
        dropped = self.rows("drop_rejected_mapping", **values)
        rejected = [item_id for (item_ids,) in dropped for item_id in item_ids]
        self.rows("add_mapping", **values, match_reasons=Jsonb(list(made.reasons)), rejected_item_ids=rejected)


def values_of(row: Any) -> dict[str, Any]:
    """The fields of a value, as parameters by their names."""
    return {name: getattr(row, name) for name in row.__slots__}


def blamed(line: Line, error: psycopg.Error) -> Exception:
    """The line is to blame for a value or a constraint; for anything else it is not."""
    failure = failure_of(error, NOWHERE, lost=False)
    return LineRefused(FailedLine.of(line, error_of(failure))) if isinstance(failure, Rejected) else error


# ---- arithmetic -----------------------------------------------------------------------------------------------------------------


def change(before: Point | None, now: Point) -> dict[str, object]:
    """What a price is beside the one before it, which is restated for this price's pack. From 0 there is no percentage."""
    if before is None:
        return {"previous_price": None, "price_change_percent": None, "is_price_increase": None}
    price = Fraction(now.unit_price)
    previous = Fraction(before.unit_price) / Fraction(before.base_quantity) * Fraction(now.base_quantity)
    return {
        "previous_price": rounded(previous, 10),
        "price_change_percent": rounded((price - previous) / previous * 100, 4) if previous else None,
        "is_price_increase": price > previous,
    }


def rounded(value: Fraction, decimals: int) -> Decimal:
    """To so many decimals, a half away from zero."""
    whole = int(abs(value) * 10**decimals + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals, EXACT)

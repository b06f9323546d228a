"""Failed lines once more, after their cause is mended: read again from what is kept of them, and booked beside the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicedb.domain.amounts import Sheet
from invoicedb.domain.head import DOCUMENT_TYPES
from invoicedb.domain.lines import read_line
from invoicedb.errors import InvoiceNotFound, InvoiceVoided, NotAnInvoice
from invoicedb.flights import Landing, Operation, Rejected, Statement, flight
from invoicedb.models import FailedLine, Invoice, Line
from invoicedb.operations.call import Call, planned_again
from invoicedb.operations.ingest import book_sending, result_of, without_rejected
from invoicedb.operations.ingest.book import Sending, excess_refused
from invoicedb.operations.ingest.look_up import BOOKED_LINES, Snapshot, lines_json, look_ups
from invoicedb.operations.ingest.settle import sending_beside
from invoicedb.results import InvoiceResult, LineResult
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Kept:
    """The header of a document, as it is kept."""

    document_type: str
    vendor_name: str
    vendor_key: str
    invoice_number: str | None
    number_key: str | None
    invoice_date: date
    currency: str | None
    generation: int
    content_hash: str
    is_voided: bool
    corrects_id: UUID | None


@dataclass(frozen=True, slots=True)
class FailedAsSent:
    line_number: int
    as_sent: Any
    share: Decimal


KEPT = Statement("find_kept", SQL["find_kept"], Kept)
FAILED_LINES = Statement("find_failed_lines", SQL["find_failed_lines"], FailedAsSent)


def retry_failed(invoice_id: UUID, call: Call) -> Operation[InvoiceResult]:
    """Three flights, one where no line had failed. Raises InvoiceNotFound, NotAnInvoice and InvoiceVoided."""
    with excess_refused():
        return (yield from planned_again(lambda call: retry_once(invoice_id, call), call))


def retry_once(invoice_id: UUID, call: Call) -> Operation[InvoiceResult]:
    asked = flight(KEPT, FAILED_LINES, BOOKED_LINES, *call.frame.leave, user_id=call.user_id, invoice_id=invoice_id)
    landing = yield call.opened() + asked
    invoice = invoice_of(invoice_id, landing, call)
    failed = failed_lines(landing, invoice.currency, invoice.document_type)
    if not failed:
        return result_of(invoice, landing, replayed=True)
    good = [line for line in failed if isinstance(line, Line) and line.is_of_item]
    landing = yield call.opened(lines_json(good)) + look_ups(invoice, call) + flight(*call.frame.leave)
    snapshot = Snapshot.of(landing)
    sending = sending_of(invoice, failed, snapshot)
    if not sending.lines:  # somebody else was faster
        return result_of(invoice, landing, replayed=True)
    try:
        landing, plan = yield from book_sending(sending, snapshot, call)
    except Rejected as rejected:
        sending = yield from without_rejected(sending, snapshot, rejected, call)
        landing, plan = yield from book_sending(sending, snapshot, call)
    return result_of(invoice, landing, warnings=plan.warnings)


def failed_lines(landing: Landing, currency: str | None, document_type: str) -> tuple[Line | FailedLine, ...]:
    """Each with the share that it had of the document's freight and discounts.

    Each statement sees the world anew: a line that somebody has booked between the two is booked.
    """
    booked = {line.line_number for line in landing.rows(BOOKED_LINES) if line.is_booked}
    kept = [each for each in landing.rows(FAILED_LINES) if each.line_number not in booked]
    sheet = Sheet.of([each.as_sent for each in kept], currency, document_type=document_type)
    return tuple(replace(read_line(each.line_number, each.as_sent, sheet), share=each.share) for each in kept)


def sending_of(invoice: Invoice, failed: tuple[Line | FailedLine, ...], snapshot: Snapshot) -> Sending:
    """What is failed still, beside what is booked."""
    [stored] = [known for known in snapshot.invoices if known.id == invoice.invoice_id]
    return sending_beside(snapshot.booked_lines, invoice, failed, stored)


def invoice_of(invoice_id: UUID, landing: Landing, call: Call) -> Invoice:
    for kept in landing.rows(KEPT):
        if kept.document_type not in DOCUMENT_TYPES:
            raise NotAnInvoice(invoice_id=invoice_id, document_type=kept.document_type)
        if kept.is_voided:
            cure = "none of its lines is booked again; send the document again, without an invoice_id"
            raise InvoiceVoided(invoice_id=invoice_id, cure=cure)
        booked = tuple(line_of(result) for result in landing.rows(BOOKED_LINES) if result.is_booked)
        return Invoice(
            user_id=call.user_id,
            invoice_id=invoice_id,
            has_own_id=True,
            vendor_name=kept.vendor_name,
            vendor_key=kept.vendor_key,
            invoice_number=kept.invoice_number,
            number_key=kept.number_key,
            invoice_date=kept.invoice_date,
            currency=kept.currency,
            generation=kept.generation,
            content_hash=kept.content_hash,
            lines=(*booked, *failed_lines(landing, kept.currency, kept.document_type)),
            warnings=(),
            document_type=kept.document_type,
            corrects_id=kept.corrects_id,
        )
    raise InvoiceNotFound(invoice_id=invoice_id)


def line_of(booked: LineResult) -> Line:
    """A line that is booked already. Nobody looks it up: it needs no keys."""
    return Line(
        line_number=booked.line_number,
        item_number=booked.item_number,
        description=booked.description,
        pack_size=booked.pack_size,
        category=booked.category,
        quantity=booked.quantity or Decimal(0),
        unit_price=booked.unit_price or Decimal(0),
        line_total=booked.line_total or Decimal(0),
        item_key="",
        pack_key="",
        reading="",
        kind=booked.kind,
    )

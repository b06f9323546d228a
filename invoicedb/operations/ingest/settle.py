"""What an invoice is to the database that looked it up: new, booked before, sent again for its failed lines, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from invoicedb.domain.document import of_generation
from invoicedb.domain.money import exact_sum
from invoicedb.errors import DuplicateInvoice, InvoiceConflict, InvoiceVoided
from invoicedb.flights import Landing, Moved
from invoicedb.models import FailedLine, Invoice, Line
from invoicedb.operations.ingest.book import Sending
from invoicedb.operations.ingest.look_up import KnownInvoice, Snapshot
from invoicedb.results import LineResult, Status

Difference: TypeAlias = tuple[int | None, str, str, str]
"""Line number (None: the head), field, what is booked, what was sent."""

NOTHING_LANDED = Landing({}, 0)
COMPARED = (
    "kind",
    "item_number",
    "description",
    "pack_size",
    "category",
    "quantity",
    "unit_price",
    "line_total",
    "ordered_quantity",
    "ordered_pack_size",
)


class Replay:
    """The invoice is booked with this very content."""


def settle(invoice: Invoice, snapshot: Snapshot) -> Sending | Replay | Invoice:
    """What to do: book a `Sending`, answer a `Replay`, or start again with the invoice of another generation.

    Raises DuplicateInvoice, InvoiceConflict and InvoiceVoided, and Moved where header and lines don't belong together.
    """
    own = next((known for known in snapshot.invoices if known.id == invoice.invoice_id), None)
    other = next((known for known in snapshot.invoices if known.id != invoice.invoice_id), None)
    if own is None:
        if other is not None:
            refuse_duplicate(invoice, other)
        return Sending(invoice, invoice.lines)
    if own.is_voided:
        if invoice.has_own_id:
            raise InvoiceVoided(invoice_id=invoice.invoice_id)
        return of_generation(invoice, own.generation + 1)
    if own.content_hash == invoice.content_hash:
        return Replay()
    return resume(invoice, own, snapshot)


def refuse_duplicate(invoice: Invoice, other: KnownInvoice) -> None:
    raise DuplicateInvoice(
        invoice_id=invoice.invoice_id,
        booked_as=other.id,
        vendor_name=invoice.vendor_name,
        invoice_number=invoice.invoice_number or "",
    )


def resume(invoice: Invoice, own: KnownInvoice, snapshot: Snapshot) -> Sending:
    """The lines that had failed, where nothing else differs."""
    differences = [*head_differences(invoice, own), *line_differences(invoice, snapshot)]
    if differences:
        raise InvoiceConflict(invoice_id=invoice.invoice_id, differences=differences)
    sending = sending_beside(snapshot.booked_lines, invoice, invoice.lines, own)
    if not sending.lines and own.status != Status.SUCCESS:
        raise Moved(None, None, "its failed lines were booked meanwhile", NOTHING_LANDED)
    if not sending.lines:
        raise InvoiceConflict(invoice_id=invoice.invoice_id, differences=[(None, "content", "other content", "this")])
    return sending


def sending_beside(
    stored: Iterable[LineResult], invoice: Invoice, lines: Iterable[Line | FailedLine], own: KnownInvoice
) -> Sending:
    """Those of `lines` that are not booked yet."""
    booked = {line.line_number: line for line in stored if line.is_booked}
    total = exact_sum(line.line_total or Decimal(0) for line in booked.values())
    moving = sum(line.inventory_item_id is not None for line in booked.values())
    left = tuple(line for line in lines if line.line_number not in booked)
    return Sending(invoice, left, own, len(booked), total, moving)


def head_differences(invoice: Invoice, own: KnownInvoice) -> Iterator[Difference]:
    booked = (own.vendor_key, own.invoice_number, own.invoice_date, own.currency)
    sent = (invoice.vendor_key, invoice.invoice_number, invoice.invoice_date, invoice.currency)
    for field, was, now in zip(("vendor_name", "invoice_number", "invoice_date", "currency"), booked, sent, strict=True):
        if was != now:
            yield None, field, shown(was), shown(now)


def line_differences(invoice: Invoice, snapshot: Snapshot) -> Iterator[Difference]:
    sent = {line.line_number: line for line in invoice.lines}
    for booked in snapshot.booked_lines:
        yield from differences_of_line(booked, sent.pop(booked.line_number, None))
    for line_number in sent:
        yield line_number, "line", "nothing", "a line"


def differences_of_line(booked: LineResult, sent: Line | FailedLine | None) -> Iterator[Difference]:
    if sent is None:
        yield booked.line_number, "line", "a line", "nothing"
    elif not booked.is_booked:
        return
    elif isinstance(sent, FailedLine):
        yield booked.line_number, "line", "a good line", f"a line that fails: {sent.error}"
    else:
        for field in COMPARED:
            was, now = getattr(booked, field), getattr(sent, field)
            if was != now:
                yield booked.line_number, field, shown(was), shown(now)


def shown(value: object) -> str:
    return "nothing" if value is None else f"{value}"

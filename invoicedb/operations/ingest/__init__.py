"""Booking an invoice: look up and book in one flight where every line is known, plan and book in a second one where not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from invoicedb.errors import CorrectedInvoiceUnknown, InvoiceWarning, NearDuplicate, PriceNotCorrected
from invoicedb.flights import BetLost, Flight, Landing, Moved, Operation, Rejected, flight
from invoicedb.models import PRICE_CORRECTION, Invoice, Line
from invoicedb.operations.call import (
    BEGIN,
    CALLER,
    CALLER_PREVIEW,
    PLANS,
    PREVIEW,
    TRANSACTION,
    UNDER_LOCK,
    Call,
    landed,
    silent,
)
from invoicedb.operations.ingest.blame import find_rejected
from invoicedb.operations.ingest.book import (
    ADD_INVOICE,
    EXCESS_RETURNS,
    FIND_CORRECTED,
    Sending,
    book,
    book_plan,
    excess_refused,
)
from invoicedb.operations.ingest.look_up import ANSWER, BET, BOOKED_LINES, LOOK_UP, Snapshot, lines_json, look_ups
from invoicedb.operations.ingest.plan import Plan, plan_lines
from invoicedb.operations.ingest.settle import Replay, settle
from invoicedb.results import InvoiceResult, LineResult

HOLD_CATALOG = silent("hold_catalog")


def ingest(invoice: Invoice, call: Call) -> Operation[InvoiceResult]:
    """Book `invoice` in one transaction: one flight when every line is known or it is a replay, else two.

    Raises DuplicateInvoice, InvoiceConflict, InvoiceVoided; nothing is written then.
    """
    started = call.seconds()
    moves = 0
    while True:
        try:
            with excess_refused():
                done = yield from (book_invoice if moves < PLANS else book_under_lock)(invoice, call)
        except Moved:
            moves += 1
            if moves > PLANS or not call.frame.may_plan_again:
                raise
            continue
        if isinstance(done, InvoiceResult):
            return replace(done, processing_time_seconds=call.seconds() - started)
        invoice = done


def book_invoice(invoice: Invoice, call: Call) -> Operation[InvoiceResult | Invoice]:
    """The result, or the same invoice under the id of another generation where this one is voided."""
    try:
        landing, booked = (yield first_flight(invoice, call)), True
    except (BetLost, Rejected) as lost:
        if not lost.landing.rows(LOOK_UP):
            raise
        landing, booked = lost.landing, False
    if booked:
        return result_of(invoice, landing)
    return (yield from plan_and_book(invoice, landing, call))


def first_flight(invoice: Invoice, call: Call) -> Flight:
    """Look-ups, the bet that the invoice is new and every line known, and the booking."""
    looked_up = call.opened(lines_json(invoice.lines)) + look_ups(invoice, call)
    return looked_up + flight(BET) + book(Sending(invoice, invoice.lines), call)


def book_under_lock(invoice: Invoice, call: Call) -> Operation[InvoiceResult | Invoice]:
    """Planned while nobody else can move the catalog: the one time that a lock is held while a packet travels."""
    locked = flight(BEGIN, HOLD_CATALOG, user_id=call.user_id)
    landing = yield call.opened(lines_json(invoice.lines)) + locked + look_ups(invoice, call)
    return (yield from plan_and_book(invoice, landing, call.within(UNDER_LOCK) if call.frame is TRANSACTION else call))


def plan_and_book(invoice: Invoice, landing: Landing, call: Call) -> Operation[InvoiceResult | Invoice]:
    snapshot = Snapshot.of(landing)
    settled = settle(invoice, snapshot)
    if isinstance(settled, Invoice):
        return settled
    if isinstance(settled, Replay):
        return result_of(invoice, landing, replayed=True)
    try:
        landing, plan = yield from book_sending(settled, snapshot, call)
    except Rejected as rejected:
        settled = yield from without_rejected(settled, snapshot, rejected, call)
        landing, plan = yield from book_sending(settled, snapshot, call)
    return result_of(invoice, landing, warnings=plan.warnings)


def book_sending(sending: Sending, snapshot: Snapshot, call: Call) -> Operation[tuple[Landing, Plan]]:
    """The second flight: plan what is not known, then book."""
    invoice_id = sending.invoice.invoice_id
    plan = plan_lines(
        sending.lines, snapshot, policy=call.policy, new_id=lambda what: call.new_id(f"{what} of invoice {invoice_id}")
    )
    planned = replace(sending, lines=plan.lines)
    head = call.opened(lines_json(plan.lines))
    landing = yield head + book_plan(planned, plan, snapshot.catalog_version, call)
    return landing, plan


def without_rejected(sending: Sending, snapshot: Snapshot, rejected: Rejected, call: Call) -> Operation[Sending]:
    """The sending with those lines failed that the database refuses alone."""
    trial_call = call.within(CALLER_PREVIEW if call.frame is CALLER else PREVIEW)

    def trial(lines: Sequence[Line]) -> Operation[Rejected | None]:
        try:
            yield from landed(book_sending(replace(sending, lines=tuple(lines)), snapshot, trial_call))
        except Rejected as refused:
            return refused
        return None

    failed = yield from find_rejected(sending.good, rejected, trial)
    return replace(sending, lines=tuple(failed.get(line.line_number, line) for line in sending.lines))


def result_of(
    invoice: Invoice, landing: Landing, *, replayed: bool = False, warnings: tuple[InvoiceWarning, ...] = ()
) -> InvoiceResult:
    lines = tuple(landing.rows(BOOKED_LINES if replayed else ANSWER))
    return InvoiceResult(
        invoice_id=invoice.invoice_id,
        vendor_name=invoice.vendor_name,
        invoice_number=invoice.invoice_number,
        invoice_date=invoice.invoice_date,
        currency=invoice.currency,
        lines=lines,
        replayed=replayed,
        round_trips=landing.round_trips,
        processing_time_seconds=0.0,
        warnings=invoice.warnings + tuple(warnings_of(invoice, landing, () if replayed else lines)) + warnings,
        document_type=invoice.document_type,
    )


def warnings_of(invoice: Invoice, landing: Landing, booked: Sequence[LineResult]) -> Iterator[InvoiceWarning]:
    """What only the database could tell; of a replay, nothing was booked."""
    for added in landing.rows(ADD_INVOICE):
        if added.near_duplicate is not None:
            yield NearDuplicate(invoice_id=added.near_duplicate, invoice_date=invoice.invoice_date, total=added.total)
    named = invoice.corrects or invoice.corrects_id
    if named is not None and any(found.corrects_id is None for found in landing.rows(FIND_CORRECTED)):
        yield CorrectedInvoiceUnknown(corrects=str(named))
    for excess in landing.rows(EXCESS_RETURNS):
        yield excess.warning
    yield from prices_not_corrected(booked)


def prices_not_corrected(lines: Iterable[LineResult]) -> Iterator[InvoiceWarning]:
    for line in lines:
        if line.kind == PRICE_CORRECTION and line.is_booked and line.corrected_price is None:
            yield PriceNotCorrected(line_number=line.line_number)

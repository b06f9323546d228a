"""An invoice in place of another: the void and the new booking are one transaction."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from invoicedb.domain.document import of_generation
from invoicedb.errors import InvalidInvoice
from invoicedb.flights import BetLost, Flight, Landing, Moved, Operation, flight
from invoicedb.models import Invoice
from invoicedb.operations.call import Call, planned_again
from invoicedb.operations.correct import LOOK_UP_VOID, MOVEMENTS, REQUIRE_OPEN, VOID, Voiding
from invoicedb.operations.ingest import book_invoice, result_of
from invoicedb.operations.ingest.book import (
    LOCK_VENDOR,
    Sending,
    book,
    catalog_rows,
    excess_refused,
    lines_and_stock,
    params_of,
    plan_params,
)
from invoicedb.operations.ingest.look_up import BET, LOOK_UP, Snapshot, lines_json, look_ups
from invoicedb.operations.ingest.plan import Plan, plan_lines
from invoicedb.operations.ingest.settle import Replay, settle
from invoicedb.results import InvoiceResult, ReplaceResult


@dataclass(frozen=True, slots=True)
class Replacing:
    """What stands instead of a voided invoice."""

    voiding: Voiding
    invoice: Invoice

    def __post_init__(self) -> None:
        """Raises InvalidInvoice for a credit memo: it can't correct what is voided for it."""
        if self.invoice.is_credit_memo:
            reason = "a credit memo replaces nothing: void the document that is wrong, and send the memo by itself"
            raise InvalidInvoice(field="invoice.document_type", reason=reason)

    def replace(self, call: Call) -> Operation[ReplaceResult]:
        """One flight where the new invoice's lines are known, else two; one more where its number was voided before.

        Two where all is done already. An invoice that is voided already is not voided again: the new one is booked, or is a
        replay. Raises what `void` and `process_invoice` raise, with nothing written.
        """
        with excess_refused():
            return (yield from planned_again(self.replace_once, call))

    def replace_once(self, call: Call) -> Operation[ReplaceResult]:
        # Of the same vendor and number: the id that is derived for it once the other is voided.
        is_same = self.invoice.invoice_id == self.voiding.invoice_id and not self.invoice.has_own_id
        invoice = of_generation(self.invoice, 1) if is_same else self.invoice
        while True:
            try:
                landing = yield self.first_flight(invoice, call)
            except BetLost as lost:
                if not lost.landing.rows(LOOK_UP):
                    return (yield from self.book_beside_a_void(invoice, lost.landing, call))
                found = settle(invoice, Snapshot.of(lost.landing))
                if isinstance(found, Invoice):
                    invoice = self.next_generation(found, lost.landing)
                    continue
                if isinstance(found, Replay):
                    return (yield from self.void_beside_a_replay(invoice, call))
                return (yield from self.plan_and_book(found, lost.landing, call))
            return self.result(landing, result_of(invoice, landing), call)

    def next_generation(self, invoice: Invoice, landing: Landing) -> Invoice:
        """The voided one's generation is known now: the next is free, or is what was booked in its place."""
        for found in landing.rows(LOOK_UP_VOID):
            if of_generation(invoice, found.generation).invoice_id == self.voiding.invoice_id:
                return of_generation(invoice, found.generation + 1)
        return invoice

    def first_flight(self, invoice: Invoice, call: Call) -> Flight:
        """Void, then look up as the world is without it, bet that all lines are known, and book.

        What is before BEGIN is undone by a lost bet without a ROLLBACK of its own: it would be another round trip.
        """
        voided = flight(*VOID, MOVEMENTS, **self.voiding.params(call))
        booked = look_ups(invoice, call) + flight(BET) + book(Sending(invoice, invoice.lines), call)
        return self.opened(lines_json(invoice.lines), call) + voided + booked

    def plan_and_book(self, sending: Sending, landing: Landing, call: Call) -> Operation[ReplaceResult]:
        snapshot = Snapshot.of(landing)
        invoice = sending.invoice
        plan = plan_lines(
            sending.lines,
            snapshot,
            policy=call.policy,
            new_id=lambda what: call.new_id(f"{what} of invoice {invoice.invoice_id}"),
        )
        planned = dataclasses.replace(sending, lines=plan.lines)
        try:
            landing = yield self.second_flight(planned, plan, snapshot, call)
        except BetLost as lost:  # it was there to void while the new one was looked up
            raise Moved(lost.sqlstate, lost.constraint, lost.reason, lost.landing) from None
        return self.result(landing, result_of(invoice, landing, warnings=plan.warnings), call)

    def second_flight(self, sending: Sending, plan: Plan, snapshot: Snapshot, call: Call) -> Flight:
        """The catalog's lock comes first, as ever."""
        params = {**params_of(sending, call), **plan_params(plan), "catalog_version": snapshot.catalog_version}
        locked, new_rows = catalog_rows(plan)
        voided = flight(*call.frame.begin, *VOID, MOVEMENTS, **self.voiding.params(call))
        opened = self.opened(lines_json(plan.lines), call) + flight(*locked, **params) + voided
        return opened + flight(LOCK_VENDOR, *new_rows, **params) + lines_and_stock(sending, call, params)

    def opened(self, lines: str, call: Call) -> Flight:
        return call.opened(lines) + flight(LOOK_UP_VOID, MOVEMENTS, REQUIRE_OPEN, **self.voiding.params(call))

    def book_beside_a_void(self, invoice: Invoice, landing: Landing, call: Call) -> Operation[ReplaceResult]:
        """The other is voided already, or there is none: in the first case what is left to do is to book."""
        void = self.voiding.result_of(landing, call, replayed=True)
        left = invoice if invoice.has_own_id else self.next_generation(invoice, landing)
        return ReplaceResult(void, (yield from book_alone(left, call)))

    def void_beside_a_replay(self, invoice: Invoice, call: Call) -> Operation[ReplaceResult]:
        """The new one is booked already, under an id of its own: what is left to do is to void."""
        void = yield from self.voiding.void(call)
        return ReplaceResult(void, (yield from book_alone(invoice, call)))

    def result(self, landing: Landing, booked: InvoiceResult, call: Call) -> ReplaceResult:
        return ReplaceResult(self.voiding.result_of(landing, call, replayed=False), booked)


def book_alone(invoice: Invoice, call: Call) -> Operation[InvoiceResult]:
    done: InvoiceResult | Invoice = invoice
    while isinstance(done, Invoice):
        done = yield from book_invoice(done, call)
    return done

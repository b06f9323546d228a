"""Corrections of what is booked: reversal rows, mended chains, one transaction, and who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from invoicedb.domain.document import INVOICE_IDS
from invoicedb.domain.head import DOCUMENT_TYPES
from invoicedb.errors import InvoiceCredited, InvoiceNotFound, NotAnInvoice
from invoicedb.flights import BetLost, Flight, Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, planned_again, silent
from invoicedb.results import Movement, VoidResult
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class ToVoid:
    """The document that is to be voided. `reason` and `made_by` are those of its void, once there is one."""

    document_type: str
    invoice_number: str | None
    invoice_date: date
    generation: int
    is_voided: bool
    vendor_name: str
    reason: str | None
    made_by: str | None
    credit_ids: list[UUID] | None
    not_echoed: bool


LOOK_UP_VOID = Statement("look_up_void", SQL["look_up_void"], ToVoid)
REQUIRE_OPEN = silent("require_open")
MOVEMENTS = Statement("list_document_movements", SQL["list_document_movements"], Movement)
VOID = tuple(
    silent(name)
    for name in (
        "lock_vendor_of_invoice",
        "void_invoice",
        "add_void",
        "lock_items_of_invoice",
        "add_reversals",
        "void_prices",
        "mend_after_void",
        "move_stock",
    )
)


@dataclass(frozen=True, slots=True)
class Voiding:
    """What is voided, why, and who says so."""

    invoice_id: UUID
    reason: str | None
    made_by: str | None

    def params(self, call: Call) -> dict[str, object]:
        return {
            "user_id": call.user_id,
            "invoice_id": self.invoice_id,
            "void_id": void_id_of(call.user_id, self.invoice_id),
            "document_id": void_id_of(call.user_id, self.invoice_id),
            "reason": self.reason,
            "made_by": self.made_by,
            "now": call.now,
        }

    def void(self, call: Call) -> Operation[VoidResult]:
        """One flight, also of an invoice that is voided already. Raises InvoiceNotFound, NotAnInvoice and InvoiceCredited."""
        return (yield from planned_again(self.void_once, call))

    def void_once(self, call: Call) -> Operation[VoidResult]:
        try:
            landing, is_replay = (yield self.flight(call)), False
        except BetLost as lost:
            landing, is_replay = lost.landing, True
        return self.result_of(landing, call, replayed=is_replay)

    def flight(self, call: Call) -> Flight:
        params = self.params(call)
        looked_up = call.opened() + flight(LOOK_UP_VOID, MOVEMENTS, REQUIRE_OPEN, **params)
        return looked_up + flight(*call.frame.begin, *VOID, MOVEMENTS, *call.frame.end, **params)

    def result_of(self, landing: Landing, call: Call, *, replayed: bool) -> VoidResult:
        for found in landing.rows(LOOK_UP_VOID):
            if found.document_type not in DOCUMENT_TYPES:
                raise NotAnInvoice(invoice_id=self.invoice_id, document_type=found.document_type)
            if found.credit_ids and replayed:
                raise InvoiceCredited(invoice_id=self.invoice_id, credit_ids=found.credit_ids)
            return VoidResult(
                invoice_id=self.invoice_id,
                void_id=void_id_of(call.user_id, self.invoice_id),
                vendor_name=found.vendor_name,
                invoice_number=found.invoice_number,
                invoice_date=found.invoice_date,
                reason=found.reason if replayed else self.reason,
                made_by=found.made_by if replayed else self.made_by,
                movements=tuple(landing.rows(MOVEMENTS)),
                replayed=replayed,
                round_trips=landing.round_trips,
            )
        raise InvoiceNotFound(invoice_id=self.invoice_id)


def void_id_of(user_id: UUID, invoice_id: UUID) -> UUID:
    """An invoice is voided once: its void has an id of its own, and can't be booked twice."""
    return uuid5(INVOICE_IDS, f"{user_id} void of {invoice_id}")

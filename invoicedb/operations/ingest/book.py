"""The booking: the same statements for a first sending and a later one, for a preview and for the real thing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicedb.domain.money import exact_sum
from invoicedb.domain.numbers import plain
from invoicedb.errors import ExcessReturns, ReturnedMoreThanBought
from invoicedb.flights import Flight, Refused, Statement, flight
from invoicedb.models import FailedLine, Invoice, Line
from invoicedb.operations.call import Call, silent
from invoicedb.operations.ingest.look_up import ANSWER, KnownInvoice, packed
from invoicedb.operations.ingest.plan import Plan
from invoicedb.results import Status, Vendor
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class AddedInvoice:
    """The new header's answer: its total, and another invoice of the same vendor, date, total and number of lines."""

    total: Decimal
    near_duplicate: UUID | None
    unlocked: str | None


@dataclass(frozen=True, slots=True)
class Excess:
    """An item of which more went back than was bought: in stock, or of the invoice that a credit memo names."""

    item_id: UUID
    item_name: str
    excess: Decimal
    base_unit: str
    of_invoice: UUID | None
    not_echoed: str

    @property
    def warning(self) -> ReturnedMoreThanBought:
        return ReturnedMoreThanBought(
            item_id=self.item_id,
            item_name=self.item_name,
            excess=self.excess,
            base_unit=self.base_unit,
            of_invoice=self.of_invoice,
        )


def locked_vendor(vendor_id: UUID, name: str, _: None) -> Vendor:
    return Vendor(vendor_id, name)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a credit memo corrects, where that stands."""

    corrects_id: UUID | None


FIND_CORRECTED = Statement("find_corrected", SQL["find_corrected"], Corrected)
ADD_INVOICE = Statement("add_invoice", SQL["add_invoice"], AddedInvoice)
LOCK_CATALOG = silent("lock_catalog")
LOCK_VENDOR = Statement("lock_vendor", SQL["lock_vendor"], locked_vendor)
ADD_ITEMS = silent("add_items")
ADD_MATCH_KEYS = silent("add_match_keys")
ADD_MAPPINGS = silent("add_mappings")
ADD_READINGS = silent("add_readings")
RESUME_INVOICE = silent("resume_invoice")
REQUIRE_UNCHANGED = silent("require_unchanged")
ADD_LINES = (silent("add_lines"), silent("lock_items"))
SETTLE_STATUS = silent("settle_status")
COST_CREDITS = silent("cost_credits")
MOVE = (silent("add_movements"), silent("add_prices"), silent("mend_successors"), silent("raise_stock"))
EXCESS_RETURNS = Statement("excess_returns", SQL["excess_returns"], Excess)
REFUSE_EXCESS_RETURNS = silent("refuse_excess_returns")


@dataclass(frozen=True, slots=True)
class Sending:
    """The lines of an invoice that are written now: all of a new one, else those that had failed.

    `stored` is the header of an invoice that is there already, `booked` counts its booked lines, `booked_moving` those of
    items, `booked_total` is their money.
    """

    invoice: Invoice
    lines: tuple[Line | FailedLine, ...]
    stored: KnownInvoice | None = None
    booked: int = 0
    booked_total: Decimal = Decimal(0)
    booked_moving: int = 0

    @property
    def good(self) -> Sequence[Line]:
        return [line for line in self.lines if isinstance(line, Line)]

    @property
    def moving(self) -> Sequence[Line]:
        return [line for line in self.good if line.is_of_item]

    @property
    def total(self) -> Decimal:
        return exact_sum((self.booked_total, *(line.line_total for line in self.good)))

    @property
    def number(self) -> int:
        return 1 if self.stored is None else self.stored.sending + 1

    @property
    def status(self) -> Status:
        """As these lines have it; of others that somebody dismisses or takes up meanwhile the database knows."""
        if not self.booked and not self.good:
            return Status.FAILED
        return Status.SUCCESS if len(self.good) == len(self.lines) else Status.PARTIAL_SUCCESS

    @property
    def step(self) -> int:
        """How far the vendor's posting sequence moves: an invoice takes its place when its first line is booked."""
        placed = self.stored is not None and self.stored.posting_sequence is not None
        return 0 if placed or self.status is Status.FAILED else 1


def book(sending: Sending, call: Call) -> Flight:
    """From BEGIN to COMMIT, for lines that all have their mappings."""
    params = params_of(sending, call)
    return flight(*call.frame.begin, LOCK_VENDOR, **params) + lines_and_stock(sending, call, params)


def book_plan(sending: Sending, plan: Plan, catalog_version: int, call: Call) -> Flight:
    """The same after the catalog's lock and the plan's new rows. The lock precedes BEGIN: what it refuses leaves nothing."""
    params = {**params_of(sending, call), **plan_params(plan), "catalog_version": catalog_version}
    locked, new_rows = catalog_rows(plan)
    return flight(*locked, *call.frame.begin, LOCK_VENDOR, *new_rows, **params) + lines_and_stock(sending, call, params)


def catalog_rows(plan: Plan) -> tuple[tuple[Statement[None], ...], tuple[Statement[None], ...]]:
    """What a plan needs: the catalog's lock where it changes the catalog, and a statement for each kind of row that it adds."""
    wanted = (
        (ADD_ITEMS, plan.items),
        (ADD_MAPPINGS, plan.mappings),
        (ADD_READINGS, plan.readings),
        (ADD_MATCH_KEYS, plan.match_keys),
    )
    return (LOCK_CATALOG,) if plan.changes_catalog else (), tuple(statement for statement, rows in wanted if rows)


def lines_and_stock(sending: Sending, call: Call, params: Mapping[str, Any]) -> Flight:
    is_memo = sending.invoice.is_credit_memo
    header: tuple[Statement[Any], ...] = (REQUIRE_UNCHANGED, RESUME_INVOICE)
    lines: tuple[Statement[Any], ...] = (*ADD_LINES, SETTLE_STATUS)
    if sending.stored is None:
        header = (ADD_INVOICE, FIND_CORRECTED) if is_memo else (ADD_INVOICE,)
        lines = ADD_LINES
    costing = (COST_CREDITS,) if is_memo else ()
    return flight(*header, *lines, *costing, *MOVE, *returns_check(sending, call), ANSWER, *call.frame.end, **params)


def returns_check(sending: Sending, call: Call) -> tuple[Statement[Any], ...]:
    """Only where goods go back."""
    if not any(line.went_back for line in sending.moving):
        return ()
    return (EXCESS_RETURNS, REFUSE_EXCESS_RETURNS) if call.policy.excess_returns == "refuse" else (EXCESS_RETURNS,)


def params_of(sending: Sending, call: Call) -> dict[str, Any]:
    invoice = sending.invoice
    return {
        "user_id": call.user_id,
        "invoice_id": invoice.invoice_id,
        "new_vendor_id": call.new_id(f"vendor {invoice.vendor_key}"),
        "vendor_name": invoice.vendor_name,
        "vendor_key": invoice.vendor_key,
        "step": sending.step,
        "status": sending.status.value,
        "sending": sending.number,
        "seen_hash": None if sending.stored is None else sending.stored.content_hash,
        "invoice_number": invoice.invoice_number,
        "number_key": invoice.number_key,
        "invoice_date": invoice.invoice_date,
        "currency": invoice.currency,
        "total": sending.total,
        "line_count": len(invoice.lines),
        "generation": invoice.generation,
        "content_hash": invoice.content_hash,
        "lines_sent": len(sending.lines),
        "lines_moving": sending.booked_moving + len(sending.moving),
        "document_type": invoice.document_type,
        "corrects_id": invoice.corrects_id,
        "corrects_key": corrects_key(invoice, call),
        "now": call.now,
    }


@contextmanager
def excess_refused() -> Iterator[None]:
    """Around a booking: what the database refuses by policy, as the error that says what goes back in excess."""
    try:
        yield
    except Refused as refused:
        raise ExcessReturns(returns=[each.warning for each in refused.landing.rows(EXCESS_RETURNS)]) from None


def corrects_key(invoice: Invoice, call: Call) -> str | None:
    """Where numbers restart each year, a credit memo names one of its own year's."""
    if invoice.corrects is None or not call.policy.numbers_restart_yearly:
        return invoice.corrects
    return f"{invoice.invoice_date.year}:{invoice.corrects}"


def plan_params(plan: Plan) -> dict[str, str]:
    """New rows, each table's as one JSON parameter, as the lines are."""
    items = [
        {"id": str(item.id), "name": item.name, "category": item.category, "base_unit": item.base_unit} for item in plan.items
    ]
    mappings = [
        {
            "line_number": made.line_number,
            "item_key": made.item_key,
            "pack_key": made.pack_key,
            "inventory_item_id": str(made.item_id),
            "base_quantity": plain(made.base_quantity),
            "item_number": made.item_number,
            "description": made.description,
            "pack_size": made.pack_size,
            "reading": made.reading,
            "match_method": made.method.value,
            "match_score": None if made.score is None else plain(made.score),
            "match_reasons": made.reasons,
            "review_state": made.review_state,
            "runner_up_item_id": None if made.runner_up_item_id is None else str(made.runner_up_item_id),
            "runner_up_score": None if made.runner_up_score is None else plain(made.runner_up_score),
        }
        for made in plan.mappings
    ]
    readings = [
        {"item_key": item_key, "pack_key": pack_key, "accepted": new.accepted, "pending": new.pending}
        for (item_key, pack_key), new in plan.readings.items()
    ]
    keys = [{"id": str(item_id), "keys": packed(keys)} for item_id, keys in plan.match_keys.items()]
    rows = {"items": items, "mappings": mappings, "readings": readings, "keyed_items": keys}
    return {name: json.dumps(each, separators=(",", ":")) for name, each in rows.items()}

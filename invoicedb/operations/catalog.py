"""Vendors and mappings without an invoice: the pattern's services, on the look-ups, the plan and the rows that booking uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from invoicedb.domain.amounts import Sheet
from invoicedb.domain.head import read_vendor_name
from invoicedb.domain.keys import vendor_key
from invoicedb.domain.lines import good_line
from invoicedb.errors import VendorNotFound
from invoicedb.flights import Operation, Statement, flight
from invoicedb.models import Invoice, Line
from invoicedb.operations.call import Call, planned_again
from invoicedb.operations.ingest.book import LOCK_VENDOR, Sending, catalog_rows, params_of, plan_params
from invoicedb.operations.ingest.look_up import Snapshot, lines_json, look_ups
from invoicedb.operations.ingest.plan import plan_line
from invoicedb.results import MappingResult, Vendor
from invoicedb.sql import SQL

NIL = UUID(int=0)
NO_DATE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class VendorName:
    name: str


FIND_VENDOR = Statement("find_vendor", SQL["find_vendor"], VendorName)
FIND_MAPPING = Statement("find_mapping", SQL["find_mapping"], MappingResult)


def create_or_get_vendor(vendor_name: str, call: Call) -> Operation[Vendor]:
    """The vendor of this name, made if there was none. Raises InvalidInvoice for a name that is none. One flight."""
    params = catalog_params(read_vendor_name(vendor_name), (), call)
    landing = yield call.opened() + flight(*call.frame.begin, LOCK_VENDOR, *call.frame.end, **params)
    return landing.rows(LOCK_VENDOR)[0]


def find_or_create_mapping(vendor_id: UUID, raw: dict[str, Any], call: Call) -> Operation[MappingResult]:
    """What the vendor's item is mapped to; a new mapping, and item, where none was. Two flights, three for a new one.

    Raises VendorNotFound, a LineError where the item can't be read, and Moved where others keep changing the catalog.
    """
    line = good_line(1, {**raw, "quantity": 1, "unit_price": 0}, Sheet(None))
    landing = yield call.opened() + flight(FIND_VENDOR, *call.frame.leave, user_id=call.user_id, vendor_id=vendor_id)
    vendors = landing.rows(FIND_VENDOR)
    if not vendors:
        raise VendorNotFound(vendor_id=vendor_id)
    return (yield from planned_again(lambda call: map_line(vendors[0].name, line, call), call))


def map_line(vendor_name: str, line: Line, call: Call) -> Operation[MappingResult]:
    document = catalog_document(vendor_name, (line,), call)
    params = {
        **catalog_params(vendor_name, (line,), call),
        "item_key": line.item_key,
        "pack_key": line.pack_key,
        "reading": line.reading,
    }
    opened = call.opened(lines_json((line,)))
    landing = yield opened + look_ups(document, call) + flight(FIND_MAPPING, *call.frame.leave, **params)
    snapshot = Snapshot.of(landing)
    if not snapshot.unmapped:
        return landing.rows(FIND_MAPPING)[0]
    plan = plan_line(line, snapshot, policy=call.policy, new_id=call.new_id)
    params |= plan_params(plan) | {"catalog_version": snapshot.catalog_version}
    locked, rows = catalog_rows(plan)
    landing = yield opened + flight(*locked, *call.frame.begin, LOCK_VENDOR, *rows, FIND_MAPPING, *call.frame.end, **params)
    return landing.rows(FIND_MAPPING)[0]


def catalog_params(vendor_name: str, lines: tuple[Line, ...], call: Call) -> dict[str, Any]:
    """The parameters of a booking that books nothing."""
    return {**params_of(Sending(catalog_document(vendor_name, lines, call), ()), call), "invoice_id": None}


def catalog_document(vendor_name: str, lines: tuple[Line, ...], call: Call) -> Invoice:
    """A document that is never written: what the look-ups ask by."""
    return Invoice(
        user_id=call.user_id,
        invoice_id=NIL,
        has_own_id=True,
        vendor_name=vendor_name,
        vendor_key=vendor_key(vendor_name),
        invoice_number=None,
        number_key=None,
        invoice_date=NO_DATE,
        currency=None,
        generation=0,
        content_hash="",
        lines=lines,
        warnings=(),
    )

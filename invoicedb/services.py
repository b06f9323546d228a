"""The names of the pattern that invoicedb replaces, each a few lines over what a database does."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
import pydantic

from invoicedb.async_database import AsyncCalls
from invoicedb.database import Calls
from invoicedb.domain.head import read_id
from invoicedb.domain.numbers import EXACT, plain, read_number
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import ErrorType, InvoicedbError
from invoicedb.operations import catalog
from invoicedb.results import MappingResult, Status, Vendor
from invoicedb.tasks import Document, Id, Task, Tasks

# ---- invoices --------------------------------------------------------------------------------------------------------------


class InvoiceBatchProcessor:
    """The pattern's processor over a `Database`, or over what `on` returns."""

    def __init__(self, database: Calls) -> None:
        self._database = database

    def process_invoice_batched(
        self, invoice_id: Id | None, user_id: Id, invoice_data: Document, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Book an invoice; `InvoiceResult.to_dict()` of it. Never raises for what is sent, nor for what the database says.

        A refused invoice, and one that the database could not take, has the status `failed`, the same keys with no line in
        them, and `error` and `error_type` besides; nothing of it was written, or for OutcomeUnknown it is safe to send again.
        """
        started = time.perf_counter()
        try:
            return self._database.process_invoice(user_id, invoice_data, invoice_id, timeout=timeout).to_dict()
        except InvoicedbError as error:
            return refused(invoice_id, error, time.perf_counter() - started)


class AsyncInvoiceBatchProcessor:
    """The same, awaiting: over an `AsyncDatabase`, or over what `on` returns."""

    def __init__(self, database: AsyncCalls) -> None:
        self._database = database

    async def process_invoice_batched(
        self, invoice_id: Id | None, user_id: Id, invoice_data: Document, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """As `InvoiceBatchProcessor.process_invoice_batched`."""
        started = time.perf_counter()
        try:
            return (await self._database.process_invoice(user_id, invoice_data, invoice_id, timeout=timeout)).to_dict()
        except InvoicedbError as error:
            return refused(invoice_id, error, time.perf_counter() - started)


def refused(invoice_id: Id | None, error: InvoicedbError, seconds: float) -> dict[str, Any]:
    return {
        "status": Status.FAILED.value,
        "invoice_id": None if invoice_id is None else str(invoice_id),
        "items_processed": 0,
        "items_failed": 0,
        "inventory_items_created": 0,
        "inventory_items_updated": 0,
        "fuzzy_matches": 0,
        "exact_matches": 0,
        "failed_items": [],
        "processing_time_seconds": seconds,
        "replayed": False,
        "round_trips": 0,
        "price_changes": [],
        "warnings": [],
        "lines": [],
        "error": str(error),
        "error_type": error.error_type.value,
    }


# ---- vendors ---------------------------------------------------------------------------------------------------------------


class VendorService:
    """Vendors by name, over a `Database` or what `on` returns."""

    def __init__(self, database: Calls) -> None:
        self._database = database

    def create_or_get_vendor(self, user_id: Id, vendor_name: str, *, timeout: float | None = None) -> Vendor:
        """The vendor of this name, made if there was none; case, blanks, a closing dot and `Inc` make no difference.

        Raises InvalidInvoice for a name that is none, and DatabaseError.
        """
        vendor: Vendor = self._database.run(vendor_task(self._database.tasks, user_id, vendor_name, timeout))
        return vendor


class AsyncVendorService:
    """The same, awaiting."""

    def __init__(self, database: AsyncCalls) -> None:
        self._database = database

    async def create_or_get_vendor(self, user_id: Id, vendor_name: str, *, timeout: float | None = None) -> Vendor:
        """As `VendorService.create_or_get_vendor`."""
        vendor: Vendor = await self._database.run(vendor_task(self._database.tasks, user_id, vendor_name, timeout))
        return vendor


def vendor_task(tasks: Tasks, user_id: Id, vendor_name: str, timeout: float | None) -> Task:
    return tasks.ask(user_id, timeout, lambda call: catalog.create_or_get_vendor(vendor_name, call))


# ---- mappings --------------------------------------------------------------------------------------------------------------


class VendorItemMapper:
    """What a vendor's items mean, over a `Database` or what `on` returns."""

    def __init__(self, database: Calls) -> None:
        self._database = database

    def find_or_create_mapping(
        self,
        user_id: Id,
        vendor_id: Id,
        vendor_item_number: str | None,
        vendor_description: str | None,
        pack_size: str | None = None,
        category: str | None = None,
        *,
        timeout: float | None = None,
    ) -> MappingResult:
        """What the vendor's item is mapped to, as an invoice would map it; where nothing fits, a new item is made and mapped.

        Raises VendorNotFound, a LineError where the item can't be read (MissingDescription, UnreadablePackSize, UnitMismatch
        and so on), and DatabaseError.
        """
        item = item_of(vendor_item_number, vendor_description, pack_size, category)
        found: MappingResult = self._database.run(mapping_task(self._database.tasks, user_id, vendor_id, item, timeout))
        return found


class AsyncVendorItemMapper:
    """The same, awaiting."""

    def __init__(self, database: AsyncCalls) -> None:
        self._database = database

    async def find_or_create_mapping(
        self,
        user_id: Id,
        vendor_id: Id,
        vendor_item_number: str | None,
        vendor_description: str | None,
        pack_size: str | None = None,
        category: str | None = None,
        *,
        timeout: float | None = None,
    ) -> MappingResult:
        """As `VendorItemMapper.find_or_create_mapping`."""
        item = item_of(vendor_item_number, vendor_description, pack_size, category)
        found: MappingResult = await self._database.run(mapping_task(self._database.tasks, user_id, vendor_id, item, timeout))
        return found


def item_of(number: str | None, description: str | None, pack_size: str | None, category: str | None) -> dict[str, Any]:
    """What an invoice's line says of its item."""
    return {"item_number": number, "description": description, "pack_size": pack_size, "category": category}


def mapping_task(tasks: Tasks, user_id: Id, vendor_id: Id, item: dict[str, Any], timeout: float | None) -> Task:
    found = read_id(vendor_id, field="vendor_id")
    return tasks.ask(user_id, timeout, lambda call: catalog.find_or_create_mapping(found, item, call))


# ---- units -----------------------------------------------------------------------------------------------------------------


class TotalQuantity(NamedTuple):
    """What some packs hold in all. `base_unit` is g, ml or each."""

    base_quantity: Decimal
    base_unit: str


class UnitConverter:
    """Packs to base units. Pure: no database, no state."""

    def calculate_total_quantity(
        self, pack_size: str | None, quantity: Decimal | int | float | str, *, base_unit: str | None = None
    ) -> TotalQuantity:
        """What `quantity` packs hold, exactly: 2.5 of 6/5 LB are 34019.42775 g. Without a pack size they are so many each.

        Ounces that don't say whether they are of weight or fluid are of weight, unless `base_unit` is "ml", that of the item.
        The sign of `quantity` is the caller's to judge. Raises UnreadablePackSize (of what is no text, too), AmbiguousPackSize,
        and InvalidNumber for a quantity that is no exact number.
        """
        packs = read_number(quantity, field="quantity", error_type=ErrorType.INVALID_QUANTITY)
        if pack_size is None or (isinstance(pack_size, str) and not pack_size.strip()):
            return TotalQuantity(packs, "each")
        pack = read_pack_size(pack_size).told_in(base_unit or "")
        return TotalQuantity(Decimal(plain(EXACT.multiply(packs, pack.base_quantity))), pack.base_unit)


# ---- errors ----------------------------------------------------------------------------------------------------------------

BY_CLASS: Mapping[type[BaseException], ErrorType] = MappingProxyType(
    {
        psycopg.Error: ErrorType.DATABASE_UNAVAILABLE,
        OSError: ErrorType.DATABASE_UNAVAILABLE,  # among them ConnectionError and TimeoutError
        pydantic.ValidationError: ErrorType.INVALID_INVOICE,
        json.JSONDecodeError: ErrorType.INVALID_INVOICE,
        UnicodeError: ErrorType.INVALID_INVOICE,
    }
)

BY_WORDS: Mapping[str, ErrorType] = MappingProxyType(
    {
        "no item matches": ErrorType.NO_MATCHING_ITEM,
        "no description": ErrorType.MISSING_DESCRIPTION,
        "may mean": ErrorType.AMBIGUOUS_PACK_SIZE,
        "pack size": ErrorType.UNREADABLE_PACK_SIZE,
        "can't become": ErrorType.UNIT_MISMATCH,
        "the database refuses": ErrorType.REJECTED_BY_DATABASE,
        "connection": ErrorType.DATABASE_UNAVAILABLE,
        "timeout": ErrorType.DATABASE_UNAVAILABLE,
        "quantity": ErrorType.INVALID_QUANTITY,
        "price": ErrorType.INVALID_PRICE,
    }
)
"""The first that a text holds says what it is about."""


def classify_invoice_error(error: BaseException | str) -> ErrorType:
    """What kind of failure an error is: of invoicedb's own their `error_type`, of others the nearest, else UNKNOWN.

    A text is an error type's value, or judged by its words.
    """
    if isinstance(error, str):
        return classify_text(error)
    if isinstance(error, InvoicedbError):
        return error.error_type
    if isinstance(error, psycopg.Error) and (error.sqlstate or "")[:2] in ("22", "23"):
        return ErrorType.REJECTED_BY_DATABASE
    return next((kind for each, kind in BY_CLASS.items() if isinstance(error, each)), ErrorType.UNKNOWN)


def classify_text(text: str) -> ErrorType:
    if text in {kind.value for kind in ErrorType}:
        return ErrorType(text)
    return next((kind for words, kind in BY_WORDS.items() if words in text.lower()), ErrorType.UNKNOWN)

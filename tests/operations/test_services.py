"""The pattern's names: what somebody who comes from it relies on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pydantic
import pytest
from psycopg_pool import PoolTimeout

import invoicedb
from invoicedb import (
    AsyncDatabase,
    AsyncInvoiceBatchProcessor,
    AsyncVendorItemMapper,
    AsyncVendorService,
    Database,
    ErrorType,
    InvoiceBatchProcessor,
    InvoiceData,
    InvoicedbError,
    UnitConverter,
    VendorItemMapper,
    VendorService,
    classify_invoice_error,
    errors,
)
from tests.builders import invoice, line

PATTERN = {
    "status",
    "invoice_id",
    "items_processed",
    "items_failed",
    "inventory_items_created",
    "inventory_items_updated",
    "fuzzy_matches",
    "exact_matches",
    "failed_items",
    "processing_time_seconds",
}
"""The keys of the dict that the pattern's callers read."""


@pytest.fixture
async def async_database(dsn: str) -> AsyncIterator[AsyncDatabase]:
    async with invoicedb.connect_async(dsn) as connected:
        yield connected


# ---- invoices ----------------------------------------------------------------------------------------------------------------


def test_the_processor_answers_the_patterns_dict(database: Database, user_id: UUID) -> None:
    invoice_id = uuid4()
    document = invoice(line("1"), line("2"), line("1"), line("3", quantity="lots", description="WINE"))
    answer = InvoiceBatchProcessor(database).process_invoice_batched(str(invoice_id), str(user_id), document)
    assert answer.keys() >= PATTERN
    counts = ("items_processed", "items_failed", "inventory_items_created", "inventory_items_updated", "exact_matches")
    assert [answer[key] for key in counts] == [3, 1, 2, 0, 1]
    assert (answer["status"], answer["invoice_id"]) == ("partial_success", str(invoice_id))
    [failed] = answer["failed_items"]
    assert (failed["line"], failed["description"], failed["error_type"]) == (4, "WINE", "invalid_quantity")
    assert "lots" in failed["error"]


@pytest.mark.parametrize(
    ("invoice_id", "user", "document"),
    [
        (None, None, {}),
        (None, None, invoice(vendor_name="")),
        (None, None, '{"invoice":'),
        ("not an id", None, invoice()),
        (None, "nobody", invoice()),
    ],
)
def test_a_refused_invoice_is_an_answer_with_every_key(
    database: Database, user_id: UUID, invoice_id: str | None, user: str | None, document: Any
) -> None:
    processor = InvoiceBatchProcessor(database)
    good = processor.process_invoice_batched(None, user_id, invoice())
    answer = processor.process_invoice_batched(invoice_id, user or user_id, document)
    assert answer.keys() == good.keys() | {"error", "error_type"}
    assert (answer["status"], answer["error_type"]) == ("failed", "invalid_invoice")
    assert {type(answer[key]) for key in PATTERN} <= {type(good[key]) for key in PATTERN} | {type(None)}
    assert len(database.list_invoices(user_id)) == 1


def test_a_conflict_is_an_answer_too(database: Database, user_id: UUID) -> None:
    invoice_id = uuid4()
    database.process_invoice(user_id, invoice(line(quantity=1)), invoice_id)
    answer = InvoiceBatchProcessor(database).process_invoice_batched(invoice_id, user_id, invoice(line(quantity=2)))
    assert (answer["status"], answer["error_type"], answer["invoice_id"]) == ("failed", "conflict", str(invoice_id))


def test_a_database_that_is_gone_is_an_answer_too(dsn: str, user_id: UUID) -> None:
    with invoicedb.connect(dsn) as database:
        processor = InvoiceBatchProcessor(database)
    answer = processor.process_invoice_batched(None, user_id, invoice())
    assert (answer["status"], answer["error_type"]) == ("failed", "database_unavailable")


def test_a_programming_error_is_not_an_answer(database: Database, user_id: UUID) -> None:
    with pytest.raises(ValueError, match="timeout"):
        InvoiceBatchProcessor(database).process_invoice_batched(None, user_id, invoice(), timeout=-1)


def test_the_processor_books_in_a_callers_transaction(database: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn) as connection:
        answer = InvoiceBatchProcessor(invoicedb.on(connection)).process_invoice_batched(None, user_id, invoice())
        connection.rollback()
    assert answer["status"] == "success"
    assert database.stock(user_id) == []


async def test_the_async_processor_answers_alike(async_database: AsyncDatabase, user_id: UUID) -> None:
    processor = AsyncInvoiceBatchProcessor(async_database)
    document = InvoiceData.model_validate(invoice(line("1"), line("2", quantity="?")))
    booked = await processor.process_invoice_batched(None, user_id, document)
    refused = await processor.process_invoice_batched(None, user_id, {})
    assert (booked["status"], booked["items_processed"], booked["items_failed"]) == ("partial_success", 1, 1)
    assert (refused["status"], refused["error_type"]) == ("failed", "invalid_invoice")


# ---- vendors and mappings --------------------------------------------------------------------------------------------------


def test_a_vendor_is_made_once_however_its_name_is_written(database: Database, user_id: UUID) -> None:
    vendors = VendorService(database)
    made = vendors.create_or_get_vendor(user_id, "Sysco Foods, Inc.")
    assert made.name == "Sysco Foods, Inc."
    assert vendors.create_or_get_vendor(user_id, " SYSCO  foods ") == made
    assert vendors.create_or_get_vendor(user_id, "Metro").id != made.id
    assert vendors.create_or_get_vendor(uuid4(), "Sysco Foods").id != made.id


def test_an_invoice_finds_the_vendor_and_the_mapping_that_the_services_made(database: Database, user_id: UUID) -> None:
    vendor = VendorService(database).create_or_get_vendor(user_id, "Sysco")
    mapped = VendorItemMapper(database).find_or_create_mapping(user_id, vendor.id, "1", "GROUND BEEF", "6/5 LB", "meat")
    assert (mapped.match_method, mapped.is_new_item, mapped.base_unit) == ("new", True, "g")
    assert mapped.pack_quantity == Decimal("13607.7711")
    result = database.process_invoice(user_id, invoice(line("1", description="GROUND BEEF"), vendor_name="SYSCO"))
    [booked] = result.lines
    assert (booked.match_method, booked.inventory_item_id) == ("exact", mapped.inventory_item_id)
    assert result.round_trips == 1
    [item] = database.stock(user_id)
    assert (item.name, item.category) == ("GROUND BEEF", "meat")


def test_a_mapping_is_found_again_and_books_nothing(database: Database, user_id: UUID) -> None:
    vendor = VendorService(database).create_or_get_vendor(user_id, "Sysco")
    mapper = VendorItemMapper(database)
    made = mapper.find_or_create_mapping(user_id, vendor.id, "1", "GROUND BEEF", "6/5 LB", None)
    found = mapper.find_or_create_mapping(str(user_id), str(vendor.id), " 1 ", "ground  beef", "6 x 5 lbs")
    assert (found.match_method, found.is_new_item) == ("exact", False)
    assert found.inventory_item_id == made.inventory_item_id
    assert [item.current_quantity for item in database.stock(user_id)] == [0]


def test_the_same_goods_from_another_vendor_are_matched(database: Database, user_id: UUID) -> None:
    vendors, mapper = VendorService(database), VendorItemMapper(database)
    first, second, third = (vendors.create_or_get_vendor(user_id, name).id for name in ("Sysco", "Metro", "US Foods"))
    made = mapper.find_or_create_mapping(user_id, first, "1", "OLIVE OIL EXTRA VIRGIN", "4/1 GAL")
    sure = mapper.find_or_create_mapping(user_id, second, "A-7", "OIL OLIVE EXTRA VIRGIN", "4/1 GAL")
    unsure = mapper.find_or_create_mapping(user_id, third, "A-8", "OLIVE OIL EXTRA VIRGIN ITALIAN", "4/1 GAL")
    assert (sure.match_method, sure.is_new_item) == ("fuzzy_auto", False)
    assert unsure.match_method == "fuzzy_review"
    assert {sure.inventory_item_id, unsure.inventory_item_id} == {made.inventory_item_id}


def test_an_item_that_cannot_be_mapped_is_refused_by_name(database: Database, user_id: UUID) -> None:
    mapper = VendorItemMapper(database)
    vendor_id = VendorService(database).create_or_get_vendor(user_id, "Sysco").id
    with pytest.raises(invoicedb.VendorNotFound):
        mapper.find_or_create_mapping(user_id, uuid4(), "1", "BEEF")
    with pytest.raises(invoicedb.VendorNotFound):
        mapper.find_or_create_mapping(uuid4(), vendor_id, "1", "BEEF")
    with pytest.raises(invoicedb.MissingDescription):
        mapper.find_or_create_mapping(user_id, vendor_id, " ", None)
    with pytest.raises(invoicedb.UnreadablePackSize):
        mapper.find_or_create_mapping(user_id, vendor_id, "1", "BEEF", "a box or so")
    with pytest.raises(invoicedb.InvalidInvoice, match="vendor_id"):
        mapper.find_or_create_mapping(user_id, "Sysco", "1", "BEEF")
    with pytest.raises(invoicedb.InvalidInvoice, match="vendor_name"):
        VendorService(database).create_or_get_vendor(user_id, " ")
    assert database.stock(user_id) == []


async def test_the_async_services_find_what_the_sync_ones_made(
    database: Database, async_database: AsyncDatabase, user_id: UUID
) -> None:
    vendor = VendorService(database).create_or_get_vendor(user_id, "Sysco")
    made = VendorItemMapper(database).find_or_create_mapping(user_id, vendor.id, "1", "BEEF")
    assert await AsyncVendorService(async_database).create_or_get_vendor(user_id, "sysco") == vendor
    found = await AsyncVendorItemMapper(async_database).find_or_create_mapping(user_id, vendor.id, "1", "BEEF")
    assert (found.inventory_item_id, found.match_method) == (made.inventory_item_id, "exact")


# ---- units -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack_size", "quantity", "base_quantity", "base_unit"),
    [
        ("6/5 LB", "2.5", "34019.42775", "g"),
        ("24x330ml", 2, "15840", "ml"),
        ("12 CT", Decimal("0.5"), "6", "each"),
        (None, 3, "3", "each"),
        (" ", 3, "3", "each"),
    ],
)
def test_packs_become_base_units_exactly(
    pack_size: str | None, quantity: Decimal | int | str, base_quantity: str, base_unit: str
) -> None:
    total = UnitConverter().calculate_total_quantity(pack_size, quantity)
    assert total == (Decimal(base_quantity), base_unit)
    assert (total.base_quantity, total.base_unit) == tuple(total)


def test_what_is_no_quantity_or_no_pack_size_is_refused_by_name() -> None:
    with pytest.raises(invoicedb.InvalidNumber):
        UnitConverter().calculate_total_quantity("6/5 LB", "NaN")
    with pytest.raises(invoicedb.UnreadablePackSize):
        UnitConverter().calculate_total_quantity("a box or so", 1)
    no_text: Any = 24
    with pytest.raises(invoicedb.UnreadablePackSize, match="not int"):
        UnitConverter().calculate_total_quantity(no_text, 1)


# ---- errors ----------------------------------------------------------------------------------------------------------------

OURS = [
    errors.MissingDescription(),
    errors.UnreadablePackSize(text="box", reason="no number"),
    errors.AmbiguousPackSize(text="1/2 LB", readings=["half a pound", "one of 2 lb"]),
    errors.UnitMismatch(unit="lb", item_unit="ml"),
    errors.InvalidNumber(field="quantity", text="x", reason="is no number", error_type=ErrorType.INVALID_QUANTITY),
    errors.InvalidNumber(field="unit_price", text="x", reason="is no number", error_type=ErrorType.INVALID_PRICE),
    errors.RejectedByDatabase(sqlstate="23514", constraint="mine", reason="violates"),
    errors.OutcomeUnknown(attempts=3, reason="closed"),
    errors.TimedOut(reason="canceling statement due to statement timeout"),
]


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
def test_our_errors_say_their_type_and_so_do_their_texts(error: InvoicedbError) -> None:
    assert classify_invoice_error(error) == error.error_type
    assert classify_invoice_error(str(error)) == error.error_type
    assert classify_invoice_error(error.error_type.value) == error.error_type


def test_others_errors_are_classified_by_what_they_are() -> None:
    assert classify_invoice_error(psycopg.errors.CheckViolation()) == ErrorType.REJECTED_BY_DATABASE
    assert classify_invoice_error(psycopg.errors.NumericValueOutOfRange()) == ErrorType.REJECTED_BY_DATABASE
    assert classify_invoice_error(psycopg.OperationalError("server closed the connection")) == ErrorType.DATABASE_UNAVAILABLE
    assert classify_invoice_error(PoolTimeout()) == ErrorType.DATABASE_UNAVAILABLE
    assert classify_invoice_error(ConnectionResetError()) == ErrorType.DATABASE_UNAVAILABLE
    assert classify_invoice_error(TimeoutError()) == ErrorType.DATABASE_UNAVAILABLE
    assert classify_invoice_error(ZeroDivisionError()) == ErrorType.UNKNOWN
    assert classify_invoice_error("something else") == ErrorType.UNKNOWN
    with pytest.raises(json.JSONDecodeError) as no_json:
        json.loads("{")
    assert classify_invoice_error(no_json.value) == ErrorType.INVALID_INVOICE
    with pytest.raises(pydantic.ValidationError) as no_invoice:
        InvoiceData.model_validate({})
    assert classify_invoice_error(no_invoice.value) == ErrorType.INVALID_INVOICE

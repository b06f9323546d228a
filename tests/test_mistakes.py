"""The mistakes of the batched pattern, one test each, named after what a user relies on instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from invoicedb import Database, InvoiceBatchProcessor, InvoiceConflict, InvoiceResult, LineResult, StockLevel
from tests.builders import invoice, line

LB = Decimal("453.59237")


@pytest.fixture
def book(database: Database, user_id: UUID) -> Callable[..., InvoiceResult]:
    """Books an invoice of these lines for the test's user."""
    return lambda *lines, **fields: database.process_invoice(user_id, invoice(*lines, **fields))


def only_line(result: InvoiceResult) -> LineResult:
    (booked,) = result.booked
    return booked


def only_item(database: Database, user_id: UUID) -> StockLevel:
    (item,) = database.stock(user_id)
    return item


# 1. int(quantity) drops fractions.
def test_a_fraction_of_a_case_is_not_dropped(database: Database, user_id: UUID, book: Callable[..., InvoiceResult]) -> None:
    book(line(quantity="2.5", pack_size="6/5 LB"))
    assert only_item(database, user_id).current_quantity == 75 * LB


# 2. total_cost = base quantity x price per pack.
def test_goods_cost_what_the_invoice_says(book: Callable[..., InvoiceResult]) -> None:
    booked = only_line(book(line(quantity=2, unit_price="30.00", pack_size="6/5 LB")))
    assert booked.total_cost == 60
    assert booked.unit_cost == Decimal("0.0022046226")  # 60 / (60 x 453.59237)
    assert booked.quantity_change == 60 * LB


# 3. Floats for money and quantities.
def test_money_and_quantities_are_exact(database: Database, user_id: UUID, book: Callable[..., InvoiceResult]) -> None:
    dime = {"quantity": "0.1", "unit_price": "0.1", "line_total": "0.1", "pack_size": None}
    result = book(line(**dime), line(**dime), line("10-22", quantity="123456789012.123456789", pack_size=None))
    assert [booked.total_cost for booked in result.lines] == [Decimal("0.1"), Decimal("0.1"), Decimal("3703703670363.70")]
    assert only_item(database, user_id).current_quantity == Decimal("123456789012.323456789")
    assert all(isinstance(booked.unit_cost, Decimal) for booked in result.lines)


# 4. Stock is read, added to in the client, written back.
def test_invoices_at_once_lose_no_stock(database: Database, user_id: UUID, book: Callable[..., InvoiceResult]) -> None:
    book(line(quantity=1, pack_size=None), vendor_name="Vendor 0")
    together = threading.Barrier(8)

    def book_ten(vendor: int) -> None:
        together.wait()
        for _ in range(10):
            book(line(quantity=1, pack_size=None), vendor_name=f"Vendor {vendor}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(book_ten, range(8)))
    assert sum(item.current_quantity for item in database.stock(user_id)) == 81


# 5. A failed price insert or stock update still answers success.
@pytest.mark.parametrize("table", ["price_history", "inventory_items", "inventory_transactions"])
def test_success_means_that_everything_was_written(database: Database, dsn: str, user_id: UUID, table: str) -> None:
    database.process_invoice(user_id, invoice(line("1", quantity=1, pack_size=None)))
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END'")
        connection.execute(f"CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION break()")
    answer = InvoiceBatchProcessor(database).process_invoice_batched(
        None, user_id, invoice(line("1", quantity=1, pack_size=None))
    )
    assert answer["status"] == "failed"
    assert "broken" in answer["error"]
    assert [item.current_quantity for item in database.stock(user_id)] == [1]
    assert len(database.list_invoices(user_id)) == len(database.prices(user_id)) == 1


# 6. The fallback after a partial write books everything twice.
def test_what_fails_in_the_middle_leaves_nothing_behind(database: Database, dsn: str, user_id: UUID) -> None:
    document = invoice(line("1", quantity=1, pack_size=None), line("2", quantity=1, pack_size=None))
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END'")
        connection.execute("CREATE TRIGGER broken BEFORE UPDATE ON inventory_items EXECUTE FUNCTION break()")
    assert InvoiceBatchProcessor(database).process_invoice_batched(None, user_id, document)["status"] == "failed"
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP FUNCTION break() CASCADE")
    assert database.process_invoice(user_id, document).status == "success"
    assert [item.current_quantity for item in database.stock(user_id)] == [1, 1]
    assert len(database.prices(user_id)) == 2


# 7. The previous price ignores dates, and is found by loading the whole history.
def test_a_back_dated_invoice_takes_its_place_among_the_prices(
    database: Database, user_id: UUID, book: Callable[..., InvoiceResult]
) -> None:
    book(line(unit_price="10"), invoice_date="2026-01-01")
    book(line(unit_price="40"), invoice_date="2026-03-01")
    back_dated = only_line(book(line(unit_price="20"), invoice_date="2026-02-01"))
    assert (back_dated.previous_price, back_dated.price_change_percent) == (Decimal(10), Decimal(100))
    assert [point.previous_price for point in database.prices(user_id)] == [None, 10, 20]


# 8. The second line of one item in an invoice doesn't see the first line's price.
def test_two_lines_of_one_item_follow_each_other(database: Database, user_id: UUID, book: Callable[..., InvoiceResult]) -> None:
    book(line(unit_price="10"))
    result = book(line(unit_price="11"), line(unit_price="12"))
    assert [booked.previous_price for booked in result.lines] == [10, 11]
    assert only_item(database, user_id).last_purchase_price == 12


# 9. A previous price of 0 divides by zero.
def test_a_price_after_a_free_sample_has_no_percentage(book: Callable[..., InvoiceResult]) -> None:
    book(line(unit_price="0"))
    booked = only_line(book(line(unit_price="12")))
    assert (booked.previous_price, booked.price_change_percent, booked.is_price_increase) == (Decimal(0), None, True)


# 10. Calling twice books twice.
def test_calling_twice_books_once(database: Database, user_id: UUID) -> None:
    document = invoice(line(quantity=1, pack_size=None))
    first, second = (database.process_invoice(user_id, document) for _ in range(2))
    assert (first.replayed, second.replayed) == (False, True)
    assert second.lines == first.lines
    assert only_item(database, user_id).current_quantity == 1


# 11. A line without a description fails inside the error handler.
def test_a_line_without_a_description_fails_alone_with_its_reason(book: Callable[..., InvoiceResult]) -> None:
    nothing: dict[str, Any] = {"item_number": None, "description": None}
    result = book(line("1"), line(**nothing), line("2"))
    assert [booked.error_type for booked in result.lines] == [None, "missing_description", None]
    assert (result.failed[0].description, result.status) == ("", "partial_success")


# 12. A new pack size looks like a price change.
@pytest.mark.parametrize(("pack_size", "unit_price"), [("1/5 LB", "5.00"), ("10 LB", "10.00")])
def test_a_new_pack_size_is_no_price_change(book: Callable[..., InvoiceResult], pack_size: str, unit_price: str) -> None:
    book(line(unit_price="30.00", pack_size="6/5 LB"))
    result = book(line(unit_price=unit_price, pack_size=pack_size))
    booked = only_line(result)
    assert booked.previous_price == Decimal(unit_price)
    assert (booked.price_change_percent, booked.is_price_increase) == (Decimal(0), False)
    assert result.price_changes == ()


# 13. An invoice older than the last one overwrites the last purchase.
def test_an_older_invoice_does_not_become_the_last_purchase(
    database: Database, user_id: UUID, book: Callable[..., InvoiceResult]
) -> None:
    book(line(unit_price="12"), invoice_date="2026-03-01")
    book(line(unit_price="10"), invoice_date="2026-01-01")
    item = only_item(database, user_id)
    assert (item.last_purchase_price, f"{item.last_purchase_date}") == (Decimal(12), "2026-03-01")


# 14. A blank item_number makes every unnumbered line of a vendor the same item.
@pytest.mark.parametrize("blank", ["", "  ", None, "N/A", "-"])
def test_lines_without_a_number_are_different_goods(database: Database, user_id: UUID, blank: str | None) -> None:
    lines = [line(blank, description=description) for description in ("TOMATOES DICED", "NAPKINS WHITE")]
    database.process_invoice(user_id, invoice(*lines))
    assert [item.name for item in database.stock(user_id)] == ["NAPKINS WHITE", "TOMATOES DICED"]


# 15. The previous-price read is silently cut at 1,000 rows; a long id list overflows its URL.
def test_the_thousandth_line_still_finds_its_previous_price(book: Callable[..., InvoiceResult]) -> None:
    prices = [f"{place}.50" for place in range(1, 1202)]
    lines = [line(f"{place}", description=None, unit_price=price) for place, price in enumerate(prices, 1)]
    book(*lines, invoice_date="2026-01-01")
    again = book(*[each | {"unit_price": "9999"} for each in lines], invoice_date="2026-02-01")
    assert [booked.previous_price for booked in again.lines] == [Decimal(price) for price in prices]


# 16. The fallback drops invoice_data and user_id: it books something else than the caller passed.
def test_what_is_booked_is_what_was_passed(database: Database, user_id: UUID) -> None:
    invoice_id, document = uuid4(), invoice(line("1"), line("2", quantity="?"), vendor_name="Metro", currency="EUR")
    result = database.process_invoice(user_id, document, invoice_id)
    stored = database.get_invoice(user_id, invoice_id)
    assert (result.invoice_id, result.vendor_name, result.currency) == (invoice_id, "Metro", "EUR")
    head = stored.summary
    assert (head.vendor_name, head.invoice_number, head.currency) == ("Metro", document["invoice"]["invoice_number"], "EUR")
    assert (stored.lines, head.line_count) == (result.lines, 2)
    with pytest.raises(InvoiceConflict):
        database.process_invoice(user_id, document | {"line_items": [line("1", quantity=3), line("2")]}, invoice_id)
    assert database.list_invoices(uuid4()) == []

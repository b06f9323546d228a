"""What is derived follows from the documents; where it does not, that is named, and mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

import invoicedb
from invoicedb import Database, Difference, InvoiceCredited, InvoicedbError, connect
from tests.builders import Sending, invoice, invoices, line

TABLES = ("invoice_lines", "inventory_items", "price_history", "inventory_transactions", "invoices")


def rows_of(dsn: str) -> dict[str, list[dict[str, Any]]]:
    """All that is booked."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2".encode()).fetchall() for table in TABLES}


def change(dsn: str, statement: str, *params: object) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute(statement.encode(), params).rowcount >= 1


def named(found: Iterable[Difference]) -> list[tuple[str, str | None]]:
    return [(each.kind.value, each.column) for each in found]


@pytest.fixture
def booked(database: Database, user_id: UUID) -> UUID:
    """Beef three times at three prices, its last from another vendor; flour twice; one voided. The first invoice's id."""
    beef, flour = line("1", description="GROUND BEEF"), line("2", description="FLOUR", pack_size="50 LB", unit_price="12.5")
    first = database.process_invoice(user_id, invoice(beef, flour, beef | {"unit_price": "32.1"}, invoice_date="2026-01-10"))
    database.process_invoice(
        user_id, invoice(beef | {"unit_price": "31", "pack_size": "10 LB"}, flour, invoice_date="2026-02-10")
    )
    voided = database.process_invoice(user_id, invoice(beef | {"unit_price": "99"}, invoice_date="2026-02-01"))
    database.void(user_id, voided.invoice_id)
    metro = invoice(beef | {"item_number": "B"}, line("3", quantity="none"), vendor_name="Metro", invoice_date="2026-03-10")
    assert database.process_invoice(user_id, metro).lines[0].match_method == "fuzzy_auto"
    database.process_invoice(uuid4(), invoice(beef, flour))
    return first.invoice_id


BEEF = "UPDATE inventory_items SET {} WHERE user_id = %s AND name = 'GROUND BEEF'"
SECOND = "UPDATE price_history SET {} WHERE user_id = %s AND line_number = 3"
FIRST = "UPDATE invoices SET {} WHERE user_id = %s AND invoice_date = '2026-01-10'"
LINE = "UPDATE invoice_lines SET {} WHERE user_id = %s AND line_number = 3 AND error_type IS NULL"
MOVED = "UPDATE inventory_transactions SET {} WHERE user_id = %s AND line_number = 3"

BROKEN = [
    ("stock", "current_quantity", BEEF, "current_quantity = current_quantity + 0.0001"),
    ("last_purchase", "last_purchase_price", BEEF, "last_purchase_price = 29"),
    ("last_purchase", "last_base_unit_price", BEEF, "last_base_unit_price = last_base_unit_price + 0.0000000001"),
    ("last_purchase", "last_base_unit_price", BEEF, "last_base_unit_price = last_base_unit_price + 0.00000000001"),
    ("last_purchase", "last_purchase_date", BEEF, "last_purchase_date = '2026-03-09'"),
    ("last_purchase", "last_vendor_id", BEEF, "last_vendor_id = gen_random_uuid()"),
    ("last_purchase", "last_posting_sequence", BEEF, "last_posting_sequence = 0"),
    ("last_purchase", "last_invoice_id", BEEF, "last_invoice_id = gen_random_uuid()"),
    ("last_purchase", "last_line_number", BEEF, "last_line_number = 77"),
    ("price_point", "base_unit_price", SECOND, "base_unit_price = base_unit_price - 0.0000000001"),
    ("price_point", "base_unit_price", SECOND, "base_unit_price = base_unit_price + 0.00000000001"),
    ("price_chain", "previous_price", SECOND, "previous_price = previous_price + 1"),
    ("price_chain", "price_change_percent", SECOND, "price_change_percent = price_change_percent + 0.0001"),
    ("price_chain", "price_change_percent", SECOND, "price_change_percent = NULL"),
    ("price_chain", "is_price_increase", SECOND, "is_price_increase = NOT is_price_increase"),
    ("invoice_total", "total", FIRST, "total = total + 1"),
    ("invoice_total", "line_count", FIRST, "line_count = line_count + 1"),
    ("invoice_total", "status", FIRST, "status = 'partial_success'"),
    ("movement", "unit_cost", MOVED, "unit_cost = unit_cost + 0.0000000001"),
    ("movement", "total_cost", MOVED, "total_cost = total_cost + 1, unit_cost = 0"),
    ("movement", "transaction_date", MOVED, "transaction_date = '2025-01-01'"),
    ("price_point", "currency", SECOND, "currency = 'EUR'"),
    ("price_point", "voided_at", SECOND, "voided_at = now()"),
    ("price_point", "unit_price", SECOND, "unit_price = unit_price + 0.000000001"),
    ("movement", "quantity_change", MOVED, "quantity_change = quantity_change + 0.000000001"),
    ("movement", "transaction_type", MOVED, "transaction_type = 'adjustment'"),
    ("invoice_line", "cost_total", LINE, "cost_total = cost_total + 0.01"),
]


@pytest.mark.parametrize(("kind", "column", "rows", "assignment"), BROKEN)
def test_a_column_broken_by_hand_is_named_and_mended(
    database: Database, dsn: str, user_id: UUID, booked: UUID, kind: str, column: str, rows: str, assignment: str
) -> None:
    before = rows_of(dsn)
    change(dsn, rows.format(assignment), user_id)
    found = list(database.verify(user_id))
    assert (kind, column) in named(found)
    if kind not in ("movement", "price_point", "invoice_line") or column == "base_unit_price":
        assert named(found) == [(kind, column)]
    assert not any(each.repaired for each in found)
    assert list(database.verify(user_id, batch=1)) == found
    mended = list(database.verify(user_id, repair=True))
    assert (kind, column) in named(mended)
    assert all(each.repaired for each in mended)
    assert rows_of(dsn) == before
    assert list(database.verify(user_id)) == []


def test_what_is_found_says_where_and_why(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    change(dsn, SECOND.format("previous_price = 1"), user_id)
    [found] = database.verify(user_id)
    assert (found.item_name, found.invoice_id, found.line_number) == ("GROUND BEEF", booked, 3)
    assert (found.stored, found.expected) == ("1", "30")
    assert "item 'GROUND BEEF'" in str(found)
    assert "previous_price is 1, not 30: the price before it" in str(found)


def test_movements_and_prices_that_are_gone_come_back_from_their_lines(
    database: Database, dsn: str, user_id: UUID, booked: UUID
) -> None:
    before = rows_of(dsn)
    change(dsn, "DELETE FROM price_history WHERE invoice_id = %s", booked)
    change(dsn, "DELETE FROM inventory_transactions WHERE reference_id = %s AND line_number > 1", booked)
    found = named(database.verify(user_id))
    assert [found.count((kind, None)) for kind in ("missing_movement", "missing_price")] == [2, 3]
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert rows_of(dsn) == before


def test_what_no_document_says_is_named_and_left(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    change(
        dsn,
        "UPDATE invoice_lines SET error_type = 'unreadable_pack_size', error = 'x', inventory_item_id = NULL,"
        " base_quantity = NULL, match_method = NULL, match_score = NULL, cost_total = NULL"
        " WHERE invoice_id = %s AND line_number = 2",
        booked,
    )
    left = [each for each in database.verify(user_id, repair=True) if not each.repaired]
    assert sorted(named(left)) == [("stray_movement", None), ("stray_price", None)]


@pytest.fixture
def corrected(database: Database, user_id: UUID) -> UUID:
    """Onions of which some were leeks: a line that was moved twice, one invoice voided after that, one voided before."""
    sent = [invoice(line("1", description="ONION", quantity=place + 2), invoice_number=f"{place}") for place in range(3)]
    ids = [database.process_invoice(user_id, each).invoice_id for each in sent]
    leek = database.process_invoice(user_id, invoice(line("2", description="LEEK"), invoice_number="L")).lines[0]
    database.void(user_id, ids[2])
    assert leek.inventory_item_id is not None
    database.reject(user_id, database.find_line_case(user_id, ids[0], 1))
    database.reassign(user_id, database.find_line_case(user_id, ids[0], 1), leek.inventory_item_id)
    database.void(user_id, ids[1])
    assert list(database.verify(user_id)) == []
    return ids[0]


TAKEN_BACK = """UPDATE inventory_transactions SET {} WHERE user_id = %s AND reference_type = '{}' AND transaction_type = '{}'
                   AND (reference_id, line_number) = (SELECT reference_id, line_number FROM inventory_transactions
                   WHERE reference_type = '{}' AND transaction_type = '{}' ORDER BY reference_id {}, line_number LIMIT 1)"""
CORRECTED = [
    (kind, column, TAKEN_BACK.format(assignment, type_, what, type_, what, order))
    for kind, what in (("reversal", "reversal"), ("movement", "purchase"))
    for type_ in (("void", "correction") if kind == "reversal" else ("correction",))
    for order in (("ASC", "DESC") if kind == "reversal" else ("DESC",))
    for column, assignment in (
        ("quantity_change", "quantity_change = quantity_change + 5"),
        ("unit_cost", "unit_cost = unit_cost + 1"),
        ("total_cost", "total_cost = total_cost + 500"),
        ("transaction_date", "transaction_date = '2025-01-01'"),
        ("inventory_item_id", "inventory_item_id = (SELECT id FROM inventory_items WHERE name = 'OTHER')"),
    )
] + [
    ("vendor_sequence", "posting_sequence", "UPDATE vendors SET posting_sequence = 1 WHERE user_id = %s"),
    ("price_point", "pack_size", "UPDATE price_history SET pack_size = '1 LB' WHERE user_id = %s"),
]


@pytest.mark.parametrize(("kind", "column", "broken"), CORRECTED)
def test_what_corrections_have_booked_is_named_and_mended(
    database: Database, dsn: str, user_id: UUID, corrected: UUID, kind: str, column: str, broken: str
) -> None:
    database.process_invoice(user_id, invoice(line("9", description="OTHER"), vendor_name="Metro"))
    before = rows_of(dsn)
    change(dsn, broken, user_id)
    assert (kind, column) in named(database.verify(user_id))
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert rows_of(dsn) == before
    assert list(database.verify(user_id)) == []


@pytest.mark.parametrize(
    "where", ["reference_type = 'void'", "reference_type = 'correction' AND transaction_type = 'reversal'"]
)
def test_reversals_that_are_gone_come_back(database: Database, dsn: str, user_id: UUID, corrected: UUID, where: str) -> None:
    before = rows_of(dsn)
    change(dsn, f"DELETE FROM inventory_transactions WHERE user_id = %s AND {where}", user_id)
    assert ("missing_reversal", None) in named(database.verify(user_id))
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert rows_of(dsn) == before


def test_stock_is_right_where_what_was_taken_back_is_broken(
    database: Database, dsn: str, user_id: UUID, corrected: UUID
) -> None:
    """No line says any more what the movement was: what takes it back follows it, and both together are nothing."""
    before = [(each.name, each.current_quantity) for each in database.stock(user_id)]
    change(dsn, "UPDATE inventory_transactions SET quantity_change = 7 WHERE reference_id = %s AND line_number = 1", corrected)
    assert ("reversal", "quantity_change") in named(database.verify(user_id))
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert [(each.name, each.current_quantity) for each in database.stock(user_id)] == before
    assert list(database.verify(user_id)) == []


def test_a_line_that_moves_nothing_is_named_and_ends_nothing(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    change(dsn, "UPDATE invoice_lines SET quantity = 0 WHERE invoice_id = %s AND line_number = 1", booked)
    assert ("movement", "quantity_change") in named(database.verify(user_id))
    assert {each.repaired for each in database.verify(user_id, repair=True)} == {False}


def test_an_item_without_a_price_has_no_last_purchase(database: Database, dsn: str, user_id: UUID) -> None:
    done = database.process_invoice(user_id, invoice())
    database.void(user_id, done.invoice_id)
    before = rows_of(dsn)
    change(
        dsn,
        "UPDATE inventory_items SET last_purchase_price = 1, last_purchase_date = '2026-01-01', last_base_unit_price = 1,"
        " last_vendor_id = id, last_posting_sequence = 1, last_invoice_id = id, last_line_number = 1 WHERE user_id = %s",
        user_id,
    )
    assert {kind for kind, _ in named(database.verify(user_id))} == {"last_purchase"}
    assert [each.expected for each in database.verify(user_id, repair=True)] == [None] * 7
    assert rows_of(dsn) == before


def test_prices_of_several_currencies_are_chains_of_their_own(database: Database, dsn: str, user_id: UUID) -> None:
    for day, currency in enumerate(("USD", "EUR", "USD", "EUR", None), 1):
        database.process_invoice(
            user_id, invoice(line(unit_price=str(30 + day)), currency=currency, invoice_date=f"2026-01-0{day}")
        )
    assert list(database.verify(user_id)) == []
    before = rows_of(dsn)
    change(dsn, "UPDATE price_history SET previous_price = 32 WHERE user_id = %s AND invoice_date = '2026-01-03'", user_id)
    assert [each.expected for each in database.verify(user_id, repair=True)] == ["31"]
    assert rows_of(dsn) == before


def test_only_this_tenants_rows_are_looked_at(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    other = uuid4()
    database.process_invoice(other, invoice())
    change(dsn, "UPDATE inventory_items SET current_quantity = 1 WHERE user_id = %s", other)
    before = rows_of(dsn)
    assert list(database.verify(user_id, repair=True)) == []
    assert rows_of(dsn) == before
    assert named(database.verify(other)) == [("stock", "current_quantity")]


@pytest.mark.parametrize("batch", [0, -1])
def test_a_page_has_rows(database: Database, user_id: UUID, batch: int) -> None:
    with pytest.raises(ValueError, match="batch"):
        list(database.verify(user_id, batch=batch))


def test_it_streams_and_takes_a_round_trip_a_page(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    change(dsn, "UPDATE inventory_items SET current_quantity = -1 WHERE user_id = %s", user_id)
    stream = database.verify(user_id, batch=1)
    assert next(stream).kind == "stock"
    change(dsn, "UPDATE inventory_items SET current_quantity = -2 WHERE user_id = %s", user_id)
    assert next(stream).stored == "-2"


ONE_ITEM = "UPDATE inventory_items SET current_quantity = current_quantity + 1 WHERE user_id = %s AND name = 'ARTICLE 1'"


def booking(dsn: str, user_id: UUID) -> None:
    with connect(dsn) as database:
        for _ in range(20):
            done = database.process_invoice(user_id, invoice(line("1"), line("2", unit_price="31"), line("1", unit_price="32")))
            database.process_invoice(user_id, invoice(line("2"), line("3"), vendor_name="Metro", invoice_date="2026-01-05"))
            database.void(user_id, done.invoice_id)


def meanwhile(dsn: str, user_id: UUID, check: Callable[[], None]) -> None:
    """Check again and again while two others book and void."""
    with ThreadPoolExecutor() as pool:
        others = [pool.submit(booking, dsn, user_id) for _ in range(2)]
        while not all(other.done() for other in others):
            check()
        for other in others:
            other.result()


@pytest.mark.parametrize("repair", [False, True])
def test_bookings_that_go_on_meanwhile_are_no_differences(database: Database, dsn: str, user_id: UUID, *, repair: bool) -> None:
    found: list[Difference] = []
    meanwhile(dsn, user_id, lambda: found.extend(database.verify(user_id, repair=repair)))
    assert found == []
    assert list(database.verify(user_id, batch=20)) == []


def test_a_repair_does_not_undo_a_booking_in_between(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1"), line("2")))
    mended: list[Difference] = []

    def break_and_mend() -> None:
        change(dsn, ONE_ITEM, user_id)
        mended.extend(database.verify(user_id, repair=True))

    meanwhile(dsn, user_id, break_and_mend)
    assert {(each.kind.value, each.repaired) for each in mended} == {("stock", True)}
    assert list(database.verify(user_id)) == []


@pytest.fixture
def settled(dsn: str) -> Iterator[Database]:
    """With its one connection made: a pool that grows draws random numbers, and Hypothesis takes them for its own."""
    with connect(dsn, pool_size=1) as database:
        assert database.stock(uuid4()) == []
        yield database


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices(), st.lists(st.integers(0, 5), max_size=3))
def test_it_is_silent_after_any_bookings_and_voids(settled: Database, sent: list[Sending], voided: list[int]) -> None:
    user_id = uuid4()
    ids = list(booked_ids(settled, user_id, sent))
    for place in voided:
        if place < len(ids):
            with suppress(InvoiceCredited):
                settled.void(user_id, ids[place])
    assert list(settled.verify(user_id, batch=2)) == []


def booked_ids(database: Database, user_id: UUID, sent: list[Sending]) -> Iterator[UUID]:
    for document, invoice_id in sent:
        try:
            yield database.process_invoice(user_id, document, invoice_id).invoice_id
        except InvoicedbError:
            continue


def test_a_line_that_was_moved_to_another_item_follows_its_correction(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", description="CHICKEN BREAST BONELESS")))
    skinless = line("A", description="CHICKEN BREAST BONELESS SKINLESS", unit_price="31.00")
    sent = invoice(skinless, skinless, vendor_name="Metro", invoice_date="2026-03-04")
    booked = database.process_invoice(user_id, sent)
    [case] = database.review_queue(user_id)
    database.reject(user_id, case, by="Ann")
    assert list(database.verify(user_id)) == []
    new_item = database.get_invoice(user_id, booked.invoice_id).lines[0].inventory_item_id
    assert new_item is not None
    reasons = [each.reference_type for each in database.explain(user_id, new_item).movements]
    assert reasons == ["correction", "correction"]
    change(dsn, "UPDATE inventory_transactions SET quantity_change = 1 WHERE of_line_number = 1 AND user_id = %s", user_id)
    assert ("movement", "quantity_change") in named(database.verify(user_id, repair=True))
    assert list(database.verify(user_id)) == []
    database.void(user_id, booked.invoice_id)
    assert list(database.verify(user_id)) == []


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID, booked: UUID) -> None:
    change(dsn, BEEF.format("current_quantity = 0"), user_id)
    expected = list(database.verify(user_id))
    async with invoicedb.connect_async(dsn) as awaited:
        assert [each async for each in awaited.verify(user_id)] == expected
        assert [each.repaired async for each in awaited.verify(user_id, repair=True)] == [True]
        assert [each async for each in awaited.verify(user_id, batch=1)] == []


def test_in_a_callers_transaction_a_repair_is_the_callers_to_commit(
    database: Database, dsn: str, user_id: UUID, booked: UUID
) -> None:
    change(dsn, BEEF.format("current_quantity = 0"), user_id)
    with psycopg.connect(dsn) as connection:
        before = connection.execute("SELECT name, setting FROM pg_settings WHERE name LIKE 'enable%'").fetchall()
        assert [each.repaired for each in invoicedb.on(connection).verify(user_id, repair=True)] == [True]
        assert connection.execute("SELECT name, setting FROM pg_settings WHERE name LIKE 'enable%'").fetchall() == before
        connection.rollback()
    assert named(database.verify(user_id)) == [("stock", "current_quantity")]

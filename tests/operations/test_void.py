"""A voided invoice: what is derived from it is as if it had never been, and the document stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

import invoicedb
from invoicedb import Database, DuplicateInvoice, InvoiceNotFound, NotAnInvoice
from tests.builders import invoice, line

DERIVED = """
SELECT name, current_quantity, last_purchase_price, last_base_unit_price, last_purchase_date FROM inventory_items ORDER BY name;
SELECT item.name, vendor.name AS vendor, price.invoice_date, price.line_number, unit_price, base_unit_price, previous_price,
       price_change_percent, is_price_increase
  FROM price_history AS price
  JOIN inventory_items AS item ON item.id = inventory_item_id
  JOIN vendors AS vendor ON vendor.id = vendor_id
 WHERE voided_at IS NULL ORDER BY 1, 2, price.invoice_date, price.posting_sequence, price.line_number
"""


def derived(dsn: str) -> list[list[dict[str, Any]]]:
    """Stock, last purchases and price chains, without anything that says when or under which id."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return [connection.execute(each.encode()).fetchall() for each in DERIVED.split(";")]


def priced(price: object, day: int, *numbers: str, vendor_name: str = "Sysco") -> dict[str, Any]:
    lines = [line(number, unit_price=str(price)) for number in numbers or ("1",)]
    return invoice(*lines, vendor_name=vendor_name, invoice_date=f"2026-03-{day:02}")


def test_what_a_void_leaves_is_what_was_there_before(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, priced(30, 1))
    database.process_invoice(user_id, priced(33, 9))
    before = derived(dsn)
    sent = priced(40, 5, "1", "1", "2")
    booked = database.process_invoice(user_id, sent)
    done = database.void(user_id, booked.invoice_id, reason="keyed twice", by="Ann")
    stock, prices = derived(dsn)
    assert [row for row in stock if row["current_quantity"]] == before[0]
    assert prices == before[1]
    assert (done.round_trips, done.replayed, len(done.movements)) == (1, False, 3)
    assert [each.quantity_change for each in done.movements] == [-(each.quantity_change or 0) for each in booked.lines]


def test_voiding_again_answers_what_was_done(database: Database, dsn: str, user_id: UUID) -> None:
    invoice_id = database.process_invoice(user_id, priced(30, 1)).invoice_id
    first = database.void(user_id, invoice_id, reason="keyed twice", by="Ann")
    before = derived(dsn)
    again = database.void(user_id, invoice_id, reason="something else", by="Bob")
    assert (again.replayed, again.reason, again.made_by, again.movements) == (True, "keyed twice", "Ann", first.movements)
    assert (again.round_trips, derived(dsn)) == (1, before)


def test_a_number_is_free_again_and_the_old_document_stays(database: Database, user_id: UUID) -> None:
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    with pytest.raises(DuplicateInvoice):
        database.process_invoice(user_id, sent, uuid4())
    database.void(user_id, first.invoice_id)
    second = database.process_invoice(user_id, sent)
    assert (second.replayed, second.status) == (False, "success")
    assert second.invoice_id != first.invoice_id
    assert database.get_invoice(user_id, first.invoice_id).summary.is_voided
    assert [level.current_quantity for level in database.stock(user_id)] == [second.lines[0].quantity_change]


def test_the_last_purchase_goes_back_over_all_vendors(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, priced(20, 3))
    other = invoice(line("A", description="ARTICLE 1", unit_price="25"), vendor_name="Metro", invoice_date="2026-03-04")
    assert database.process_invoice(user_id, other).lines[0].match_method == "fuzzy_auto"
    last = database.process_invoice(user_id, priced(30, 9)).invoice_id
    database.void(user_id, last)
    [level] = database.stock(user_id)
    assert (level.last_purchase_price, str(level.last_purchase_date)) == (Decimal(25), "2026-03-04")


def test_an_invoice_that_failed_as_a_whole_can_be_voided(database: Database, user_id: UUID) -> None:
    sent = invoice(line("1", quantity="none"))
    failed = database.process_invoice(user_id, sent)
    assert database.void(user_id, failed.invoice_id).movements == ()
    assert not database.process_invoice(user_id, sent).replayed


def test_a_preview_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    booked = database.process_invoice(user_id, priced(30, 1))
    before = derived(dsn)
    shown = database.trial().void(user_id, booked.invoice_id)
    assert [each.quantity_change for each in shown.movements] == [-(booked.lines[0].quantity_change or 0)]
    assert derived(dsn) == before
    assert not database.void(user_id, booked.invoice_id).replayed


def test_only_an_invoice_can_be_voided(database: Database, user_id: UUID) -> None:
    with pytest.raises(InvoiceNotFound):
        database.void(user_id, uuid4())
    done = database.void(user_id, database.process_invoice(user_id, priced(30, 1)).invoice_id)
    with pytest.raises(NotAnInvoice):
        database.void(user_id, done.void_id)
    with pytest.raises(InvoiceNotFound):
        database.void(uuid4(), done.invoice_id)


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        booked = await database.process_invoice(user_id, priced(30, 1))
        assert len((await database.trial().void(user_id, booked.invoice_id)).movements) == 1
        assert len((await database.void(user_id, booked.invoice_id)).movements) == 1
        assert [level.current_quantity for level in await database.stock(user_id)] == [0]


BOOKINGS = st.tuples(
    st.integers(1, 9),
    st.integers(20, 24),
    st.sampled_from(("Sysco", "Metro")),
    st.lists(st.sampled_from("12"), min_size=1, max_size=3),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BOOKINGS, min_size=1, max_size=6))
def test_any_voids_leave_what_booking_the_others_leaves(
    database: Database, dsn: str, booked: list[tuple[int, int, str, list[str], bool]]
) -> None:
    """Beside the survivors booked in their order: with the items made first, so that both sides have the same ones."""
    sides = []
    for is_voiding in (True, False):
        user_id = uuid4()
        for vendor_name in ("Sysco", "Metro"):
            made = database.process_invoice(user_id, priced(1, 1, "1", "2", vendor_name=vendor_name))
            database.void(user_id, made.invoice_id)
        ids = []
        for day, price, vendor_name, numbers, is_voided in booked:
            if is_voiding or not is_voided:
                sent = priced(price, day, *numbers, vendor_name=vendor_name)
                ids.append((database.process_invoice(user_id, sent).invoice_id, is_voided))
        for invoice_id, is_voided in ids:
            if is_voided:
                database.void(user_id, invoice_id)
        sides.append(derived_of(dsn, user_id))
    assert sides[0] == sides[1]


def derived_of(dsn: str, user_id: UUID) -> list[list[dict[str, Any]]]:
    with psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection:
        connection.execute("SET search_path = pg_temp, public")
        for table in ("inventory_items", "price_history"):
            connection.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM public.{table} WHERE user_id = '{user_id}'".encode())
        return [connection.execute(each.encode()).fetchall() for each in DERIVED.split(";")]

"""A merge that comes between a booking's look-up and its locks: the booking lands on the item that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import Database, DuplicateInvoice, InvoiceResult
from tests.builders import invoice, line
from tests.faults.test_concurrency import WAITING, one


@contextmanager
def meeting(
    database: Database, dsn: str, user_id: UUID, sent: dict[str, Any], *merging: Any
) -> Iterator[Future[InvoiceResult]]:
    """A booking that waits for a lock which a merge of another connection holds until the block is left."""
    with ThreadPoolExecutor(1) as thread, psycopg.connect(dsn) as connection:
        getattr(invoicedb.on(connection), merging[0])(user_id, *merging[1:])
        booked = thread.submit(database.process_invoice, user_id, sent)
        while not booked.done() and one(dsn, WAITING) == 0:
            time.sleep(0.01)
        yield booked
        connection.commit()


def pair(database: Database, user_id: UUID) -> tuple[UUID, UUID]:
    made = database.process_invoice(user_id, invoice(line("1", description="CHICKPEAS TIN"), line("2", description="COUSCOUS")))
    first, second = (each.inventory_item_id or user_id for each in made.lines)
    return first, second


@pytest.mark.parametrize("vendor_name", ["Sysco", "Metro"], ids=["a known line", "a line that is matched to it"])
def test_a_booking_in_flight_on_a_merged_item_lands_on_the_other(
    database: Database, dsn: str, user_id: UUID, vendor_name: str
) -> None:
    item_id, into_id = pair(database, user_id)
    sent = invoice(line("1", description="CHICKPEAS TIN"), vendor_name=vendor_name, invoice_date="2026-03-05")
    with meeting(database, dsn, user_id, sent, "merge_item", item_id, into_id) as booked:
        assert not booked.done()
    [landed] = booked.result().lines
    assert (landed.inventory_item_id, landed.match_method) == (into_id, "exact" if vendor_name == "Sysco" else "fuzzy_auto")
    assert list(database.verify(user_id)) == []


def test_a_booking_in_flight_on_what_is_taken_apart_lands_on_the_one_again(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = pair(database, user_id)
    database.merge_item(user_id, item_id, into_id)
    sent = invoice(line("1", description="CHICKPEAS TIN"), invoice_date="2026-03-05")
    with meeting(database, dsn, user_id, sent, "unmerge_item", item_id) as booked:
        assert not booked.done()
    assert booked.result().lines[0].inventory_item_id == item_id
    assert list(database.verify(user_id)) == []


def test_an_item_that_is_merged_under_a_booking_makes_it_plan_again(database: Database, dsn: str, user_id: UUID) -> None:
    """Whatever else was locked: the item's own row is looked at under its lock."""
    item_id, into_id = pair(database, user_id)
    sent = invoice(line("1", description="CHICKPEAS TIN"), invoice_date="2026-03-05")
    with ThreadPoolExecutor(1) as thread, psycopg.connect(dsn) as connection:
        connection.execute("UPDATE inventory_items SET merged_into_id = %s WHERE id = %s", (into_id, item_id))
        booked = thread.submit(database.process_invoice, user_id, sent)
        while not booked.done() and one(dsn, WAITING) == 0:
            time.sleep(0.01)
        connection.execute("UPDATE vendor_item_mappings SET inventory_item_id = %s WHERE item_key = 'n:1'", (into_id,))
        connection.commit()
        assert booked.result().lines[0].inventory_item_id == into_id


# ---- vendors -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def vendors(database: Database, user_id: UUID) -> tuple[UUID, UUID]:
    """South and North, of which each has bought an article."""
    for vendor_name in ("South", "North"):
        database.process_invoice(user_id, invoice(line("1"), vendor_name=vendor_name))
    return database.find_vendor(user_id, "South").id, database.find_vendor(user_id, "North").id


def documents_of(dsn: str, vendor_id: UUID) -> Any:
    return one(dsn, f"SELECT count(*) FROM invoices WHERE vendor_id = '{vendor_id}'")


@pytest.mark.parametrize("item_number", ["1", "2"], ids=["a known line", "a new line"])
@pytest.mark.parametrize("vendor_name", ["South", "North"])
def test_a_booking_in_flight_beside_a_merge_of_vendors_is_the_one_vendors(
    database: Database, dsn: str, user_id: UUID, vendors: tuple[UUID, UUID], vendor_name: str, item_number: str
) -> None:
    sent = invoice(line(item_number), vendor_name=vendor_name, invoice_date="2026-03-05")
    with meeting(database, dsn, user_id, sent, "merge_vendor", *vendors) as booked:
        assert not booked.done()
    assert booked.result().status == "success"
    assert (documents_of(dsn, vendors[0]), documents_of(dsn, vendors[1])) == (0, 3)
    assert list(database.verify(user_id)) == []


@pytest.mark.parametrize("item_number", ["1", "2"], ids=["a known line", "a new line"])
@pytest.mark.parametrize("vendor_name", ["South", "North"])
def test_a_booking_in_flight_beside_an_unmerge_of_vendors_goes_by_its_name(
    database: Database, dsn: str, user_id: UUID, vendors: tuple[UUID, UUID], vendor_name: str, item_number: str
) -> None:
    database.merge_vendor(user_id, *vendors)
    sent = invoice(line(item_number), vendor_name=vendor_name, invoice_date="2026-03-05")
    with meeting(database, dsn, user_id, sent, "unmerge_vendor", vendors[0]) as booked:
        assert not booked.done()
    assert booked.result().status == "success"
    south = 2 if vendor_name == "South" else 1
    assert (documents_of(dsn, vendors[0]), documents_of(dsn, vendors[1])) == (south, 3 - south)
    assert list(database.verify(user_id)) == []


def test_a_number_that_is_booked_beside_a_merge_is_booked_once(
    database: Database, dsn: str, user_id: UUID, vendors: tuple[UUID, UUID]
) -> None:
    database.process_invoice(user_id, invoice(line("1"), vendor_name="North", invoice_number="A"))
    sent = invoice(line("1"), vendor_name="South", invoice_number="A")
    with meeting(database, dsn, user_id, sent, "merge_vendor", *vendors) as booked:
        assert not booked.done()
    with pytest.raises(DuplicateInvoice):
        booked.result()

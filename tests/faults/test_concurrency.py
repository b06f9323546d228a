"""Many at once: nothing lost, nothing doubled, one order per vendor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import Database, InvoiceResult
from invoicedb.database import Calls
from tests.builders import invoice, line
from tests.wire.test_round_trips import document

THREADS = 8
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def of_vendor(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {**document, "invoice": {**document["invoice"], "vendor_name": name}}


def one(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_invoices_at_once_on_the_same_items_lose_nothing(dsn: str, user_id: UUID) -> None:
    """Vendors share the items, so their invoices meet at the items' rows, in whatever order their lines name them."""
    with invoicedb.connect(dsn, pool_size=THREADS) as database:
        for vendor in range(THREADS):
            database.process_invoice(user_id, of_vendor(document("first", 10), f"Vendor {vendor}"))

        def book(place: int) -> InvoiceResult:
            asked = of_vendor(document(f"n{place}", 10), f"Vendor {place % THREADS}")
            asked["line_items"] = asked["line_items"][:: -1 if place % 2 else 1]
            return database.process_invoice(user_id, asked)

        with ThreadPoolExecutor(THREADS) as threads:
            results = list(threads.map(book, range(160)))
        assert {result.status for result in results} == {"success"}
        stock = database.stock(user_id)
        assert len(stock) == 10
        assert {item.current_quantity for item in stock} == {(160 + THREADS) * 2 * Decimal("13607.7711")}
    assert one(dsn, "SELECT count(*) FROM inventory_transactions") == (160 + THREADS) * 10


def test_the_same_new_items_at_once_are_made_once(dsn: str, user_id: UUID) -> None:
    """Every thread plans the same new items on the same catalog: one wins, the others plan again and find them."""
    with invoicedb.connect(dsn, pool_size=THREADS) as database:
        together = Barrier(THREADS)

        def book(place: int) -> InvoiceResult:
            together.wait()
            return database.process_invoice(user_id, of_vendor(document("1", 5), f"Vendor {place}"))

        with ThreadPoolExecutor(THREADS) as threads:
            results = list(threads.map(book, range(THREADS)))
        assert {result.status for result in results} == {"success"}
        assert len(database.stock(user_id)) == 5


def test_one_invoice_sent_by_many_is_booked_once(dsn: str, user_id: UUID) -> None:
    with invoicedb.connect(dsn, pool_size=THREADS) as database:
        for round_number in range(5):
            together = Barrier(THREADS)
            asked = document(str(round_number), 3, since=round_number)

            def book(_: int, together: Barrier = together, asked: dict[str, Any] = asked) -> InvoiceResult:
                together.wait()
                return database.process_invoice(user_id, asked)

            with ThreadPoolExecutor(THREADS) as threads:
                results = list(threads.map(book, range(THREADS)))
            assert sorted(result.replayed for result in results) == [False] + [True] * (THREADS - 1)
            assert len({result.lines for result in results}) == 1


def test_a_vendors_invoices_have_an_order_without_gaps(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, document("first", 2))

    def book(place: int) -> InvoiceResult:
        asked = document(f"n{place}", 2)
        if place % 5 == 0:
            asked["line_items"] = [{"description": "nothing good", "quantity": "?", "unit_price": 1}]
        return database.process_invoice(user_id, asked)

    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(book, range(60)))
    assert sum(result.status == "failed" for result in results) == 12
    assert one(
        dsn,
        "SELECT count(*), max(posting_sequence), count(DISTINCT posting_sequence) FROM invoices"
        " WHERE posting_sequence IS NOT NULL",
    ) == (49, 49, 49)
    assert one(dsn, "SELECT posting_sequence FROM vendors") == 49


LINES_READ = "LOCK TABLE price_history"
"""A booking waits before it reads the lines of an invoice whose header it has read."""

SECOND_LOOK = "LOCK TABLE catalogs"
"""A retry waits before it looks anything up but the document."""


@contextmanager
def meanwhile(
    dsn: str, asked: Callable[[], InvoiceResult], lock: LiteralString = LINES_READ
) -> Iterator[tuple[Calls, Future[InvoiceResult]]]:
    """What is done in the block commits while `asked` waits for `lock`."""
    with ThreadPoolExecutor(1) as thread, psycopg.connect(dsn) as connection:
        connection.execute(lock)
        answer = thread.submit(asked)
        while not answer.done() and one(dsn, WAITING) == 0:
            time.sleep(0.01)
        yield invoicedb.on(connection), answer
        connection.commit()


@pytest.mark.parametrize("how", ["sent again", "retried"])
def test_failed_lines_that_somebody_books_meanwhile_are_a_replay(database: Database, dsn: str, user_id: UUID, how: str) -> None:
    sent = invoice(line("1"), line("2", pack_size="none"), invoice_number="A1")
    failed = database.process_invoice(user_id, sent)
    mended = invoice(line("1"), line("2"), invoice_number="A1")
    asked = {
        "sent again": partial(database.process_invoice, user_id, mended),
        "retried": partial(database.retry_failed, user_id, failed.invoice_id),
    }
    with meanwhile(dsn, asked[how]) as (other, answer):
        assert not answer.done()
        done = other.process_invoice(user_id, mended)
    assert (done.status, done.replayed) == ("success", False)
    assert (answer.result().lines, answer.result().replayed) == (done.lines, True)
    assert [*database.verify(user_id)] == []

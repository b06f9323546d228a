"""Failed lines once more: as they were sent, after their cause is mended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import Database, InvoiceNotFound, InvoiceVoided, MatchingPolicy, NotAnInvoice
from tests.builders import invoice, line
from tests.operations.test_void import derived


def test_a_line_of_another_unit_is_booked_once_the_item_has_a_conversion(database: Database, dsn: str, user_id: UUID) -> None:
    beef = database.process_invoice(user_id, invoice(line("7", pack_size="10 KG"))).lines[0].inventory_item_id
    assert beef is not None
    sent = invoice(line("7", pack_size="40 CT"), line("8"), line("9", quantity="none"))
    first = database.process_invoice(user_id, sent)
    assert [each.error_type for each in first.lines] == ["unit_mismatch", None, "invalid_quantity"]
    database.set_conversions(user_id, beef, {"each": "150 g"})
    done = database.retry_failed(user_id, first.invoice_id)
    assert (done.status, done.round_trips, done.replayed) == ("partial_success", 3, False)
    assert [each.error_type for each in done.lines] == [None, None, "invalid_quantity"]
    assert (done.lines[0].inventory_item_id, done.lines[0].quantity_change) == (beef, Decimal(12000))
    assert done.lines[1] == first.lines[1]
    again = database.process_invoice(user_id, sent)
    assert (again.replayed, again.lines) == (True, done.lines)


def test_what_it_books_is_what_would_have_been_booked_at_once(database: Database, dsn: str, user_id: UUID) -> None:
    def book(*, at_once: bool) -> None:
        user = user_id if at_once else uuid4()
        database.process_invoice(user, invoice(line("1", unit_price="20"), invoice_date="2026-03-01"))
        database.process_invoice(user, invoice(line("1", unit_price="40"), invoice_date="2026-03-09"))
        sent = invoice(line("2"), line("1", unit_price="30", description="OTHER"), line("3"), invoice_date="2026-03-05")
        if at_once:
            database.process_invoice(user, sent)
            return
        database.set_matching_policy(user, MatchingPolicy(never_create=True))
        failed = database.process_invoice(user, sent)
        assert len(failed.failed) == 2
        database.set_matching_policy(user, MatchingPolicy())
        assert database.retry_failed(user, failed.invoice_id).status == "success"

    book(at_once=True)
    book(at_once=False)
    stock, prices = derived(dsn)
    assert stock[0::2] == stock[1::2]
    assert [{**row, "place": None} for row in prices[0::2]] == [{**row, "place": None} for row in prices[1::2]]


def test_where_nothing_had_failed_it_is_a_replay(database: Database, user_id: UUID) -> None:
    booked = database.process_invoice(user_id, invoice())
    done = database.retry_failed(user_id, booked.invoice_id)
    assert (done.replayed, done.round_trips, done.lines) == (True, 1, booked.lines)


def test_two_who_retry_at_once_book_it_once(database: Database, user_id: UUID) -> None:
    database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
    failed = database.process_invoice(user_id, invoice(line("1"), line("2")))
    database.set_matching_policy(user_id, MatchingPolicy())
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: database.retry_failed(user_id, failed.invoice_id), range(4)))
    assert {each.status for each in done} == {"success"}
    assert sum(level.current_quantity for level in database.stock(user_id)) == 2 * (done[0].lines[0].quantity_change or 0)


def test_only_a_standing_invoice_can_be_retried(database: Database, user_id: UUID) -> None:
    with pytest.raises(InvoiceNotFound):
        database.retry_failed(user_id, uuid4())
    done = database.void(user_id, database.process_invoice(user_id, invoice()).invoice_id)
    with pytest.raises(InvoiceVoided, match="send the document again, without an invoice_id"):
        database.retry_failed(user_id, done.invoice_id)
    with pytest.raises(NotAnInvoice):
        database.retry_failed(user_id, done.void_id)


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        await database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
        failed = await database.process_invoice(user_id, invoice())
        await database.set_matching_policy(user_id, MatchingPolicy())
        assert (await database.retry_failed(user_id, failed.invoice_id)).status == "success"

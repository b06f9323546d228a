"""What is dated before a locked day is neither booked nor changed, but by those who have the right to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import Database, InvoiceProcessor, InvoiceResult, LineNotBooked, PeriodLock, PeriodLocked
from tests.builders import invoice, line
from tests.operations.test_verify import rows_of

MARCH = date(2026, 3, 1)


@pytest.fixture
def february(database: Database, user_id: UUID) -> InvoiceResult:
    """Booked in February, before it was closed: beef that may be another, and a line that failed; by a vendor that was merged,
    too, and there one was dismissed."""
    beef, bad = line("1", description="GROUND BEEF 80/20"), line("2", description="FLOUR", pack_size="a bag")
    done = database.process_invoice(user_id, invoice(beef, bad, invoice_date="2026-02-10", invoice_number="F"))
    database.process_invoice(user_id, invoice(line("3", description="NAPKIN"), invoice_date="2026-03-02"))
    database.process_invoice(user_id, invoice(line("5"), vendor_name="Young", invoice_date="2026-03-03"))
    sent = invoice(line("5"), line("6", quantity="?"), vendor_name="Old", invoice_date="2026-02-11", invoice_number="D")
    database.dismiss(user_id, database.process_invoice(user_id, sent).invoice_id, 2, reason="a coupon")
    database.merge_vendor(user_id, *vendor_ids(database, user_id, "Old", "Young"))
    database.lock_period(user_id, MARCH, reason="filed", by="Ann")
    return done


def reassigned(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    napkin = next(level for level in database.stock(user_id) if level.name == "NAPKIN")
    database.reassign(user_id, database.find_line_case(user_id, done.invoice_id, 1), napkin.id)


def merged(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    napkin = next(level for level in database.stock(user_id) if level.name == "NAPKIN")
    assert done.lines[0].inventory_item_id is not None
    database.merge_item(user_id, done.lines[0].inventory_item_id, napkin.id)


def mended(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    beef, flour = line("1", description="GROUND BEEF 80/20"), line("2", description="FLOUR", pack_size="50 LB")
    database.process_invoice(user_id, invoice(beef, flour, invoice_date="2026-02-10", invoice_number="F"))


def vendor_ids(database: Database, user_id: UUID, *names: str) -> list[UUID]:
    return [database.find_vendor(user_id, name).id for name in names]


def vendor_merged(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    database.merge_vendor(user_id, *vendor_ids(database, user_id, "Sysco", "Young"))


def vendor_unmerged(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    database.unmerge_vendor(user_id, *vendor_ids(database, user_id, "Old"))


def undismissed(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    [dismissed] = [each.id for each in database.list_invoices(user_id) if each.invoice_number == "D"]
    database.undismiss(user_id, dismissed, 2)


def opened(database: Database, user_id: UUID, done: InvoiceResult) -> None:
    rows = [{"name": "Salt", "opening_quantity": 1, "opening_unit": "kg", "opening_date": "2026-02-28"}]
    database.import_catalog(user_id, rows)


LAST_DAY = {"invoice_date": "2026-02-28"}

CHANGES: dict[str, Callable[[Database, UUID, InvoiceResult], Any]] = {
    "an invoice of known lines": lambda db, user, done: db.process_invoice(
        user, invoice(line("1", description="GROUND BEEF 80/20"), **LAST_DAY)
    ),
    "an invoice of new lines": lambda db, user, done: db.process_invoice(user, invoice(line("9"), **LAST_DAY)),
    "an invoice that fails": lambda db, user, done: db.process_invoice(user, invoice(line(quantity="?"), **LAST_DAY)),
    "a credit memo": lambda db, user, done: db.process_invoice(
        user, invoice({"kind": "rebate", "line_total": 5}, document_type="credit_memo", **LAST_DAY)
    ),
    "a void": lambda db, user, done: db.void(user, done.invoice_id),
    "a replacement": lambda db, user, done: db.replace(user, done.invoice_id, invoice(line("1"))),
    "a line sent again": mended,
    "a decision": reassigned,
    "a merge": merged,
    "opening stock": opened,
    "a merge of vendors": vendor_merged,
    "an un-merge of vendors": vendor_unmerged,
    "a dismissal": lambda db, user, done: db.dismiss(user, done.invoice_id, 2, reason="a coupon"),
    "a dismissal taken back": undismissed,
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_in_a_locked_period_changes(
    database: Database, dsn: str, user_id: UUID, february: InvoiceResult, what: str
) -> None:
    before = rows_of(dsn)
    with pytest.raises(PeriodLocked) as locked:
        CHANGES[what](database, user_id, february)
    assert locked.value.locked_before == MARCH
    assert rows_of(dsn) == before


@pytest.mark.parametrize("what", CHANGES)
def test_who_has_the_right_may_all_the_same(dsn: str, user_id: UUID, february: InvoiceResult, what: str) -> None:
    with invoicedb.connect(dsn, rights={"override_period_lock"}) as database:
        before = rows_of(dsn)
        CHANGES[what](database, user_id, february)
        assert rows_of(dsn) != before
        assert not [*database.verify(user_id)]


def test_what_is_dated_later_and_what_is_there_already_is_not_in_the_way(
    database: Database, user_id: UUID, february: InvoiceResult
) -> None:
    beef, bad = line("1", description="GROUND BEEF 80/20"), line("2", description="FLOUR", pack_size="a bag")
    again = database.process_invoice(user_id, invoice(beef, bad, invoice_date="2026-02-10", invoice_number="F"))
    assert again.replayed
    assert database.process_invoice(user_id, invoice(beef, invoice_date="2026-03-01")).round_trips == 1


def test_vendors_whose_documents_are_all_of_later_days_are_merged_and_come_apart(
    database: Database, user_id: UUID, february: InvoiceResult
) -> None:
    database.process_invoice(user_id, invoice(line("7"), vendor_name="New", invoice_date="2026-03-01"))
    new, sysco = vendor_ids(database, user_id, "New", "Sysco")
    assert database.merge_vendor(user_id, new, sysco).documents == 1
    assert database.unmerge_vendor(user_id, new).documents == 1


def test_what_was_dismissed_before_is_told_again(database: Database, user_id: UUID, february: InvoiceResult) -> None:
    [dismissed] = [each.id for each in database.list_invoices(user_id) if each.invoice_number == "D"]
    assert database.dismiss(user_id, dismissed, 2, reason="a coupon").replayed


def test_a_lock_is_shown_moved_and_lifted(database: Database, user_id: UUID, february: InvoiceResult) -> None:
    assert database.period_lock(user_id) == PeriodLock(MARCH, "Ann", "filed")
    database.lock_period(user_id, date(2026, 2, 1))
    database.process_invoice(user_id, invoice(**LAST_DAY))
    database.lock_period(user_id, None)
    assert database.period_lock(user_id) is None
    database.process_invoice(user_id, invoice(invoice_date="2026-01-05"))


def test_a_preview_and_the_reference_say_so_too(database: Database, dsn: str, user_id: UUID, february: InvoiceResult) -> None:
    with pytest.raises(PeriodLocked):
        database.preview(user_id, invoice(**LAST_DAY))
    with psycopg.connect(dsn, autocommit=True) as connection, pytest.raises(PeriodLocked):
        InvoiceProcessor(connection).process_invoice(user_id, invoice(**LAST_DAY))


def test_one_users_lock_is_nobody_elses(database: Database, february: InvoiceResult) -> None:
    assert database.process_invoice(UUID(int=7), invoice(**LAST_DAY)).status == "success"


def test_a_right_that_there_is_not_is_refused(dsn: str) -> None:
    with pytest.raises(ValueError, match="override_period_lock"):
        invoicedb.connect(dsn, rights={"everything"})


def test_a_line_without_an_item_has_no_case(database: Database, user_id: UUID, february: InvoiceResult) -> None:
    assert database.find_line_case(user_id, february.invoice_id, 1).item_key == "n:1"
    for line_number in (2, 3):
        with pytest.raises(LineNotBooked):
            database.find_line_case(user_id, february.invoice_id, line_number)


async def test_the_async_calls_are_the_same(dsn: str, user_id: UUID, february: InvoiceResult) -> None:
    async with invoicedb.connect_async(dsn) as database:
        assert await database.period_lock(user_id) == PeriodLock(MARCH, "Ann", "filed")
        assert (await database.find_line_case(user_id, february.invoice_id, 1)).item_name == "GROUND BEEF 80/20"
        assert await database.lock_period(user_id, None) is None

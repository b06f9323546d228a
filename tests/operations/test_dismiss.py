"""Failed lines that nobody will mend: out of the way, and still there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import Database, InvalidText, InvoiceNotFound, InvoiceVoided, LineNotFailed, NotAnInvoice
from tests.builders import invoice, line

BAD = line("2", quantity="none")


def statuses(database: Database, user_id: UUID, status: str) -> int:
    return len(database.list_invoices(user_id, status=status))


def test_a_dismissed_line_counts_as_failed_no_longer(database: Database, user_id: UUID) -> None:
    sent = invoice(line("1"), BAD)
    booked = database.process_invoice(user_id, sent)
    assert (booked.status, statuses(database, user_id, "partial_success")) == ("partial_success", 1)
    done = database.dismiss(user_id, booked.invoice_id, 2, reason="a coupon, no goods", by="Ann")
    assert (done.status, done.error_type, done.replayed, done.round_trips) == ("success", "invalid_quantity", False, 1)
    assert (statuses(database, user_id, "partial_success"), statuses(database, user_id, "success")) == (0, 1)
    kept = database.get_invoice(user_id, booked.invoice_id).lines[1]
    assert (kept.error_type, kept.dismissed_by, kept.dismissed_reason) == ("invalid_quantity", "Ann", "a coupon, no goods")
    again = database.process_invoice(user_id, sent)
    assert (again.replayed, again.status, again.failed) == (True, "success", ())
    assert (database.retry_failed(user_id, booked.invoice_id).replayed, list(database.verify(user_id))) == (True, [])


def test_what_was_said_first_stays(database: Database, user_id: UUID) -> None:
    invoice_id = database.process_invoice(user_id, invoice(line("1"), BAD)).invoice_id
    first = database.dismiss(user_id, invoice_id, 2, reason="a coupon", by="Ann")
    again = database.dismiss(user_id, invoice_id, 2, reason="something else", by="Bob")
    assert (again.replayed, again.dismissed_reason, again.dismissed_by) == (True, "a coupon", "Ann")
    assert again.dismissed_at == first.dismissed_at


def test_it_can_be_taken_up_again(database: Database, user_id: UUID) -> None:
    invoice_id = database.process_invoice(user_id, invoice(line("1"), BAD)).invoice_id
    database.dismiss(user_id, invoice_id, 2, reason="a coupon")
    done = database.undismiss(user_id, invoice_id, 2)
    assert (done.status, done.dismissed_at, done.dismissed_reason) == ("partial_success", None, None)
    assert [each.line_number for each in database.retry_failed(user_id, invoice_id).failed] == [2]
    assert list(database.verify(user_id)) == []


def test_a_later_sending_that_books_it_lifts_it(database: Database, user_id: UUID) -> None:
    sent = invoice(line("1"), dict(BAD), line("3", quantity="none"))
    invoice_id = database.process_invoice(user_id, sent).invoice_id
    database.dismiss(user_id, invoice_id, 2, reason="a coupon")
    sent["line_items"][1]["quantity"] = "1"
    done = database.process_invoice(user_id, sent)
    assert (done.status, [each.line_number for each in done.failed]) == ("partial_success", [3])
    assert [each.dismissed_at for each in done.lines] == [None] * 3
    assert list(database.verify(user_id)) == []


def test_the_others_are_retried_without_it(database: Database, user_id: UUID) -> None:
    beef = database.process_invoice(user_id, invoice(line("7", pack_size="10 KG"))).lines[0].inventory_item_id
    invoice_id = database.process_invoice(user_id, invoice(line("7", pack_size="40 CT"), BAD, line("9"))).invoice_id
    database.dismiss(user_id, invoice_id, 2, reason="a coupon")
    assert beef is not None
    database.set_conversions(user_id, beef, {"each": "150 g"})
    done = database.retry_failed(user_id, invoice_id)
    assert (done.status, [each.is_dismissed for each in done.lines]) == ("success", [False, True, False])
    assert database.get_invoice(user_id, invoice_id).summary.status == "success"
    assert list(database.verify(user_id)) == []


def test_an_invoice_of_which_nothing_is_booked_stays_failed(database: Database, user_id: UUID) -> None:
    invoice_id = database.process_invoice(user_id, invoice(BAD)).invoice_id
    assert database.dismiss(user_id, invoice_id, 1, reason="a coupon").status == "failed"
    assert list(database.verify(user_id)) == []


def test_only_a_failed_line_of_a_standing_invoice_is_dismissed(database: Database, user_id: UUID) -> None:
    invoice_id = database.process_invoice(user_id, invoice(line("1"), BAD)).invoice_id
    with pytest.raises(InvalidText, match="say why"):
        database.dismiss(user_id, invoice_id, 2, reason=" ")
    for number, is_booked in ((1, True), (3, False)):
        with pytest.raises(LineNotFailed) as refused:
            database.dismiss(user_id, invoice_id, number, reason="why")
        assert refused.value.is_booked == is_booked
    for other in (user_id, uuid4()):
        with pytest.raises(InvoiceNotFound):
            database.dismiss(other, invoice_id if other != user_id else uuid4(), 2, reason="why")
    done = database.void(user_id, invoice_id)
    with pytest.raises(InvoiceVoided, match="none of its lines counts any more"):
        database.dismiss(user_id, invoice_id, 2, reason="why")
    with pytest.raises(InvoiceVoided, match="none of its lines counts any more"):
        database.undismiss(user_id, invoice_id, 2)
    with pytest.raises(NotAnInvoice):
        database.undismiss(user_id, done.void_id, 2)


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        invoice_id = (await database.process_invoice(user_id, invoice(line("1"), BAD))).invoice_id
        assert (await database.dismiss(user_id, invoice_id, 2, reason="a coupon")).status == "success"
        assert (await database.undismiss(user_id, invoice_id, 2)).status == "partial_success"


def test_a_failed_line_of_a_credit_memo_is_dismissed_and_taken_up_again(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice())
    credited = (line(quantity="1"), line("9", quantity="1", description="FLOUR"))
    memo = database.process_invoice(user_id, invoice(*credited, document_type="credit_memo"))
    assert memo.status == "partial_success"
    assert database.dismiss(user_id, memo.invoice_id, 2, reason="never bought").status == "success"
    assert list(database.verify(user_id)) == []
    assert database.undismiss(user_id, memo.invoice_id, 2).status == "partial_success"
    assert list(database.verify(user_id)) == []

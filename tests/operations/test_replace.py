"""An invoice in place of another: one transaction, and nothing of the first is left in what is derived."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import Database, DuplicateInvoice, InvalidInvoice, InvoiceNotFound
from tests.builders import invoice, line
from tests.operations.test_void import derived, priced


def corrected(sent: dict[str, Any], *lines: Any, **head: Any) -> dict[str, Any]:
    """The same document with other lines, or something else in its head."""
    return {"invoice": sent["invoice"] | head, "line_items": list(lines) or sent["line_items"]}


@pytest.mark.parametrize(("number", "round_trips"), [("1", 1), ("2", 2)])
def test_the_new_one_stands_as_if_the_first_had_never_been(
    database: Database, dsn: str, user_id: UUID, number: str, round_trips: int
) -> None:
    """With known lines in one round trip, with new ones in two."""
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    done = database.replace(user_id, first.invoice_id, corrected(sent, line(number, unit_price="33")), reason="typo", by="Ann")
    assert (done.invoice.status, done.invoice.round_trips, done.void.replayed) == ("success", round_trips, False)
    assert [each.quantity_change for each in done.void.movements] == [-(first.lines[0].quantity_change or 0)]
    stock, prices = derived(dsn)
    assert [row["name"] for row in stock if row["current_quantity"]] == [f"ARTICLE {number}"]
    assert [(row["unit_price"], row["previous_price"]) for row in prices] == [(Decimal(33), None)]
    assert database.get_invoice(user_id, first.invoice_id).summary.is_voided


def test_replacing_again_changes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    mended = corrected(sent, line("1", unit_price="33"))
    done = database.replace(user_id, first.invoice_id, mended)
    before = derived(dsn)
    again = database.replace(user_id, first.invoice_id, mended)
    assert (again.void.replayed, again.invoice.replayed, again.invoice.invoice_id) == (True, True, done.invoice.invoice_id)
    assert derived(dsn) == before
    assert database.process_invoice(user_id, mended).replayed


def test_a_replaced_one_can_be_replaced(database: Database, dsn: str, user_id: UUID) -> None:
    sent = priced(30, 1)
    invoice_id = database.process_invoice(user_id, sent).invoice_id
    for price in ("31", "32", "33"):
        done = database.replace(user_id, invoice_id, corrected(sent, line("1", unit_price=price)))
        assert done.invoice.round_trips <= 3
        invoice_id = done.invoice.invoice_id
    assert [row["unit_price"] for row in derived(dsn)[1]] == [Decimal(33)]


def test_replacing_again_under_an_id_of_its_own_changes_nothing(database: Database, user_id: UUID) -> None:
    sent, own = priced(30, 1), uuid4()
    first = database.process_invoice(user_id, sent)
    mended = corrected(sent, line("1", unit_price="33"))
    for replayed in (False, True):
        done = database.replace(user_id, first.invoice_id, mended, own)
        assert (done.invoice.invoice_id, done.invoice.replayed) == (own, replayed)


def test_a_wrong_number_and_a_wrong_vendor_are_mended(database: Database, user_id: UUID) -> None:
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    mended = corrected(sent, invoice_number="B-7", vendor_name="Metro")
    done = database.replace(user_id, first.invoice_id, mended)
    assert (done.invoice.vendor_name, done.invoice.invoice_number) == ("Metro", "B-7")
    assert database.process_invoice(user_id, mended).replayed
    assert not database.process_invoice(user_id, sent).replayed


def test_what_is_refused_leaves_the_first_as_it_was(database: Database, dsn: str, user_id: UUID) -> None:
    sent, other = priced(30, 1), priced(20, 2)
    first = database.process_invoice(user_id, sent)
    database.process_invoice(user_id, other)
    before = derived(dsn)
    taken = corrected(sent, invoice_number=other["invoice"]["invoice_number"])
    with pytest.raises(DuplicateInvoice):
        database.replace(user_id, first.invoice_id, taken, uuid4())
    with pytest.raises(InvalidInvoice):
        database.replace(user_id, first.invoice_id, {})
    with pytest.raises(InvoiceNotFound):
        database.replace(user_id, uuid4(), corrected(sent, line("9")))
    assert derived(dsn) == before


def test_a_preview_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    before = derived(dsn)
    for number in ("1", "2"):
        shown = database.trial().replace(user_id, first.invoice_id, corrected(sent, line(number, unit_price="33")))
        assert (len(shown.void.movements), shown.invoice.lines[0].unit_price) == (1, Decimal(33))
    assert derived(dsn) == before


def test_a_bad_line_of_the_new_one_fails_alone(database: Database, user_id: UUID) -> None:
    sent = priced(30, 1)
    first = database.process_invoice(user_id, sent)
    done = database.replace(user_id, first.invoice_id, corrected(sent, line("1"), line("2", pack_size="a box or so")))
    assert (done.invoice.status, done.invoice.lines[1].error_type) == ("partial_success", "unreadable_pack_size")


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        sent = invoice(line("1"))
        first = await database.process_invoice(user_id, sent)
        mended = corrected(sent, line("1", unit_price="33"))
        await database.trial().replace(user_id, first.invoice_id, mended)
        done = await database.replace(user_id, first.invoice_id, mended)
        assert (done.void.replayed, done.invoice.status) == (False, "success")

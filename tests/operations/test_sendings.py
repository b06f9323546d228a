"""An invoice that is sent again: replayed, resumed, refused; voided ones make room; near duplicates are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import invoicedb
from invoicedb import Database, InvoiceResult, Policy
from invoicedb.errors import DuplicateInvoice, InvoiceConflict, InvoiceVoided, NearDuplicate
from invoicedb.tasks import Request
from tests.builders import invoice, line


def changed(document: dict[str, Any], number: int, **fields: Any) -> dict[str, Any]:
    """The document with fields of line `number` changed."""
    other = deepcopy(document)
    other["line_items"][number - 1] |= fields
    return other


def run_sql(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())


def test_the_same_content_in_other_words_is_a_replay(database: Database, user_id: UUID) -> None:
    first = database.process_invoice(user_id, invoice(line("1", quantity="5", unit_price="2.50"), invoice_number="A1"))
    again = {
        "line_items": [{key: f" {value} " for key, value in reversed(line("1", quantity="5.0", unit_price="2.5").items())}],
        "invoice": {"invoice_number": " A1 ", "vendor_name": "SYSCO Inc.", "invoice_date": "2026-03-02"},
    }
    result = database.process_invoice(user_id, again)
    assert result.replayed
    assert (result.invoice_id, result.lines) == (first.invoice_id, first.lines)


def test_a_replay_shows_prices_as_they_stand_now(database: Database, user_id: UUID) -> None:
    march = invoice(line("1", unit_price="12"), invoice_date="2026-03-01")
    database.process_invoice(user_id, invoice(line("1", unit_price="10"), invoice_date="2026-01-01"))
    database.process_invoice(user_id, march)
    database.process_invoice(user_id, invoice(line("1", unit_price="16"), invoice_date="2026-02-01"))
    [replayed] = database.process_invoice(user_id, march).lines
    assert (replayed.previous_price, replayed.price_change_percent) == (Decimal(16), Decimal(-25))


def test_failed_lines_sent_again_mended_are_booked_and_nothing_twice(database: Database, user_id: UUID) -> None:
    broken = invoice(line("1"), line("2", quantity="?"), line("3"), line("4", pack_size="6/5 XX"))
    first = database.process_invoice(user_id, broken)
    assert first.status == "partial_success"
    second = database.process_invoice(user_id, changed(broken, 2, quantity=1))
    assert [each.line_number for each in second.failed] == [4]
    assert not second.replayed
    last = database.process_invoice(user_id, changed(changed(broken, 2, quantity=1), 4, pack_size="6/5 LB"))
    assert last.status == "success"
    assert last.lines[0] == first.lines[0]
    assert [item.current_quantity / Decimal("13607.7711") for item in database.stock(user_id)] == [2, 1, 2, 2]
    assert [summary.status for summary in database.list_invoices(user_id)] == ["success"]
    assert database.list_invoices(user_id)[0].total == 210


def test_a_line_booked_later_takes_its_place_in_the_price_chain(database: Database, user_id: UUID) -> None:
    """Line 2 of 4, all of one item, is mended after the others were booked: its neighbours are those of the paper."""
    prices = ("10", "20", "30", "40")
    whole = invoice(*(line("1", unit_price=price) for price in prices))
    partly = changed(changed(whole, 2, quantity="?"), 4, quantity="?")
    database.process_invoice(user_id, partly)
    result = database.process_invoice(user_id, whole)
    assert [each.previous_price for each in result.lines] == [None, 10, 20, 30]
    assert [each.price_change_percent for each in result.lines] == [None, 100, 50, Decimal("33.3333")]
    [item] = database.stock(user_id)
    assert item.last_purchase_price == 40


def test_an_invoice_of_failed_lines_alone_can_be_mended(database: Database, dsn: str, user_id: UUID) -> None:
    broken = invoice(line("1", quantity="?"), line("2", unit_price="?"))
    assert database.process_invoice(user_id, broken).status == "failed"
    assert database.process_invoice(user_id, broken).replayed
    assert database.stock(user_id) == []
    assert database.process_invoice(user_id, changed(broken, 1, quantity=1)).status == "partial_success"
    assert database.process_invoice(user_id, invoice(line("1"))).lines[0].previous_price == 30


def test_other_content_under_one_id_is_a_conflict_that_names_the_difference(database: Database, user_id: UUID) -> None:
    booked = invoice(line("1"), line("2"), invoice_number="A1")
    result = database.process_invoice(user_id, booked)
    with pytest.raises(InvoiceConflict) as caught:
        database.process_invoice(user_id, changed(booked, 2, unit_price="31", description="OTHER"))
    assert caught.value.invoice_id == result.invoice_id
    assert caught.value.differences == (
        (2, "description", "ARTICLE 2", "OTHER"),
        (2, "unit_price", "30", "31"),
        (2, "line_total", "60", "62"),
    )
    assert "replace" in str(caught.value)
    for other in (
        {**booked, "line_items": booked["line_items"][:1]},
        {**booked, "line_items": [*booked["line_items"], line("3")]},
        changed(booked, 1, quantity="?"),
        {**booked, "invoice": booked["invoice"] | {"invoice_date": "2026-03-03"}},
    ):
        with pytest.raises(InvoiceConflict):
            database.process_invoice(user_id, other)
    assert len(database.prices(user_id)) == 2


def test_a_number_under_another_id_is_a_duplicate(database: Database, user_id: UUID) -> None:
    booked = database.process_invoice(user_id, invoice(line("1"), invoice_number="A1"))
    with pytest.raises(DuplicateInvoice) as caught:
        database.process_invoice(user_id, invoice(line("1"), invoice_number="A1"), uuid4())
    assert caught.value.booked_as == booked.invoice_id
    database.process_invoice(user_id, invoice(line("1"), invoice_number="A1", vendor_name="Another"), uuid4())
    database.process_invoice(uuid4(), invoice(line("1"), invoice_number="A1"), uuid4())


def test_vendors_who_restart_their_numbers_each_year(dsn: str, user_id: UUID) -> None:
    with invoicedb.connect(dsn, policy=Policy(numbers_restart_yearly=True)) as database:
        for year in ("2025", "2026"):
            asked = invoice(line("1"), invoice_number="1", invoice_date=f"{year}-01-05")
            assert not database.process_invoice(user_id, asked).replayed
            assert database.process_invoice(user_id, asked).replayed
        with pytest.raises(InvoiceConflict):
            database.process_invoice(user_id, invoice(line("2"), invoice_number="1", invoice_date="2026-02-05"))


async def test_async_batches_are_lists_or_streams(dsn: str, user_id: UUID) -> None:
    requests: list[Request] = [(user_id, invoice(line("1"))), (user_id, {})]

    async def stream() -> AsyncIterator[Request]:
        for request in requests:
            yield request

    async with invoicedb.connect_async(dsn) as database:
        assert [each.status async for each in database.process_invoices(requests)] == ["success", "failed"]
        again = [each async for each in database.process_invoices(stream())]
        assert [isinstance(each, InvoiceResult) and each.replayed for each in again] == [True, False]


def test_a_near_duplicate_is_told_and_booked(database: Database, user_id: UUID) -> None:
    first = database.process_invoice(user_id, invoice(line("1"), line("2")))
    second = database.process_invoice(user_id, invoice(line("1"), line("2")))
    assert [(type(one), getattr(one, "invoice_id", None)) for one in second.warnings] == [(NearDuplicate, first.invoice_id)]
    assert database.process_invoice(user_id, invoice(line("1"), line("2", unit_price="31"))).warnings == ()


def test_a_near_duplicate_is_of_the_same_type(database: Database, user_id: UUID) -> None:
    """A credit memo of what an invoice came to is not one of the void of that invoice, which has the same total."""
    first = database.process_invoice(user_id, invoice(line("1"), line("1", quantity="5")))
    wrong = database.process_invoice(user_id, invoice(line("1")))
    database.void(user_id, wrong.invoice_id)
    sent = invoice(line("1"), document_type="credit_memo", corrects_id=str(first.invoice_id))
    assert database.process_invoice(user_id, sent).warnings == ()


def test_after_a_void_the_invoice_can_be_booked_again(database: Database, dsn: str, user_id: UUID) -> None:
    asked = invoice(line("1", unit_price="10"), invoice_number="A1")
    first = database.process_invoice(user_id, asked)
    run_sql(dsn, "UPDATE invoices SET voided_at = now(); UPDATE price_history SET voided_at = now()")
    second = database.process_invoice(user_id, asked)
    assert second.invoice_id != first.invoice_id
    assert not second.replayed
    assert second.lines[0].previous_price is None
    assert database.process_invoice(user_id, asked).invoice_id == second.invoice_id
    with pytest.raises(InvoiceVoided, match="send it without an invoice_id"):
        database.process_invoice(user_id, asked, first.invoice_id)


def test_without_a_number_the_content_is_the_key(database: Database, user_id: UUID) -> None:
    asked = invoice(line("1"), invoice_number=None)
    first = database.process_invoice(user_id, asked)
    assert database.process_invoice(user_id, asked).replayed
    other = database.process_invoice(user_id, changed(asked, 1, quantity=3))
    assert other.invoice_id != first.invoice_id


def test_preview_shows_what_booking_then_books(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", unit_price="20"), line("2")))
    asked = invoice(line("1"), line("1", unit_price="33"), line("9"), line("2", quantity="?"), line(None, pack_size="2/5 LB"))
    preview = database.preview(user_id, asked)
    assert database.preview(user_id, asked).replayed is False
    booked = database.process_invoice(user_id, asked)
    assert preview.status == booked.status == "partial_success"

    def shown(result: invoicedb.InvoiceResult) -> list[Any]:
        return [
            (each.item_name, each.match_method, each.quantity_change, each.previous_price, each.error) for each in result.lines
        ]

    assert shown(preview) == shown(booked)


@pytest.mark.parametrize(("state", "method"), [("pending", "fuzzy_review"), ("approved", "exact")])
def test_a_mapping_in_review_is_booked_and_said_so_until_it_is_approved(
    database: Database, dsn: str, user_id: UUID, state: str, method: str
) -> None:
    database.process_invoice(user_id, invoice(line("1")))
    run_sql(dsn, f"UPDATE vendor_item_mappings SET review_state = '{state}'")
    result = database.process_invoice(user_id, invoice(line("1")))
    assert (result.round_trips, result.lines[0].match_method) == (1, method)


def test_a_rejected_mapping_loses_the_bet_and_its_item(database: Database, dsn: str, user_id: UUID) -> None:
    [first] = database.process_invoice(user_id, invoice(line("1"))).lines
    run_sql(dsn, "UPDATE vendor_item_mappings SET review_state = 'rejected'")
    result = database.process_invoice(user_id, invoice(line("1")))
    assert result.round_trips == 2
    assert result.lines[0].match_method == "new"
    assert result.lines[0].inventory_item_id != first.inventory_item_id
    again = database.process_invoice(user_id, invoice(line("1")))
    assert again.lines[0].inventory_item_id == result.lines[0].inventory_item_id


def test_a_known_number_in_another_pack_or_words(database: Database, user_id: UUID) -> None:
    """The same unit size is the same goods; another one, or other words, are for a person; no pack is the only one known."""

    def method_of(**fields: Any) -> tuple[str | None, Decimal | None]:
        [booked] = database.process_invoice(user_id, invoice(line("1", **fields))).lines
        return booked.match_method, booked.pack_quantity

    pound = Decimal("453.59237")
    assert method_of(description="GROUND BEEF 80/20") == ("new", 30 * pound)
    assert method_of(description="ground beef  80/20", pack_size=None) == ("exact", 30 * pound)
    assert method_of(description="GROUND BEEF 80/20", pack_size="4/5 LB") == ("exact", 20 * pound)
    assert method_of(description="GROUND BEEF 80/20", pack_size="10 LB") == ("fuzzy_review", 10 * pound)
    assert method_of(description="PAPER NAPKIN WHITE") == ("fuzzy_review", 30 * pound)
    assert method_of(description="", pack_size="6/5 LB") == ("exact", 30 * pound)

"""Where an item's stock and price come from."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import Database, ExplainedMovement, ItemNotFound
from tests.builders import invoice, line

PACK = Decimal("13607.7711")


@pytest.fixture
def beef(database: Database, user_id: UUID) -> UUID:
    """Bought at 30 and at 33, and from another vendor by its description; the second one voided."""
    sent = line("1", description="GROUND BEEF")
    first = database.process_invoice(user_id, invoice(sent, line("2"), invoice_number="A-1", invoice_date="2026-01-10"))
    dearer = invoice(sent | {"unit_price": "33"}, invoice_number="A-2", invoice_date="2026-02-10")
    second = database.process_invoice(user_id, dearer)
    metro = invoice(sent | {"item_number": "B"}, vendor_name="Metro", invoice_number="M-1", invoice_date="2026-03-10")
    database.process_invoice(user_id, metro)
    database.void(user_id, second.invoice_id, reason="keyed twice", by="Ann")
    item_id = first.lines[0].inventory_item_id
    assert item_id is not None
    return item_id


def told(movement: ExplainedMovement) -> tuple[object, ...]:
    return movement.reference_type, movement.invoice_number, movement.quantity_change, movement.stock_after


def test_the_movements_behind_the_stock_are_told_newest_first(database: Database, user_id: UUID, beef: UUID) -> None:
    found = database.explain(user_id, beef)
    assert (found.item.name, found.item.current_quantity) == ("GROUND BEEF", 4 * PACK)
    assert found.item.last_purchase_price == 30
    assert [told(each) for each in found.movements] == [
        ("invoice", "M-1", 2 * PACK, 4 * PACK),
        ("void", "A-2", -2 * PACK, 2 * PACK),
        ("invoice", "A-2", 2 * PACK, 4 * PACK),
        ("invoice", "A-1", 2 * PACK, 2 * PACK),
    ]


def test_each_has_its_document_line_price_and_decision(database: Database, user_id: UUID, beef: UUID) -> None:
    metro, void, second, first = database.explain(user_id, beef).movements
    assert (metro.vendor_name, metro.match_method, metro.match_reasons != ()) == ("Metro", "fuzzy_auto", True)
    assert (first.vendor_name, first.match_method, first.invoice_line_number, first.item_number) == ("Sysco", "new", 1, "1")
    assert (first.description, first.pack_size, first.is_voided) == ("GROUND BEEF", "6/5 LB", False)
    assert [first.quantity, first.unit_price, first.line_total, first.previous_price] == [2, 30, 60, None]
    assert [second.previous_price, second.price_change_percent, second.is_voided] == [30, 10, True]
    assert first.reversed_by_id is None
    assert (second.reversed_by_id, second.reversed_by_line_number) == (void.reference_id, void.line_number)
    assert (void.reverses_reference_id, void.reverses_line_number) == (second.reference_id, 1)
    assert (void.reason, void.made_by, void.invoice_id) == ("keyed twice", "Ann", second.invoice_id)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_together_are_the_whole(database: Database, user_id: UUID, beef: UUID, limit: int) -> None:
    whole = database.explain(user_id, beef).movements
    pages = [database.explain(user_id, beef, limit=limit).movements]
    while len(pages[-1]) == limit:
        pages.append(database.explain(user_id, beef, limit=limit, after=pages[-1][-1]).movements)
    assert tuple(each for page in pages for each in page) == whole


def test_an_item_of_somebody_else_is_none(database: Database, user_id: UUID, beef: UUID) -> None:
    for asked in ((uuid4(), beef), (user_id, uuid4())):
        with pytest.raises(ItemNotFound):
            database.explain(*asked)


def test_a_page_has_rows(database: Database, user_id: UUID, beef: UUID) -> None:
    with pytest.raises(ValueError, match="limit"):
        database.explain(user_id, beef, limit=0)


def test_items_are_found_by_a_part_of_their_name(database: Database, user_id: UUID, beef: UUID) -> None:
    assert [each.id for each in database.items_named(user_id, "ground")] == [beef]
    assert [each.name for each in database.items_named(user_id, "r", limit=1)] == ["ARTICLE 2"]
    assert database.items_named(user_id, "100%") == []
    assert database.items_named(uuid4(), "ground") == []


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID, beef: UUID) -> None:
    async with invoicedb.connect_async(dsn) as awaited:
        assert await awaited.explain(user_id, beef) == database.explain(user_id, beef)
        assert await awaited.items_named(user_id, "beef") == database.items_named(user_id, "beef")

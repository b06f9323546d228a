"""What a person says of an item: its name, its category, its unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import BaseUnitFixed, Database, InvalidText, ItemNotFound
from tests.builders import invoice, line
from tests.wire.proxy import WireProxy


@pytest.fixture
def rucksack(database: Database, user_id: UUID) -> UUID:
    """An item that nothing is booked on, sold by Sysco in packs of 12."""
    row = {"name": "RUCKSACK BLUE", "category": "bags", "base_unit": "g", "vendor_name": "Sysco", "pack_size": "2/500 G"}
    item_id = database.import_catalog(user_id, [row | {"item_number": "1"}]).rows[0].item_id
    assert item_id is not None
    return item_id


def test_a_renamed_item_is_found_by_its_new_name(database: Database, user_id: UUID, rucksack: UUID) -> None:
    renamed = database.rename_item(user_id, rucksack, "  SUITCASE   LEATHER BROWN ")
    assert (renamed.id, renamed.name, renamed.category) == (rucksack, "SUITCASE LEATHER BROWN", "bags")
    sent = invoice(line(None, description="SUITCASES LEATHER BROWN", pack_size="2/500 G"), vendor_name="Metro")
    booked = database.process_invoice(user_id, sent).lines[0]
    assert (booked.match_method, booked.inventory_item_id) == ("fuzzy_auto", rucksack)


def test_what_vendors_called_it_before_still_finds_it(database: Database, user_id: UUID) -> None:
    made = database.process_invoice(user_id, invoice(line("7", description="GLASS TUMBLER"))).lines[0].inventory_item_id
    assert made is not None
    database.rename_item(user_id, made, "Whisky glasses")
    booked = database.process_invoice(user_id, invoice(line(None, description="GLASS TUMBLERS"), vendor_name="Metro")).lines[0]
    assert (booked.inventory_item_id, booked.match_method) == (made, "fuzzy_auto")


def test_a_category_is_set_and_taken_away(database: Database, user_id: UUID, rucksack: UUID) -> None:
    assert database.set_category(user_id, rucksack, "travel").category == "travel"
    assert database.set_category(user_id, rucksack, None).category is None


def test_a_unit_is_changed_while_nothing_is_booked(database: Database, user_id: UUID, rucksack: UUID) -> None:
    kept = database.import_catalog(user_id, [{"name": "Oil", "base_unit": "g"}]).rows[0].item_id
    assert kept is not None
    assert database.set_base_unit(user_id, kept, "l").base_unit == "ml"
    assert database.set_base_unit(user_id, rucksack, "kg").base_unit == "g"


def test_packs_are_told_in_the_new_unit(database: Database, user_id: UUID) -> None:
    row = {"name": "Oil", "base_unit": "g", "vendor_name": "Sysco", "item_number": "1", "pack_size": "6/32 OZ"}
    kept = database.import_catalog(user_id, [row]).rows[0].item_id
    assert kept is not None
    database.set_base_unit(user_id, kept, "ml")
    booked = database.process_invoice(user_id, invoice(line("1", description="Oil", pack_size="6/32 OZ", quantity=1))).lines[0]
    assert (booked.match_method, booked.quantity_change) == ("exact", 6 * 32 * Decimal("29.5735295625"))
    assert list(database.verify(user_id)) == []


@pytest.mark.parametrize("what", ["stock", "invoice", "conversions", "pack", "each"])
def test_what_would_have_to_be_guessed_is_refused_with_the_cure(database: Database, user_id: UUID, what: str) -> None:
    sold = {"vendor_name": "Sysco", "item_number": "1"}
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "stock": ({"base_unit": "g", "opening_quantity": 5}, "set_conversions what 1 ml"),
        "invoice": ({"base_unit": "g"} | sold | {"pack_size": "6/5 LB"}, "set_conversions what 1 ml"),
        "conversions": ({"base_unit": "g", "conversions": {"each": "150 g"}}, "take them away"),
        "pack": ({"base_unit": "g"} | sold | {"pack_size": "6/5 LB"}, "reassign"),
        "each": ({"base_unit": "each"} | sold, "without a pack size"),
    }
    row, cure = cases[what]
    item_id = database.import_catalog(user_id, [{"name": "X", **row}]).rows[0].item_id
    assert item_id is not None
    if what == "invoice":
        booked = database.process_invoice(user_id, invoice(line("1")))
        database.void(user_id, booked.invoice_id)
    with pytest.raises(BaseUnitFixed, match=cure) as refused:
        database.set_base_unit(user_id, item_id, "ml")
    assert (refused.value.item_id, refused.value.wanted) == (item_id, "ml")


def test_what_is_no_item_or_no_text_is_refused(database: Database, user_id: UUID, rucksack: UUID) -> None:
    for other in (uuid4(), user_id):
        with pytest.raises(ItemNotFound):
            database.rename_item(other, rucksack if other != user_id else uuid4(), "X")
        with pytest.raises(ItemNotFound):
            database.set_category(other, rucksack if other != user_id else uuid4(), "X")
        with pytest.raises(ItemNotFound):
            database.set_base_unit(other, rucksack if other != user_id else uuid4(), "ml")
    with pytest.raises(InvalidText, match="has a name"):
        database.rename_item(user_id, rucksack, " ")
    with pytest.raises(InvalidText, match="is no unit"):
        database.set_base_unit(user_id, rucksack, "heap")


async def test_async_is_the_same_and_takes_two_round_trips(dsn: str, user_id: UUID, rucksack: UUID) -> None:
    with WireProxy(dsn) as proxy:
        async with invoicedb.connect_async(proxy.dsn, pool_size=1) as database:
            await database._pool.wait()
            proxy.reset()
            assert (await database.rename_item(user_id, rucksack, "Y")).name == "Y"
            assert (await database.set_category(user_id, rucksack, "Z")).category == "Z"
            assert proxy.round_trips == 4
            kept = (await database.import_catalog(user_id, [{"name": "Oil", "base_unit": "g"}])).rows[0].item_id
            assert kept is not None
            proxy.reset()
            assert (await database.set_base_unit(user_id, kept, "ml")).base_unit == "ml"
            assert proxy.round_trips == 2

"""Two items that are one: as if they had been from the start; and two again, as if they had never been one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import invoicedb
from invoicedb import (
    Database,
    InvoiceNotFound,
    ItemMerged,
    ItemNotFound,
    ItemNotMerged,
    MergeResult,
    NotAnInvoice,
    SameItem,
    StockLevel,
    UnitMismatch,
    VendorService,
)
from tests.builders import invoice, line
from tests.operations.test_review import plain
from tests.operations.test_void import derived_of, priced

CASE = Decimal("13607.7711")
MAPPINGS = """
SELECT item.name AS item, vendor.name AS vendor, item_key, pack_key, base_quantity FROM vendor_item_mappings AS mapping
  JOIN inventory_items AS item ON item.id = inventory_item_id JOIN vendors AS vendor ON vendor.id = vendor_id
 WHERE mapping.user_id = %s
"""


def items(database: Database, user_id: UUID) -> dict[str, StockLevel]:
    return {level.name: level for level in database.stock(user_id)}


def two(database: Database, user_id: UUID) -> tuple[UUID, UUID]:
    """Items 1 and 2, of two vendors, with prices that go to and fro."""
    for day, price, vendor_name in ((1, 30, "Sysco"), (5, 33, "Sysco"), (3, 31, "Metro"), (9, 29, "Metro")):
        database.process_invoice(user_id, priced(price, day, "1", "2", vendor_name=vendor_name))
    database.process_invoice(user_id, priced(40, 2, "2"))
    known = items(database, user_id)
    return known["ARTICLE 2"].id, known["ARTICLE 1"].id


def everything(database: Database, dsn: str, user_id: UUID) -> list[list[str]]:
    """All that is derived, and the mappings; nothing that says when or under which id."""
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        mapped = connection.execute(MAPPINGS, (user_id,)).fetchall()
    found = [*derived_of(dsn, user_id), mapped]
    return [sorted(str({name: plain(value) for name, value in row.items()}) for row in rows) for rows in found]


# ---- one item ----------------------------------------------------------------------------------------------------------------


def test_a_merged_items_lines_are_the_others(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    done = database.merge_item(user_id, item_id, into_id, reason="one and the same", by="Ann")
    assert (done.item_name, done.into_item_name, done.mappings, done.lines) == ("ARTICLE 2", "ARTICLE 1", 2, 5)
    assert (len(done.movements), done.replayed, done.round_trips) == (10, False, 2)
    assert {name: level.current_quantity for name, level in items(database, user_id).items()} == {"ARTICLE 1": 18 * CASE}
    prices = [(each.vendor_name, each.unit_price, each.previous_price) for each in database.item_prices(user_id, into_id)]
    sysco = [(int(price), before and int(before)) for vendor, price, before in prices if vendor == "Sysco"]
    assert sysco == [(33, 33), (33, 40), (40, 30), (30, 30), (30, None)]
    assert items(database, user_id)["ARTICLE 1"].last_purchase_price == 29
    assert list(database.verify(user_id)) == []


def test_lines_that_are_booked_later_are_the_others_at_once(database: Database, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    database.merge_item(user_id, item_id, into_id)
    booked = database.process_invoice(user_id, priced(35, 10, "2", vendor_name="Metro"))
    [known] = booked.lines
    assert (booked.round_trips, known.match_method, known.inventory_item_id) == (1, "exact", into_id)


def test_what_the_item_was_called_speaks_for_the_other(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", description="GARBANZOS"), line("2", description="CHICKPEAS TIN")))
    known = items(database, user_id)
    database.merge_item(user_id, known["CHICKPEAS TIN"].id, known["GARBANZOS"].id)
    asked = invoice(line("Z", description="CHICKPEAS TIN"), vendor_name="Metro")
    [found] = database.process_invoice(user_id, asked).lines
    assert (found.match_method, found.item_name) == ("fuzzy_auto", "GARBANZOS")


def test_a_merged_item_is_in_no_list_and_its_id_still_answers(database: Database, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    done = database.merge_item(user_id, item_id, into_id, by="Ann", reason="the same")
    assert (database.items_named(user_id, "ARTICLE 2"), database.item_prices(user_id, item_id)) == ([], [])
    told = database.explain(user_id, item_id)
    assert told.merged_into == database.explain(user_id, into_id).item
    assert (told.item.current_quantity, told.item.last_purchase_price, len(told.movements)) == (Decimal(0), None, 10)
    moved = [each for each in database.explain(user_id, into_id).movements if each.reference_id == done.correction_id]
    assert {(each.vendor_name, each.reason, each.made_by) for each in moved} == {
        ("Sysco", "the same", "Ann"),
        ("Metro", "the same", "Ann"),
    }


def test_a_merged_runner_up_is_none(database: Database, user_id: UUID) -> None:
    for number, description in (("1", "CHICKEN BREAST BONELESS SKINLESS"), ("2", "CHICKEN BREAST BONELESS"), ("3", "EGGS")):
        database.process_invoice(user_id, invoice(line(number, description=description)))
    asked = line("A", description="CHICKEN BREAST BONELESS SKINLESS RANDOM")
    database.process_invoice(user_id, invoice(asked, vendor_name="Metro"))
    [case] = database.review_queue(user_id)
    assert case.runner_up_item_id is not None
    database.merge_item(user_id, case.runner_up_item_id, items(database, user_id)["EGGS"].id)
    [now] = database.review_queue(user_id)
    assert (now.runner_up_item_id, now.runner_up_name, now.runner_up_score) == (None, None, None)


def test_units_are_converted_by_the_other_item_or_by_this_one(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", pack_size="10 KG"), line("2", pack_size="12 CT"), line("3")))
    known = items(database, user_id)
    grams, each = known["ARTICLE 1"].id, known["ARTICLE 2"].id
    with pytest.raises(UnitMismatch, match="each can't become g"):
        database.merge_item(user_id, each, grams)
    database.set_conversions(user_id, grams, {"each": "150 g"})
    before = everything(database, dsn, user_id)
    with pytest.raises(UnitMismatch):  # a kilogram is no finite number of pieces of 150 g
        database.merge_item(user_id, grams, each)
    assert database.merge_item(user_id, each, grams).lines == 1
    assert items(database, user_id)["ARTICLE 1"].current_quantity == 2 * 10000 + 2 * 12 * 150
    database.unmerge_item(user_id, each)
    assert everything(database, dsn, user_id) == before
    database.set_conversions(user_id, grams, {"each": "125 g"})
    database.merge_item(user_id, grams, each)
    assert items(database, user_id)["ARTICLE 2"].current_quantity == 24 + 160
    assert list(database.verify(user_id)) == []


def test_stock_is_kept_where_a_pack_is_told_otherwise_since(database: Database, dsn: str, user_id: UUID) -> None:
    """A conversion counts for lines that are booked after it: a merge changes nothing about those before."""
    database.process_invoice(user_id, invoice(line("1", pack_size="10 KG"), line("2", pack_size="5 KG")))
    known = items(database, user_id)
    item_id, into_id = known["ARTICLE 1"].id, known["ARTICLE 2"].id
    database.set_conversions(user_id, item_id, {"each": "150 g"})
    database.process_invoice(user_id, invoice(line("1", pack_size="12 CT"), invoice_date="2026-03-03"))
    database.set_conversions(user_id, item_id, {"each": "200 g"})
    before = everything(database, dsn, user_id)
    database.merge_item(user_id, item_id, into_id)
    assert items(database, user_id)["ARTICLE 2"].current_quantity == 20000 + 10000 + 24 * 150
    database.unmerge_item(user_id, item_id)
    assert everything(database, dsn, user_id) == before


def test_lines_of_voided_invoices_stay_and_moved_ones_can_be_voided(database: Database, user_id: UUID) -> None:
    gone = database.process_invoice(user_id, priced(30, 1, "1", "2"))
    database.void(user_id, gone.invoice_id)
    stands = database.process_invoice(user_id, priced(31, 2, "1", "2"))
    known = items(database, user_id)
    done = database.merge_item(user_id, known["ARTICLE 2"].id, known["ARTICLE 1"].id)
    assert done.lines == 1
    database.void(user_id, stands.invoice_id)
    assert items(database, user_id)["ARTICLE 1"].current_quantity == 0
    assert list(database.verify(user_id)) == []
    assert database.unmerge_item(user_id, done.item_id).lines == 0
    assert list(database.verify(user_id)) == []


def test_many_lines_move_in_as_many_round_trips(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, priced(30, 1, *["1", "2"] * 300))
    known = items(database, user_id)
    done = database.merge_item(user_id, known["ARTICLE 2"].id, known["ARTICLE 1"].id)
    assert (done.lines, done.round_trips) == (300, 2)
    back = database.unmerge_item(user_id, done.item_id)
    assert (back.lines, back.round_trips) == (300, 2)


# ---- what no line tells of, and what no mapping does -------------------------------------------------------------------------

OPENED = """
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT user_id, gen_random_uuid(), 1, id, 'adjustment', 'invoice', %(quantity)s, 0.25, %(quantity)s * 0.25, '2026-01-01'
  FROM inventory_items WHERE id = %(item_id)s;
"""
COUNTED = "UPDATE inventory_items SET current_quantity = current_quantity + %(quantity)s WHERE id = %(item_id)s"


def opened(dsn: str, item_id: UUID, quantity: int) -> None:
    """Stock that no document tells of."""
    with psycopg.connect(dsn) as connection:
        for statement in (OPENED, COUNTED):
            connection.execute(statement.encode(), {"item_id": item_id, "quantity": quantity})


def test_a_movement_without_a_line_moves_there_and_back(database: Database, dsn: str, user_id: UUID) -> None:
    """300 g counted, 150 g taken out again: of pieces of 150 g that is one."""
    packs = {"1": "15 KG", "2": "12 CT", "3": "6 CT"}
    database.process_invoice(user_id, invoice(*(line(number, pack_size=pack) for number, pack in packs.items())))
    grams, pieces, others = (items(database, user_id)[f"ARTICLE {number}"].id for number in "123")
    database.set_conversions(user_id, grams, {"each": "150 g"})
    opened(dsn, grams, 300)
    opened(dsn, grams, -150)
    opened(dsn, pieces, 7)
    before = everything(database, dsn, user_id)
    assert database.merge_item(user_id, grams, pieces).lines == 3
    assert items(database, user_id)["ARTICLE 2"].current_quantity == 24 + 7 + 200 + 1
    once = everything(database, dsn, user_id)
    assert database.merge_item(user_id, pieces, others).lines == 5
    assert items(database, user_id)["ARTICLE 3"].current_quantity == 12 + 24 + 7 + 200 + 1
    assert list(database.verify(user_id)) == []
    assert database.unmerge_item(user_id, pieces).lines == 5
    assert everything(database, dsn, user_id) == once
    assert database.unmerge_item(user_id, grams).lines == 3
    assert everything(database, dsn, user_id) == before
    assert list(database.verify(user_id)) == []


def test_a_movement_that_the_other_unit_can_not_tell_exactly_is_refused(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", pack_size="15 KG"), line("2", pack_size="12 CT")))
    grams, pieces = (items(database, user_id)[f"ARTICLE {number}"].id for number in "12")
    database.set_conversions(user_id, grams, {"each": "150 g"})
    opened(dsn, grams, 100)
    before = everything(database, dsn, user_id)
    with pytest.raises(UnitMismatch, match="g can't become each"):
        database.merge_item(user_id, grams, pieces)
    assert everything(database, dsn, user_id) == before


def test_a_line_whose_mapping_has_left_moves_there_and_back(database: Database, dsn: str, user_id: UUID) -> None:
    """Nothing of invoicedb's own leaves a line behind; a mapping may have been changed by hand."""
    database.process_invoice(user_id, invoice(line("1"), line("1", pack_size="10 KG"), line("2"), line("3")))
    first, second, third = (items(database, user_id)[f"ARTICLE {number}"].id for number in "123")
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE vendor_item_mappings SET inventory_item_id = %s WHERE pack_key = '10KG'", (third,))
    before = everything(database, dsn, user_id)
    done = database.merge_item(user_id, first, second)
    assert (done.mappings, done.lines, items(database, user_id)["ARTICLE 2"].current_quantity) == (1, 2, 4 * CASE + 20000)
    assert (database.unmerge_item(user_id, first).lines, everything(database, dsn, user_id)) == (2, before)


# ---- two again ---------------------------------------------------------------------------------------------------------------


def test_what_is_taken_apart_again_is_what_it_was(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    before = everything(database, dsn, user_id)
    done = database.merge_item(user_id, item_id, into_id)
    back = database.unmerge_item(user_id, item_id, reason="one is organic", by="Ann")
    assert (back.mappings, back.lines, back.correction_id == done.correction_id) == (2, 5, False)
    assert everything(database, dsn, user_id) == before
    assert list(database.verify(user_id)) == []
    assert database.explain(user_id, item_id).merged_into is None


def test_lines_that_were_booked_since_go_back_with_their_mapping(database: Database, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    database.merge_item(user_id, item_id, into_id)
    database.process_invoice(user_id, priced(35, 10, "1", "2", vendor_name="Metro"))
    database.unmerge_item(user_id, item_id)
    assert [level.current_quantity for level in database.stock(user_id)] == [10 * CASE, 12 * CASE]
    assert [each.unit_price for each in database.item_prices(user_id, item_id)][:2] == [35, 29]
    assert list(database.verify(user_id)) == []


def test_what_a_person_has_given_to_another_item_since_stays_there(database: Database, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    third = database.process_invoice(user_id, priced(1, 1, "3")).lines[0].inventory_item_id
    database.merge_item(user_id, item_id, into_id)
    metro = VendorService(database).create_or_get_vendor(user_id, "Metro")
    case = database.find_mapping_case(user_id, metro.id, "n:2", "6/5LB")
    assert third is not None
    database.reassign(user_id, case, third)
    back = database.unmerge_item(user_id, item_id)
    assert (back.mappings, back.lines) == (1, 3)
    assert [level.current_quantity for level in database.stock(user_id)] == [8 * CASE, 6 * CASE, 6 * CASE]
    assert database.find_mapping_case(user_id, metro.id, "n:2", "6/5LB").inventory_item_id == third
    assert list(database.verify(user_id)) == []


def test_a_merged_item_is_no_item_to_reassign_to(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    booked = database.process_invoice(user_id, priced(1, 1, "3"))
    database.merge_item(user_id, item_id, into_id)
    case = database.find_line_case(user_id, booked.invoice_id, 1)
    before = everything(database, dsn, user_id)
    with pytest.raises(ItemMerged, match=f"was merged into item {into_id}: name that one"):
        database.reassign(user_id, case, item_id)
    assert everything(database, dsn, user_id) == before


def test_a_decision_for_the_other_item_stays_there_too(database: Database, user_id: UUID) -> None:
    """It was given away and back: a person has said that it is this one."""
    item_id, into_id = two(database, user_id)
    database.merge_item(user_id, item_id, into_id)
    metro = VendorService(database).create_or_get_vendor(user_id, "Metro")
    case = database.find_mapping_case(user_id, metro.id, "n:2", "6/5LB")
    database.reassign(user_id, database.reject(user_id, case).case, into_id)
    assert database.unmerge_item(user_id, item_id).mappings == 1
    assert database.find_mapping_case(user_id, metro.id, "n:2", "6/5LB").inventory_item_id == into_id


def test_an_item_that_is_one_again_is_found_again(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", description="GARBANZOS"), line("2", description="CHICKPEAS TIN")))
    known = items(database, user_id)
    database.merge_item(user_id, known["CHICKPEAS TIN"].id, known["GARBANZOS"].id)
    database.unmerge_item(user_id, known["CHICKPEAS TIN"].id)
    asked = invoice(line("Z", description="CHICKPEAS TIN"), vendor_name="Metro")
    [found] = database.process_invoice(user_id, asked).lines
    assert (found.match_method, found.item_name) == ("fuzzy_auto", "CHICKPEAS TIN")


# ---- what is refused, and what is there already ------------------------------------------------------------------------------


def test_merging_again_answers_and_changes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    database.merge_item(user_id, item_id, into_id)
    before = everything(database, dsn, user_id)
    again = database.merge_item(user_id, item_id, into_id)
    assert (again.replayed, again.movements, again.correction_id, again.round_trips) == (True, (), None, 1)
    assert (again.item_name, again.into_item_name, everything(database, dsn, user_id)) == ("ARTICLE 2", "ARTICLE 1", before)


def test_what_can_not_be_merged_is_told(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    third = database.process_invoice(user_id, priced(1, 1, "3")).lines[0].inventory_item_id
    assert third is not None
    with pytest.raises(SameItem):
        database.merge_item(user_id, item_id, item_id)
    for pair in ((item_id, uuid4()), (uuid4(), item_id)):
        with pytest.raises(ItemNotFound):
            database.merge_item(user_id, *pair)
    with pytest.raises(ItemNotFound):
        database.merge_item(uuid4(), item_id, into_id)
    database.merge_item(user_id, item_id, into_id)
    before = everything(database, dsn, user_id)
    for pair in ((item_id, third), (third, item_id), (into_id, item_id)):
        with pytest.raises(ItemMerged) as told:
            database.merge_item(user_id, *pair)
        assert (told.value.item_id, told.value.item_name, told.value.into_item_id) == (item_id, "ARTICLE 2", into_id)
        assert told.value.error_type == "conflict"
    assert everything(database, dsn, user_id) == before


def test_what_can_not_be_unmerged_is_told(database: Database, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    third = database.process_invoice(user_id, priced(1, 1, "3")).lines[0].inventory_item_id
    assert third is not None
    with pytest.raises(ItemNotMerged):
        database.unmerge_item(user_id, item_id)
    with pytest.raises(ItemNotFound):
        database.unmerge_item(user_id, uuid4())
    database.merge_item(user_id, item_id, into_id)
    database.merge_item(user_id, into_id, third)
    with pytest.raises(ItemMerged, match="un-merge 'ARTICLE 1' first"):
        database.unmerge_item(user_id, item_id)
    assert database.unmerge_item(user_id, into_id).lines == 9
    assert database.unmerge_item(user_id, item_id).lines == 5


def test_a_merges_document_is_no_invoice(database: Database, user_id: UUID) -> None:
    done = database.merge_item(user_id, *two(database, user_id))
    assert done.correction_id is not None
    for asked in (database.void, database.retry_failed):
        with pytest.raises(NotAnInvoice):
            asked(user_id, done.correction_id)
    with pytest.raises(InvoiceNotFound):
        database.get_invoice(user_id, done.correction_id)
    assert done.correction_id not in {each.id for each in database.list_invoices(user_id)}


def test_a_preview_shows_and_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    before = everything(database, dsn, user_id)
    shown = database.trial().merge_item(user_id, item_id, into_id)
    assert (shown.lines, everything(database, dsn, user_id)) == (5, before)
    assert database.merge_item(user_id, item_id, into_id).movements == shown.movements


def test_in_a_callers_transaction_nothing_is_kept_without_its_commit(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    before = everything(database, dsn, user_id)
    with psycopg.connect(dsn) as connection:
        on = invoicedb.on(connection)
        assert on.merge_item(user_id, item_id, into_id).round_trips <= 3
        assert on.unmerge_item(user_id, item_id).lines == 5
        connection.rollback()
    assert everything(database, dsn, user_id) == before


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)
    before = everything(database, dsn, user_id)
    async with invoicedb.connect_async(dsn) as other:
        shown = await other.trial().merge_item(user_id, item_id, into_id)
        done = await other.merge_item(user_id, item_id, into_id, by="Ann")
        assert done.movements == shown.movements
        assert (await other.merge_item(user_id, item_id, into_id)).replayed
        back = await other.unmerge_item(user_id, item_id)
    assert (back.lines, everything(database, dsn, user_id)) == (done.lines, before)


# ---- who else is there -------------------------------------------------------------------------------------------------------


def test_of_two_merges_at_once_one_wins(database: Database, user_id: UUID) -> None:
    for turn in range(10):
        numbers = tuple(f"{turn}{letter}" for letter in "ABC")
        made = database.process_invoice(user_id, priced(1, 1, *numbers)).lines
        one, other, third = (each.inventory_item_id or user_id for each in made)
        start = Barrier(2)

        def merge(pair: tuple[UUID, UUID], start: Barrier = start) -> MergeResult | ItemMerged:
            start.wait()
            try:
                return database.merge_item(user_id, *pair)
            except ItemMerged as conflict:
                return conflict

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(merge, ((one, other), (one, third) if turn % 2 else (other, one))))
        [won] = [answer for answer in answers if isinstance(answer, MergeResult)]
        [lost] = [answer for answer in answers if isinstance(answer, ItemMerged)]
        assert (lost.item_id, lost.into_item_id) == (won.item_id, won.into_item_id)
    assert list(database.verify(user_id)) == []


def test_bookings_beside_merges_lose_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    item_id, into_id = two(database, user_id)

    def book(place: int) -> UUID:
        sent = priced(place + 10, place + 1, "1", "2", vendor_name=("Sysco", "Metro")[place % 2])
        return database.process_invoice(user_id, sent).invoice_id

    def void(place: int) -> None:
        database.void(user_id, book(place))

    def merge() -> None:
        for _ in range(6):
            database.merge_item(user_id, item_id, into_id)
            database.unmerge_item(user_id, item_id)

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(book if place % 3 else void, place) for place in range(24)]
        merged = pool.submit(merge)
        for task in tasks:
            task.result()
        merged.result()
    assert list(database.verify(user_id)) == []
    assert [level.current_quantity for level in database.stock(user_id)] == [(4 + 16) * 2 * CASE, (5 + 16) * 2 * CASE]


# ---- whatever is booked and merged -------------------------------------------------------------------------------------------

PACKS = {"1": "6/5 LB", "2": "10 KG", "3": "12 CT", "4": "5 LB"}
VENDORS = ("Sysco", "Metro", "Third")
PLACES = st.sampled_from(range(len(PACKS)))
BOOKINGS = st.tuples(
    st.just("book"),
    st.integers(2, 9),
    st.integers(20, 24),
    st.sampled_from(VENDORS),
    st.lists(st.sampled_from(sorted(PACKS)), min_size=1, max_size=4),
)
STEPS = st.one_of(
    BOOKINGS,
    BOOKINGS,
    st.tuples(st.just("merge"), PLACES, PLACES),
    st.tuples(st.just("unmerge"), PLACES),
    st.tuples(st.just("void"), st.integers(0, 9)),
)


def document(price: int, day: int, vendor_name: str, numbers: list[str]) -> dict[str, Any]:
    lines = [line(number, unit_price=str(price + place), pack_size=PACKS[number]) for place, number in enumerate(numbers)]
    return invoice(*lines, vendor_name=vendor_name, invoice_date=f"2026-03-{day:02}")


@dataclass
class Tenant:
    """One that knows four items from each of three vendors, has bought none, and says what a piece of each weighs."""

    database: Database
    user_id: UUID
    items: list[UUID] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    booked: list[tuple[UUID, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for vendor_name in VENDORS:
            made = self.database.process_invoice(self.user_id, document(1, 1, vendor_name, list(PACKS)))
            self.database.void(self.user_id, made.invoice_id)
        self.items = [level.id for level in self.database.stock(self.user_id)]
        for level in self.database.stock(self.user_id):
            said = {"each": "125 g"} if level.base_unit == "g" else {"g": "1/125"}
            self.database.set_conversions(self.user_id, level.id, said)

    def do(self, what: str, *step: Any) -> None:
        match what:
            case "book":
                self.booked.append((self.database.process_invoice(self.user_id, document(*step)).invoice_id, step))
            case "merge":
                self.merge(*step)
            case "unmerge":
                self.unmerge(*step)
            case _ if self.booked:
                self.database.void(self.user_id, self.booked.pop(step[0] % len(self.booked))[0])

    def merge(self, one: int, other: int) -> None:
        with suppress(ItemMerged, SameItem):
            if not self.database.merge_item(self.user_id, self.items[one], self.items[other]).replayed:
                self.merged.append((one, other))

    def unmerge(self, one: int) -> None:
        with suppress(ItemMerged, ItemNotMerged):
            self.database.unmerge_item(self.user_id, self.items[one])
            self.merged = [pair for pair in self.merged if pair[0] != one]


@pytest.fixture
def settled(database: Database) -> Database:
    """With all its connections made: the thread that makes them draws random numbers, beside the test that draws examples."""
    database._pool.wait()
    return database


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=2, max_size=12))
def test_any_merges_leave_what_booking_after_them_leaves(settled: Database, dsn: str, steps: list[tuple[Any, ...]]) -> None:
    """Beside a tenant where what is merged at the end was merged first, and only what stands was booked, in its order."""
    tenant, other = Tenant(settled, uuid4()), Tenant(settled, uuid4())
    for step in steps:
        tenant.do(*step)
        assert list(settled.verify(tenant.user_id)) == []
    for pair in tenant.merged:
        other.merge(*pair)
    for _, sent in tenant.booked:
        other.do("book", *sent)
    assert everything(settled, dsn, tenant.user_id) == everything(settled, dsn, other.user_id)

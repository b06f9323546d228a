"""An existing catalog with its opening stock: what goes in, what was there already, and what follows from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import invoicedb
from invoicedb import CatalogItem, Database, InvalidCatalog, StockLevel
from tests.builders import invoice, line
from tests.operations.test_verify import change, named, rows_of

LB = Decimal("453.59237")
FLOUR = {"name": "Flour", "category": "dry goods", "opening_quantity": "10", "opening_unit": "50 LB", "opening_value": "125"}
OIL = {"name": "Olive oil", "base_unit": "ml", "opening_quantity": "2.5", "opening_unit": "l", "opening_unit_cost": "8"}
EGGS = {"name": "Eggs", "base_unit": "each", "conversions": {"each": "60 g"}}


def stock(database: Database, user_id: UUID) -> dict[str, tuple[Decimal, str]]:
    return {each.name: (each.current_quantity, each.base_unit) for each in database.stock(user_id)}


def level(database: Database, user_id: UUID, name: str) -> StockLevel:
    [found] = [each for each in database.stock(user_id) if each.name == name]
    return found


def statuses(result: invoicedb.CatalogResult) -> list[str]:
    return [row.status.value for row in result.rows]


def test_items_come_in_with_their_stock(database: Database, user_id: UUID) -> None:
    done = database.import_catalog(user_id, [FLOUR, OIL, {"name": "Napkins"}])
    assert (done.status, statuses(done), done.round_trips) == ("success", ["created"] * 3, 2)
    assert stock(database, user_id) == {"Flour": (500 * LB, "g"), "Olive oil": (2500, "ml"), "Napkins": (0, "each")}
    assert [row.opening_value for row in done.rows] == [125, 20, None]
    flour = level(database, user_id, "Flour")
    assert (flour.category, flour.last_purchase_price, database.prices(user_id)) == ("dry goods", None, [])


def test_importing_again_changes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    first = database.import_catalog(user_id, [FLOUR, OIL], vendor_name="Sysco")
    before = rows_of(dsn)
    again = database.import_catalog(user_id, [FLOUR, OIL], vendor_name="SYSCO, Inc.")
    assert (statuses(again), again.round_trips, rows_of(dsn)) == (["unchanged"] * 2, 1, before)
    assert [row.item_id for row in again.rows] == [row.item_id for row in first.rows]


def test_what_is_missing_is_added(database: Database, user_id: UUID) -> None:
    database.import_catalog(user_id, [{"name": "Flour", "base_unit": "g"}])
    done = database.import_catalog(user_id, [FLOUR | {"opening_date": "2026-01-31"}])
    assert (statuses(done), stock(database, user_id)) == (["added"], {"Flour": (500 * LB, "g")})
    assert level(database, user_id, "Flour").category == "dry goods"


def test_an_item_that_an_invoice_made_is_the_one_of_its_name(database: Database, user_id: UUID) -> None:
    made = database.process_invoice(user_id, invoice(line("1", description="Flour", pack_size="50 LB"))).lines[0]
    done = database.import_catalog(user_id, [FLOUR])
    assert (done.rows[0].status, done.rows[0].item_id) == ("added", made.inventory_item_id)
    assert stock(database, user_id) == {"Flour": (600 * LB, "g")}
    assert list(database.verify(user_id)) == []


@pytest.mark.parametrize(
    ("change_of", "named_in"),
    [
        ({"opening_quantity": "11"}, "opening_quantity is 226796.185, not 249475.8035"),
        ({"opening_value": "126"}, "opening_value is 125, not 126"),
        ({"opening_date": "2020-01-01"}, "opening_date is 2"),
        ({"category": "flours"}, "category is dry goods, not flours"),
        ({"base_unit": "each"}, "base_unit is g, not each"),
    ],
)
def test_a_row_that_says_otherwise_fails_alone(
    database: Database, dsn: str, user_id: UUID, change_of: dict[str, str], named_in: str
) -> None:
    database.import_catalog(user_id, [FLOUR])
    before = rows_of(dsn)["inventory_transactions"]
    done = database.import_catalog(user_id, [FLOUR | change_of, EGGS | {"conversions": ""}])
    assert (statuses(done), done.status, done.rows[0].error_type) == (["failed", "created"], "partial_success", "conflict")
    assert named_in in str(done.rows[0].error)
    assert rows_of(dsn)["inventory_transactions"] == before


BAD: list[tuple[Any, str, str]] = [
    ({}, "invalid_text", "name is missing"),
    ("Flour", "not_an_object", "str"),
    ({"name": "X", "opening_quantiti": 5}, "invalid_text", "did you mean opening_quantity?"),
    ({"name": "X", "opening_quantity": "1,5", "opening_unit": "kg"}, "invalid_quantity", "comma"),
    ({"name": "X", "opening_quantity": "-1", "opening_unit": "kg"}, "negative_quantity", "below zero"),
    ({"name": "X", "opening_quantity": "5"}, "invalid_text", "say what is counted"),
    ({"name": "X", "opening_quantity": "5", "opening_unit": "a heap"}, "unreadable_pack_size", "heap"),
    ({"name": "X", "opening_quantity": "5", "opening_unit": "kg", "base_unit": "ml"}, "unit_mismatch", "ml"),
    ({"name": "X", "opening_value": "5"}, "invalid_text", "opening_quantity is missing"),
    ({"name": "X", "opening_quantity": 1, "base_unit": "g", "opening_value": 1, "opening_unit_cost": 1}, "invalid_text", "one"),
    ({"name": "X", "opening_quantity": 1, "base_unit": "g", "opening_date": "31.1.2026"}, "invalid_text", "YYYY-MM-DD"),
    ({"name": "X", "base_unit": "heap"}, "invalid_text", "is no unit"),
    ({"name": "X", "conversions": "each 150 g"}, "invalid_text", "each = 150 g"),
    ({"name": "X", "base_unit": "g", "conversions": {"lb": "2 kg"}}, "invalid_rule", "one dimension"),
    ({"name": "X", "item_number": "1"}, "invalid_text", "vendor_name is missing"),
    ({"name": "X", "item_id": str(uuid4())}, "invalid_text", "no item"),
    ({"name": "X", "item_id": "me"}, "invalid_text", "UUID"),
    ({"name": "X\ud800"}, "invalid_text", "half of a character"),
    ({"name": "X", "vendor_name": "V", "pack_size": "a box or so"}, "unreadable_pack_size", "box"),
]


def test_a_bad_row_fails_alone_with_its_number(database: Database, user_id: UUID) -> None:
    rows: list[Any] = [FLOUR, *(row for row, _, _ in BAD), OIL]
    done = database.import_catalog(user_id, rows)
    assert [row.row_number for row in done.failed] == [*range(2, len(BAD) + 2)]
    for row, (_, error_type, said) in zip(done.failed, BAD, strict=True):
        assert (row.error_type, said in str(row.error)) == (error_type, True), row
    assert set(stock(database, user_id)) == {"Flour", "Olive oil"}
    assert done.to_dict()["failed"] == len(BAD)


def test_what_a_vendor_calls_it_is_exact_on_the_next_invoice(database: Database, user_id: UUID) -> None:
    rows: list[dict[str, Any]] = [
        FLOUR | {"item_number": "10-22", "pack_size": "50 LB"},
        FLOUR | {"vendor_name": "Metro", "description": "WHEAT FLOUR", "pack_size": "10 KG"},
        {"name": "Eggs", "vendor_name": "Metro", "item_number": 7, "description": "EGGS BROWN"},
    ]
    assert statuses(database.import_catalog(user_id, rows, vendor_name="Sysco", by="Ann")) == ["created", "added", "created"]
    first = database.process_invoice(user_id, invoice(line("10-22", description="FLR AP", pack_size="50 LB")))
    metro = database.process_invoice(
        user_id,
        invoice(
            line(None, description="Wheat flour", pack_size="10 KG"),
            line("7", description="EGGS BROWN", pack_size=None),
            vendor_name="METRO",
        ),
    )
    assert [each.match_method for each in (*first.lines, *metro.lines)] == ["exact"] * 3
    assert metro.round_trips == 1
    assert stock(database, user_id) == {"Flour": (600 * LB + 20000, "g"), "Eggs": (2, "each")}
    vendor = invoicedb.VendorService(database).create_or_get_vendor(user_id, "Sysco")
    case = database.find_mapping_case(user_id, vendor.id, "n:10-22", "50LB")
    assert (case.review_state, case.decided_by) == ("approved", "Ann")


def test_a_number_that_is_mapped_to_another_item_is_told(database: Database, user_id: UUID) -> None:
    sold = {"vendor_name": "Sysco", "item_number": "1"}
    done = database.import_catalog(user_id, [{"name": "Salt", **sold}, {"name": "Sugar", **sold}])
    assert (statuses(done), set(stock(database, user_id))) == (["created", "failed"], {"Salt"})
    assert "mapped to 'Salt'" in str(done.rows[1].error)
    again = database.import_catalog(user_id, [{"name": "Sugar", **sold}])
    for told in (str(done.rows[1].error), str(again.rows[0].error)):
        assert told.startswith(f"'1' of Sysco in pack each is mapped to 'Salt' ({done.rows[0].item_id}) already")
        assert "Sugar" not in told
    assert (again.rows[0].error_type, set(stock(database, user_id))) == ("conflict", {"Salt"})


def test_a_line_that_resembles_an_imported_item_is_matched_to_it(database: Database, user_id: UUID) -> None:
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    database.import_catalog(user_id, [{"name": "RUCKSACK CHILDRENS BLUE"}])
    booked = database.process_invoice(user_id, invoice(line(None, description="RUCKSACKS KDS BLUE", pack_size=None)))
    assert booked.lines[0].match_method == "fuzzy_auto"


def test_conversions_count_at_once(database: Database, user_id: UUID) -> None:
    eggs = {"name": "Eggs", "base_unit": "g", "conversions": "each = 60 g", "opening_quantity": 30, "opening_unit": "dozen"}
    assert database.import_catalog(user_id, [eggs]).status == "success"
    assert stock(database, user_id) == {"Eggs": (Decimal(30 * 12 * 60), "g")}
    assert statuses(database.import_catalog(user_id, [eggs])) == ["unchanged"]


def test_an_item_is_named_by_its_id_where_two_are_called_the_same(database: Database, user_id: UUID) -> None:
    for vendor_name, unit in (("Sysco", "50 LB"), ("Metro", "12 CT")):
        sent = invoice(line(None, description="Flour", pack_size=unit), vendor_name=vendor_name)
        assert database.process_invoice(user_id, sent).inventory_items_created == 1
    [row] = database.import_catalog(user_id, [FLOUR]).rows
    assert (row.error_type, "item_id" in str(row.error)) == ("conflict", True)
    [meant] = [each.id for each in database.stock(user_id) if each.base_unit == "g"]
    done = database.import_catalog(user_id, [FLOUR | {"item_id": meant}])
    assert (statuses(done), done.rows[0].item_id) == (["added"], meant)


def test_the_model_is_taken_as_a_dict_is(database: Database, user_id: UUID) -> None:
    rows = [CatalogItem(name="Flour", opening_quantity=Decimal(2), opening_unit="kg", opening_date=date(2026, 1, 31))]
    assert database.import_catalog(user_id, rows).status == "success"
    assert stock(database, user_id) == {"Flour": (Decimal(2000), "g")}
    with pytest.raises(InvalidCatalog, match="no rows"):
        database.import_catalog(user_id, [])
    with pytest.raises(InvalidCatalog, match="vendor_name"):
        database.import_catalog(user_id, rows, vendor_name="\n")
    whole: Any = '[{"name": "Salt"}]'
    with pytest.raises(InvalidCatalog, match="read_catalog"):
        database.import_catalog(user_id, whole)


def test_a_preview_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    before = rows_of(dsn)
    shown = database.trial().import_catalog(user_id, [FLOUR, {}], vendor_name="Sysco")
    assert (statuses(shown), shown.rows[0].opening_quantity, rows_of(dsn)) == (["created", "failed"], 500 * LB, before)
    assert database.import_catalog(user_id, [FLOUR], vendor_name="Sysco").rows[0].item_id == shown.rows[0].item_id


def test_two_who_import_at_once_open_it_once(database: Database, user_id: UUID) -> None:
    rows = [{"name": f"Item {place}", "opening_quantity": 1, "opening_unit": "kg"} for place in range(50)]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: database.import_catalog(user_id, rows, vendor_name="Sysco"), range(4)))
    assert {each.status for each in done} == {"success"}
    assert sorted(len(each.of_status("created")) for each in done) == [0, 0, 0, 50]
    assert {each.current_quantity for each in database.stock(user_id)} == {Decimal(1000)}


def test_opening_stock_stands_for_itself_and_is_explained(database: Database, user_id: UUID) -> None:
    done = database.import_catalog(user_id, [FLOUR | {"opening_date": "2026-03-02"}], vendor_name="Sysco")
    database.process_invoice(user_id, invoice(line("8", description="FLOUR", pack_size="50 LB")))
    assert done.rows[0].item_id is not None
    bought, opening = database.explain(user_id, done.rows[0].item_id).movements
    assert (opening.reference_type, opening.reference_id, opening.stock_after) == ("opening", done.import_id, 500 * LB)
    assert (opening.invoice_id, opening.transaction_date) == (None, date(2026, 3, 2))
    assert opening.total_cost == 125
    assert (bought.reference_type, bought.stock_after) == ("invoice", 600 * LB)
    after = database.explain(user_id, done.rows[0].item_id, after=bought).movements
    assert (after, list(database.verify(user_id))) == ((opening,), [])


OPENING = "UPDATE inventory_transactions SET {} WHERE user_id = %s AND reference_type = 'opening'"


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("unit_cost = unit_cost + 0.0000000001", [("movement", "unit_cost")]),
        ("total_cost = 126", [("movement", "unit_cost")]),
        ("quantity_change = quantity_change * 2", [("stock", "current_quantity"), ("movement", "unit_cost")]),
    ],
)
def test_a_wrong_one_is_noticed_and_mended(
    database: Database, dsn: str, user_id: UUID, broken: str, found: list[tuple[str, str]]
) -> None:
    database.import_catalog(user_id, [FLOUR])
    change(dsn, OPENING.format(broken), user_id)
    assert named(database.verify(user_id)) == found
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert list(database.verify(user_id)) == []


def test_in_a_callers_transaction_all_of_it_can_be_taken_back(database: Database, dsn: str, user_id: UUID) -> None:
    booked = database.process_invoice(user_id, invoice(line("1"), line("2", quantity="none")))
    before = rows_of(dsn)
    with psycopg.connect(dsn) as connection:
        on = invoicedb.on(connection)
        connection.execute("SELECT 1")
        assert statuses(on.trial().import_catalog(user_id, [FLOUR])) == ["created"]
        made = on.import_catalog(user_id, [FLOUR, {}]).rows[0].item_id
        assert made is not None
        assert on.rename_item(user_id, made, "Wheat flour").name == "Wheat flour"
        oil = on.import_catalog(user_id, [{"name": "Oil"}]).rows[0].item_id
        assert oil is not None
        assert on.set_base_unit(user_id, oil, "l").base_unit == "ml"
        assert on.dismiss(user_id, booked.invoice_id, 2, reason="a coupon").status == "success"
        assert on.delete_tenant(user_id, confirm=f"delete {user_id}").deleted["inventory_items"] == 3
        assert on.stock(user_id) == []
        connection.rollback()
    assert rows_of(dsn) == before


def test_a_row_is_the_item_that_has_its_name_now(database: Database, user_id: UUID) -> None:
    """Also where the one that had it before was renamed, and another one after it."""
    flour, spelt = (
        row.item_id or user_id for row in database.import_catalog(user_id, [{"name": "Flour"}, {"name": "Spelt"}]).rows
    )
    database.rename_item(user_id, flour, "Wheat flour")
    database.rename_item(user_id, spelt, "Flour")
    opened = {"name": "Flour", "opening_quantity": "5", "opening_unit": "each", "opening_value": "1"}
    assert [row.item_id for row in database.import_catalog(user_id, [opened]).rows] == [spelt]
    assert {level.name: level.current_quantity for level in database.stock(user_id)} == {"Flour": 5, "Wheat flour": 0}


def test_a_name_that_no_item_has_any_more_is_a_new_item(database: Database, dsn: str, user_id: UUID) -> None:
    [salt] = database.import_catalog(user_id, [{"name": "SALT", "base_unit": "g"}]).rows
    assert salt.item_id is not None
    database.rename_item(user_id, salt.item_id, "SEA SALT")
    opened = {"name": "SALT", "base_unit": "g", "opening_quantity": "5", "opening_unit": "kg", "opening_value": "7"}
    shown = database.trial().import_catalog(user_id, [opened, opened])
    done = database.import_catalog(user_id, [opened, opened])
    assert (statuses(done), shown.rows) == (["created", "unchanged"], done.rows)
    assert stock(database, user_id) == {"SEA SALT": (Decimal(0), "g"), "SALT": (Decimal(5000), "g")}
    before = rows_of(dsn)
    again = database.import_catalog(user_id, [opened, {"name": "SEA SALT"}])
    assert (statuses(again), rows_of(dsn)) == (["unchanged"] * 2, before)
    assert [row.item_id for row in again.rows] == [done.rows[0].item_id, salt.item_id]


def test_a_name_that_was_given_away_is_its_own_items_again_and_again(database: Database, user_id: UUID) -> None:
    """Whatever ids were made of the name before."""
    made = []
    for turn in range(3):
        [row] = database.import_catalog(user_id, [{"name": "SALT", "category": f"{turn}"}]).rows
        assert row.status == "created"
        assert row.item_id is not None
        database.rename_item(user_id, row.item_id, f"SALT {turn}")
        made.append(row.item_id)
    assert len({*made}) == 3


def test_the_same_file_again_changes_nothing_after_a_rename(database: Database, dsn: str, user_id: UUID) -> None:
    opened = {"name": "SALT", "base_unit": "g", "opening_quantity": "5", "opening_unit": "kg", "opening_date": "2026-01-01"}
    sold = {"name": "OIL", "vendor_name": "Sysco", "item_number": "1", "pack_size": "1 L"}
    rows = [opened, sold, {"name": "RICE"}]
    for row in database.import_catalog(user_id, rows).rows:
        assert row.item_id is not None
        database.rename_item(user_id, row.item_id, f"NEW {row.name}")
    before = rows_of(dsn)
    again = database.import_catalog(user_id, rows)
    assert (statuses(again), rows_of(dsn)) == (["unchanged"] * 3, before)
    assert [row.name for row in again.rows] == ["NEW SALT", "NEW OIL", "NEW RICE"]


def test_other_opening_stock_of_a_renamed_item_is_asked_about(database: Database, dsn: str, user_id: UUID) -> None:
    """It may be the same goods, counted again: nothing is opened twice."""
    opened = {"name": "SALT", "base_unit": "g", "opening_quantity": "5", "opening_unit": "kg"}
    [salt] = database.import_catalog(user_id, [opened]).rows
    assert salt.item_id is not None
    database.rename_item(user_id, salt.item_id, "SEA SALT")
    before = rows_of(dsn)
    [row] = database.import_catalog(user_id, [opened | {"opening_quantity": "6"}]).rows
    assert (row.status, row.error_type, rows_of(dsn)) == ("failed", "conflict", before)
    assert "'SEA SALT'" in str(row.error)


def test_rows_of_the_old_and_the_new_name_are_two_items(database: Database, user_id: UUID) -> None:
    [sugar] = database.import_catalog(user_id, [{"name": "SUGAR", "category": "sweet"}]).rows
    assert sugar.item_id is not None
    database.rename_item(user_id, sugar.item_id, "FLOUR")
    rows = [{"name": "SUGAR", "category": "sweets"}, {"name": "FLOUR", "category": "sweet"}]
    for expected in (["created", "unchanged"], ["unchanged", "unchanged"]):
        done = database.import_catalog(user_id, rows)
        assert (statuses(done), done.rows[1].item_id) == (expected, sugar.item_id)


def test_another_spelling_of_its_name_is_the_item_that_an_import_made(database: Database, user_id: UUID) -> None:
    assert statuses(database.import_catalog(user_id, [{"name": "Salt"}, {"name": "SALT"}])) == ["created", "unchanged"]
    assert statuses(database.import_catalog(user_id, [{"name": " salt"}])) == ["unchanged"]


def test_two_who_import_a_name_that_was_given_away_make_one_item(database: Database, user_id: UUID) -> None:
    [salt] = database.import_catalog(user_id, [{"name": "SALT"}]).rows
    assert salt.item_id is not None
    database.rename_item(user_id, salt.item_id, "SEA SALT")
    rows = [{"name": "SALT", "opening_quantity": 1, "opening_unit": "each"}]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: database.import_catalog(user_id, rows), range(4)))
    assert sorted(len(each.of_status("created")) for each in done) == [0, 0, 0, 1]
    assert stock(database, user_id) == {"SEA SALT": (Decimal(0), "each"), "SALT": (Decimal(1), "each")}


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        assert statuses(await database.trial().import_catalog(user_id, [FLOUR])) == ["created"]
        assert statuses(await database.import_catalog(user_id, [FLOUR, FLOUR])) == ["created", "unchanged"]

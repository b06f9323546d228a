"""Opening stock that was wrong: taken back, by whom and why, and opened again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest

import invoicedb
from invoicedb import Database, ItemMerged, ItemNotFound, ItemNotOpened, PeriodLocked
from tests.builders import invoice, line
from tests.faults.test_concurrency import WAITING, one
from tests.operations.test_verify import rows_of

LB = Decimal("453.59237")
FLOUR = {
    "name": "Flour",
    "base_unit": "g",
    "opening_quantity": "10",
    "opening_unit": "50 LB",
    "opening_value": "125",
    "opening_date": "2026-03-01",
}
SPELT = FLOUR | {"name": "Spelt", "opening_quantity": "1", "opening_value": "20"}


def opened(database: Database, user_id: UUID, *rows: dict[str, str]) -> list[UUID]:
    done = database.import_catalog(user_id, rows)
    assert not done.failed, done.failed
    return [row.item_id for row in done.rows if row.item_id is not None]


def stock(database: Database, user_id: UUID) -> dict[str, Decimal]:
    assert list(database.verify(user_id)) == []
    return {each.name: each.current_quantity for each in database.stock(user_id)}


def test_a_wrong_opening_is_taken_back_with_who_and_why(database: Database, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    database.process_invoice(user_id, invoice(line("8", description="FLOUR", pack_size="50 LB", quantity="2")))
    done = database.take_back_opening(user_id, item_id, reason="counted in cases", by="Ann")
    assert (done.item_id, done.item_name, done.reason, done.made_by) == (item_id, "Flour", "counted in cases", "Ann")
    assert (done.replayed, done.round_trips) == (False, 1)
    assert [(each.quantity_change, each.total_cost) for each in done.movements] == [(-500 * LB, Decimal(-125))]
    assert stock(database, user_id) == {"Flour": 100 * LB}


def test_the_item_is_as_if_it_had_never_been_opened(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("8", description="Flour", pack_size="50 LB")))
    before = (database.stock(user_id), database.valuation(user_id), database.prices(user_id))
    [item_id] = opened(database, user_id, FLOUR)
    assert database.valuation(user_id) != before[1]
    database.take_back_opening(user_id, item_id)
    assert (database.stock(user_id), database.valuation(user_id), database.prices(user_id)) == before


def test_it_can_be_opened_again_and_again(database: Database, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    for cases in ("8", "10", "8"):
        database.take_back_opening(user_id, item_id)
        assert stock(database, user_id) == {"Flour": 0}
        right = FLOUR | {"opening_quantity": cases, "opening_date": "2026-03-02"}
        [row] = database.import_catalog(user_id, [right]).rows
        assert (row.status, row.item_id, row.opening_quantity) == ("added", item_id, int(cases) * 50 * LB)
        assert [each.status for each in database.import_catalog(user_id, [right]).rows] == ["unchanged"]
        [wrong] = database.import_catalog(user_id, [right | {"opening_quantity": "9"}]).rows
        assert (wrong.error_type, "opening_quantity" in str(wrong.error)) == ("conflict", True)
        assert stock(database, user_id) == {"Flour": int(cases) * 50 * LB}


def test_taking_back_again_answers_what_was_done(database: Database, dsn: str, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    first = database.take_back_opening(user_id, item_id, reason="typed twice", by="Ann")
    before = rows_of(dsn)
    again = database.take_back_opening(user_id, item_id, reason="another reason", by="Bob")
    assert (again.replayed, again.correction_id, again.movements) == (True, first.correction_id, first.movements)
    assert (again.reason, again.made_by, again.round_trips, rows_of(dsn)) == ("typed twice", "Ann", 1, before)


def test_the_answer_is_of_the_opening_that_was_taken_back_last(database: Database, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    database.take_back_opening(user_id, item_id, by="Ann")
    opened(database, user_id, FLOUR | {"opening_quantity": "8"})
    last = database.take_back_opening(user_id, item_id, by="Bob")
    assert ([each.quantity_change for each in last.movements], last.made_by) == ([-400 * LB], "Bob")
    again = database.take_back_opening(user_id, item_id)
    assert (again.correction_id, again.movements) == (last.correction_id, last.movements)


def test_what_has_none_is_told(database: Database, dsn: str, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, {"name": "Napkins"})
    [others] = opened(database, uuid4(), FLOUR)
    before = rows_of(dsn)
    with pytest.raises(ItemNotOpened, match="Napkins") as none:
        database.take_back_opening(user_id, item_id)
    assert (none.value.item_id, none.value.item_name) == (item_id, "Napkins")
    for missing in (uuid4(), others):
        with pytest.raises(ItemNotFound):
            database.take_back_opening(user_id, missing)
    assert rows_of(dsn) == before


def test_a_locked_day_refuses(database: Database, dsn: str, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    database.lock_period(user_id, date(2026, 3, 2))
    before = rows_of(dsn)
    with pytest.raises(PeriodLocked) as locked:
        database.take_back_opening(user_id, item_id)
    assert (locked.value.locked_before, rows_of(dsn)) == (date(2026, 3, 2), before)
    with invoicedb.connect(dsn, rights={"override_period_lock"}) as override:
        assert not override.take_back_opening(user_id, item_id).replayed
    database.lock_period(user_id, date(2026, 3, 1))
    opened(database, user_id, FLOUR)
    assert not database.take_back_opening(user_id, item_id).replayed


def test_both_rows_are_explained(database: Database, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    done = database.take_back_opening(user_id, item_id, reason="counted in cases", by="Ann")
    back, opening = database.explain(user_id, item_id).movements
    assert (opening.reference_type, opening.reversed_by_id, opening.stock_after) == ("opening", done.correction_id, 500 * LB)
    assert (back.transaction_type, back.reference_id) == ("reversal", done.correction_id)
    assert (back.reverses_reference_id, back.stock_after) == (opening.reference_id, Decimal(0))
    assert (back.reason, back.made_by, back.transaction_date) == ("counted in cases", "Ann", date(2026, 3, 1))
    assert database.explain(user_id, item_id, after=back).movements == (opening,)


# ---- items that are merged ---------------------------------------------------------------------------------------------------


def test_what_a_merged_item_was_opened_with_is_taken_back_from_the_other(database: Database, user_id: UUID) -> None:
    flour, spelt = opened(database, user_id, FLOUR, SPELT)
    database.merge_item(user_id, spelt, flour)
    with pytest.raises(ItemMerged):
        database.take_back_opening(user_id, spelt)
    done = database.take_back_opening(user_id, flour)
    assert sorted(each.quantity_change for each in done.movements) == [-500 * LB, -50 * LB]
    assert stock(database, user_id) == {"Flour": 0}
    opened(database, user_id, FLOUR)
    database.unmerge_item(user_id, spelt)
    assert stock(database, user_id) == {"Flour": 500 * LB, "Spelt": 0}
    with pytest.raises(ItemNotOpened):
        database.take_back_opening(user_id, spelt)
    opened(database, user_id, SPELT)
    assert stock(database, user_id) == {"Flour": 500 * LB, "Spelt": 50 * LB}


def test_an_item_that_was_opened_and_taken_back_is_merged_as_any_other(database: Database, user_id: UUID) -> None:
    flour, spelt = opened(database, user_id, FLOUR, SPELT)
    database.take_back_opening(user_id, spelt)
    database.merge_item(user_id, spelt, flour)
    assert stock(database, user_id) == {"Flour": 500 * LB}
    database.unmerge_item(user_id, spelt)
    opened(database, user_id, SPELT | {"opening_quantity": "2"})
    assert stock(database, user_id) == {"Flour": 500 * LB, "Spelt": 100 * LB}


def test_an_item_that_was_merged_and_unmerged_is_still_open(database: Database, user_id: UUID) -> None:
    flour, spelt = opened(database, user_id, FLOUR, SPELT)
    database.merge_item(user_id, spelt, flour)
    database.unmerge_item(user_id, spelt)
    assert [row.status for row in database.import_catalog(user_id, [SPELT]).rows] == ["unchanged"]
    done = database.take_back_opening(user_id, spelt)
    assert [each.quantity_change for each in done.movements] == [-50 * LB]
    assert database.take_back_opening(user_id, spelt).replayed
    opened(database, user_id, SPELT)
    assert stock(database, user_id) == {"Flour": 500 * LB, "Spelt": 50 * LB}


# ---- at once, on trial, elsewhere --------------------------------------------------------------------------------------------


def test_of_two_who_take_it_back_at_once_one_does(database: Database, user_id: UUID) -> None:
    for _ in range(5):
        [item_id] = opened(database, user_id, FLOUR)
        with ThreadPoolExecutor(4) as threads:
            done = list(threads.map(partial(database.take_back_opening, user_id), [item_id] * 4))
        assert sorted(each.replayed for each in done) == [False, True, True, True]
        assert len({each.correction_id for each in done}) == 1
        assert stock(database, user_id) == {"Flour": 0}


def test_a_merge_that_comes_first_is_told(database: Database, dsn: str, user_id: UUID) -> None:
    """Of the item that is no more; from the other one, what the merge has brought along is taken back too."""
    flour, spelt = opened(database, user_id, FLOUR, SPELT)
    with ThreadPoolExecutor(2) as threads, psycopg.connect(dsn) as connection:
        invoicedb.on(connection).merge_item(user_id, spelt, flour)
        merged, left = (threads.submit(database.take_back_opening, user_id, each) for each in (spelt, flour))
        while one(dsn, WAITING) < 2:
            time.sleep(0.01)
        connection.commit()
        with pytest.raises(ItemMerged):
            merged.result()
        assert len(left.result().movements) == 2
    assert stock(database, user_id) == {"Flour": 0}


def test_two_who_open_it_again_at_once_open_it_once(database: Database, user_id: UUID) -> None:
    rows = [FLOUR | {"name": f"Item {place}"} for place in range(20)]
    for item_id in opened(database, user_id, *rows):
        database.take_back_opening(user_id, item_id)
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: database.import_catalog(user_id, rows), range(4)))
    assert sorted(len(each.of_status("added")) for each in done) == [0, 0, 0, 20]
    assert set(stock(database, user_id).values()) == {500 * LB}


def test_a_trial_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    before = rows_of(dsn)
    shown = database.trial().take_back_opening(user_id, item_id, by="Ann")
    assert ([each.quantity_change for each in shown.movements], rows_of(dsn)) == ([-500 * LB], before)
    assert database.take_back_opening(user_id, item_id, by="Ann").movements == shown.movements


def test_in_a_callers_transaction_it_goes_with_it(database: Database, dsn: str, user_id: UUID) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    before = rows_of(dsn)
    with psycopg.connect(dsn) as connection:
        on = invoicedb.on(connection)
        assert not on.take_back_opening(user_id, item_id).replayed
        assert on.take_back_opening(user_id, item_id).replayed
        with pytest.raises(ItemNotFound):
            on.take_back_opening(user_id, uuid4())
        assert [row.status for row in on.import_catalog(user_id, [FLOUR]).rows] == ["added"]
        connection.rollback()
    assert rows_of(dsn) == before


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        [row] = (await database.import_catalog(user_id, [FLOUR])).rows
        assert row.item_id is not None
        assert not (await database.trial().take_back_opening(user_id, row.item_id)).replayed
        assert not (await database.take_back_opening(user_id, row.item_id, by="Ann")).replayed
        assert (await database.take_back_opening(user_id, row.item_id)).made_by == "Ann"


def test_a_deleted_tenant_leaves_nothing_of_it(database: Database, dsn: str, user_id: UUID) -> None:
    before = rows_of(dsn)
    [item_id] = opened(database, user_id, FLOUR)
    database.take_back_opening(user_id, item_id)
    database.delete_tenant(user_id, confirm=f"delete {user_id}")
    assert rows_of(dsn) == before


@pytest.mark.parametrize("broken", ["unit_cost = unit_cost + 1", "total_cost = total_cost + 1"])
def test_verify_looks_at_every_opening(database: Database, dsn: str, user_id: UUID, broken: str) -> None:
    [item_id] = opened(database, user_id, FLOUR)
    database.take_back_opening(user_id, item_id)
    opened(database, user_id, FLOUR | {"opening_quantity": "8"})
    with psycopg.connect(dsn, autocommit=True) as connection:
        statement = f"UPDATE inventory_transactions SET {broken} WHERE user_id = %s AND reference_type = 'opening'"
        connection.execute(statement.encode(), [user_id])
    found = [(each.kind, each.column) for each in database.verify(user_id)]
    assert [column for kind, column in found if kind == "movement"] == ["unit_cost", "unit_cost"]
    assert all(each.repaired for each in database.verify(user_id, repair=True))
    assert list(database.verify(user_id)) == []
    assert stock(database, user_id) == {"Flour": 400 * LB}

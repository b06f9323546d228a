"""What an invoice costs on the network: counted on the wire, on connections that have just been made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import AsyncDatabase, Database, MatchingPolicy
from tests.wire.proxy import WireProxy

SIZES = (1, 15, 500)


def goods(place: int) -> str:
    """A name that resembles no other place's."""
    return sha256(str(place).encode()).hexdigest().translate(str.maketrans("0123456789", "GHJKLMNPQR"))[:24].upper()


def document(number: str, size: int, *, since: int = 0) -> dict[str, Any]:
    """An invoice of `size` lines, of items numbered from `since` on."""
    lines = [
        {"item_number": f"N{place}", "description": goods(place), "quantity": 2, "unit_price": "3.50", "pack_size": "6/5 LB"}
        for place in range(since, since + size)
    ]
    return {
        "invoice": {"vendor_name": "Wire & Sons", "invoice_number": number, "invoice_date": "2026-03-01"},
        "line_items": lines,
    }


@pytest.fixture
def proxy(dsn: str) -> Iterator[WireProxy]:
    with WireProxy(dsn) as proxy:
        yield proxy


@pytest.fixture
def fresh(proxy: WireProxy) -> Iterator[Database]:
    """A database whose one connection has booked nothing yet, as in a process that has just started."""
    with invoicedb.connect(proxy.dsn, pool_size=1) as fresh:
        fresh._pool.wait()
        proxy.reset()
        yield fresh


@pytest.fixture
async def fresh_async(proxy: WireProxy) -> AsyncIterator[AsyncDatabase]:
    async with invoicedb.connect_async(proxy.dsn, pool_size=1) as fresh:
        await fresh._pool.wait()
        proxy.reset()
        yield fresh


@pytest.mark.parametrize("size", SIZES)
def test_known_lines_take_one_round_trip(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int
) -> None:
    database.process_invoice(user_id, document("1", size))
    result = fresh.process_invoice(user_id, document("2", size))
    assert len(result.matched("exact")) == size
    assert (proxy.round_trips, result.round_trips) == (1, 1)


@pytest.mark.parametrize("size", SIZES)
def test_a_replay_takes_one_round_trip(database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int) -> None:
    booked = database.process_invoice(user_id, document("1", size))
    result = fresh.process_invoice(user_id, document("1", size))
    assert result.replayed
    assert result.lines == booked.lines
    assert (proxy.round_trips, result.round_trips) == (1, 1)


@pytest.mark.parametrize("replaced_before", [0, 1, 3])
def test_replacing_again_takes_two_round_trips(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, replaced_before: int
) -> None:
    """However often the number was voided before."""
    invoice_id = database.process_invoice(user_id, document("1", 1)).invoice_id
    for size in range(2, 2 + replaced_before):
        invoice_id = database.replace(user_id, invoice_id, document("1", size)).invoice.invoice_id
    done = database.replace(user_id, invoice_id, document("1", 15))
    again = fresh.replace(user_id, invoice_id, document("1", 15))
    assert (again.void.replayed, again.invoice.replayed, again.invoice.lines) == (True, True, done.invoice.lines)
    assert (proxy.round_trips, again.invoice.round_trips) == (2, 2)


@pytest.mark.parametrize("size", SIZES)
def test_new_lines_take_two_round_trips(fresh: Database, proxy: WireProxy, user_id: UUID, size: int) -> None:
    result = fresh.process_invoice(user_id, document("1", size))
    assert result.inventory_items_created == size
    assert (proxy.round_trips, result.round_trips) == (2, 2)


@pytest.mark.parametrize("size", SIZES)
def test_new_among_known_lines_take_two_round_trips(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int
) -> None:
    database.process_invoice(user_id, document("1", size))
    result = fresh.process_invoice(user_id, document("2", size, since=1))
    assert len(result.matched("exact")) == size - 1
    assert (proxy.round_trips, result.round_trips) == (2, 2)


def test_a_failed_line_among_known_ones_takes_no_round_trip_more(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID
) -> None:
    database.process_invoice(user_id, document("1", 15))
    partly = document("2", 15)
    partly["line_items"][7]["quantity"] = "many"
    result = fresh.process_invoice(user_id, partly)
    assert result.status == "partial_success"
    assert proxy.round_trips == 1


def test_a_preview_takes_as_many_round_trips_as_the_booking(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID
) -> None:
    fresh.preview(user_id, document("1", 15))
    assert proxy.round_trips == 2
    database.process_invoice(user_id, document("1", 15))
    proxy.reset()
    fresh.preview(user_id, document("2", 15))
    assert proxy.round_trips == 1


async def test_the_async_database_takes_as_many(
    database: Database, fresh_async: AsyncDatabase, proxy: WireProxy, user_id: UUID
) -> None:
    await fresh_async.process_invoice(user_id, document("1", 15))
    assert proxy.round_trips == 2
    proxy.reset()
    await fresh_async.process_invoice(user_id, document("2", 15))
    await fresh_async.process_invoice(user_id, document("2", 15))
    assert proxy.round_trips == 2


def test_without_prepared_statements_it_takes_as_many(database: Database, proxy: WireProxy, user_id: UUID) -> None:
    with invoicedb.connect(proxy.dsn, pool_size=1, prepared_statements=False) as unprepared:
        unprepared._pool.wait()
        proxy.reset()
        assert unprepared.process_invoice(user_id, document("1", 15)).round_trips == 2
        assert unprepared.process_invoice(user_id, document("2", 15)).round_trips == 1
        assert proxy.round_trips == 3
        with unprepared._pool.connection() as connection:
            assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@pytest.mark.parametrize("size", SIZES)
def test_a_decision_takes_two_round_trips_whatever_it_moves(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int
) -> None:
    database.set_matching_policy(user_id, MatchingPolicy(review_everything=True))
    database.process_invoice(user_id, document("1", 1))
    same = document("2", 1)["line_items"][0] | {"item_number": "M"}
    head = document("2", 1)["invoice"] | {"vendor_name": "Other"}
    database.process_invoice(user_id, {"invoice": head, "line_items": [same] * size})
    [case] = database.review_queue(user_id)
    done = fresh.reject(user_id, case)
    assert (proxy.round_trips, done.round_trips, len(done.movements)) == (2, 2, 2 * size)


@pytest.mark.parametrize("size", SIZES)
def test_a_merge_and_its_undoing_take_two_round_trips_each_whatever_they_move(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int
) -> None:
    one, other = document("1", 2)["line_items"]
    for number, vendor_name in (("1", "Wire & Sons"), ("2", "Other")):
        head = document(number, 1)["invoice"] | {"vendor_name": vendor_name}
        database.process_invoice(user_id, {"invoice": head, "line_items": [one, *[other] * size]})
    booked = database.get_invoice(user_id, database.list_invoices(user_id)[0].id)
    into, item = (each.inventory_item_id or user_id for each in booked.lines[:2])
    done = fresh.merge_item(user_id, item, into)
    assert (proxy.round_trips, done.round_trips, done.lines) == (2, 2, 2 * size)
    proxy.reset()
    assert fresh.merge_item(user_id, item, into).replayed
    assert proxy.round_trips == 1
    proxy.reset()
    back = fresh.unmerge_item(user_id, item)
    assert (proxy.round_trips, back.round_trips, back.lines) == (2, 2, 2 * size)


@pytest.mark.parametrize("size", SIZES)
def test_a_merge_of_vendors_and_its_undoing_take_two_round_trips_each_and_a_booking_by_the_merged_name_one(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID, size: int
) -> None:
    other = document("2", size)
    other["invoice"]["vendor_name"] = "Other"
    for sent in (document("1", size), other):
        database.process_invoice(user_id, sent)
    vendor_id, into_id = (database.find_vendor(user_id, name).id for name in ("Other", "Wire & Sons"))
    done = fresh.merge_vendor(user_id, vendor_id, into_id)
    assert (proxy.round_trips, done.round_trips, done.united) == (2, 2, size)
    proxy.reset()
    other["invoice"]["invoice_number"] = "3"
    assert len(fresh.process_invoice(user_id, other).matched("exact")) == size
    assert proxy.round_trips == 1
    proxy.reset()
    back = fresh.unmerge_vendor(user_id, vendor_id)
    assert (proxy.round_trips, back.round_trips, back.documents, back.mappings) == (2, 2, 2, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_catalog_takes_two_round_trips_whatever_its_size(fresh: Database, proxy: WireProxy, user_id: UUID, size: int) -> None:
    rows = [
        {"name": goods(place), "opening_quantity": 2, "opening_unit": "6/5 LB", "item_number": place, "pack_size": "6/5 LB"}
        for place in range(size)
    ]
    done = fresh.import_catalog(user_id, rows, vendor_name="Wire & Sons")
    assert (len(done.of_status("created")), proxy.round_trips, done.round_trips) == (size, 2, 2)
    proxy.reset()
    assert len(fresh.import_catalog(user_id, rows, vendor_name="Wire & Sons").of_status("unchanged")) == size
    assert proxy.round_trips == 1


def test_opening_stock_is_taken_back_in_one_round_trip(
    database: Database, fresh: Database, proxy: WireProxy, user_id: UUID
) -> None:
    rows = [{"name": goods(1), "opening_quantity": 2, "opening_unit": "6/5 LB"}]
    item_id = database.import_catalog(user_id, rows).rows[0].item_id or user_id
    for is_replay in (False, True):
        proxy.reset()
        done = fresh.take_back_opening(user_id, item_id)
        assert (done.replayed, done.round_trips, proxy.round_trips) == (is_replay, 1, 1)


def test_in_a_callers_transaction_known_lines_take_one_and_others_three(
    database: Database, proxy: WireProxy, user_id: UUID
) -> None:
    with psycopg.connect(proxy.dsn) as connection:
        on = invoicedb.on(connection)
        connection.execute("SELECT 1")
        for number, expected in (("1", 3), ("2", 1), ("1", 2)):
            proxy.reset()
            result = on.process_invoice(user_id, document(number, 15))
            assert (proxy.round_trips, result.round_trips) == (expected, expected)

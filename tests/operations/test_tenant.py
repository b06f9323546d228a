"""A tenant, deleted: all of it, and nothing of anybody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

import invoicedb
from invoicedb import Database, MatchingPolicy, NotConfirmed
from tests.builders import invoice, line

TABLES = tuple(invoicedb.schema.metadata.tables)


def rows_of(dsn: str, user_id: UUID) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(dsn) as connection:
        asked = {table: f"SELECT * FROM {table} WHERE user_id = %s ORDER BY 1, 2, 3" for table in TABLES if table != "catalogs"}
        asked["catalogs"] = "SELECT * FROM catalogs WHERE user_id = %s"
        return {table: connection.execute(text.encode(), (user_id,)).fetchall() for table, text in asked.items()}


def fill(database: Database, user_id: UUID) -> None:
    """Rows in every table."""
    database.set_abbreviation(user_id, "KDS", "CHILDRENS")
    database.set_matching_policy(user_id, MatchingPolicy(review_everything=True))
    database.import_catalog(user_id, [{"name": "Flour", "opening_quantity": 5, "opening_unit": "kg"}])
    booked = database.process_invoice(user_id, invoice(line("1"), line("2", quantity="none")))
    database.void(user_id, database.process_invoice(user_id, invoice(line("1"))).invoice_id)
    database.dismiss(user_id, booked.invoice_id, 2, reason="a coupon")
    database.process_invoice(user_id, invoice(line("2", description="ARTICLE 1"), vendor_name="Metro"))
    for case in database.review_queue(user_id):
        database.reject(user_id, case)
    invoicedb.VendorService(database).create_or_get_vendor(user_id, "Nobody buys here")


def test_every_row_of_every_table_goes_and_nobody_elses(database: Database, dsn: str, user_id: UUID) -> None:
    other = uuid4()
    for tenant in (user_id, other):
        fill(database, tenant)
    before, others = rows_of(dsn, user_id), rows_of(dsn, other)
    assert all(before.values())
    gone = database.delete_tenant(user_id, confirm=f"delete {user_id}")
    assert gone.deleted == {table: len(rows) for table, rows in before.items()}
    assert (gone.round_trips, set(gone.deleted)) == (1, set(TABLES))
    assert not any(rows_of(dsn, user_id).values())
    assert rows_of(dsn, other) == others
    assert list(database.verify(other)) == []


@pytest.mark.parametrize("confirm", ["", "yes", "delete", "delete {other}", "DELETE {user_id}"])
def test_whoever_does_not_type_it_deletes_nothing(database: Database, dsn: str, user_id: UUID, confirm: str) -> None:
    fill(database, user_id)
    before = rows_of(dsn, user_id)
    with pytest.raises(NotConfirmed, match=f"confirm 'delete {user_id}'"):
        database.delete_tenant(user_id, confirm=confirm.format(other=uuid4(), user_id=user_id))
    assert rows_of(dsn, user_id) == before


def test_a_preview_counts_and_deletes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    fill(database, user_id)
    before = rows_of(dsn, user_id)
    assert database.trial().delete_tenant(user_id).deleted == {table: len(rows) for table, rows in before.items()}
    assert rows_of(dsn, user_id) == before


def test_a_tenant_that_has_nothing_loses_nothing(database: Database, user_id: UUID) -> None:
    assert set(database.delete_tenant(user_id, confirm=f"delete {user_id}").deleted.values()) == {0}


def test_who_books_meanwhile_books_for_a_new_tenant(database: Database, dsn: str, user_id: UUID) -> None:
    fill(database, user_id)
    database.set_matching_policy(user_id, MatchingPolicy())
    with ThreadPoolExecutor(4) as threads:
        sent = threads.map(lambda place: database.process_invoice(user_id, invoice(line(str(place % 3 + 1)))), range(30))
        database.delete_tenant(user_id, confirm=f"delete {user_id}")
        assert {each.status for each in sent} == {"success"}
    assert list(database.verify(user_id)) == []


async def test_async_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        await database.process_invoice(user_id, invoice())
        assert (await database.trial().delete_tenant(user_id)).deleted["invoices"] == 1
        assert (await database.delete_tenant(user_id, confirm=f"delete {user_id}")).deleted["invoices"] == 1
        assert await database.stock(user_id) == []

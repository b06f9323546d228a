"""The rivals of the benchmarks do the work that they are timed for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from benchmarks.catalog import fill, make_items
from benchmarks.latency import RIVALS
from benchmarks.rivals.function import Function
from benchmarks.rivals.measured import Library
from benchmarks.rivals.one_statement import OneStatement
from benchmarks.rivals.protocol import Rival
from benchmarks.workload import Document, Workload

WORKLOAD = Workload(make_items(120), lines=4)
TABLES = (
    "catalogs vendors inventory_items item_match_keys vendor_item_mappings invoices invoice_lines inventory_transactions "
    "price_history"
).split()
NAMES = (
    "SELECT id, name FROM inventory_items UNION ALL SELECT id, name FROM vendors "
    "UNION ALL SELECT id, invoice_number FROM invoices"
)
OWN = {"user_id", "created_at"}


@contextmanager
def connected(kind: type[Rival], dsn: str) -> Iterator[Rival]:
    rival = kind()
    rival.prepare(dsn)
    try:
        yield rival
    finally:
        rival.close()


def tenants(dsn: str, count: int) -> list[UUID]:
    users = [uuid4() for _ in range(count)]
    fill(dsn, WORKLOAD.items, [(user_id, len(WORKLOAD.items)) for user_id in users])
    return users


def stock(dsn: str, user_id: UUID) -> dict[str, Decimal]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT name, current_quantity FROM inventory_items WHERE user_id = %s", [user_id])
        return dict(found.fetchall())


def expected_stock(before: dict[str, Decimal], document: Document) -> dict[str, Decimal]:
    by_name = {item.description: item for item in WORKLOAD.items}
    after = dict(before)
    for line in document["line_items"]:
        if line["description"] in after:
            after[line["description"]] += Decimal(line["quantity"]) * Decimal(by_name[line["description"]].base_quantity)
    return after


@pytest.mark.parametrize("kind", RIVALS, ids=lambda kind: kind.__name__)
def test_a_rival_leaves_the_right_stock(kind: type[Rival], dsn: str) -> None:
    (user_id,) = tenants(dsn, 1)
    with connected(kind, dsn) as rival:
        document = rival.document(WORKLOAD, 1)
        expected = expected_stock(stock(dsn, user_id), document)
        rival.set_up(user_id, document)
        rival.book(user_id, document)
    after = stock(dsn, user_id)
    assert {name: after[name] for name in expected} == expected
    assert len(after) == len(expected) + (3 if "new" in rival.name else 0)


@pytest.mark.parametrize("kind", [Function, OneStatement], ids=lambda kind: kind.__name__)
def test_one_call_leaves_the_rows_of_invoicedb(kind: type[Rival], dsn: str) -> None:
    """Row for row, apart from ids and times: a first invoice, one with an item on two lines, a back-dated one."""
    theirs, ours = tenants(dsn, 2)
    for document in (WORKLOAD.document(1), with_a_repeated_item(WORKLOAD.document(2)), back_dated(WORKLOAD.document(3))):
        for user_id, each in ((theirs, kind), (ours, Library)):
            with connected(each, dsn) as rival:
                rival.book(user_id, document)
    for table in TABLES:
        expected = rows(dsn, table, ours)
        assert expected
        assert rows(dsn, table, theirs) == expected, table


def with_a_repeated_item(document: Document) -> Document:
    lines = document["line_items"]
    return document | {"line_items": [*lines, lines[0] | {"unit_price": "12.5", "quantity": "1"}]}


def back_dated(document: Document) -> Document:
    return document | {"invoice": document["invoice"] | {"invoice_date": "2025-02-14"}}


def rows(dsn: str, table: str, user_id: UUID) -> list[str]:
    """A tenant's rows with names instead of ids."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        names = {row["id"]: row["name"] for row in connection.execute(NAMES).fetchall()}
        select = sql.SQL("SELECT * FROM {} WHERE user_id = %s").format(sql.Identifier(table))
        found = connection.execute(select, [user_id]).fetchall()
    return sorted(str({column: named(value, names) for column, value in row.items() if column not in OWN}) for row in found)


def named(value: Any, names: dict[UUID, str]) -> Any:
    return names[value] if isinstance(value, UUID) else value

"""Real purchases become sound documents, and what is said of the books is found out when it is wrong.

The rows here are invented, in the form of the files; the files themselves lie beside the repository.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import uuid5

import psycopg
import pytest
from rich.console import Console

from benchmarks.real import CHECKS, TENANTS, book, look_into
from benchmarks.real_inputs import (
    SOURCES,
    Document,
    Row,
    Source,
    liquor_invoices,
    liquor_orders,
    restaurant_invoices,
    retail_invoices,
)
from benchmarks.real_outcome import Outcome, shape_of, show
from benchmarks.real_packs import read_all
from invoicedb import Database


def retail(number: str, code: str, **fields: str) -> Row:
    row = {"Description": "BLUE PAPER STAR", "Quantity": "6", "InvoiceDate": "2010-12-01 08:26:00", "UnitPrice": "2.55"}
    return {"InvoiceNo": number, "StockCode": code} | row | fields


def liquor(bottles: str, **fields: str) -> Row:
    row = {
        "store_number": "7",
        "date": "2012-01-31",
        "item_number": "101",
        "category_name": "GIN",
        "item_description": "Harbour Gin",
        "pack": "12",
        "bottle_volume_ml": "750",
        "state_bottle_retail": "7.13",
        "bottles_sold": bottles,
        "sale_dollars": "",
    }
    return row | fields


def purchase(code: str, **fields: str) -> Row:
    row = {
        "vendor": "Corner Foods",
        "item_code": code,
        "item_text": "RICE LONG GRAIN",
        "uom": "cs",
        "pack": "1",
        "size": "25",
        "unit": "lb",
        "last_purchased": "2025-03-18",
        "last_price": "21.5",
    }
    return row | fields


def only(documents: Iterator[Document]) -> Document:
    (document,) = documents
    return document


def lines(documents: Iterator[Document], field: str) -> list[Any]:
    return [line[field] for line in only(documents)["line_items"]]


ROWS: dict[str, tuple[Callable[[Iterable[Row]], Iterator[Document]], list[Row]]] = {
    "retail": (retail_invoices, [retail("1", "A1"), retail("C2", "A1", Quantity="-6")]),
    "liquor": (liquor_orders, [liquor("24"), liquor("1"), liquor("3", item_number="102", state_bottle_retail="")]),
    "numbered liquor": (liquor_invoices, [liquor("4", invoice_item_number="INV-100003", date="05/08/2019")]),
    "restaurant": (restaurant_invoices, [purchase("1"), purchase("2", item_text="SALT FINE", size="2", pack="6")]),
}


def test_lines_of_one_number_are_one_invoice_wherever_they_stand() -> None:
    first, second = retail_invoices([retail("1", "A1"), retail("2", "B1"), retail("1", "A1", UnitPrice="2.10")])
    assert first["invoice"]["invoice_date"] == "2010-12-01"
    assert [(line["item_number"], line["unit_price"]) for line in first["line_items"]] == [("A1", "2.55"), ("A1", "2.10")]
    assert [line["item_number"] for line in second["line_items"]] == ["B1"]


def test_whole_cases_are_bought_by_the_case_and_the_rest_by_the_bottle() -> None:
    rows = [liquor("24"), liquor("13", sale_dollars="92.69")]
    assert lines(liquor_orders(rows), "pack_size") == ["12/750 ML", "750 ML"]
    assert lines(liquor_orders(rows), "quantity") == ["2", "13"]
    assert lines(liquor_orders(rows), "unit_price") == ["85.56", "7.13"]
    assert lines(liquor_orders(rows), "line_total") == [None, "92.69"]


def test_a_price_that_is_missing_stays_missing() -> None:
    assert lines(liquor_orders([liquor("12", state_bottle_retail="")]), "unit_price") == [""]


def test_an_invoice_number_holds_the_number_of_the_line() -> None:
    document = only(liquor_invoices([liquor("4", invoice_item_number="INV-10070200003", date="09/04/2018")]))
    assert (document["invoice"]["invoice_number"], document["invoice"]["invoice_date"]) == ("INV-100702", "2018-09-04")
    assert [line["line_number"] for line in document["line_items"]] == [3]


@pytest.mark.parametrize(
    ("columns", "pack_size"),
    [
        ({"pack": "24", "size": "16", "unit": "oz"}, "24/16 oz"),
        ({"pack": "1", "size": "2", "unit": "lb"}, "2 lb"),
        ({"pack": "1", "size": "1", "unit": ""}, None),
        ({"uom": "lb", "pack": "10", "size": "1", "unit": "lb"}, "1 lb"),
    ],
)
def test_columns_become_the_pack_size_of_a_paper(columns: dict[str, str], pack_size: str | None) -> None:
    assert lines(restaurant_invoices([purchase("1", **columns)]), "pack_size") == [pack_size]


def test_what_one_vendor_sold_on_one_day_is_one_invoice() -> None:
    rows = [purchase("1"), purchase("2", vendor="Harbour Fish"), purchase("3"), purchase("4", last_purchased="2025-03-19")]
    assert [len(document["line_items"]) for document in restaurant_invoices(rows)] == [2, 1, 1]


@pytest.mark.parametrize("name", ROWS)
def test_the_documents_are_booked_and_nothing_contradicts_the_books(name: str, dsn: str, database: Database) -> None:
    read, rows = ROWS[name]
    outcome = book(database, Source(name, {}), list(read(rows)), None)
    look_into(dsn, outcome)
    assert (outcome.lines_sent, outcome.lines_refused, outcome.invoices["replayed"]) == (len(rows), 0, 0)
    assert outcome.methods.total() + outcome.failures.counts.total() == len(rows)
    assert outcome.contradictions == dict.fromkeys(CHECKS, 0)


TAMPERED = {
    "stock that is not the sum of its movements": "UPDATE inventory_items SET current_quantity = current_quantity + 1",
    "booked lines without exactly one movement and one price point": "DELETE FROM price_history WHERE line_number = 1",
    "movements and price points without a booked line": "UPDATE invoice_lines SET line_number = 99 WHERE error_type IS NULL",
    "movements that are not quantity times pack, or not the line's money": "UPDATE inventory_transactions SET total_cost = 1",
    "previous prices that are not the predecessor's": "UPDATE price_history SET previous_price = 1",
    "items whose last price is not that of their last purchase": "UPDATE inventory_items SET last_purchase_price = 1",
    "invoices whose status, total or count is not that of their lines": "UPDATE invoices SET line_count = line_count + 1",
    "lines of taken invoices that were sent but not kept": "DELETE FROM invoice_lines WHERE error_type IS NOT NULL",
    "failed lines without a reason": "UPDATE invoice_lines SET error = '' WHERE error_type IS NOT NULL",
}


@pytest.mark.parametrize("check", CHECKS)
def test_books_that_are_wrong_are_found_out(check: str, dsn: str, database: Database) -> None:
    bought_twice = [
        retail("1", "A1"),
        retail("2", "A1", UnitPrice="2.10"),
        retail("3", "B1", Description="RED CUP", Quantity="-1"),
    ]
    outcome = book(database, Source("wrong", {}), list(retail_invoices(bought_twice)), None)
    with psycopg.connect(dsn) as connection:
        connection.execute(TAMPERED[check].encode())
    look_into(dsn, outcome)
    assert outcome.contradictions[check] > 0
    assert outcome.contradicts


def test_messages_of_one_shape_are_one_kind() -> None:
    assert shape_of("pack size '2 fl' can't be read: no unit after 2") == "pack size '…' can't be read: no unit after N"
    assert shape_of('quantity "1,5" is below 0') == "quantity '…' is below N"


def test_reasons_are_told_apart_by_kind_alone(database: Database) -> None:
    documents = [*retail_invoices([retail("1", "A1"), retail("2", "B1")])]
    outcome = book(database, Source("reviewed", {}), documents, None)
    assert outcome.review_reasons == {"like '…'": 1, "this vendor sells it as …": 1}


def test_what_became_of_them_is_shown_with_an_example(capsys: pytest.CaptureFixture[str], database: Database) -> None:
    rows = [retail("1", "A1"), retail("C2", "A1", Quantity="0")]
    outcome = book(database, Source("retail", {}), list(retail_invoices(rows)), None)
    show(Console(width=120), outcome)
    assert "zero_quantity: quantity '…' moves nothing" in capsys.readouterr().out
    assert outcome.as_json()["failed"][0]["example"].startswith("Online Retail C2, line 1 (")


def test_pack_sizes_are_read_refused_or_ambiguous() -> None:
    found = read_all([{"text": text} for text in ("6/5 LB", "1/2 LB", "per bag")])
    assert found.counts == {"read": 1, "ambiguous": 1, "refused": 1}


@pytest.mark.parametrize("source", SOURCES[1:], ids=lambda source: source.name)
def test_the_files_are_read_in_the_order_of_dates(source: Source) -> None:
    if missing := source.missing():
        pytest.skip(f"not there: {missing[0].name}; docs/real-data.md says where it comes from")
    dates = [document["invoice"]["invoice_date"] for document in source.documents()]
    assert len(dates) > 100
    assert dates == sorted(dates)


def test_each_source_is_a_tenant_of_its_own() -> None:
    assert len({uuid5(TENANTS, source.name) for source in SOURCES}) == len(SOURCES)
    assert Outcome("none").ms_per_line == 0

"""Prices, the worth of the stock, and purchases: what is listed is what the stored lines add up to, whatever was voided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any, TypeAlias, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

import invoicedb
from invoicedb import Database, InvoiceCredited, InvoicedbError, PricePoint, PurchaseTotal, StockLevel, StockValue
from invoicedb.operations.purchases import PurchasesBy
from invoicedb.sequential.prices import rounded
from tests.builders import Sending, invoice, invoices, line

CASE = Decimal("13607.7711")
"""What 6/5 LB hold, in grams."""

Row = TypeVar("Row")
Rows: TypeAlias = list[dict[str, Any]]


def all_pages(fetch: Callable[[Row | None], list[Row]], size: int) -> list[Row]:
    """Every row, a page of `size` after the other, until one is not full."""
    found: list[Row] = []
    while True:
        page = fetch(found[-1] if found else None)
        assert not set(found) & set(page)
        found += page
        if len(page) < size:
            return found


def stored(dsn: str, user_id: UUID, table: str) -> Rows:
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return connection.execute(f"SELECT * FROM {table} WHERE user_id = %s".encode(), (user_id,)).fetchall()


# ---- prices ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(database: Database, user_id: UUID) -> None:
    """Beef and oil of two vendors, two lines of beef on one invoice; +10 %, +2 %, -50 %, and a free one."""
    beef, oil = line("1", description="GROUND BEEF"), line("2", description="OLIVE OIL", pack_size="6/1 L", unit_price="72")
    for vendor_name, month, *lines in (
        ("Harbor", 1, beef, oil),
        ("Harbor", 2, beef | {"unit_price": "33"}, beef | {"unit_price": "33.66"}),
        ("Metro", 2, oil),
        ("Harbor", 3, beef | {"unit_price": "16.83"}, oil | {"unit_price": "0"}),
        ("Metro", 3, oil | {"unit_price": "73"}),
    ):
        database.process_invoice(user_id, invoice(*lines, vendor_name=vendor_name, invoice_date=f"2026-0{month}-10"))


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"vendor_name": "METRO, Inc."}, ["72", "73"]),
        ({"vendor_name": "Nobody"}, []),
        ({"at_least": Decimal(5)}, ["33", "16.83", "0"]),
        ({"at_least": Decimal("2.01")}, ["33", "16.83", "0"]),
        ({"at_least": Decimal(2)}, ["33", "33.66", "16.83", "0"]),
        ({"at_least": 0, "vendor_name": "Metro"}, ["73"]),
        ({"at_least": Decimal(5), "since": date(2026, 3, 1), "until": date(2026, 3, 10)}, ["16.83", "0"]),
        ({"changed": True, "vendor_name": "Harbor", "until": date(2026, 2, 10)}, ["33", "33.66"]),
    ],
)
def test_prices_are_filtered(database: Database, user_id: UUID, asked: dict[str, Any], found: list[str]) -> None:
    assert sorted(point.unit_price for point in database.prices(user_id, **asked)) == sorted(map(Decimal, found))


@pytest.mark.usefixtures("priced")
def test_prices_of_an_item_are_told_per_base_unit(database: Database, user_id: UUID) -> None:
    beef, oil = database.stock(user_id)
    points = database.prices(user_id, item_id=str(oil.id))
    assert {(point.vendor_name, point.base_unit_price, point.previous_base_unit_price) for point in points} == {
        ("Harbor", Decimal("0.012"), None),
        ("Metro", Decimal("0.012"), None),
        ("Harbor", Decimal(0), Decimal("0.012")),
        ("Metro", Decimal("0.0121666667"), Decimal("0.012")),
    }
    assert [point.unit_price for point in database.prices(user_id, item_id=beef.id, at_least=Decimal(5))] == [
        33,
        Decimal("16.83"),
    ]
    assert database.prices(user_id, item_id=uuid4()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_no_page_ends_early_or_twice_among_invoices_of_one_day(database: Database, user_id: UUID, size: int) -> None:
    for number in range(12):
        lines = [line(str(each), unit_price=str(30 + number % 3)) for each in (1, 2, 1)]
        vendor_name = ("US Foods", "Harbor")[number % 2]
        database.process_invoice(user_id, invoice(*lines, vendor_name=vendor_name, invoice_date=f"2026-03-0{number // 6 + 1}"))
    require_same_prices(database, user_id, size)


@pytest.mark.parametrize("at_least", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 5.0, True])
def test_a_threshold_is_a_decimal_of_0_or_more(database: Database, user_id: UUID, at_least: Any) -> None:
    with pytest.raises(ValueError, match="at_least is a percentage"):
        database.prices(user_id, at_least=at_least)


# ---- the worth of the stock --------------------------------------------------------------------------------------------------


def values(database: Database, user_id: UUID) -> dict[str, StockValue]:
    return {value.name: value for value in database.valuation(user_id)}


def beef(price: object, quantity: object = "2", **head: Any) -> dict[str, Any]:
    return invoice(line("1", description="GROUND BEEF", unit_price=str(price), quantity=str(quantity)), **head)


def test_two_packs_at_30_are_worth_60(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, beef(30, currency="USD"))
    [level] = database.stock(user_id)
    assert (level.last_value, level.last_currency) == (Decimal(60), "USD")
    [found] = database.items_named(user_id, "beef")
    assert found == level == database.explain(user_id, level.id).item


def test_the_average_weighs_prices_by_quantity(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, beef(40, 1, invoice_date="2026-03-09"))
    database.process_invoice(user_id, beef(30, 3, invoice_date="2026-03-02"))
    value = values(database, user_id)["GROUND BEEF"]
    assert value.current_quantity == 4 * CASE
    assert (value.last_value, value.average_value, value.currencies) == (Decimal(160), Decimal(130), (None,))
    assert value.average_unit_cost == rounded(Fraction(130) / Fraction(4 * CASE), 10)


def test_what_was_voided_has_no_part_in_the_average(database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, beef(30))
    wrong = database.process_invoice(user_id, beef(90, currency="EUR"))
    database.void(user_id, wrong.invoice_id)
    value = values(database, user_id)["GROUND BEEF"]
    assert (value.average_value, value.currencies) == (Decimal(60), (None,))


def test_an_item_of_which_nothing_is_left_has_no_average(database: Database, user_id: UUID) -> None:
    database.void(user_id, database.process_invoice(user_id, beef(30)).invoice_id)
    value = values(database, user_id)["GROUND BEEF"]
    assert (value.current_quantity, value.last_value, value.average_unit_cost, value.average_value) == (
        Decimal(0),
        None,
        None,
        None,
    )
    assert value.currencies == ()


@pytest.mark.parametrize(("other", "currencies"), [("EUR", ("EUR", "USD")), (None, ("USD", None))])
def test_money_of_two_currencies_is_never_added(
    database: Database, user_id: UUID, other: str | None, currencies: tuple[str | None, ...]
) -> None:
    database.process_invoice(user_id, beef(30, currency="USD", invoice_date="2026-03-09"))
    database.process_invoice(user_id, beef(20, currency=other, invoice_date="2026-03-02"))
    value = values(database, user_id)["GROUND BEEF"]
    assert (value.average_unit_cost, value.average_value, value.currencies) == (None, None, currencies)
    assert (value.last_value, value.last_currency) == (Decimal(120), "USD")


USE_HALF = """
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT user_id, %s, 1, inventory_item_id, 'adjustment', 'correction', -quantity_change / 2, 0, 0, transaction_date
  FROM inventory_transactions WHERE reference_id = %s
"""


def test_what_is_used_up_lowers_the_value_and_not_the_average(database: Database, dsn: str, user_id: UUID) -> None:
    booked = database.process_invoice(user_id, beef(30, currency="USD"))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            USE_HALF,
            (uuid4(), booked.invoice_id),
        )
        connection.execute("UPDATE inventory_items SET current_quantity = current_quantity / 2")
    value = values(database, user_id)["GROUND BEEF"]
    assert (value.last_value, value.average_value, value.currencies) == (Decimal(30), Decimal(30), ("USD",))


# ---- purchases ---------------------------------------------------------------------------------------------------------------


def shown(totals: list[PurchaseTotal]) -> list[tuple[Any, ...]]:
    return [(total.name, total.currency, total.total, total.document_count, total.line_count) for total in totals]


@pytest.fixture
def bought(database: Database, user_id: UUID) -> dict[str, UUID]:
    """The invoices by name: meat and dry goods from two vendors in two months, one in euros."""
    meat, dry, other = line("1", category="meat"), line("2", category="dry goods", unit_price="7.25"), line("3", quantity="1")
    sent = {
        "first": invoice(
            meat, dry, line("9", quantity="none"), vendor_name="Harbor", invoice_date="2026-01-31", currency="USD"
        ),
        "second": invoice(meat, meat, vendor_name="Harbor", invoice_date="2026-02-01", currency="USD"),
        "euros": invoice(meat | {"description": "ARTICLE 1E"}, vendor_name="Metro", invoice_date="2026-02-02", currency="EUR"),
        "other": invoice(other, vendor_name="Metro", invoice_date="2026-02-03", currency="USD"),
    }
    return {name: database.process_invoice(user_id, each).invoice_id for name, each in sent.items()}


@pytest.mark.usefixtures("bought")
def test_purchases_by_vendor(database: Database, user_id: UUID) -> None:
    assert shown(database.purchases(user_id)) == [
        ("Harbor", "USD", Decimal("194.5"), 2, 4),
        ("Metro", "EUR", 60, 1, 1),
        ("Metro", "USD", 30, 1, 1),
    ]
    january = database.purchases(user_id, since=date(2026, 1, 1), until=date(2026, 1, 31))
    assert shown(january) == [("Harbor", "USD", Decimal("74.5"), 1, 2)]


@pytest.mark.usefixtures("bought")
def test_purchases_by_category(database: Database, user_id: UUID) -> None:
    assert shown(database.purchases(user_id, "category")) == [
        (None, "USD", 30, 1, 1),
        ("dry goods", "USD", Decimal("14.5"), 1, 1),
        ("meat", "EUR", 60, 1, 1),
        ("meat", "USD", 180, 2, 3),
    ]


@pytest.mark.usefixtures("bought")
def test_purchases_by_item_say_how_much_it_was(database: Database, user_id: UUID) -> None:
    first = database.purchases(user_id, "item")[0]
    assert (first.name, first.total, first.quantity, first.base_unit) == ("ARTICLE 1", Decimal(180), 6 * CASE, "g")


@pytest.mark.usefixtures("bought")
def test_purchases_of_each_month(database: Database, user_id: UUID) -> None:
    found = database.purchases(user_id, monthly=True)
    assert [(total.name, total.month, total.total) for total in found] == [
        ("Harbor", date(2026, 1, 1), Decimal("74.5")),
        ("Harbor", date(2026, 2, 1), 120),
        ("Metro", date(2026, 2, 1), 60),
        ("Metro", date(2026, 2, 1), 30),
    ]


def test_what_was_voided_is_not_bought(database: Database, user_id: UUID, bought: dict[str, UUID]) -> None:
    for name in ("first", "euros"):
        database.void(user_id, bought[name])
    assert shown(database.purchases(user_id)) == [("Harbor", "USD", 120, 1, 2), ("Metro", "USD", 30, 1, 1)]
    assert [total.name for total in database.purchases(user_id, "category")] == [None, "meat"]


@pytest.mark.usefixtures("bought")
def test_freight_is_the_vendors_and_no_categorys(database: Database, user_id: UUID) -> None:
    before = shown(database.purchases(user_id, "category"))
    freight = {"kind": "freight", "line_total": "9"}
    database.process_invoice(user_id, invoice(freight, vendor_name="Harbor", invoice_date="2026-02-03", currency="USD"))
    assert shown(database.purchases(user_id))[0] == ("Harbor", "USD", Decimal("203.5"), 3, 5)
    assert shown(database.purchases(user_id, "category")) == before


@pytest.mark.usefixtures("bought")
def test_what_a_credit_memo_gives_back_is_taken_off(database: Database, user_id: UUID) -> None:
    """A case came back, and each of the others was to cost 1.00 less."""
    back = line("1", quantity="1")
    cheaper = line("1", quantity="3", unit_price="1", kind="price_correction")
    head = {"vendor_name": "Harbor", "invoice_date": "2026-02-03", "currency": "USD", "document_type": "credit_memo"}
    database.process_invoice(user_id, invoice(back, cheaper, **head))
    assert shown(database.purchases(user_id))[0] == ("Harbor", "USD", Decimal("161.5"), 3, 6)
    meat = next(total for total in database.purchases(user_id, "item") if total.currency == "USD")
    assert [meat.total, meat.quantity] == [147, 5 * CASE]


def test_purchases_by_anything_else_are_refused(database: Database, user_id: UUID) -> None:
    by: Any = "colour"
    with pytest.raises(ValueError, match="by vendor, category, item, not by 'colour'"):
        database.purchases(user_id, by)


async def test_async_is_the_same(database: Database, dsn: str, user_id: UUID, bought: dict[str, UUID]) -> None:
    async with invoicedb.connect_async(dsn) as other:
        assert await other.valuation(user_id) == database.valuation(user_id) != []
        assert await other.purchases(user_id, "item", monthly=True) == database.purchases(user_id, "item", monthly=True) != []
        assert await other.prices(user_id, vendor_name="Metro") == database.prices(user_id, vendor_name="Metro") != []


def test_nobody_sees_what_others_bought(database: Database, bought: dict[str, UUID]) -> None:
    stranger = uuid4()
    assert (database.purchases(stranger), database.valuation(stranger)) == ([], [])
    assert database.prices(stranger, vendor_name="Metro") == []


# ---- whatever was booked, voided and decided -------------------------------------------------------------------------------


def book(database: Database, user_id: UUID, sent: list[Sending], choices: list[str]) -> None:
    """Send each; then void some, and reject some of the matches that wait."""
    booked = []
    for sending in sent:
        try:
            booked.append(database.process_invoice(user_id, *sending).invoice_id)
        except InvoicedbError:
            continue
    for case, choice in zip(database.review_queue(user_id), choices, strict=False):
        if choice == "reject":
            database.reject(user_id, case)
    for invoice_id, choice in zip(booked, reversed(choices), strict=False):
        if choice == "void":
            with suppress(InvoiceCredited):
                database.void(user_id, invoice_id)


def standing(dsn: str, user_id: UUID) -> Rows:
    """The booked lines of what stands, each with its document and its item."""
    documents = {row["id"]: row for row in stored(dsn, user_id, "invoices")}
    items = {row["id"]: row for row in stored(dsn, user_id, "inventory_items")}
    vendors = {row["id"]: row["name"] for row in stored(dsn, user_id, "vendors")}
    lines = []
    for row in stored(dsn, user_id, "invoice_lines"):
        document = documents[row["invoice_id"]]
        if row["error_type"] is None and document["voided_at"] is None:
            item = items.get(row["inventory_item_id"], {"category": None, "name": None})
            named = {
                "vendor": vendors[document["vendor_id"]],
                "category": item["category"],
                "item": item["name"],
                "no_id": None,
            }
            lines.append(
                row
                | named
                | {"vendor_id": document["vendor_id"], "document": document, "month": document["invoice_date"].replace(day=1)}
            )
    return lines


def purchases_of(lines: Rows, by: str, *, monthly: bool) -> list[tuple[Any, ...]]:
    groups: dict[tuple[Any, ...], Rows] = defaultdict(list)
    ids = {"vendor": "vendor_id", "category": "no_id", "item": "inventory_item_id"}
    for row in lines if by == "vendor" else of_items(lines):
        groups[row[ids[by]], row[by], row["month"] if monthly else None, row["document"]["currency"]].append(row)
    return [
        (*key, sum(row["line_total"] for row in rows), len({row["invoice_id"] for row in rows}), len(rows))
        for key, rows in groups.items()
    ]


def of_items(lines: Rows) -> Rows:
    return [row for row in lines if row["inventory_item_id"] is not None]


def average_of(lines: Rows, item: StockLevel) -> tuple[Decimal | None, Decimal | None, set[str | None]]:
    """What went back altogether, at its cost, leaves no currency behind."""
    money: dict[str | None, tuple[Fraction, Fraction]] = defaultdict(lambda: (Fraction(0), Fraction(0)))
    for row in lines:
        if row["inventory_item_id"] == item.id:
            quantity, cost = money[row["document"]["currency"]]
            moved = Fraction(row["quantity"]) * Fraction(row["base_quantity"]) if row["kind"] == "item" else Fraction(0)
            money[row["document"]["currency"]] = quantity + moved, cost + Fraction(row["cost_total"])
    currencies = {currency for currency, left in money.items() if any(left)}
    if len(currencies) != 1:
        return None, None, currencies
    [quantity, cost] = next(left for left in money.values() if any(left))
    if quantity <= 0:
        return None, None, currencies
    unit_cost = cost / quantity
    return rounded(unit_cost, 10), rounded(unit_cost * Fraction(item.current_quantity), 10), currencies


def last_value_of(prices: Rows, item: StockLevel) -> Decimal | None:
    own = [row for row in prices if row["inventory_item_id"] == item.id and row["voided_at"] is None]
    if not own:
        return None
    order = ("invoice_date", "vendor_id", "posting_sequence", "invoice_id", "line_number")
    last = max(own, key=lambda row: tuple(row[name] for name in order))
    return rounded(Fraction(item.current_quantity) * Fraction(last["unit_price"]) / Fraction(last["base_quantity"]), 10)


def in_any_order(rows: Any) -> list[str]:
    return sorted(map(repr, rows))


CHOICES = st.lists(st.sampled_from(("void", "reject", "keep")), min_size=6, max_size=6)
FILTERS: tuple[dict[str, Any], ...] = tuple(
    {"changed": changed, "at_least": at_least, "vendor_name": vendor_name, "since": since}
    for changed, at_least, vendor_name, since in product(
        (False, True), (None, Decimal(4)), (None, "US Foods"), (None, date(2026, 1, 16))
    )
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices(), CHOICES, st.integers(1, 3))
def test_reports_are_what_the_lines_add_up_to(
    database: Database, dsn: str, sent: list[Sending], choices: list[str], size: int
) -> None:
    user_id = uuid4()
    book(database, user_id, sent, choices)
    lines, prices = standing(dsn, user_id), stored(dsn, user_id, "price_history")
    levels = database.stock(user_id)
    found = all_pages(lambda last: database.valuation(user_id, limit=size, after=last), size)
    assert [value.id for value in found] == [level.id for level in levels]
    for value, level in zip(found, levels, strict=True):
        assert (value.average_unit_cost, value.average_value, {*value.currencies}) == average_of(lines, level)
        assert value.last_value == level.last_value == last_value_of(prices, level)
    ways: tuple[PurchasesBy, ...] = ("vendor", "category", "item")
    for by, monthly in product(ways, (False, True)):
        totals = all_pages(partial(page_of_purchases, database, user_id, by, monthly, size), size)
        assert in_any_order(purchases_of(lines, by, monthly=monthly)) == in_any_order(
            (total.id, total.name, total.month, total.currency, total.total, total.document_count, total.line_count)
            for total in totals
        )
    require_same_prices(database, user_id, size)


def page_of_purchases(
    database: Database, user_id: UUID, by: PurchasesBy, monthly: bool, size: int, last: PurchaseTotal | None
) -> list[PurchaseTotal]:
    return database.purchases(user_id, by, monthly=monthly, limit=size, after=last)


def page_of_prices(
    database: Database, user_id: UUID, asked: dict[str, Any], size: int, last: PricePoint | None
) -> list[PricePoint]:
    return database.prices(user_id, limit=size, after=last, **asked)


def require_same_prices(database: Database, user_id: UUID, size: int) -> None:
    """Each way to ask for prices answers those of all that fit, in the same order, whatever the size of a page."""
    every = database.prices(user_id)
    for item_id, asked in product({None} | {point.inventory_item_id for point in every}, FILTERS):
        whole = asked | {"item_id": item_id}
        paged = all_pages(partial(page_of_prices, database, user_id, whole, size), size)
        assert paged == [point for point in every if fits(point, **whole)]


def fits(
    point: PricePoint,
    *,
    changed: bool,
    at_least: Decimal | None,
    vendor_name: str | None,
    since: date | None,
    item_id: UUID | None,
) -> bool:
    change = point.price_change_percent
    return all(
        (
            not changed or bool(change),
            at_least is None or (change is not None and abs(change) >= at_least),
            vendor_name is None or point.vendor_name == vendor_name,
            since is None or point.invoice_date >= since,
            item_id is None or point.inventory_item_id == item_id,
        )
    )

"""`invoicedb stock`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import print_list
from invoicedb.cli.options import Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.screen import Column, Screen, Table, amounts, quantities
from invoicedb.cli.text import counted
from invoicedb.domain.numbers import EXACT
from invoicedb.results import StockLevel, StockValue

STOCK = (Column("item"), quantities("quantity"), Column("unit"), amounts("last price"), Column("last date"))
NO_ITEMS = "No items yet: invoicedb ingest books invoices."
NO_CURRENCY = "no currency"

VALUES = (
    Column("item"),
    quantities("quantity"),
    Column("unit"),
    amounts("at last price"),
    Column("currency"),
    amounts("average per unit"),
    amounts("at average"),
    Column("bought in"),
)

TOTALS = (Column("value"), amounts("total"), Column("currency"))

Value: TypeAlias = Annotated[
    bool, typer.Option("--value", help="What it is worth, at the last price and at the average cost of all that was bought.")
]


def stock(
    *, user: User, value: Value = False, limit: Limit = None, dsn: Dsn = None, schema: Schema = None, as_json: Json = False
) -> None:
    """List the items by name, with their stock in base units and the price and date of their last purchase.

    With --value: what it is worth. An item bought in several currencies has no average cost. With --json: one list.

    \b
    Example:  invoicedb stock --user 6f1c… --value
    """
    with connect(dsn, schema=schema) as database:
        if value:
            values = limited(paged(lambda last: database.valuation(user, limit=PAGE, after=last)), limit)
            show_values(Screen(), values, as_json=as_json)
            return
        rows = limited(paged(lambda last: database.stock(user, limit=PAGE, after=last)), limit)
        if as_json:
            print_list(rows)
        else:
            show_stock(Screen(), list(rows))


def show_stock(screen: Screen, levels: Sequence[StockLevel], *, title: str = "") -> None:
    if not levels:
        screen.line(NO_ITEMS)
    screen.table(Table(title, STOCK, [stock_row(level) for level in levels]))


def stock_row(level: StockLevel) -> tuple[object, ...]:
    return level.name, level.current_quantity, level.base_unit, level.last_purchase_price, level.last_purchase_date


def show_values(screen: Screen, values: Iterable[StockValue], *, as_json: bool) -> None:
    if as_json:
        print_list(values)
        return
    kept = list(values)
    if not kept:
        screen.line(NO_ITEMS)
    screen.table(Table("", VALUES, [value_row(value) for value in kept]))
    at_last = sums("at last price", ((value.last_currency, value.last_value) for value in kept))
    at_average = sums("at average", ((next(iter(value.currencies), None), value.average_value) for value in kept))
    screen.table(Table("Together", TOTALS, at_last + at_average))
    without = sum(value.average_value is None for value in kept)
    if without:
        screen.line(f"Without an average cost: {counted(without, 'item')}.")


def value_row(value: StockValue) -> tuple[object, ...]:
    on_hand = (value.name, value.current_quantity, value.base_unit)
    bought_in = ", ".join(currency or NO_CURRENCY for currency in value.currencies)
    return *on_hand, value.last_value, value.last_currency, value.average_unit_cost, value.average_value, bought_in


def sums(title: str, values: Iterable[tuple[str | None, Decimal | None]]) -> list[tuple[object, ...]]:
    """The values added up, each currency by itself."""
    found: dict[str, Decimal] = {}
    for currency, value in values:
        if value is not None:
            name = currency or NO_CURRENCY
            found[name] = EXACT.add(found.get(name, Decimal(0)), value)
    return [(title, total, name) for name, total in sorted(found.items())]

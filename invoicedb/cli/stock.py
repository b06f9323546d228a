"""`invoicedb stock`."""

from __future__ import annotations

from collections.abc import Sequence

from invoicedb import connect
from invoicedb.cli.as_json import print_list
from invoicedb.cli.options import Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.screen import Column, Screen, Table, amounts, quantities
from invoicedb.results import StockLevel

STOCK = (Column("item"), quantities("quantity"), Column("unit"), amounts("last price"), Column("last date"))


def stock(*, user: User, limit: Limit = None, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """List the items by name, with their stock in base units and the price and date of their last purchase.

    With --json: one list.

    \b
    Example:  invoicedb stock --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        rows = limited(paged(lambda last: database.stock(user, limit=PAGE, after=last)), limit)
        if as_json:
            print_list(rows)
        else:
            show_stock(Screen(), list(rows))


def show_stock(screen: Screen, levels: Sequence[StockLevel], *, title: str = "") -> None:
    if not levels:
        screen.line("No items yet: invoicedb ingest books invoices.")
    screen.table(Table(title, STOCK, [stock_row(level) for level in levels]))


def stock_row(level: StockLevel) -> tuple[object, ...]:
    return level.name, level.current_quantity, level.base_unit, level.last_purchase_price, level.last_purchase_date

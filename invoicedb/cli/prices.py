"""`invoicedb prices`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import Database, connect
from invoicedb.cli.as_json import print_list
from invoicedb.cli.options import Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.screen import Column, Screen, Table, amounts, changes
from invoicedb.results import PricePoint

PRICES = (
    Column("date"),
    Column("item"),
    Column("vendor"),
    Column("pack"),
    amounts("price"),
    amounts("previous"),
    changes("change"),
)

DAY = ["%Y-%m-%d"]
Since: TypeAlias = Annotated[datetime | None, typer.Option("--since", formats=DAY, metavar="DATE", help="From this day on.")]
Until: TypeAlias = Annotated[datetime | None, typer.Option("--until", formats=DAY, metavar="DATE", help="Up to this day.")]
Changed: TypeAlias = Annotated[bool, typer.Option("--changed", help="Only prices that differ from the price before.")]
ItemText: TypeAlias = Annotated[
    str | None, typer.Option("--item", metavar="TEXT", help="Only items with TEXT in their name, or of this id.")
]


def prices(
    *,
    user: User,
    changed: Changed = False,
    since: Since = None,
    until: Until = None,
    item: ItemText = None,
    limit: Limit = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """List the prices paid by date, oldest first, each with its vendor's price before.

    The price before is restated for the same pack: 10 LB after 6/5 LB is no price change. With --json: one list.

    \b
    Example:  invoicedb prices --user 6f1c… --changed --since 2025-03-01
    """
    with connect(dsn, schema=schema) as database:
        points = price_points(database, user, changed=changed, since=day(since), until=day(until))
        rows = limited((point for point in points if item is None or concerns(point, item)), limit)
        if as_json:
            print_list(rows)
        else:
            show_prices(Screen(), list(rows))


def day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def price_points(
    database: Database, user: UUID, *, changed: bool = False, since: date | None = None, until: date | None = None
) -> Iterator[PricePoint]:
    return paged(lambda last: database.prices(user, changed=changed, since=since, until=until, limit=PAGE, after=last))


def concerns(point: PricePoint, item: str) -> bool:
    """Whether the item is meant: by its id, or by a part of its name in any case."""
    return item.casefold() in point.item_name.casefold() or item.casefold() == str(point.inventory_item_id)


def show_prices(screen: Screen, points: Sequence[PricePoint]) -> None:
    if not points:
        screen.line("No such prices.")
    screen.table(Table("", PRICES, [price_row(point) for point in points]))


def price_row(point: PricePoint) -> tuple[object, ...]:
    bought = (point.invoice_date, point.item_name, point.vendor_name, point.pack_size)
    return *bought, point.unit_price, point.previous_price, point.price_change_percent

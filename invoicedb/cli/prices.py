"""`invoicedb prices`, and the options of a period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
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
PER_UNIT = (amounts("per unit"), amounts("before"), Column("unit"))

FULL_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

DAY = ["%Y-%m-%d"]
Since: TypeAlias = Annotated[datetime | None, typer.Option("--since", formats=DAY, metavar="DATE", help="From this day on.")]
Until: TypeAlias = Annotated[datetime | None, typer.Option("--until", formats=DAY, metavar="DATE", help="Up to this day.")]
Changed: TypeAlias = Annotated[bool, typer.Option("--changed", help="Only prices that differ from the price before.")]
ItemText: TypeAlias = Annotated[
    str | None, typer.Option("--item", metavar="TEXT", help="Only items with TEXT in their name, or of this id.")
]

PerUnit: TypeAlias = Annotated[bool, typer.Option("--per-unit", help="Also both prices per base unit: g, ml, each.")]
VendorName: TypeAlias = Annotated[str | None, typer.Option("--vendor", metavar="NAME", help="Only what this vendor was paid.")]


def percentage(text: str) -> Decimal:
    """5 or 5% as a number."""
    try:
        found = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number of percent, such as 5 or 2.5") from None
    if not (found.is_finite() and found >= 0):
        raise typer.BadParameter(f"{text!r} is no percentage of 0 or more")
    return found


AtLeast: TypeAlias = Annotated[
    Decimal | None,
    typer.Option("--at-least", metavar="PERCENT", parser=percentage, help="Only prices that rose or fell by PERCENT or more."),
]


def prices(
    *,
    user: User,
    changed: Changed = False,
    at_least: AtLeast = None,
    since: Since = None,
    until: Until = None,
    vendor: VendorName = None,
    item: ItemText = None,
    per_unit: PerUnit = False,
    limit: Limit = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """List the prices paid by date, oldest first, each with its vendor's price before.

    The price before is restated for the same pack: 10 LB after 6/5 LB is no price change. With --json: one list, with both
    prices per base unit, too.

    \b
    Example:  invoicedb prices --user 6f1c… --vendor Sysco --at-least 5 --since 2025-03-01
    """
    with connect(dsn, schema=schema) as database:
        asked = Asked(changed, at_least, day(since), day(until), vendor, id_in(item))
        points = price_points(database, user, asked)
        rows = limited((point for point in points if item is None or concerns(point, item)), limit)
        if as_json:
            print_list(rows)
        else:
            show_prices(Screen(), list(rows), per_unit=per_unit)


def day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which prices."""

    changed: bool = False
    at_least: Decimal | None = None
    since: date | None = None
    until: date | None = None
    vendor_name: str | None = None
    item_id: UUID | None = None


def price_points(database: Database, user: UUID, asked: Asked) -> Iterator[PricePoint]:
    """All that are asked for, a page at a time; an item's by its own chains."""
    return paged(
        lambda last: database.prices(
            user,
            changed=asked.changed,
            at_least=asked.at_least,
            since=asked.since,
            until=asked.until,
            vendor_name=asked.vendor_name,
            item_id=asked.item_id,
            limit=PAGE,
            after=last,
        )
    )


def id_in(item: str | None) -> UUID | None:
    """The id that `item` is, written in full; None where it is a part of a name."""
    return UUID(item) if item is not None and FULL_ID.fullmatch(item) else None


def concerns(point: PricePoint, item: str) -> bool:
    """Whether the item is meant: by its id, or by a part of its name in any case."""
    return item.casefold() in point.item_name.casefold() or item.casefold() == str(point.inventory_item_id)


def show_prices(screen: Screen, points: Sequence[PricePoint], *, per_unit: bool) -> None:
    if not points:
        screen.line("No such prices.")
    columns, row = (PRICES + PER_UNIT, row_per_unit) if per_unit else (PRICES, price_row)
    screen.table(Table("", columns, [row(point) for point in points]))


def price_row(point: PricePoint) -> tuple[object, ...]:
    bought = (point.invoice_date, point.item_name, point.vendor_name, point.pack_size)
    return *bought, point.unit_price, point.previous_price, point.price_change_percent


def row_per_unit(point: PricePoint) -> tuple[object, ...]:
    return *price_row(point), point.base_unit_price, point.previous_base_unit_price, point.base_unit

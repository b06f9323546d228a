"""`invoicedb purchases`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import print_list
from invoicedb.cli.options import Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.prices import Since, Until, day
from invoicedb.cli.screen import Column, Screen, Table, amounts, counts, quantities
from invoicedb.results import PurchaseTotal


class By(StrEnum):
    """What purchases are added up by."""

    vendor = "vendor"
    category = "category"
    item = "item"


ByOption: TypeAlias = Annotated[By, typer.Option("--by", help="Add up by vendor, by category, or by item.")]
Monthly: TypeAlias = Annotated[bool, typer.Option("--monthly", help="Each month by itself.")]

MONEY = (amounts("total"), Column("currency"), counts("documents"), counts("lines"))


def purchases(
    *,
    user: User,
    by: ByOption = By.vendor,
    monthly: Monthly = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Add up what was bought, by vendor, category or item, each currency by itself.

    What was voided and lines that failed are left out. By vendor all of an invoice counts; by category and item its
    items alone, without freight, deposits, discounts and tax. With --json: one list.

    \b
    Example:  invoicedb purchases --user 6f1c… --by vendor --since 2026-01-01
    """
    period = (day(since), day(until))
    with connect(dsn, schema=schema) as database:
        totals = paged(
            lambda last: database.purchases(
                user, by.value, monthly=monthly, since=period[0], until=period[1], limit=PAGE, after=last
            )
        )
        rows = limited(totals, limit)
        if as_json:
            print_list(rows)
        else:
            show_purchases(Screen(), list(rows), by=by, monthly=monthly)


def show_purchases(screen: Screen, totals: Sequence[PurchaseTotal], *, by: By, monthly: bool) -> None:
    if not totals:
        screen.line("Nothing was bought.")
    columns = (
        Column(by.value),
        *((Column("month"),) if monthly else ()),
        *MONEY,
        *((quantities("quantity"), Column("unit")) if by is By.item else ()),
    )
    screen.table(Table("", columns, [total_row(total, by=by, monthly=monthly) for total in totals]))


def total_row(total: PurchaseTotal, *, by: By, monthly: bool) -> tuple[object, ...]:
    return (
        total.name,
        *((f"{total.month:%Y-%m}" if total.month else None,) if monthly else ()),
        *(total.total, total.currency, total.document_count, total.line_count),
        *((total.quantity, total.base_unit) if by is By.item else ()),
    )

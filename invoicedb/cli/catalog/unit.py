"""`invoicedb catalog unit`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.catalog.item import item_meant, show_item
from invoicedb.cli.explain import ItemName
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial

Unit: TypeAlias = Annotated[str, typer.Argument(metavar="UNIT", help="g, ml, each, or a unit told in one of them.")]


def unit(
    item: ItemName,
    base_unit: Unit,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Keep an item in another unit, while nothing is booked on it.

    \b
    Example:  invoicedb catalog unit "olive oil" ml --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        level = on_trial(database, dry_run).set_base_unit(user, item_meant(database, user, item), base_unit)
    show_item(level, as_json=as_json)

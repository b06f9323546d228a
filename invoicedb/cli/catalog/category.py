"""`invoicedb catalog category`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.catalog.item import item_meant, show_item
from invoicedb.cli.explain import ItemName
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial

Category: TypeAlias = Annotated[str | None, typer.Argument(metavar="CATEGORY", help="Left out: it has none any more.")]


def category(
    item: ItemName,
    name: Category = None,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Give an item another category.

    \b
    Example:  invoicedb catalog category "tomatoes" produce --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        level = on_trial(database, dry_run).set_category(user, item_meant(database, user, item), name)
    show_item(level, as_json=as_json)

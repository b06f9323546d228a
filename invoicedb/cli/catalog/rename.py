"""`invoicedb catalog rename`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.catalog.item import item_meant, show_item
from invoicedb.cli.explain import ItemName
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial

Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="What it is called from now on.")]


def rename(
    item: ItemName,
    name: Name,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Give an item another name. Lines find it by the new one, and by what vendors have called it so far.

    \b
    Example:  invoicedb catalog rename "tomatos" "Tomatoes" --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        level = on_trial(database, dry_run).rename_item(user, item_meant(database, user, item), name)
    show_item(level, as_json=as_json)

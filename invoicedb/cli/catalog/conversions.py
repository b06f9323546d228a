"""`invoicedb catalog conversions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.catalog.item import item_meant
from invoicedb.cli.explain import ItemName
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table

KEPT = (Column("1 of"), Column("is of the base unit", right=True))

Stated: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="[UNIT=AMOUNT...]", help='Such as "each=150 g". None: there are none any more.')
]


def conversions(
    item: ItemName,
    stated: Stated = None,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Say what an item's units are in others. Replaces what was said before. With --json: one document.

    \b
    Example:  invoicedb catalog conversions "onions" "each=150 g" --user 6f1c…
    """
    said = dict(sides_of(stated or ()))
    with connect(dsn, schema=schema) as database:
        kept = on_trial(database, dry_run).set_conversions(user, item_meant(database, user, item), said)
    if as_json:
        print(json_text(kept))
    elif kept:
        Screen().table(Table("", KEPT, list(kept.items())))
    else:
        Screen().line("No conversions.")


def sides_of(stated: Sequence[str]) -> list[tuple[str, str]]:
    sides = [text.split("=") for text in stated]
    for text, parts in zip(stated, sides, strict=True):
        if len(parts) != 2:
            raise typer.BadParameter(f"{text!r} is none: write each=150 g", param_hint="UNIT=AMOUNT")
    return [(left.strip(), right.strip()) for left, right in sides]

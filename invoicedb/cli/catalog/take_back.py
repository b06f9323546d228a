"""`invoicedb catalog take-back`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import TakeBackResult, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.catalog.item import item_meant
from invoicedb.cli.explain import ItemName
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen, Table
from invoicedb.cli.void import MOVEMENTS, movement_row

Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the correction.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the correction.")]


def take_back(
    item: ItemName,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Take an item's opening stock back: it is as if it had never been opened, and another import may open it again.

    The opening stays, with a correction beside it. Taking it back again changes nothing. With --json: one document.

    \b
    Example:  invoicedb catalog take-back "flour" --user 6f1c… --reason "counted in cases" --by Ann
    """
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).take_back_opening(user, item_meant(database, user, item), reason=reason, by=by)
    if as_json:
        print(json_text(done))
    else:
        show_taken_back(Screen(), done)


def show_taken_back(screen: Screen, done: TakeBackResult) -> None:
    because = "".join(f" {word} {value}" for word, value in (("by", done.made_by), ("because of", done.reason)) if value)
    was = "was taken back before" if done.replayed else "is taken back"
    screen.line(f"The opening stock of {done.item_name} ({done.item_id}) {was}{because}.")
    screen.table(Table("Taken back", MOVEMENTS, [movement_row(each) for each in done.movements]))

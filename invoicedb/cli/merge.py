"""`invoicedb merge` and `invoicedb unmerge`."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.catalog.item import item_meant
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen, Table
from invoicedb.cli.text import counted
from invoicedb.cli.void import MOVEMENTS, movement_row
from invoicedb.results import MergeResult

Item: TypeAlias = Annotated[str, typer.Argument(metavar="ITEM", help="An item's id, or a text that one item's name holds.")]
Into: TypeAlias = Annotated[str, typer.Argument(metavar="INTO", help="The item that it is, told in the same way.")]
MergedItem: TypeAlias = Annotated[UUID, typer.Argument(metavar="ITEM_ID", help="As `invoicedb merge --json` tells it.")]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the correction.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the correction.")]


def merge(
    item: Item,
    into: Into,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Make two items one: all that was mapped and booked to ITEM is INTO's, as if it had been from the start.

    Units are converted exactly. `invoicedb unmerge` takes it back. With --json: one document.

    \b
    Example:  invoicedb merge "grnd beef 80/20" "ground beef 80/20" --user 6f1c… --dry-run
    """
    with connect(dsn, schema=schema) as database:
        item_id, into_id = item_meant(database, user, item), item_meant(database, user, into)
        done = on_trial(database, dry_run).merge_item(user, item_id, into_id, reason=reason, by=by)
    became = "was merged before into" if done.replayed else "would be merged into" if dry_run else "is merged into"
    show_merge(Screen(), done, became, as_json=as_json)


def unmerge(
    item_id: MergedItem,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Take a merge back: what came from the item is the item's again, with what was booked by it since.

    With --json: one document.

    \b
    Example:  invoicedb unmerge 0192f0c1-… --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).unmerge_item(user, item_id, reason=reason, by=by)
    show_merge(Screen(), done, "would no longer be" if dry_run else "is no longer", as_json=as_json)


def show_merge(screen: Screen, done: MergeResult, became: str, *, as_json: bool) -> None:
    if as_json:
        print(json_text(done))
        return
    moved = f"{counted(done.mappings, 'mapping')}, {counted(done.lines, 'line')} moved"
    screen.line(f"{done.item_name} ({done.item_id}) {became} {done.into_item_name} ({done.into_item_id}): {moved}.")
    screen.table(Table("Moved", MOVEMENTS, [movement_row(each) for each in done.movements]))

"""`invoicedb catalog take-back`."""

from __future__ import annotations

from invoicedb import TakeBackResult, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.catalog.item import item_meant
from invoicedb.cli.explain import ItemName
from invoicedb.cli.merge import By, Reason
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen, Table
from invoicedb.cli.text import said_by
from invoicedb.cli.void import MOVEMENTS, movement_row


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
        show_taken_back(Screen(), done, dry_run=dry_run)


def show_taken_back(screen: Screen, done: TakeBackResult, *, dry_run: bool) -> None:
    was = "was taken back before" if done.replayed else "would be taken back" if dry_run else "is taken back"
    screen.line(f"The opening stock of {done.item_name} ({done.item_id}) {was}{said_by(done.made_by, done.reason)}.")
    screen.table(Table("Taken back", MOVEMENTS, [movement_row(each) for each in done.movements]))

"""`invoicedb tenant`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table, counts
from invoicedb.results import TenantDeletion

tenant = typer.Typer(name="tenant", help="Everything that is stored of a user.", rich_markup_mode=None)

ROWS = (Column("table"), counts("rows"))

Confirm: TypeAlias = Annotated[
    str, typer.Option("--confirm", metavar="TEXT", help="`delete` and the user's id: that it is meant.", show_default=False)
]


@tenant.command()
def delete(
    *,
    user: User,
    confirm: Confirm = "",
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Delete all that is stored of a user, for ever. No other user is touched.

    With --json: one document.

    \b
    Example:  invoicedb tenant delete --user 6f1c… --confirm "delete 6f1c…"
    """
    with connect(dsn, schema=schema) as database:
        done = on_trial(database, dry_run).delete_tenant(user, confirm=confirm)
    if as_json:
        print(json_text(done))
    else:
        show_deletion(Screen(), done, dry_run=dry_run)


def show_deletion(screen: Screen, done: TenantDeletion, *, dry_run: bool) -> None:
    screen.line(f"{'Would be deleted' if dry_run else 'Deleted'} of {done.user_id}:")
    screen.table(Table("", ROWS, list(done.deleted.items())))

"""`invoicedb dismiss`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen
from invoicedb.cli.void import InvoiceId
from invoicedb.results import DismissResult

LineNumber: TypeAlias = Annotated[int, typer.Argument(metavar="LINE", min=1, help="The number of the failed line.")]
Reason: TypeAlias = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why nobody will mend it; kept with the line. Required.")
]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the line.")]
Undo: TypeAlias = Annotated[bool, typer.Option("--undo", help="Take the line up again.")]


def dismiss(
    invoice_id: InvoiceId,
    line: LineNumber,
    *,
    user: User,
    reason: Reason = None,
    by: By = None,
    undo: Undo = False,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Say that nobody will mend a failed line: it stays as it came, but counts as failed no longer.

    With --json: one document.

    \b
    Example:  invoicedb dismiss 0192f0c1-… 7 --user 6f1c… --reason "a coupon, no goods" --by Ann
    """
    if reason is None and not undo:
        raise typer.BadParameter("say why nobody will mend the line", param_hint="--reason")
    with connect(dsn, schema=schema) as database:
        if undo:
            done = on_trial(database, dry_run).undismiss(user, invoice_id, line)
        else:
            done = on_trial(database, dry_run).dismiss(user, invoice_id, line, reason=reason or "", by=by)
    if as_json:
        print(json_text(done))
    else:
        show_dismissal(Screen(), done)


def show_dismissal(screen: Screen, done: DismissResult) -> None:
    named = f"Line {done.line_number}{f', {done.description},' if done.description else ''}"
    by = f" by {done.dismissed_by}" if done.dismissed_by else ""
    was = "is failed again" if done.dismissed_at is None else f"{'was' if done.replayed else 'is'} dismissed{by}"
    because = f": {done.dismissed_reason}" if done.dismissed_reason else f" ({done.error})"
    screen.line(f"{named} {was}{because}. The invoice is {done.status.value}.")

"""`invoicedb lock`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import typer

from invoicedb import PeriodLock, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen
from invoicedb.cli.text import said_by

Before: TypeAlias = Annotated[str | None, typer.Argument(metavar="[YYYY-MM-DD]", help="The first day that stays open.")]
Lift: TypeAlias = Annotated[bool, typer.Option("--lift", help="Open all again.")]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the lock.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; kept with the lock.")]


def lock(
    before: Before = None,
    *,
    user: User,
    lift: Lift = False,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Close a period: nothing of an earlier date is booked or changed. Without a date: show what is closed.

    With INVOICEDB_RIGHTS=override_period_lock in the environment, the other commands may all the same. With --json: one
    document, or null.

    \b
    Example:  invoicedb lock 2026-03-01 --user 6f1c… --reason "February is filed" --by Ann
    """
    if lift and before is not None:
        raise typer.BadParameter("give a date or --lift, not both", param_hint="--lift")
    day = None if before is None else day_of(before)
    is_asked = day is None and not lift
    with connect(dsn, schema=schema) as database:
        if is_asked:
            found = database.period_lock(user)
        else:
            found = on_trial(database, dry_run).lock_period(user, day, reason=reason, by=by)
    if as_json:
        print(json_text(found))
    else:
        show_lock(found, verb="would be" if dry_run and not is_asked else "is")


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day of the calendar: write it as YYYY-MM-DD") from None


def show_lock(found: PeriodLock | None, *, verb: str) -> None:
    if found is None:
        Screen().line(f"No period {verb} locked.")
        return
    Screen().line(f"All before {found.before} {verb} locked{said_by(found.made_by, found.reason)}.")

"""`invoicedb catalog refresh`."""

from __future__ import annotations

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Screen
from invoicedb.cli.text import counted


def refresh(*, user: User, dry_run: DryRun = False, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """Add the keys that this version finds items by, after an upgrade whose changelog asks for it. Safe to repeat.

    \b
    Example:  invoicedb catalog refresh --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        count = on_trial(database, dry_run).refresh_match_keys(user)
    if as_json:
        print(json_text({"items": count}))
    else:
        Screen().line(f"{counted(count, 'item')} read.")

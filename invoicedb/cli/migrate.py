"""`invoicedb migrate`."""

from __future__ import annotations

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import Dsn, Json, Schema
from invoicedb.cli.screen import Screen


def migrate(*, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """Make the tables, or bring them to this version. Safe to repeat.

    In one transaction, one process at a time.

    \b
    Example:  invoicedb migrate --dsn postgresql://localhost/kitchen
    """
    screen = Screen()
    with connect(dsn, schema=schema) as database:
        database.migrate()
    if as_json:
        print(json_text({"status": "success", "schema": schema}))
    else:
        screen.line(f"The tables{f' in schema {schema}' if schema else ''} are those of this version of invoicedb.")

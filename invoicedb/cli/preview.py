"""`invoicedb preview`."""

from __future__ import annotations

from functools import partial

import typer

from invoicedb import connect
from invoicedb.cli.booking import book_all
from invoicedb.cli.documents import sources
from invoicedb.cli.options import Dsn, ExcessReturns, Files, Json, Schema, Spread, Strictness, Totals, User, policy_of
from invoicedb.cli.reports import JsonLines, Tables
from invoicedb.cli.screen import Screen, tracked


def preview(
    files: Files,
    *,
    user: User,
    totals: Totals = Strictness.WARN,
    excess_returns: ExcessReturns = Strictness.WARN,
    spread: Spread = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Show what ingest would book, and write nothing.

    Each invoice is previewed for itself: what an earlier file would bring is not there for a later one. With --json: JSON
    Lines, one document for each file, in their order.

    \b
    Example:  invoicedb preview --user 6f1c… march/4711.json
    """
    documents = sources(files)
    with connect(dsn, schema=schema, policy=policy_of(totals, excess_returns, spread)) as database:
        report = JsonLines() if as_json else Tables(Screen(), title="Preview", ending=" Nothing was written.")
        code = book_all(tracked(documents, "Previewing", quiet=as_json), partial(database.preview, user), report)
    raise typer.Exit(code)
